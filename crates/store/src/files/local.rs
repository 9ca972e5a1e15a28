//! Writing a file into the local folder.
//!
//! Files are read, listed and deleted through `object_store`, but not written: its local backend hops to
//! another thread for every part, writes under another name, renames, and syncs one thing after the
//! other. Storing 5 MB in parts of 1 MiB took 1.1 times as long, and in one piece 1.2 to 2 times. A key
//! is random and nobody knows it before everything is synced, so the file can be written in its
//! place, and the folders be synced while it is written. What a crash leaves there is a file that no
//! row names, like any other.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use super::FileError;
use super::open::FOLDER_MODE;

/// Only the owner reads and writes.
const FILE_MODE: u32 = 0o600;

/// One file on its way to the disk. It is removed when it is dropped before it is finished.
pub(super) struct LocalTransfer {
    folder: PathBuf,
    key: String,
    /// Written with the first bytes that come.
    header: Bytes,
    begun: Option<Begun>,
}

/// A file that exists.
struct Begun {
    path: PathBuf,
    file: Arc<File>,
    /// Puts the names of the file and of its folders on disk.
    names: Syncing,
}

type Syncing = JoinHandle<io::Result<()>>;

impl LocalTransfer {
    pub(super) fn new(folder: PathBuf, key: String, header: Bytes) -> Self {
        Self { folder, key, header, begun: None }
    }

    /// Writes bytes to the page cache, which takes less time than handing them to another thread.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.write(bytes).map(drop).map_err(failed)
    }

    /// Writes the last bytes and returns when all of them are on disk.
    pub(super) async fn finish(mut self, last: Bytes) -> Result<String, FileError> {
        self.sync(&last).await.map_err(failed)?;
        // Nothing is to be removed any more.
        self.begun = None;
        Ok(std::mem::take(&mut self.key))
    }

    async fn sync(&mut self, last: &[u8]) -> io::Result<()> {
        let begun = self.write(last)?;
        let file = Arc::clone(&begun.file);
        spawn_blocking(move || file.sync_data()).await??;
        (&mut begun.names).await?
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<&mut Begun> {
        if self.begun.is_none() {
            let begun = self.begun.insert(begin(&self.folder, &self.key)?);
            (&*begun.file).write_all(&self.header)?;
        }
        let begun = self.begun.as_mut().expect("a file was begun just now or earlier");
        (&*begun.file).write_all(bytes)?;
        Ok(begun)
    }
}

fn begin(folder: &Path, key: &str) -> io::Result<Begun> {
    let path = folder.join(key);
    // All folders on the way, not only those made here: another upload may have made one and not synced
    // it yet.
    let folders: Vec<_> =
        path.ancestors().skip(1).take_while(|above| above.starts_with(folder)).map(Path::to_owned).collect();
    let create = || {
        if let Some(parent) = folders.first() {
            DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(parent)?;
        }
        OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&path)
    };
    let file = match create() {
        // The sweep removed the empty folder in between.
        Err(error) if error.kind() == io::ErrorKind::NotFound => create()?,
        other => other?,
    };
    let names = spawn_blocking(move || folders.iter().try_for_each(|folder| File::open(folder)?.sync_all()));
    Ok(Begun { path, file: Arc::new(file), names })
}

impl Drop for LocalTransfer {
    fn drop(&mut self) {
        if let Some(begun) = &self.begun {
            // If it cannot be removed, it is one more file that no row names.
            let _ = fs::remove_file(&begun.path);
        }
    }
}

impl fmt::Debug for LocalTransfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalTransfer({})", self.key)
    }
}

fn failed(source: io::Error) -> FileError {
    FileError::Folder { action: "store a file in", source }
}
