//! Any text is taken as the file of a country or refused with reasons, and the rules in it can be written.

use std::sync::LazyLock;

use dossier_domain::catalogue::{Catalogue, Entry, Layer, Severity, builtin_files};

use super::rules;

/// The built-in types and blocks without the countries, which would take most of the time.
static BASE: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    builtin_files().iter().copied().filter(|(name, _)| !name.starts_with("countries/")).collect()
});

/// Panics when something does not hold.
pub(crate) fn check(text: &str) {
    let files = [("countries/DE.toml", text)];
    let layers = [Layer { directory: "", files: &BASE }, Layer { directory: "fuzz", files: &files }];
    let checked = Catalogue::check(&layers);
    let lines = u32::try_from(text.lines().count()).expect("inputs are small") + 1;
    for problem in &checked.problems {
        assert!(
            problem.file != "fuzz/countries/DE.toml" || problem.line.is_none_or(|line| line <= lines),
            "{problem}"
        );
        assert!(!problem.to_string().is_empty());
    }
    let refused = checked.problems.iter().any(|problem| problem.severity == Severity::Error);
    assert_eq!(refused, checked.catalogue.is_none());
    let Some(catalogue) = checked.catalogue else { return };
    for regulation in catalogue.entries().filter_map(Entry::regulation) {
        for end_user in &regulation.end_users {
            let object = end_user.end_user_type.as_str();
            end_user.fields.iter().for_each(|field| rules::check(object, regulation.end_user_type, field));
        }
        for document in regulation.documents.iter().flat_map(|requirement| &requirement.any_of) {
            let object = &document.document_type;
            document.fields.iter().for_each(|field| rules::check(object, regulation.end_user_type, field));
        }
    }
}
