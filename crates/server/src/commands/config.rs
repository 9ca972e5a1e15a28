//! `dossier config check`

use super::{CommandError, settings};
use crate::cli::ConfigCommand;
use crate::config::report;
use crate::tls;
use std::io::{Write, stdout};
use std::process::ExitCode;

pub(super) fn run(command: &ConfigCommand) -> Result<ExitCode, CommandError> {
    let ConfigCommand::Check(flags) = command;
    let settings = settings(flags)?;
    stdout().write_all(report(&settings).as_bytes())?;
    // Only now, because the report helps to find the wrong file.
    settings.tls().map(tls::load).transpose()?;
    Ok(ExitCode::SUCCESS)
}
