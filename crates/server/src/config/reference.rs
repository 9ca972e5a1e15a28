//! The reference page, generated from the declarations.

use super::{Setting, catalogue};
use std::fmt::Write;

const INTRODUCTION: &str = "\
# Settings

Generated from the declarations in `crates/server/src/config/sections.rs`; a test keeps the two equal.

Every setting has one name. The key `data_dir` of `dossier.toml` is the flag `--data-dir` and the variable
`DOSSIER_DATA_DIR`. A flag beats the environment, the environment beats the file, the file beats the default. An
empty variable counts as unset. A switch such as `--dev` may stand alone or say `--dev=false`.

The file is `dossier.toml` in the working directory, or the one that `--config` or `DOSSIER_CONFIG` names. It is flat:
no tables, one key per line, such as `listen = \"0.0.0.0:8080\"`. An unknown key is refused.

`dossier config check` prints every value with its origin, secrets as dots, and refuses what cannot work.
";

/// The text of `docs/config.md`.
pub fn reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (title, settings) in catalogue() {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "\n## {title}");
        for setting in &settings {
            let _ = write!(page, "\n{}", entry(setting));
        }
    }
    page
}

fn entry(setting: &Setting) -> String {
    let (key, variable, flag) = (setting.key, setting.variable(), setting.flag());
    let default = setting.default.map_or_else(|| "none".to_owned(), |default| format!("`{default}`"));
    let sources = if setting.environment_only {
        format!("variable `{variable}` only, because it is a secret")
    } else {
        format!("flag `--{flag}` · variable `{variable}`")
    };
    let doc = setting.paragraphs().join("\n\n");
    format!("### `{key}`\n\n{doc}\n\n* {sources}\n* {}; default: {default}\n", setting.form)
}
