//! Document files: sealed while they stream in, stored whole or not at all.
//!
//! A file passes once through memory: hashed, sealed chunk by chunk, handed to the backend in parts.
//! It gets a new random key every time, so replacing a file never overwrites the old one; the row that
//! names the key decides which one counts. A file is complete and on disk (or acknowledged by the
//! object storage) before [`Upload::finish`] returns, so the row can be written after it. Whatever no
//! row names is found by the sweep ([`FileStore::list_older_than`]).
//!
//! Memory: an upload holds a chunk of 64 KiB, and into object storage up to [`PART_BYTES`] more; a
//! download about 1 MiB.

mod copy;
mod download;
mod error;
mod format;
mod local;
mod objects;
mod open;
mod sealed;
mod sweep;
#[cfg(test)]
mod tests;
mod transfer;
mod upload;

use std::path::PathBuf;
use std::sync::Arc;

use dossier_domain::sid::{AccountSid, DocumentSid};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::seal::{Aad, DataKey};

pub use copy::FileOf;
pub use download::Download;
pub use error::FileError;
pub use format::FILE_BYTES_MAX;
pub use objects::PART_BYTES;
pub use sealed::{SealedFile, file_place};
pub use sweep::ListedFile;
pub use upload::{StoredFile, Upload};

/// Where document files are kept. Clones share the same place.
#[derive(Debug, Clone)]
pub struct FileStore {
    backend: Arc<dyn ObjectStore>,
    /// The folder behind the local backend, which is written to directly.
    folder: Option<PathBuf>,
}

impl FileStore {
    /// Begins to store a file for a document.
    pub fn begin(&self, account: AccountSid, document: DocumentSid, key: &DataKey) -> Upload {
        Upload::new(self, account, document, key)
    }

    /// Begins to read the file `key` of a document. The first chunks have been verified when this returns.
    ///
    /// # Errors
    /// [`FileError::NotFound`]; [`FileError::Seal`] when another version of the data key is needed, or
    /// the file was altered or belongs to another document; [`FileError::Backend`].
    pub async fn read(
        &self,
        key: &str,
        account: AccountSid,
        document: DocumentSid,
        data_key: &DataKey,
    ) -> Result<Download, FileError> {
        Download::start(Arc::clone(&self.backend), parse_key(key)?, &place(account, document), data_key).await
    }

    /// Deletes a file. It is no error when there is none, so that a deletion can be repeated. It is not
    /// synced: after a loss of power the file may be back, without a row, until the next sweep.
    ///
    /// # Errors
    /// [`FileError::Backend`] when the backend refuses.
    pub async fn delete(&self, key: &str) -> Result<(), FileError> {
        match self.backend.delete(&parse_key(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(FileError::backend("delete", key, source)),
        }
    }
}

fn parse_key(key: &str) -> Result<Path, FileError> {
    Path::parse(key).map_err(|source| FileError::backend("find", key, source.into()))
}

/// The place that a document's files are sealed for.
fn place(account: AccountSid, document: DocumentSid) -> Aad<'static> {
    Aad::new("documents", "file", account, document)
}
