//! The binary `dossier`.
fn main() {}
