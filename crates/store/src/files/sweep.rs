//! What the sweep needs: files by age, and an end to empty folders.

use std::fs;
use std::io;
use std::path::Path as Folder;
use std::time::{Duration, SystemTime};

use dossier_domain::Timestamp;
use dossier_domain::sid::AccountSid;
use futures_util::{Stream, StreamExt};
use object_store::ObjectMeta;
use object_store::path::Path;

use super::{FileError, FileStore};

/// A stored file, as the sweep sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// The file's key, to look for in the rows.
    pub key: String,
    /// When it was stored, by the storage's clock.
    pub stored_at: Timestamp,
}

impl FileStore {
    /// The files of one account, or of all, that were stored before `before`, in no particular order.
    ///
    /// In a local folder that includes what a crash left of an upload; in S3 a lifecycle rule removes it
    /// (`AbortIncompleteMultipartUpload`; only files above [`PART_BYTES`](super::PART_BYTES) are sent in parts).
    ///
    /// The stream yields [`FileError::Backend`] when the storage refuses to list.
    pub fn list_older_than(
        &self,
        account: Option<AccountSid>,
        before: Timestamp,
    ) -> impl Stream<Item = Result<ListedFile, FileError>> + Send + 'static {
        let prefix = account.map(|account| Path::from(&*account.text()));
        self.backend.list(prefix.as_ref()).filter_map(move |listed| {
            let old = match listed {
                Ok(meta) => Some(ListedFile::from(meta)).filter(|file| file.stored_at < before).map(Ok),
                Err(source) => Some(Err(FileError::backend("list", "*", source))),
            };
            std::future::ready(old)
        })
    }

    /// Removes folders that have been empty since before `before`, which deleted files leave behind in a
    /// local folder. Object storage has no folders.
    ///
    /// # Errors
    /// [`FileError::Folder`] when the folder cannot be read or changed.
    pub async fn remove_empty_folders(&self, before: Timestamp) -> Result<(), FileError> {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        let before = SystemTime::UNIX_EPOCH
            + Duration::from_micros(u64::try_from(before.as_micros()).unwrap_or_default());
        tokio::task::spawn_blocking(move || remove_empty_folders(&folder, before))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|source| FileError::Folder { action: "tidy", source })
    }
}

impl From<ObjectMeta> for ListedFile {
    fn from(meta: ObjectMeta) -> Self {
        let stored_at = Timestamp::from_micros(meta.last_modified.timestamp_micros());
        Self { key: meta.location.into(), stored_at }
    }
}

/// Walks the levels account and document.
///
/// The local backend could remove a folder together with its last file, but that makes an upload fail
/// that is just about to use it.
fn remove_empty_folders(folder: &Folder, before: SystemTime) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let path = entry.path();
        // Asked first: removing what is inside makes the folder look new.
        let old = ignore(io::ErrorKind::NotFound, modified_before(&path, before))?;
        ignore(io::ErrorKind::NotFound, remove_empty_folders(&path, before))?;
        if old {
            ignore(io::ErrorKind::DirectoryNotEmpty, fs::remove_dir(&path))?;
        }
    }
    Ok(())
}

fn modified_before(path: &Folder, before: SystemTime) -> io::Result<bool> {
    Ok(fs::metadata(path)?.modified()? < before)
}

/// Another node's sweep may be at work in the same folder.
fn ignore<T: Default>(kind: io::ErrorKind, result: io::Result<T>) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == kind => Ok(T::default()),
        other => other,
    }
}
