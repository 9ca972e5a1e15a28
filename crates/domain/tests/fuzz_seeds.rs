//! What the fuzz targets start from, and what they once found, holds in every run of the tests.

use std::fs;
use std::path::Path;

#[path = "../../../fuzz/checks/constraint.rs"]
mod constraint;
#[path = "../../../fuzz/checks/country.rs"]
mod country;
#[path = "../../../fuzz/checks/rules.rs"]
mod rules;

/// The texts of the folder of a target.
fn seeds(target: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let files = fs::read_dir(folder).expect("the folder is there");
    let read = |file: std::io::Result<fs::DirEntry>| {
        let path = file.expect("the folder can be read").path();
        fs::read_to_string(path).expect("a seed is text")
    };
    let seeds: Vec<_> = files.map(read).collect();
    assert!(seeds.len() > 3, "there are seeds of {target}");
    seeds
}

#[test]
fn the_seeds_of_constraints_hold() {
    seeds("constraint_parse").iter().for_each(|text| constraint::check(text));
}

#[test]
fn the_seeds_of_countries_hold() {
    seeds("catalogue_toml").iter().for_each(|text| country::check(text));
}
