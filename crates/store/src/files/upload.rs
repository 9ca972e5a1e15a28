//! Storing a file: hash, seal and hand over, in one pass.

use std::fmt;
use std::sync::Arc;

use dossier_domain::sid::{AccountSid, DocumentSid};

use super::format::FileSealer;
use super::local::LocalTransfer;
use super::objects::ObjectTransfer;
use super::transfer::Transfer;
use super::{FileError, FileStore, place};
use crate::seal::{DataKey, random};

/// A file on its way into storage. Dropping it leaves nothing behind.
pub struct Upload {
    sealer: FileSealer,
    transfer: Transfer,
    /// A call failed, or its future was dropped before it was done: bytes may be missing.
    broken_off: bool,
}

/// A file that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Where it is: `AC…/RD…/` and 32 random hexadecimal digits.
    pub key: String,
    /// How many bytes the plain file has.
    pub plain_bytes: u64,
    /// The SHA-256 of the plain file.
    pub sha256: [u8; 32],
}

impl Upload {
    pub(super) fn new(files: &FileStore, account: AccountSid, document: DocumentSid, key: &DataKey) -> Self {
        let name = format!("{account}/{document}/{:032x}", u128::from_be_bytes(random()));
        let (sealer, header) = FileSealer::new(key, &place(account, document));
        let transfer = match &files.folder {
            Some(folder) => Transfer::Local(LocalTransfer::new(folder.clone(), name, header)),
            None => Transfer::Objects(ObjectTransfer::new(Arc::clone(&files.backend), name, header)),
        };
        Self { sealer, transfer, broken_off: false }
    }

    /// Takes the next bytes of the file. Hashing, sealing and writing to a local folder are done on the
    /// caller's thread, in about 1 ms per MiB; it waits only for object storage, when a part is full.
    ///
    /// # Errors
    /// [`FileError::Backend`] when a part cannot be stored, [`FileError::TooLarge`] beyond
    /// [`FILE_BYTES_MAX`](super::FILE_BYTES_MAX), [`FileError::BrokenOff`] when an earlier call failed
    /// or its future was dropped.
    pub async fn write(&mut self, mut plain: &[u8]) -> Result<(), FileError> {
        if std::mem::replace(&mut self.broken_off, true) {
            return Err(FileError::BrokenOff);
        }
        while !plain.is_empty() {
            let (complete, rest) = self.sealer.push(plain)?;
            plain = rest;
            if let Some(chunk) = complete {
                self.transfer.push(chunk).await?;
            }
        }
        self.broken_off = false;
        Ok(())
    }

    /// Ends the file. When this returns the file is complete and durable under its key.
    ///
    /// # Errors
    /// [`FileError::Backend`] when the file cannot be stored, [`FileError::BrokenOff`] when an earlier
    /// call failed. Nothing is stored then.
    pub async fn finish(self) -> Result<StoredFile, FileError> {
        let Self { sealer, transfer, broken_off } = self;
        if broken_off {
            return Err(FileError::BrokenOff);
        }
        let (last, plain_bytes, sha256) = sealer.finish();
        let key = transfer.finish(last).await?;
        Ok(StoredFile { key, plain_bytes, sha256 })
    }

    /// Gives the file up and waits until its parts are gone. Dropping the upload does the same in the
    /// background.
    ///
    /// # Errors
    /// [`FileError::Backend`] when the parts cannot be removed; the sweep will find them.
    pub async fn abort(self) -> Result<(), FileError> {
        self.transfer.abort().await
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("transfer", &self.transfer).finish_non_exhaustive()
    }
}
