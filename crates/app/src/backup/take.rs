//! Taking a backup.

use std::io::BufWriter;
use std::path::Path;

use dossier_domain::Timestamp;
use dossier_domain::audit::Action;
use dossier_store::backup::{
    self, CheckpointEntry, DocumentsMode, FORMAT, Folder, Manifest, NewFolder, TableEntry, Totals, steps_of,
};
use dossier_store::db::{MIGRATIONS, Table, tables_after};
use dossier_store::files::FileStore;
use dossier_store::{Db, StoreError, StoreResult, Tx, audit_chain};

use super::documents::{Copying, DOCUMENTS};
use super::keys::master_keys_of;
use super::{BackupError, BackupEvent, BackupTeller};
use crate::keys;

/// How to take a backup.
#[derive(Debug, Clone)]
pub struct BackupOptions {
    /// What becomes of document files.
    pub documents: DocumentsMode,
    /// The version of this program.
    pub program: &'static str,
    /// What time it is.
    pub now: Timestamp,
}

/// What was taken.
#[derive(Debug, Clone)]
pub struct BackupSummary {
    /// Rows of all tables.
    pub rows: u64,
    /// Document files.
    pub documents: u64,
    /// Document files that had been deleted before they were copied.
    pub gone: u64,
    /// Bytes of tables and document files.
    pub bytes: u64,
    /// The names of the master keys without which none of it can be read.
    pub master_keys: Vec<String>,
    /// The SHA-256 of the manifest, which stands for all of it.
    pub manifest_sha256: String,
}

/// What one state of the database gave.
struct Snapshot {
    steps: usize,
    tables: Vec<TableEntry>,
    newest_checkpoint: Option<CheckpointEntry>,
}

/// Copies everything there is at one moment into a new directory, while others go on writing.
///
/// # Errors
/// [`BackupError`]. Then nothing is left of it.
pub async fn take(
    db: &Db,
    files: &FileStore,
    target: &Path,
    options: BackupOptions,
    tell: &BackupTeller,
) -> Result<BackupSummary, BackupError> {
    let new = NewFolder::begin(target)?;
    // First, so that every copy there is has its event. A database that waits for a migration is left as
    // it is: perhaps this backup is made because of that.
    if db.pending_migrations().await?.is_empty() {
        keys::record(db, Action::BackupTaken, options.now).await?;
    }
    let copying = Copying { db, files, folder: new.folder(), mode: options.documents, tell };
    if options.documents == DocumentsMode::Included {
        tell(BackupEvent::Begins("Copying documents"));
    }
    copying.ahead().await?;
    tell(BackupEvent::Begins("Writing tables"));
    let (folder, teller) = (new.folder().clone(), BackupTeller::clone(tell));
    let snapshot = db.snapshot(move |tx| dump(tx, &folder, &teller)).await?;
    tell(BackupEvent::Begins("Looking for the documents of these tables"));
    let tables = tables_after(&MIGRATIONS[..snapshot.steps]);
    let documents = copying.named(tables.iter().find(|table| table.name == DOCUMENTS)).await?;
    let manifest = Manifest {
        format: FORMAT,
        program: options.program.to_owned(),
        taken_at: options.now.to_string(),
        engine: db.engine().to_owned(),
        schema: steps_of(&MIGRATIONS[..snapshot.steps]),
        master_keys: master_keys_of(new.folder(), &tables)?,
        newest_checkpoint: snapshot.newest_checkpoint,
        tables: snapshot.tables,
        documents,
    };
    let (rows, bytes) =
        manifest.tables.iter().fold((0, 0), |(rows, bytes), table| (rows + table.rows, bytes + table.bytes));
    Ok(BackupSummary {
        rows,
        documents: manifest.documents.count,
        gone: manifest.documents.gone,
        bytes: bytes + manifest.documents.bytes,
        master_keys: manifest.master_keys.clone(),
        manifest_sha256: new.publish(&manifest)?,
    })
}

/// Writes all tables. It may run again from the beginning, when the connection was lost.
fn dump(tx: &mut Tx<'_>, folder: &Folder, tell: &BackupTeller) -> StoreResult<Snapshot> {
    let steps = Db::applied_steps(tx)?;
    let tables = tables_after(&MIGRATIONS[..steps]);
    let mut entries = Vec::with_capacity(tables.len());
    for table in &tables {
        let Totals { rows, bytes, sha256 } = dump_table(tx, folder, table)?;
        tell(BackupEvent::Table { name: table.name, rows });
        entries.push(TableEntry { name: table.name.to_owned(), rows, bytes, sha256 });
    }
    let has_chain = tables.iter().any(|table| table.name == "audit_checkpoints");
    let newest_checkpoint = if has_chain { newest_checkpoint(tx)? } else { None };
    Ok(Snapshot { steps, tables: entries, newest_checkpoint })
}

fn dump_table(tx: &mut Tx<'_>, folder: &Folder, table: &Table) -> StoreResult<Totals> {
    let failed = |error| StoreError::Io("a table could not be written into the backup", error);
    let file = BufWriter::with_capacity(256 * 1024, folder.create_table(table.name).map_err(failed)?);
    let (file, totals) = backup::dump(tx, table, file)?;
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(totals)
}

fn newest_checkpoint(tx: &mut Tx<'_>) -> StoreResult<Option<CheckpointEntry>> {
    let Some(number) = audit_chain::newest(tx)? else { return Ok(None) };
    let newest = audit_chain::get(tx, number)?;
    Ok(newest.map(|stored| CheckpointEntry { number, hash: stored.hash.to_string() }))
}
