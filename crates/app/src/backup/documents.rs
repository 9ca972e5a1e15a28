//! Document files on their way into a backup.
//!
//! Those that rows name now are copied before the snapshot, so that afterwards only the few are left that
//! came in between. Otherwise a long copy would miss the files of all documents that are deleted, or get
//! another file, while it goes on. Both lists have the order of the rows, so they are joined as they are
//! read, and nothing is kept in memory.

use std::path::PathBuf;

use dossier_domain::Timestamp;
use dossier_store::backup::{
    Cell, Damage, DocumentCopy, DocumentLine, DocumentList, DocumentListWriter, DocumentsEntry,
    DocumentsMode, FILE_KEY, Folder, TableFile, read_table,
};
use dossier_store::db::Table;
use dossier_store::files::{FileError, FileStore, SealedFile, file_place};
use dossier_store::{Db, StoreError, documents};
use futures_util::{StreamExt, stream};

use super::{BackupError, BackupEvent, BackupTeller, TELL_EVERY};

/// Files that are copied at once: syncing one takes longer than writing it.
pub(super) const AT_ONCE: usize = 8;
/// Keys that are read with one statement.
const PAGE: u32 = 1000;
/// The table whose rows name files.
pub(super) const DOCUMENTS: &str = "documents";

/// What is copied from where to where.
pub(super) struct Copying<'a> {
    pub(super) db: &'a Db,
    pub(super) files: &'a FileStore,
    pub(super) folder: &'a Folder,
    pub(super) mode: DocumentsMode,
    pub(super) tell: &'a BackupTeller,
}

impl Copying<'_> {
    /// Copies what rows name now, and lists it under another name.
    pub(super) async fn ahead(&self) -> Result<(), BackupError> {
        let mut list = DocumentListWriter::create(&self.ahead_path())?;
        if self.mode == DocumentsMode::Included {
            let target = FileStore::local(&self.folder.documents())?;
            let (mut after, mut done) = (None, 0);
            loop {
                let page = self.db.read(move |tx| documents::files_of_all(tx, after, PAGE)).await?;
                let Some((account, sid, _)) = page.last() else { break };
                after = Some((*account, *sid));
                let keys = page.into_iter().filter_map(|(_, _, key)| key);
                let copies = stream::iter(keys).map(|key| self.copy(&target, key)).buffered(AT_ONCE);
                let mut copies = std::pin::pin!(copies);
                while let Some(line) = copies.next().await.transpose()? {
                    if line.copy.is_some() {
                        list.add(&line)?;
                        done += 1;
                        self.progress(done);
                    }
                }
            }
        }
        list.finish()?;
        Ok(())
    }

    /// Lists, and copies as far as they are not there, the files that the snapshot's rows name.
    pub(super) async fn named(&self, table: Option<&Table>) -> Result<DocumentsEntry, BackupError> {
        let target = FileStore::local(&self.folder.documents())?;
        let mut list = DocumentListWriter::create(&self.folder.document_list())?;
        let mut entry = DocumentsEntry {
            mode: self.mode,
            count: 0,
            bytes: 0,
            gone: 0,
            list_bytes: 0,
            list_sha256: String::new(),
        };
        if let Some(table) = table {
            let keys = NamedKeys::open(self.folder, table)?;
            let mut joined = Joined { keys, ahead: Ahead::open(&self.ahead_path())?, surplus: Vec::new() };
            while let Some(batch) = joined.next_batch()? {
                for key in joined.surplus.drain(..) {
                    target.delete(&key).await?;
                }
                let lines = stream::iter(batch).map(|line| self.complete(&target, line)).buffered(AT_ONCE);
                let mut lines = std::pin::pin!(lines);
                while let Some(line) = lines.next().await.transpose()? {
                    match &line.copy {
                        Some(copy) => {
                            entry.count += 1;
                            entry.bytes += copy.bytes;
                            self.progress(entry.count);
                        }
                        None => {
                            entry.gone += 1;
                            (self.tell)(BackupEvent::Gone(&line.key));
                        }
                    }
                    list.add(&line)?;
                }
            }
        }
        std::fs::remove_file(self.ahead_path())?;
        target.remove_empty_folders(Timestamp::from_micros(i64::MAX)).await?;
        let totals = list.finish()?;
        Ok(DocumentsEntry { list_bytes: totals.bytes, list_sha256: totals.sha256, ..entry })
    }

    fn ahead_path(&self) -> PathBuf {
        self.folder.document_list().with_extension("ahead")
    }

    fn progress(&self, done: u64) {
        if done.is_multiple_of(TELL_EVERY) {
            (self.tell)(BackupEvent::Documents(done));
        }
    }

    async fn complete(&self, target: &FileStore, line: DocumentLine) -> Result<DocumentLine, BackupError> {
        if line.copy.is_some() {
            return Ok(line);
        }
        let line = self.copy(target, line.key).await?;
        if line.copy.is_none() && self.is_named(&line.key).await? {
            return Err(BackupError::MissingDocument(line.key));
        }
        Ok(line)
    }

    /// A line without a copy when there is no such file.
    async fn copy(&self, target: &FileStore, key: String) -> Result<DocumentLine, BackupError> {
        let sealed = match self.mode {
            DocumentsMode::Included => self.files.copy_to(target, &key).await,
            DocumentsMode::Listed => self.files.measure(&key).await,
        };
        match sealed {
            Ok(sealed) => Ok(DocumentLine { key, copy: Some(described(&sealed)) }),
            Err(FileError::NotFound { .. }) => Ok(DocumentLine { key, copy: None }),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a row names the file still.
    async fn is_named(&self, key: &str) -> Result<bool, StoreError> {
        let Some((account, document)) = file_place(key) else { return Ok(true) };
        let key = key.to_owned();
        self.db.read(move |tx| documents::names_file(tx, account, document, &key)).await
    }
}

/// A sealed file, as lists have it.
pub(super) fn described(sealed: &SealedFile) -> DocumentCopy {
    let sha256 = sealed.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    DocumentCopy { bytes: sealed.bytes, sha256 }
}

/// The keys in the backup's table of documents, in its order.
pub(super) struct NamedKeys<'t> {
    rows: TableFile<'t>,
    place: usize,
}

