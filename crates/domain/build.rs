//! Lists the files of `catalogue/`, so that the library can compile them in.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

fn main() -> io::Result<()> {
    let root = folder("CARGO_MANIFEST_DIR").join("../../catalogue");
    tell_cargo("rerun-if-changed=../../catalogue");
    tell_cargo("rerun-if-changed=build.rs");

    let mut names = Vec::new();
    for folder in ["", "types", "countries"] {
        for entry in fs::read_dir(root.join(folder))? {
            let name = Path::new(folder).join(entry?.file_name());
            if name.extension().is_some_and(|extension| extension == "toml" || extension == "tsv") {
                names.push(name.display().to_string().replace('\\', "/"));
            }
        }
    }
    names.sort();

    let mut code = String::from("static FILES: &[(&str, &str)] = &[\n");
    for name in names {
        let path = r#"concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/"#;
        writeln!(code, r#"    ("{name}", include_str!({path}{name}"))),"#)
            .expect("a string takes everything");
    }
    code.push_str("];\n");
    fs::write(folder("OUT_DIR").join("catalogue_files.rs"), code)
}

/// A folder that cargo names when the script runs. When it is compiled is too early: working copies that
/// share a target directory share the compiled script as well.
#[expect(clippy::disallowed_methods, reason = "this is how cargo names folders to a build script")]
fn folder(variable: &str) -> PathBuf {
    std::env::var_os(variable).expect("cargo sets it").into()
}

fn tell_cargo(instruction: &str) {
    println!("cargo::{instruction}");
}
