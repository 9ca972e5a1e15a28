//! Reading a file: fetch a part, verify its chunks, hand them out.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, stream};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};

use super::FileError;
use super::format::{FileOpener, HEADER_BYTES, SEALED_CHUNK_BYTES};
use crate::seal::{Aad, DataKey, SealError};

/// Chunks that are fetched at once, about 1 MiB.
const PART_CHUNKS: usize = 16;

/// A file that is being read. Every byte it gives out has been verified to belong there; that nothing is
/// missing at the end is only known when [`Download::chunk`] has returned `None`.
pub struct Download {
    backend: Arc<dyn ObjectStore>,
    path: Path,
    opener: FileOpener,
    /// Where the next part begins in the sealed file.
    offset: u64,
    sealed_bytes: u64,
    /// Verified chunks.
    ready: VecDeque<Bytes>,
}

impl Download {
    pub(super) async fn start(
        backend: Arc<dyn ObjectStore>,
        path: Path,
        place: &Aad<'_>,
        data_key: &DataKey,
    ) -> Result<Self, FileError> {
        let end = (HEADER_BYTES + PART_CHUNKS * SEALED_CHUNK_BYTES) as u64;
        let (part, sealed_bytes) = fetch(&*backend, &path, 0..end).await?;
        let opener = FileOpener::new(&part, sealed_bytes, data_key, place)
            .map_err(|source| FileError::seal(path.as_ref(), source))?;
        let mut download = Self { backend, path, opener, offset: 0, sealed_bytes, ready: VecDeque::new() };
        download.open_part(part, HEADER_BYTES)?;
        Ok(download)
    }

    /// How many plain bytes the file has, for a `Content-Length`.
    pub fn plain_bytes(&self) -> u64 {
        self.opener.plain_bytes()
    }

    /// The next verified bytes, at most 64 KiB, or `None` at the verified end.
    ///
    /// # Errors
    /// [`FileError::Seal`] when the rest of the file was altered or is missing, [`FileError::Backend`]
    /// when it cannot be fetched. What was returned before is the true beginning of the file all the
    /// same.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, FileError> {
        if self.ready.is_empty() && !self.opener.is_at_end() {
            let end = self.offset + (PART_CHUNKS * SEALED_CHUNK_BYTES) as u64;
            let (part, sealed_bytes) = fetch(&*self.backend, &self.path, self.offset..end).await?;
            if sealed_bytes != self.sealed_bytes {
                return Err(FileError::seal(self.path.as_ref(), SealError::NotAuthentic));
            }
            self.open_part(part, 0)?;
        }
        Ok(self.ready.pop_front())
    }

    /// All chunks as a stream. It ends after the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, FileError>> + Send + 'static {
        stream::try_unfold(self, |mut download| async {
            Ok(download.chunk().await?.map(|chunk| (chunk, download)))
        })
    }

    /// Verifies what was fetched, behind the first `skipped` bytes, and makes it ready.
    fn open_part(&mut self, part: Bytes, skipped: usize) -> Result<(), FileError> {
        self.offset += part.len() as u64;
        // Decrypts in place where the backend gives the buffer away, which the local one does.
        let mut buffer = Vec::from(part);
        let mut opened: Vec<Range<usize>> = Vec::with_capacity(PART_CHUNKS);
        let mut start = skipped;
        for chunk in buffer[skipped..].chunks_mut(SEALED_CHUNK_BYTES) {
            let plain_bytes =
                self.opener.open(chunk).map_err(|source| FileError::seal(self.path.as_ref(), source))?;
            opened.push(start..start + plain_bytes);
            start += chunk.len();
        }
        let buffer = Bytes::from(buffer);
        self.ready
            .extend(opened.into_iter().filter(|range| !range.is_empty()).map(|range| buffer.slice(range)));
        Ok(())
    }
}

/// Bytes of an object, as far as it has them, and the size of the whole object.
async fn fetch(backend: &dyn ObjectStore, path: &Path, range: Range<u64>) -> Result<(Bytes, u64), FileError> {
    let failed = |source| FileError::backend("read", path.as_ref(), source);
    let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
    let result = backend.get_opts(path, options).await.map_err(failed)?;
    let sealed_bytes = result.meta.size;
    Ok((result.bytes().await.map_err(failed)?, sealed_bytes))
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("path", &self.path).finish_non_exhaustive()
    }
}
