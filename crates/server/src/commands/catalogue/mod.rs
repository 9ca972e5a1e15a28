//! `dossier catalogue …`

mod check;
mod diff;
mod impact;
mod import;
mod show;

use super::CommandError;
use crate::catalogue::{CatalogueError, CatalogueFiles, load};
use crate::cli::CatalogueCommand;
use dossier_domain::catalogue::Catalogue;
use dossier_domain::regulation::Combination;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(command: &CatalogueCommand) -> Result<ExitCode, CommandError> {
    match command {
        CatalogueCommand::Check { directory, alone } => check::check(directory.as_deref(), *alone),
        &CatalogueCommand::Show { country, number_type, end_user_type, ref catalogue } => {
            let combination = Combination { iso_country: country, number_type, end_user_type };
            show::show(combination, &load(catalogue.as_deref())?)
        }
        CatalogueCommand::Impact { directory, flags } => impact::impact(&named(directory, false)?, &flags.0),
        CatalogueCommand::Diff { old, new, json, alone } => {
            diff::diff(&named(old, *alone)?, &named(new, *alone)?, *json)
        }
        CatalogueCommand::Import { dumps, out, effective_from } => {
            import::import(dumps, out, *effective_from)
        }
    }
}

/// The catalogue that an argument names.
fn named(path: &Path, alone: bool) -> Result<Catalogue, CatalogueError> {
    if path == Path::new("builtin") {
        return Ok(Catalogue::builtin());
    }
    let files = CatalogueFiles::read(path)?;
    let checked = if alone { files.check_alone() } else { files.check_over_builtin() };
    checked.catalogue().map_err(CatalogueError::Refused)
}

/// Prints a text that was put together before, so that nothing is printed when that fails.
fn print(text: &str) -> Result<ExitCode, CommandError> {
    stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
