//! `dossier catalogue check`

use super::super::CommandError;
use crate::catalogue::CatalogueFiles;
use dossier_domain::catalogue::{Catalogue, Checked, Entry, Layer, Severity, builtin_files};
use std::fmt::Write as _;
use std::io::{Write as _, stdout};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn check(directory: Option<&Path>, alone: bool) -> Result<ExitCode, CommandError> {
    let checked = match directory {
        None => Catalogue::check(&[Layer { directory: "", files: builtin_files() }]),
        Some(directory) => {
            let files = CatalogueFiles::read(directory)?;
            if alone { files.check_alone() } else { files.check_over_builtin() }
        }
    };
    stdout().write_all(report(&checked).as_bytes())?;
    Ok(if checked.catalogue.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every problem, then a line with the counts.
fn report(checked: &Checked) -> String {
    let mut text = String::new();
    for problem in &checked.problems {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{problem}");
    }
    let warnings = checked.problems.iter().filter(|problem| problem.severity == Severity::Warning).count();
    let errors = checked.problems.len() - warnings;
    let summary = match &checked.catalogue {
        None => format!("refused: {}, {}", count(errors, "error"), count(warnings, "warning")),
        Some(catalogue) => {
            let regulations = catalogue.entries().filter(|entry| matches!(entry, Entry::Served(_))).count();
            let entries = catalogue.entries().count();
            format!(
                "fine: {entries} entries, {regulations} of them with rules, {}",
                count(warnings, "warning")
            )
        }
    };
    let _ = writeln!(text, "{summary}");
    text
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
