//! Copying a file to another document, perhaps of another account.
//!
//! A sealed file opens for its own document only, so each chunk is opened and sealed again on its way.
//! The plain content is never anywhere but in memory, and there only about 1 MiB of it at a time, and the
//! part that object storage is waiting for.

use dossier_domain::sid::DocumentSid;

use super::{FileError, FileStore, StoredFile};
use crate::Owner;
use crate::seal::SealError;

/// A file in its place, and what it must contain.
#[derive(Clone, Copy)]
pub struct FileOf<'a> {
    /// Whose it is.
    pub owner: &'a Owner,
    /// The document it was sealed for.
    pub document: DocumentSid,
    /// Where it is.
    pub key: &'a str,
    /// The SHA-256 of its content, before sealing.
    pub sha256: [u8; 32],
}

impl FileStore {
    /// Stores the content of a file once more, sealed for another document. When this returns, the new
    /// file is complete and durable; neither depends on the other from now on.
    ///
    /// # Errors
    /// [`FileError::NotFound`] when the file is gone; [`FileError::Seal`] when it was altered or is not
    /// what it must be; [`FileError::Backend`]. Nothing is stored then.
    pub async fn copy(
        &self,
        file: FileOf<'_>,
        owner: &Owner,
        document: DocumentSid,
    ) -> Result<StoredFile, FileError> {
        let mut download = self.read(file.key, file.owner.account, file.document, &file.owner.key).await?;
        let mut upload = self.begin(owner.account, document, &owner.key);
        while let Some(chunk) = download.chunk().await? {
            upload.write(&chunk).await?;
        }
        let stored = upload.finish().await?;
        if stored.sha256 != file.sha256 {
            self.delete(&stored.key).await?;
            return Err(FileError::seal(file.key, SealError::NotAuthentic));
        }
        Ok(stored)
    }
}
