//! What the sweep needs: files by age, and the remains of uploads that broke off.

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

    /// Removes what is left in a local folder since before `before`: the parts of uploads that a crash
    /// broke off, and folders whose last file was deleted. Returns how many parts there were.
    ///
    /// S3 has no folders, and a lifecycle rule for the parts (`AbortIncompleteMultipartUpload`); only
    /// files above [`PART_BYTES`](super::PART_BYTES) have any.
    ///
    /// # Errors
    /// [`FileError::Folder`] when the folder cannot be read or changed.
    pub async fn remove_remains(&self, before: Timestamp) -> Result<u64, FileError> {
        let Some(folder) = self.folder.clone() else { return Ok(0) };
        let before = SystemTime::UNIX_EPOCH
            + Duration::from_micros(u64::try_from(before.as_micros()).unwrap_or_default());
        tokio::task::spawn_blocking(move || remove_remains(&folder, before))
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

/// Walks the levels account, document, file.
///
/// Empty folders are not removed at once with their last file, as the local backend offers, because that
/// makes an upload fail that is just about to use the folder. Nobody uses one that is a day old; if
/// somebody does, the backend makes it again.
fn remove_remains(folder: &Folder, before: SystemTime) -> io::Result<u64> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let metadata = ignore(io::ErrorKind::NotFound, entry.metadata().map(Some))?;
        let old = metadata.and_then(|metadata| metadata.modified().ok()).is_some_and(|time| time < before);
        if entry.file_type()?.is_dir() {
            removed += ignore(io::ErrorKind::NotFound, remove_remains(&path, before))?;
            if old {
                ignore(io::ErrorKind::DirectoryNotEmpty, fs::remove_dir(&path))?;
            }
        } else if old && is_part(&entry.file_name().to_string_lossy()) {
            ignore(io::ErrorKind::NotFound, fs::remove_file(&path))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// The local backend writes to the key, `#` and a number, and renames that in the end.
fn is_part(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// An upload may finish, or a file be deleted, while the sweep is looking.
fn ignore<T: Default>(kind: io::ErrorKind, result: io::Result<T>) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == kind => Ok(T::default()),
        other => other,
    }
}
