//! Opening the storage: a local folder, an S3 bucket, or memory.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path as Folder;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;

use super::{FileError, FileStore};

/// Only the owner sees a folder.
pub(super) const FOLDER_MODE: u32 = 0o700;

impl FileStore {
    /// Opens `s3://bucket/prefix`, `file:///folder` or a folder given as a path, which is made when it
    /// is not there.
    ///
    /// `options` are for S3: credentials, region, endpoint and so on under the names of the usual
    /// environment variables (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, …). Names that mean
    /// nothing here are ignored, so all variables that begin with `AWS_` can be passed.
    ///
    /// # Errors
    /// [`FileError::Address`] when the address is of another form or an option is wrong,
    /// [`FileError::Folder`] when the folder cannot be made. A bucket is not contacted.
    pub fn open<'a>(
        address: &str,
        options: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, FileError> {
        match address.split_once("://") {
            None => Self::local(Folder::new(address)),
            Some(("file", path)) if path.starts_with('/') => Self::local(Folder::new(path)),
            Some(("s3", bucket)) => s3::open(address, bucket, options),
            Some(_) => Err(refuse(address, "write a folder, `file:///folder` or `s3://bucket/prefix`")),
        }
    }

    /// Opens a folder. It is made for the owner alone when it is not there.
    ///
    /// # Errors
    /// [`FileError::Folder`] when it cannot be made.
    pub fn local(folder: &Folder) -> Result<Self, FileError> {
        let failed = |source| FileError::Folder { action: "open", source };
        let folder = make_folder(folder).map_err(failed)?;
        let backend = LocalFileSystem::new_with_prefix(&folder)
            .map_err(|error| failed(io::Error::other(error)))?
            // Nothing is written through it today; if that changes, it must sync, which it does not
            // unless told to.
            .with_fsync(true);
        Ok(Self { backend: Arc::new(backend), folder: Some(folder) })
    }

    /// Files in memory, for tests. They are gone with the last clone.
    pub fn in_memory() -> Self {
        Self { backend: Arc::new(InMemory::new()), folder: None }
    }
}

fn make_folder(folder: &Folder) -> io::Result<std::path::PathBuf> {
    if !folder.is_dir() {
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
        // The folder's own name must outlast a crash as well.
        if let Some(parent) = fs::canonicalize(folder)?.parent() {
            File::open(parent)?.sync_all()?;
        }
    }
    fs::canonicalize(folder)
}

fn refuse(address: &str, reason: impl Into<String>) -> FileError {
    FileError::Address { address: address.to_owned(), reason: reason.into() }
}

#[cfg(feature = "s3")]
mod s3 {
    use std::time::Duration;

    use object_store::aws::AmazonS3Builder;
    use object_store::prefix::PrefixStore;
    use object_store::{RetryConfig, path::Path};

    use super::{Arc, FileError, FileStore, refuse};

    /// How long one call may take with its retries; a person is waiting for the upload.
    const RETRIES_TIME_MAX: Duration = Duration::from_secs(20);
    const RETRIES_MAX: usize = 4;

    pub(super) fn open<'a>(
        address: &str,
        bucket_and_prefix: &str,
        options: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<FileStore, FileError> {
        let (bucket, prefix) = bucket_and_prefix.split_once('/').unwrap_or((bucket_and_prefix, ""));
        if bucket.is_empty() {
            return Err(refuse(address, "the bucket is missing; write `s3://bucket/prefix`"));
        }
        let retries = RetryConfig {
            max_retries: RETRIES_MAX,
            retry_timeout: RETRIES_TIME_MAX,
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::new().with_retry(retries);
        for (name, value) in options {
            if let Ok(option) = name.to_ascii_lowercase().parse() {
                builder = builder.with_config(option, value);
            }
        }
        let bucket =
            builder.with_bucket_name(bucket).build().map_err(|error| refuse(address, error.to_string()))?;
        let prefix = Path::parse(prefix).map_err(|error| refuse(address, error.to_string()))?;
        Ok(FileStore { backend: Arc::new(PrefixStore::new(bucket, prefix)), folder: None })
    }
}

#[cfg(not(feature = "s3"))]
mod s3 {
    use super::{FileError, FileStore, refuse};

    pub(super) fn open<'a>(
        address: &str,
        _bucket_and_prefix: &str,
        _options: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<FileStore, FileError> {
        Err(refuse(address, "this program was built without S3; build it with the feature `s3`"))
    }
}
