//! Handing sealed bytes to object storage: in one request when they fit, else in parts.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use tokio::runtime::Handle;

use super::FileError;

/// Sealed bytes that an upload collects before it hands them to object storage.
///
/// More than the 5 MiB that S3 wants of a part, and more than a file of the default size limit: such a
/// file goes out in one request, which needs no clearing up when it breaks off.
pub const PART_BYTES: usize = 6 * 1024 * 1024;

/// One object on its way to the backend.
pub(super) struct ObjectTransfer {
    backend: Arc<dyn ObjectStore>,
    path: Path,
    part: Vec<Bytes>,
    part_bytes: usize,
    /// Begun when the first part is full.
    multipart: Option<Box<dyn MultipartUpload>>,
}

impl ObjectTransfer {
    pub(super) fn new(backend: Arc<dyn ObjectStore>, key: String, header: Bytes) -> Self {
        let part_bytes = header.len();
        Self { backend, path: Path::from(key), part: vec![header], part_bytes, multipart: None }
    }

    /// Adds bytes, and sends a part when it is full.
    pub(super) async fn push(&mut self, bytes: Bytes) -> Result<(), FileError> {
        self.part_bytes += bytes.len();
        self.part.push(bytes);
        if self.part_bytes < PART_BYTES {
            return Ok(());
        }
        if self.multipart.is_none() {
            let begun = self.backend.put_multipart(&self.path).await;
            self.multipart = Some(begun.map_err(|source| self.failed(source))?);
        }
        self.send_part().await
    }

    /// Adds the last bytes and publishes the object under its key, which is returned.
    pub(super) async fn finish(mut self, last: Bytes) -> Result<String, FileError> {
        self.part.push(last);
        if self.multipart.is_none() {
            let whole = PutPayload::from_iter(std::mem::take(&mut self.part));
            self.backend.put(&self.path, whole).await.map_err(|source| self.failed(source))?;
        } else {
            self.send_part().await?;
            if let Some(multipart) = &mut self.multipart {
                multipart.complete().await.map_err(|source| self.failed(source))?;
            }
            self.multipart = None;
        }
        Ok(self.path.to_string())
    }

    /// Removes the parts that were sent.
    pub(super) async fn abort(mut self) -> Result<(), FileError> {
        match self.multipart.take() {
            Some(mut multipart) => multipart.abort().await.map_err(|source| self.failed(source)),
            None => Ok(()),
        }
    }

    async fn send_part(&mut self) -> Result<(), FileError> {
        let part = PutPayload::from_iter(std::mem::take(&mut self.part));
        self.part_bytes = 0;
        match &mut self.multipart {
            Some(multipart) => multipart.put_part(part).await.map_err(|source| self.failed(source)),
            None => Ok(()),
        }
    }

    fn failed(&self, source: object_store::Error) -> FileError {
        FileError::Backend { action: "store", key: self.path.to_string(), source }
    }
}

/// S3 keeps parts until it is told otherwise.
impl Drop for ObjectTransfer {
    fn drop(&mut self) {
        if let (Some(mut multipart), Ok(runtime)) = (self.multipart.take(), Handle::try_current()) {
            // Nobody is left to hear of a failure, and the storage's own rule removes what remains.
            runtime.spawn(async move { multipart.abort().await.ok() });
        }
    }
}

impl fmt::Debug for ObjectTransfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectTransfer").field("path", &self.path).finish_non_exhaustive()
    }
}
