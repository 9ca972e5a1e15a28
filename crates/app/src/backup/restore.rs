//! Restoring a backup, and proving that the result is complete.

use std::io;
use std::pin::pin;
use std::sync::Arc;

use dossier_domain::Timestamp;
use dossier_domain::audit::Action;
use dossier_domain::audit::chain::Digest;
use dossier_store::backup::{
    self, Damage, DocumentCopy, DocumentList, DocumentsMode, TableEntry, Totals, read_table,
};
use dossier_store::db::Table;
use dossier_store::files::{FileError, FileStore};
use dossier_store::{Db, StoreResult, Tx};
use futures_util::{StreamExt, stream};

use super::check::{compare, next_copies};
use super::documents::{AT_ONCE, described};
use super::{BackupError, BackupEvent, BackupTeller, Findings, OpenBackup, TELL_EVERY};
use crate::{ExpectedCheckpoint, MasterKeySource, audit, keys};

/// Rows in one transaction.
const BATCH_ROWS: usize = 1000;
/// About how many bytes of them.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Where to restore to.
pub struct RestoreTarget<'a> {
    /// An empty database.
    pub db: &'a Db,
    /// An empty place for documents.
    pub files: &'a FileStore,
    /// The master key that the backup needs.
    pub master_key: &'a MasterKeySource,
    /// Throw away what an earlier restore has left that did not come to its end.
    pub start_over: bool,
    /// What time it is.
    pub now: Timestamp,
}

/// What was restored and proven.
#[derive(Debug, Clone)]
pub struct RestoreSummary {
    /// Rows of all tables.
    pub rows: u64,
    /// Document files that are there with the right hash.
    pub documents: u64,
    /// Documents whose file had been deleted while the backup was taken.
    pub gone: u64,
    /// Steps of the schema that were applied behind the backup's.
    pub steps: Vec<i64>,
    /// Checkpoints of the audit chain that were proven.
    pub checkpoints: u64,
    /// How many findings were told. With any, the database is not released for use.
    pub findings: u64,
}

impl OpenBackup {
    /// Restores into an empty installation. Until everything is proven nothing can use the database.
    ///
    /// # Errors
    /// [`BackupError`]. Then, too, nothing can use the database, unless it was not touched at all.
    pub async fn restore(
        &self,
        target: &RestoreTarget<'_>,
        tell: &BackupTeller,
    ) -> Result<RestoreSummary, BackupError> {
        let mut findings = Findings::new(tell);
        self.check_tables(&mut findings);
        if findings.count > 0 {
            return Err(BackupError::Refused(findings.count));
        }
        let (steps, is_included) =
            (self.manifest.schema.len(), self.manifest.documents.mode == DocumentsMode::Included);
        if is_included && !target.start_over && has_files(target.files).await? {
            return Err(BackupError::DocumentsInUse);
        }
        target.db.begin_restore(self.digest, steps, target.start_over, target.now).await?;
        tell(BackupEvent::Begins("Restoring tables"));
        for table in &self.tables {
            self.load(target.db, table, tell).await?;
        }
        if is_included {
            tell(BackupEvent::Begins("Restoring documents"));
            self.copy_documents(target.files, &mut findings).await?;
        }
        self.prove(target, findings).await
    }

    /// Compares what is there now with the manifest, and only then lets others use it.
    async fn prove(
        &self,
        target: &RestoreTarget<'_>,
        mut findings: Findings<'_>,
    ) -> Result<RestoreSummary, BackupError> {
        let RestoreTarget { db, files, master_key, now, .. } = target;
        (findings.tell)(BackupEvent::Begins("Checking what was restored: tables"));
        self.compare_tables(db, &mut findings).await?;
        (findings.tell)(BackupEvent::Begins("Checking what was restored: documents"));
        let documents = self.check_files(files, &mut findings).await?;
        let steps = db.migrate_restored(*now).await?;
        (findings.tell)(BackupEvent::Begins("Checking what was restored: audit"));
        let expected: Vec<_> = self.expected_checkpoint().into_iter().collect();
        let mut audit_findings = Vec::new();
        let mut note = |finding: crate::Finding| audit_findings.push(finding.to_string());
        let report = audit::prove(db, master_key, &expected, &mut note).await?;
        audit_findings.into_iter().for_each(|finding| findings.add(&Damage::Audit(finding)));
        if findings.count == 0 {
            keys::record(db, Action::BackupRestored, *now).await?;
            db.end_restore().await?;
        }
        let [rows, _, gone] = self.counts();
        let (checkpoints, findings) = (report.checkpoints, findings.count);
        Ok(RestoreSummary { rows, documents, gone, steps, checkpoints, findings })
    }

