//! Where the sealed bytes of an upload go.

use bytes::Bytes;

use super::FileError;
use super::local::LocalTransfer;
use super::objects::ObjectTransfer;

/// One file on its way into storage; dropping it leaves nothing behind.
#[derive(Debug)]
pub(super) enum Transfer {
    Local(LocalTransfer),
    Objects(ObjectTransfer),
}

impl Transfer {
    /// Adds bytes.
    pub(super) async fn push(&mut self, bytes: Bytes) -> Result<(), FileError> {
        match self {
            Self::Local(transfer) => transfer.push(&bytes),
            Self::Objects(transfer) => transfer.push(bytes).await,
        }
    }

    /// Adds the last bytes and waits until the file is durable under its key, which is returned.
    pub(super) async fn finish(self, last: Bytes) -> Result<String, FileError> {
        match self {
            Self::Local(transfer) => transfer.finish(last).await,
            Self::Objects(transfer) => transfer.finish(last).await,
        }
    }

    /// Removes what was stored so far.
    pub(super) async fn abort(self) -> Result<(), FileError> {
        match self {
            Self::Local(transfer) => {
                drop(transfer);
                Ok(())
            }
            Self::Objects(transfer) => transfer.abort().await,
        }
    }
}
