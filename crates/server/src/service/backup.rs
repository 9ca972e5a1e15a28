//! Taking, checking and restoring backups.

use super::{ServiceError, master_key, open_database, open_files};
use crate::config::Settings;
use dossier_app::{
    BackupOptions, BackupSummary, BackupTeller, Clock, DocumentsMode, OpenBackup, RestoreSummary,
    RestoreTarget, SystemClock, take_backup,
};
use std::path::Path;

/// Copies everything into a new directory.
///
/// # Errors
/// [`ServiceError`] when something cannot be read or written; then there is no such directory.
pub async fn back_up(
    settings: &Settings,
    directory: &Path,
    documents: DocumentsMode,
    tell: &BackupTeller,
) -> Result<BackupSummary, ServiceError> {
    let (db, files) = (open_database(settings).await?, open_files(settings)?);
    let options = BackupOptions { documents, program: env!("CARGO_PKG_VERSION"), now: SystemClock.now() };
    let taken = take_backup(&db, &files, directory, options, tell).await;
    db.close().await;
    Ok(taken?)
}

/// Checks a backup by itself, and returns it with the number of findings that were told.
///
/// # Errors
/// [`ServiceError`] when it is no backup, or was made by a newer version.
pub async fn check_backup(directory: &Path, tell: &BackupTeller) -> Result<(OpenBackup, u64), ServiceError> {
    let backup = OpenBackup::open(directory)?;
    let findings = backup.check(tell).await?;
    Ok((backup, findings))
}

/// Restores a backup into an empty installation.
///
/// # Errors
/// [`ServiceError`] when the backup, the master key or the installation is not what is needed, or
/// something cannot be read or written.
pub async fn restore(
    settings: &Settings,
    directory: &Path,
    start_over: bool,
    tell: &BackupTeller,
) -> Result<RestoreSummary, ServiceError> {
    let backup = OpenBackup::open(directory)?;
    // Before anything is made: the directory of the data must not look used because of a wrong key.
    let master_key = master_key(settings);
    backup.check_keys(&master_key)?;
    let (db, files) = (open_database(settings).await?, open_files(settings)?);
    let now = SystemClock.now();
    let target = RestoreTarget { db: &db, files: &files, master_key: &master_key, start_over, now };
    let restored = backup.restore(&target, tell).await;
    db.close().await;
    Ok(restored?)
}
