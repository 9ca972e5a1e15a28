//! Where values come from, and what is refused.

use super::*;
use clap::{Args as _, Command, FromArgMatches as _};
use std::fs;

/// A working copy of the three sources.
struct Sources {
    directory: tempfile::TempDir,
    flags: Vec<&'static str>,
    environment: Vec<(&'static str, &'static str)>,
}

impl Sources {
    fn new(file: &str, environment: &[(&'static str, &'static str)], flags: &[&'static str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("dossier.toml"), file).unwrap();
        Self { directory, flags: flags.to_vec(), environment: environment.to_vec() }
    }

    fn load(&self) -> Result<Settings, ConfigError> {
        let command = Flags::augment_args(Command::new("test").no_binary_name(true));
        let matches = command.try_get_matches_from(&self.flags).unwrap();
        let mut flags = Flags::from_arg_matches(&matches).unwrap();
        flags.config = Some(self.directory.path().join("dossier.toml"));
        let pairs = self.environment.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Settings::load(&flags, pairs)
    }

    /// The refusals with the directory cut off their places.
    fn refusals(&self) -> Vec<String> {
        let prefix = format!("{}/", self.directory.path().display());
        let refusals = self.load().expect_err("must be refused").0;
        refusals.iter().map(|refusal| refusal.to_string().replace(&prefix, "")).collect()
    }
}

fn origin(settings: &Settings, key: &str) -> String {
    let row = settings.effective.iter().find(|row| row.key == key).unwrap();
    let origin = row.origin.to_string();
    origin.rsplit('/').next().unwrap().to_owned()
}

#[test]
fn flag_beats_environment_beats_file_beats_default() {
    let file = "# comment\nlisten = \"127.0.0.1:2\"\n";
    let environment = [("DOSSIER_LISTEN", "127.0.0.1:3")];
    let flags = ["--listen", "127.0.0.1:4"];
    for (in_file, in_environment, in_flags, port, from) in [
        (false, false, false, 8080, "default"),
        (true, false, false, 2, "dossier.toml:2"),
        (false, true, false, 3, "environment"),
        (true, true, false, 3, "environment"),
        (false, false, true, 4, "flag"),
        (true, false, true, 4, "flag"),
        (false, true, true, 4, "flag"),
        (true, true, true, 4, "flag"),
    ] {
        let settings = Sources::new(
            if in_file { file } else { "" },
            if in_environment { &environment } else { &[] },
            if in_flags { &flags } else { &[] },
        );
        let settings = settings.load().unwrap();
        assert_eq!((settings.server.listen.port(), origin(&settings, "listen").as_str()), (port, from));
    }
}

#[test]
fn every_setting_can_be_given_in_all_its_places() {
    for setting in catalogue().into_iter().flat_map(|(_, settings)| settings) {
        // A text that no type accepts: the refusal shows that the source was read, and where it points.
        let (flag, variable) = (setting.flag(), setting.variable());
        let bad: &'static str = if setting.switch { "perhaps" } else { " " };
        let free_text = ["data_dir", "catalogue", "tls_cert", "tls_key", "master_key_file", "documents_url"];
        if free_text.contains(&setting.key) {
            continue;
        }
        let variable: &'static str = variable.leak();
        let refusals = Sources::new("", &[(variable, bad)], &[]).refusals();
        assert!(refusals[0].starts_with(&format!("{variable}: ")), "{refusals:?}");
        if setting.environment_only {
            continue;
        }
        let argument: &'static str = format!("--{flag}={bad}").leak();
        let refusals = Sources::new("", &[], &[argument]).refusals();
        assert!(refusals[0].starts_with(&format!("--{flag}: ")), "{refusals:?}");
        let refusals = Sources::new(&format!("{} = '{bad}'", setting.key), &[], &[]).refusals();
        assert!(refusals[0].starts_with(&format!("dossier.toml:1: `{}`", setting.key)), "{refusals:?}");
    }
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let settings = Sources::new("", &[], &[]).load().unwrap();
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.limits.form_bytes_max.get(), 262_144);
    assert_eq!(settings.limits.file_bytes_max.get(), 5 << 20);
    assert_eq!(settings.limits.account_requests_max.get(), 100);
    assert!(
        matches!(settings.database(), Database::Sqlite(file) if file.ends_with("dossier-data/dossier.db"))
    );
    assert_eq!(settings.documents(), DocumentsUrl::Folder("./dossier-data/documents".into()));
    assert!(settings.wire.require_files && !settings.wire.allow_withdraw && !settings.server.dev);
    assert!(settings.tls().is_none() && settings.warnings.is_empty() && settings.worker_threads() > 0);
}

