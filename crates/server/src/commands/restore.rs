//! `dossier restore`

use super::backup::{teller, verdict};
use super::{CommandError, once};
use crate::config::Settings;
use crate::service;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn restore(
    settings: &Settings,
    directory: &Path,
    start_over: bool,
) -> Result<ExitCode, CommandError> {
    let restored = once(settings, service::restore(settings, directory, start_over, &teller()))?;
    let (rows, documents) = (restored.rows, restored.documents);
    let mut stdout = stdout().lock();
    writeln!(
        stdout,
        "Rows: {rows}, document files: {documents}, audit checkpoints: {}",
        restored.checkpoints
    )?;
    if restored.gone > 0 {
        writeln!(stdout, "Documents whose file had been deleted or replaced already: {}", restored.gone)?;
    }
    if !restored.steps.is_empty() {
        writeln!(stdout, "Migrations that the backup did not have yet: {}", restored.steps.len())?;
    }
    verdict(&mut stdout, "restored installation", restored.findings)
}
