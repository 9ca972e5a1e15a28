//! `dossier keys rotate`

use super::{CommandError, once, settings};
use crate::cli::KeysCommand;
use crate::service;
use std::io::{Write, stdout};
use std::process::ExitCode;

pub(super) fn run(command: &KeysCommand) -> Result<ExitCode, CommandError> {
    let KeysCommand::Rotate { new_key_file, flags } = command;
    let settings = settings(&flags.0)?;
    let keys = once(&settings, service::rotate_keys(&settings, new_key_file))?;
    let file = new_key_file.display();
    writeln!(stdout(), "{keys} data keys are wrapped by the master key in `{file}` from now on")?;
    Ok(ExitCode::SUCCESS)
}
