//! What can go wrong with a document file.

use crate::seal::SealError;

/// Why a file was not stored, read or deleted.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The address of the storage is of no known form, or an option of it is wrong.
    #[error("cannot use `{address}` for documents: {reason}")]
    Address {
        /// The address as configured.
        address: String,
        /// What is wrong, and what to write.
        reason: String,
    },
    /// No file has this key.
    #[error("there is no file `{key}`")]
    NotFound {
        /// The file's key.
        key: String,
    },
    /// More bytes than any file may have ([`FILE_BYTES_MAX`](super::FILE_BYTES_MAX)).
    #[error("the file is larger than any file may be")]
    TooLarge,
    /// An earlier call on the same upload failed or was broken off.
    #[error("the upload was broken off before")]
    BrokenOff,
    /// The file is damaged, or another key or place is needed.
    #[error("the file `{key}` cannot be opened")]
    Seal {
        /// The file's key.
        key: String,
        /// Why it does not open.
        source: SealError,
    },
    /// The file system refused.
    #[error("could not {action} the documents folder")]
    Folder {
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The storage refused.
    #[error("could not {action} the file `{key}`")]
    Backend {
        /// What was tried.
        action: &'static str,
        /// The file's key.
        key: String,
        /// Why it failed.
        source: object_store::Error,
    },
}

impl FileError {
    /// The storage's error, told apart when it is an absence.
    pub(super) fn backend(action: &'static str, key: &str, source: object_store::Error) -> Self {
        match source {
            object_store::Error::NotFound { .. } => Self::NotFound { key: key.to_owned() },
            source => Self::Backend { action, key: key.to_owned(), source },
        }
    }

    pub(super) fn seal(key: &str, source: SealError) -> Self {
        Self::Seal { key: key.to_owned(), source }
    }
}
