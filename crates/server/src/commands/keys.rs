//! `dossier keys rotate`

use super::{CommandError, once, settings};
use crate::cli::KeysCommand;
use crate::service;
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

pub(super) fn run(command: &KeysCommand) -> Result<ExitCode, CommandError> {
    let KeysCommand::Rotate(flags) = command;
    let settings = settings(&flags.0)?;
    let keys = once(&settings, service::rotate_keys(&settings))?;
    writeln!(stdout(), "{keys} data keys were wrapped by the new master key")?;
    writeln!(stderr(), "Restart every node now: a running one still holds the old master key.")?;
    Ok(ExitCode::SUCCESS)
}