impl<'t> NamedKeys<'t> {
    pub(super) fn open(folder: &Folder, table: &'t Table) -> Result<Self, Damage> {
        let place = table.place(FILE_KEY).ok_or_else(|| Damage::Table(table.name.to_owned()))?;
        Ok(Self { rows: read_table(&folder.table(table.name), table)?, place })
    }

    pub(super) fn next_key(&mut self) -> Result<Option<String>, Damage> {
        while let Some(mut row) = self.rows.next_row()? {
            if let Cell::Text(key) = row.swap_remove(self.place) {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }
}

/// What was copied ahead, in order, with one line in the hand.
struct Ahead {
    list: DocumentList,
    next: Option<DocumentLine>,
}

impl Ahead {
    fn open(path: &std::path::Path) -> Result<Self, Damage> {
        let mut list = DocumentList::open(path)?;
        Ok(Self { next: list.next_line()?, list })
    }

    fn take(&mut self) -> Result<Option<DocumentLine>, Damage> {
        let next = self.list.next_line()?;
        Ok(std::mem::replace(&mut self.next, next))
    }
}

/// The keys of the snapshot, joined with what was copied ahead.
struct Joined<'t> {
    keys: NamedKeys<'t>,
    ahead: Ahead,
    /// What was copied and is named by no row of the snapshot.
    surplus: Vec<String>,
}

impl Joined<'_> {
    /// The next keys, with the copies there are; `None` when there is nothing more, on either side.
    fn next_batch(&mut self) -> Result<Option<Vec<DocumentLine>>, Damage> {
        let mut batch = Vec::new();
        while batch.len() + self.surplus.len() < PAGE as usize {
            let Some(key) = self.keys.next_key()? else {
                self.surplus.extend(self.ahead.take()?.map(|line| line.key));
                if self.ahead.next.is_none() { break } else { continue }
            };
            while self.ahead.next.as_ref().is_some_and(|line| line.key < key) {
                self.surplus.extend(self.ahead.take()?.map(|line| line.key));
            }
            let is_there = self.ahead.next.as_ref().is_some_and(|line| line.key == key);
            let copied = if is_there { self.ahead.take()? } else { None };
            batch.push(copied.unwrap_or(DocumentLine { key, copy: None }));
        }
        Ok((!batch.is_empty() || !self.surplus.is_empty()).then_some(batch))
    }
}