    async fn load(&self, db: &Db, table: &Table, tell: &BackupTeller) -> Result<(), BackupError> {
        let mut file = read_table(&self.folder.table(table.name), table)?;
        let table = Arc::new(table.clone());
        loop {
            let rows = file.next_rows(BATCH_ROWS, BATCH_BYTES)?;
            if rows.is_empty() {
                tell(BackupEvent::Table { name: table.name, rows: file.totals().rows });
                return Ok(());
            }
            let table = Arc::clone(&table);
            db.write(move |tx| backup::insert(tx, &table, &rows)).await?;
        }
    }

    async fn copy_documents(
        &self,
        files: &FileStore,
        findings: &mut Findings<'_>,
    ) -> Result<(), BackupError> {
        let from = FileStore::local(&self.folder.documents())?;
        let mut list = DocumentList::open(&self.folder.document_list())?;
        let mut done = 0_u64;
        loop {
            let batch = next_copies(&mut list)?;
            if batch.is_empty() {
                return Ok(());
            }
            let copies = stream::iter(&batch)
                .map(|(key, copy)| copy_document(&from, files, key, copy))
                .buffered(AT_ONCE);
            let mut copies = pin!(copies);
            while let Some(damage) = copies.next().await.transpose()? {
                damage.iter().for_each(|damage| findings.add(damage));
                done += 1;
                if done.is_multiple_of(TELL_EVERY) {
                    (findings.tell)(BackupEvent::Documents(done));
                }
            }
        }
    }

    /// Writes every table once more, to nowhere, for its hash.
    async fn compare_tables(&self, db: &Db, findings: &mut Findings<'_>) -> Result<(), BackupError> {
        let tables = self.tables.clone();
        let totals = db.snapshot(move |tx| tables.iter().map(|table| hash(tx, table)).collect()).await;
        let totals: Vec<Totals> = totals?;
        for (table, totals) in self.tables.iter().zip(&totals) {
            let entry = self.manifest.tables.iter().find(|entry| entry.name == table.name);
            let entry: &TableEntry = entry.ok_or_else(|| Damage::Table(table.name.to_owned()))?;
            compare(findings, table.name, entry, totals);
        }
        Ok(())
    }

    fn expected_checkpoint(&self) -> Option<ExpectedCheckpoint> {
        let newest = self.manifest.newest_checkpoint.as_ref()?;
        Some(ExpectedCheckpoint { number: newest.number, hash: Digest::parse(&newest.hash)? })
    }
}

fn hash(tx: &mut Tx<'_>, table: &Table) -> StoreResult<Totals> {
    Ok(backup::dump(tx, table, io::sink())?.1)
}

async fn has_files(files: &FileStore) -> Result<bool, FileError> {
    let mut listed = pin!(files.list_older_than(None, Timestamp::from_micros(i64::MAX)));
    Ok(listed.next().await.transpose()?.is_some())
}

/// Copies a file, unless it is there already; says what is wrong with the backup's.
async fn copy_document(
    from: &FileStore,
    to: &FileStore,
    key: &str,
    expected: &DocumentCopy,
) -> Result<Option<Damage>, BackupError> {
    match to.measure(key).await {
        Ok(there) if described(&there) == *expected => return Ok(None),
        Ok(_) | Err(FileError::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    match from.copy_to(to, key).await {
        Ok(copy) if described(&copy) == *expected => Ok(None),
        Ok(_) => Ok(Some(Damage::DocumentAltered(key.to_owned()))),
        Err(FileError::NotFound { .. }) => Ok(Some(Damage::DocumentMissing(key.to_owned()))),
        Err(error) => Err(error.into()),
    }
}
