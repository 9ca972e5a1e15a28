//! `dossier backup`

use super::CommandError;
use super::once;
use crate::config::Settings;
use crate::service;
use dossier_app::{BackupEvent, BackupTeller, DocumentsMode};
use std::io::{self, Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub(super) fn back_up(
    settings: &Settings,
    directory: &Path,
    documents: DocumentsMode,
) -> Result<ExitCode, CommandError> {
    let taken = once(settings, service::back_up(settings, directory, documents, &teller()))?;
    let mut stdout = stdout().lock();
    let (rows, files, bytes, gone) = (taken.rows, taken.documents, taken.bytes, taken.gone);
    let verb = match documents {
        DocumentsMode::Included => "copied",
        DocumentsMode::Listed => "listed, not copied",
    };
    writeln!(stdout, "Backup: {}", directory.display())?;
    writeln!(stdout, "Rows: {rows}, document files: {files} ({verb}), bytes: {bytes}")?;
    if gone > 0 {
        writeln!(stdout, "Document files that were deleted or replaced meanwhile: {gone}")?;
    }
    writeln!(stdout, "SHA-256 of the manifest: {}", taken.manifest_sha256)?;
    let keys = taken.master_keys.join(", ");
    writeln!(
        stderr(),
        "The master key is NOT in the backup. Keep a copy of it elsewhere: without master key {keys} nothing personal \
         in the backup can be read again."
    )?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn check(directory: &Path) -> Result<ExitCode, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (backup, findings) = runtime.block_on(service::check_backup(directory, &teller()))?;
    let [rows, documents, gone] = backup.counts();
    let mut stdout = stdout().lock();
    writeln!(stdout, "Taken at {}. Rows: {rows}, document files: {documents}", backup.taken_at())?;
    if gone > 0 {
        writeln!(stdout, "Document files that were deleted or replaced while it was taken: {gone}")?;
    }
    verdict(&mut stdout, "backup", findings)
}

/// The last line, and the exit status that says the same.
pub(super) fn verdict(out: &mut impl Write, what: &str, findings: u64) -> Result<ExitCode, CommandError> {
    if findings == 0 {
        writeln!(out, "The {what} is whole.")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "The {what} is NOT whole. Findings: {findings}.")?;
    Ok(ExitCode::FAILURE)
}

/// Progress goes to standard error, findings to standard output.
pub(super) fn teller() -> BackupTeller {
    Arc::new(|event| {
        // Nobody has to look on.
        let _ = tell(&event);
    })
}

fn tell(event: &BackupEvent<'_>) -> io::Result<()> {
    match event {
        BackupEvent::Begins(what) => writeln!(stderr(), "{what} …"),
        BackupEvent::Table { rows: 0, .. } => Ok(()),
        BackupEvent::Table { name, rows } => writeln!(stderr(), "  {name}: {rows} rows"),
        BackupEvent::Documents(done) => writeln!(stderr(), "  {done} document files"),
        BackupEvent::Gone(key) => writeln!(stdout(), "GONE   {key}: deleted or replaced meanwhile"),
        BackupEvent::Wrong(damage) => writeln!(stdout(), "WRONG  {damage}"),
    }
}
