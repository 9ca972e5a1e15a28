//! `dossier migrate`

use super::{CommandError, once};
use crate::config::Settings;
use crate::service;
use std::io::{Write, stdout};
use std::process::ExitCode;

pub(super) fn migrate(settings: &Settings) -> Result<ExitCode, CommandError> {
    let steps = once(settings, service::migrate(settings))?;
    writeln!(stdout(), "{steps} steps applied, the database is up to date")?;
    Ok(ExitCode::SUCCESS)
}