#[test]
fn types_of_the_file_are_those_of_toml() {
    let settings = Sources::new(
        "dev = true\nworker_threads = 3\nform_bytes_max = 10_000\nlog_format = 'json'",
        &[],
        &[],
    );
    let settings = settings.load().unwrap();
    assert!(settings.server.dev);
    assert_eq!((settings.worker_threads(), settings.limits.form_bytes_max.get()), (3, 10_000));
}

#[test]
fn a_switch_can_be_switched_off_again() {
    for (flags, expected) in
        [(&["--dev"][..], true), (&["--dev=false"], false), (&["--dev=true"], true), (&[], true)]
    {
        let settings = Sources::new("dev = true", &[], flags).load().unwrap();
        assert_eq!(settings.server.dev, expected, "{flags:?}");
    }
}

#[test]
fn nonsense_is_refused_with_place_and_reason() {
    for (file, environment, flags, expected) in [
        (
            "listen = '0.0.0.0:1'",
            &[][..],
            &["--dev"][..],
            "dossier.toml:1: `listen` is `0.0.0.0:1`, but the rehearsal",
        ),
        (
            "",
            &[],
            &["--dev", "--listen=[::]:1"],
            "--listen: `listen` is `[::]:1`, but the rehearsal mode has well-known",
        ),
        ("", &[], &["--tls-cert=/nowhere"], "--tls-cert: `tls_cert` needs `tls_key` as well"),
        ("", &[("DOSSIER_TLS_KEY", "/nowhere")], &[], "DOSSIER_TLS_KEY: `tls_key` needs `tls_cert` as well"),
        (
            "",
            &[],
            &["--public-url=https://a.example/x"],
            "--public-url: `public_url` `https://a.example/x` has a path",
        ),
        (
            "",
            &[],
            &["--public-url=ftp://a.example"],
            "--public-url: `public_url` `ftp://a.example` has no scheme http",
        ),
        ("\nlisen = 'x'", &[], &[], "dossier.toml:2: unknown key `lisen`; did you mean `listen`?"),
        ("zzz = 1", &[], &[], "dossier.toml:1: unknown key `zzz`; `docs/config.md` lists all keys"),
        (
            "[limits]\nform_bytes_max = 1",
            &[],
            &[],
            "dossier.toml:1: `[limits]` is a table, but every key stands",
        ),
        ("listen = ", &[], &[], "dossier.toml:1: "),
        ("listen = ['a']", &[], &[], "dossier.toml:1: `listen` must be an IP address"),
        (
            "file_bytes_max = 10485761",
            &[],
            &[],
            "dossier.toml:1: `file_bytes_max` `10485761` must be a whole number",
        ),
        (
            "master_key = 'abc'",
            &[],
            &[],
            "dossier.toml:1: `master_key` must not stand in a file; set `DOSSIER_MASTER",
        ),
        ("smtp_url = 'smtp://mail'", &[], &[], "dossier.toml:1: `smtp_url` needs `mail_from`"),
        ("mail_templates = 'nowhere'", &[], &[], "dossier.toml:1: `mail_templates` is `nowhere`, but"),
        (
            "callback_allow = 'intranet'",
            &[],
            &[],
            "dossier.toml:1: `callback_allow` `intranet` must be networks",
        ),
        ("master_key_file = 'k'", &[("DOSSIER_MASTER_KEY", "abc")], &[], "dossier.toml:1: `master_key` and"),
        (
            "catalogue = '/nowhere/at/all'",
            &[],
            &[],
            "dossier.toml:1: `catalogue` is `/nowhere/at/all`, but there is no",
        ),
        ("data_dir = '/dev/null'", &[], &[], "dossier.toml:1: `data_dir` is `/dev/null`, which is a file"),
        ("log_level = 'loud'", &[], &[], "dossier.toml:1: `log_level` `loud` must be"),
    ] {
        let refusals = Sources::new(file, environment, flags).refusals();
        assert!(refusals[0].starts_with(expected), "{file} {flags:?}: {refusals:?}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let sources = Sources::new("form_bytes_max = 1", &[("DOSSIER_LISTEN", "x")], &["--log-format=xml"]);
    assert_eq!(sources.refusals().len(), 3);
}

#[test]
fn a_file_that_was_named_must_exist() {
    let sources = Sources::new("", &[], &[]);
    fs::remove_file(sources.directory.path().join("dossier.toml")).unwrap();
    assert!(sources.refusals()[0].starts_with("dossier.toml: cannot be read: "));
}

#[test]
fn secrets_are_never_repeated() {
    let environment = [
        ("DOSSIER_MASTER_KEY", "SECRET-1"),
        ("DOSSIER_DATABASE_URL", "postgres://dossier:SECRET-2@db/dossier"),
    ];
    let settings = Sources::new("smtp_url = 'smtps://u:SECRET-3@mail'\nmail_from = 'a@b'", &environment, &[])
        .load()
        .unwrap();
    let printed = format!("{}{settings:?}", report(&settings));
    assert!(
        printed.contains("postgres://dossier:••••••@db/dossier") && !printed.contains("SECRET"),
        "{printed}"
    );

    let refused = Sources::new("smtp_url = 'SECRET'", &[("DOSSIER_DATABASE_URL", "SECRET")], &[]).refusals();
    assert!(refused.len() == 2 && !refused.concat().contains("SECRET"), "{refused:?}");
}

#[test]
fn the_report_shows_values_and_origins() {
    let settings = Sources::new("dev = true", &[("DOSSIER_LISTEN", "127.0.0.1:9")], &["--connections-max=7"]);
    let report = report(&settings.load().unwrap());
    let words = |key: &str| {
        let line = report.lines().find(|line| line.starts_with(key)).unwrap();
        line.split_whitespace()
            .map(|word| word.rsplit('/').next().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(words("dev"), "dev true dossier.toml:1");
    assert_eq!(words("listen"), "listen 127.0.0.1:9 environment");
    assert_eq!(words("connections_max"), "connections_max 7 flag");
    assert_eq!(words("public_url"), "public_url - default");
}

#[test]
fn what_is_probably_not_meant_is_warned_of() {
    let warnings = |environment: &[(&'static str, &'static str)], flags: &[&'static str]| {
        Sources::new("", environment, flags).load().unwrap().warnings
    };
    assert!(warnings(&[], &["--listen=0.0.0.0:80"])[0].starts_with("`listen` is `0.0.0.0:80` without TLS"));
    assert!(warnings(&[], &["--listen=0.0.0.0:80", "--public-url=https://a.example"]).is_empty());
    assert!(
        warnings(&[], &["--dev", "--smtp-url=smtp://mail", "--mail-from=a@b"])[0]
            .starts_with("`smtp_url` is given, but")
    );
    assert_eq!(
        warnings(
            &[("DOSSIER_LISTN", "x"), ("DOSSIER_URL", "x"), ("DOSSIER_PORT_80_TCP", "x"), ("HOME", "/")],
            &[]
        ),
        ["the variable `DOSSIER_LISTN` is no setting; did you mean `DOSSIER_LISTEN`?"]
    );
    assert!(warnings(&[("DOSSIER_LISTEN", "")], &[]).is_empty(), "an empty variable is unset");
}

/// `DOSSIER_UPDATE_DOCS=1 cargo test -p dossier-server reference` writes the page anew.
#[test]
fn the_reference_page_is_current() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/config.md");
    if environment().any(|(name, _)| name == "DOSSIER_UPDATE_DOCS") {
        fs::write(&page, reference()).unwrap();
    }
    let written = fs::read_to_string(&page).unwrap_or_default();
    assert!(written == reference(), "docs/config.md is old: run with DOSSIER_UPDATE_DOCS=1");
}
