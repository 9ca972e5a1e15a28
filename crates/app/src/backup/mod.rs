//! Backups: taken while others write, checked by themselves, restored into an empty installation.
//!
//! The form of a backup is the store's affair (`dossier_store::backup`). Here is the order of things:
//! files before the snapshot and those that are missing after it, the manifest last; and for a restore the
//! proof before the first row, and again behind the last.

mod check;
mod documents;
mod keys;
mod restore;
mod take;

use std::io;
use std::path::Path;
use std::sync::Arc;

use dossier_store::StoreError;
use dossier_store::backup::{Damage, Folder, FolderError, Manifest};
use dossier_store::db::{MIGRATIONS, Table, tables_after};
use dossier_store::files::FileError;

use crate::keys::KeyError;

pub use self::restore::{RestoreSummary, RestoreTarget};
pub use self::take::{BackupOptions, BackupSummary, take};

/// What there is to tell while it goes on.
#[derive(Debug)]
pub enum BackupEvent<'a> {
    /// What begins, in words.
    Begins(&'a str),
    /// A table is done.
    Table {
        /// Which.
        name: &'a str,
        /// How many rows it has.
        rows: u64,
    },
    /// So many document files are done.
    Documents(u64),
    /// A document that the backup names had been deleted or got another file before its file was copied.
    Gone(&'a str),
    /// Something is not as it should be.
    Wrong(&'a Damage),
}

/// Who is told, on whatever thread the work is done.
pub type BackupTeller = Arc<dyn Fn(BackupEvent<'_>) + Send + Sync>;

/// Document files after which to say how many are done.
const TELL_EVERY: u64 = 1000;

/// Why no backup was taken, or none was restored. The sentences carry no personal data.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The backup's directory cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database failed, or is not empty.
    #[error("cannot use the database")]
    Database(#[from] StoreError),
    /// The document store failed.
    #[error("the document store failed")]
    Files(#[from] FileError),
    /// A file of the backup cannot be written.
    #[error("cannot write the backup")]
    Write(#[from] io::Error),
    /// The backup is not what its manifest says.
    #[error("the backup is damaged: {0}")]
    Damaged(#[from] Damage),
    /// As [`BackupError::Damaged`], with findings that were told.
    #[error("the backup is damaged, so nothing was restored; findings: {0}")]
    Refused(u64),
    /// The steps of its schema are not this program's.
    #[error("the backup was made by a newer version of this program, {0}; restore it with that version")]
    Newer(String),
    /// A document names a file that is not there.
    #[error("the file {0} of a document is not in the document store; is this the right --documents-url?")]
    MissingDocument(String),
    /// There are files where the documents should go.
    #[error(
        "there are files in the place for documents already; a restored installation needs a place of its own, \
         so name another one or move those files away"
    )]
    DocumentsInUse,
    /// The master key is not there.
    #[error(
        "the master key is not here: the backup is sealed under master key {wanted}; put its file at {path}, or set \
         DOSSIER_MASTER_KEY"
    )]
    KeyMissing {
        /// Where the file should be.
        path: String,
        /// The key that is needed.
        wanted: String,
    },
    /// The master key is another one.
    #[error("the master key is the wrong one: the backup is sealed under master key {wanted}")]
    KeyWrong {
        /// The key that is needed.
        wanted: String,
    },
    /// The master key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A backup that has its manifest.
#[derive(Debug)]
pub struct OpenBackup {
    folder: Folder,
    manifest: Manifest,
    digest: [u8; 32],
    tables: Vec<Table>,
}

impl OpenBackup {
    /// Opens a backup. Nothing but its manifest is looked at.
    ///
    /// # Errors
    /// [`BackupError::Folder`] when it is no whole backup, [`BackupError::Newer`] when this program does
    /// not know its schema.
    pub fn open(directory: &Path) -> Result<Self, BackupError> {
        let (folder, manifest, digest) = Folder::open(directory)?;
        let steps = manifest.steps().ok_or_else(|| BackupError::Newer(manifest.program.clone()))?;
        Ok(Self { folder, manifest, digest, tables: tables_after(&MIGRATIONS[..steps]) })
    }

    /// When it was taken, in UTC.
    pub fn taken_at(&self) -> &str {
        &self.manifest.taken_at
    }

    /// How many rows and document files are in it, and how many files were gone.
    pub fn counts(&self) -> [u64; 3] {
        let documents = &self.manifest.documents;
        [self.manifest.tables.iter().map(|table| table.rows).sum(), documents.count, documents.gone]
    }
}

/// Tells of damage and counts it.
struct Findings<'a> {
    tell: &'a BackupTeller,
    count: u64,
}

impl<'a> Findings<'a> {
    fn new(tell: &'a BackupTeller) -> Self {
        Self { tell, count: 0 }
    }

    fn add(&mut self, damage: &Damage) {
        self.count += 1;
        (self.tell)(BackupEvent::Wrong(damage));
    }

    /// What two descriptions of the same thing differ in.
    fn compare<T: PartialEq + ToString>(&mut self, what: &str, found: &T, expected: &T) {
        if found != expected {
            let (found, expected) = (found.to_string(), expected.to_string());
            self.add(&Damage::Differs { what: what.to_owned(), found, expected });
        }
    }
}
