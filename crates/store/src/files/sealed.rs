//! Files as they are stored: read, copied and compared without any key.

use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use dossier_domain::sid::{AccountSid, DocumentSid};
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use object_store::ObjectStoreExt;

use super::local::LocalTransfer;
use super::objects::ObjectTransfer;
use super::transfer::Transfer;
use super::{FileError, FileStore, parse_key};

/// A file as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedFile {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

impl FileStore {
    /// Reads a sealed file to its end.
    ///
    /// # Errors
    /// [`FileError::NotFound`] when there is none, [`FileError::Backend`] when it cannot be read.
    pub async fn measure(&self, key: &str) -> Result<SealedFile, FileError> {
        let mut sealed = self.sealed(key).await?;
        while sealed.next().await?.is_some() {}
        Ok(sealed.finish())
    }

    /// Copies a sealed file to another place under the same key. It is durable there when this returns.
    ///
    /// # Errors
    /// As [`FileStore::measure`]; [`FileError::NotFound`] also for a key that no file of ours has.
    pub async fn copy_to(&self, target: &Self, key: &str) -> Result<SealedFile, FileError> {
        if file_place(key).is_none() {
            return Err(FileError::NotFound { key: key.to_owned() });
        }
        let mut sealed = self.sealed(key).await?;
        // What an earlier attempt left is in the way of a local one.
        target.delete(key).await?;
        let mut transfer = target.transfer(key.to_owned());
        while let Some(bytes) = sealed.next().await? {
            transfer.push(bytes).await?;
        }
        transfer.finish(Bytes::new()).await?;
        Ok(sealed.finish())
    }

    fn transfer(&self, key: String) -> Transfer {
        match &self.folder {
            Some(folder) => Transfer::Local(LocalTransfer::new(folder.clone(), key, Bytes::new())),
            None => Transfer::Objects(ObjectTransfer::new(Arc::clone(&self.backend), key, Bytes::new())),
        }
    }

    async fn sealed(&self, key: &str) -> Result<SealedStream, FileError> {
        let failed = |source| FileError::backend("read", key, source);
        let stream = self.backend.get(&parse_key(key)?).await.map_err(failed)?.into_stream();
        Ok(SealedStream { key: key.to_owned(), stream, context: Context::new(&SHA256), bytes: 0 })
    }
}

/// Whose file a key names, and of which document; `None` when it is no key of ours.
pub fn file_place(key: &str) -> Option<(AccountSid, DocumentSid)> {
    let mut parts = key.split('/');
    let account = AccountSid::parse(parts.next()?).ok()?;
    let document = DocumentSid::parse(parts.next()?).ok()?;
    let random = parts.next()?;
    let fits = random.len() == 32 && random.bytes().all(|digit| digit.is_ascii_hexdigit());
    (fits && parts.next().is_none()).then_some((account, document))
}

struct SealedStream {
    key: String,
    stream: BoxStream<'static, object_store::Result<Bytes>>,
    context: Context,
    bytes: u64,
}

impl SealedStream {
    async fn next(&mut self) -> Result<Option<Bytes>, FileError> {
        let next = self.stream.try_next().await;
        let next = next.map_err(|source| FileError::backend("read", &self.key, source))?;
        if let Some(bytes) = &next {
            self.context.update(bytes);
            self.bytes += bytes.len() as u64;
        }
        Ok(next)
    }

    fn finish(self) -> SealedFile {
        let sha256 = self.context.finish();
        SealedFile { bytes: self.bytes, sha256: sha256.as_ref().try_into().expect("SHA-256 has 32 bytes") }
    }
}
