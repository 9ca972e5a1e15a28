//! The catalogue files of the repository, compiled in.

include!(concat!(env!("OUT_DIR"), "/catalogue_files.rs"));

/// The name and text of every built-in file, in the order of their names.
pub fn builtin_files() -> &'static [(&'static str, &'static str)] {
    FILES
}
