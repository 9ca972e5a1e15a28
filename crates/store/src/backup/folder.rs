//! The directory of a backup.
//!
//! It is filled under another name, synced, and gets its own name at the very end. So what bears the name
//! is whole, whatever happened to the process or the machine.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};

use super::hashed::hex;
use super::manifest::{FORMAT, Manifest};

const MANIFEST: &str = "manifest.json";
const MANIFEST_HASH: &str = "manifest.sha256";
/// The largest manifest that is read.
const MANIFEST_BYTES_MAX: u64 = 1024 * 1024;

/// What is at the top of a backup.
pub(super) const TOP: [&str; 5] = [MANIFEST, MANIFEST_HASH, "tables", "documents", "documents.jsonl"];

/// The directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Something is there already.
    #[error("`{0}` exists and is not empty; name a directory that does not exist yet")]
    Taken(String),
    /// An earlier backup to the same place did not come to its end, or is still under way.
    #[error(
        "`{0}` is there: a backup that is under way, or one that was interrupted; in that case delete it"
    )]
    Partial(String),
    /// The operating system refused.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// There is no manifest.
    #[error("`{0}` is no backup, or one that was interrupted: it has no manifest.json")]
    NotWhole(String),
    /// The manifest is not the one that was written.
    #[error("the manifest was altered: manifest.sha256 has the hash of another one")]
    Altered,
    /// The manifest has another form.
    #[error("the manifest cannot be read: {0}")]
    Manifest(String),
    /// A newer version made it.
    #[error(
        "the backup was made by a newer version of this program: it has form {0}, and this version reads {FORMAT}"
    )]
    Newer(u64),
}

/// A backup's directory.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// Opens a whole backup; returns its manifest and the manifest's SHA-256 as well.
    ///
    /// # Errors
    /// [`FolderError`] when it is none, or another program's.
    pub fn open(path: &Path) -> Result<(Self, Manifest, [u8; 32]), FolderError> {
        let folder = Self(path.to_owned());
        let text = folder.manifest_text()?;
        let hash = digest(&SHA256, &text);
        let noted = fs::read_to_string(path.join(MANIFEST_HASH)).unwrap_or_default();
        if noted != noted_hash(hash.as_ref()) {
            return Err(FolderError::Altered);
        }
        let wrong = |error: serde_json::Error| FolderError::Manifest(error.to_string());
        let json: serde_json::Value = serde_json::from_slice(&text).map_err(wrong)?;
        match json["format"].as_u64() {
            Some(format) if format > u64::from(FORMAT) => return Err(FolderError::Newer(format)),
            _ => {}
        }
        let manifest = serde_json::from_value(json).map_err(wrong)?;
        Ok((folder, manifest, hash.as_ref().try_into().expect("SHA-256 has 32 bytes")))
    }

    fn manifest_text(&self) -> Result<Vec<u8>, FolderError> {
        let path = self.0.join(MANIFEST);
        let mut text = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(MANIFEST_BYTES_MAX).read_to_end(&mut text));
        match read {
            Ok(_) => Ok(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(FolderError::NotWhole(self.0.display().to_string()))
            }
            Err(error) => Err(io_error("read", &path, error)),
        }
    }

    /// The file of a table.
    pub fn table(&self, name: &str) -> PathBuf {
        self.0.join("tables").join(format!("{name}.jsonl"))
    }

    /// The list of document files.
    pub fn document_list(&self) -> PathBuf {
        self.0.join("documents.jsonl")
    }

    /// Where document files are.
    pub fn documents(&self) -> PathBuf {
        self.0.join("documents")
    }

    /// Files at the top and among the tables that do not belong there.
    pub fn surplus(&self, manifest: &Manifest) -> Vec<String> {
        let tables: Vec<_> = manifest.tables.iter().map(|table| format!("{}.jsonl", table.name)).collect();
        let top = names(&self.0).into_iter().filter(|name| !TOP.contains(&name.as_str()));
        let others = names(&self.0.join("tables")).into_iter().filter(|name| !tables.contains(name));
        top.chain(others.map(|name| format!("tables/{name}"))).collect()
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// A backup that is being made. Dropped before [`NewFolder::publish`], it is removed.
#[derive(Debug)]
pub struct NewFolder {
    folder: Folder,
    target: PathBuf,
    published: bool,
}

impl NewFolder {
    /// Makes the directory under its passing name, for the owner alone.
    ///
    /// # Errors
    /// [`FolderError`] when something is there, or it cannot be made.
    pub fn begin(target: &Path) -> Result<Self, FolderError> {
        let is_empty = |path: &Path| fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
        if target.symlink_metadata().is_ok() && !is_empty(target) {
            return Err(FolderError::Taken(target.display().to_string()));
        }
        let mut name = target.file_name().map_or_else(|| OsString::from("backup"), ToOwned::to_owned);
        name.push(".partial");
        let partial = target.with_file_name(name);
        let make = |path: &Path| DirBuilder::new().mode(0o700).create(path);
        match make(&partial) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(FolderError::Partial(partial.display().to_string()));
            }
            made => made.map_err(|error| io_error("make", &partial, error))?,
        }
        let new = Self { folder: Folder(partial), target: target.to_owned(), published: false };
        for below in ["tables", "documents"] {
            let path = new.folder.0.join(below);
            make(&path).map_err(|error| io_error("make", &path, error))?;
        }
        Ok(new)
    }

    /// The directory, under its passing name.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Writes the manifest, puts everything on disk, and gives the directory its name. Returns the
    /// manifest's SHA-256.
    ///
    /// # Errors
    /// [`FolderError`] when the operating system refuses.
    pub fn publish(mut self, manifest: &Manifest) -> Result<String, FolderError> {
        let mut text = serde_json::to_vec_pretty(manifest).expect("a manifest is texts and numbers");
        text.push(b'\n');
        let hash = digest(&SHA256, &text);
        let partial = &self.folder.0;
        // The manifest last: what has none is no backup.
        for (name, content) in [(MANIFEST_HASH, noted_hash(hash.as_ref()).as_bytes()), (MANIFEST, &text[..])]
        {
            let path = partial.join(name);
            write_synced(&path, content).map_err(|error| io_error("write", &path, error))?;
        }
        for directory in [&partial.join("tables"), &partial.join("documents"), partial] {
            sync_directory(directory)?;
        }
        let renamed = fs::rename(partial, &self.target);
        renamed.map_err(|error| io_error("give the backup its name", &self.target, error))?;
        self.published = true;
        sync_directory(parent(&self.target))?;
        Ok(hex(hash.as_ref()))
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.published {
            // If it cannot be removed, its name says what it is.
            let _ = fs::remove_dir_all(&self.folder.0);
        }
    }
}

/// A new file for the owner alone.
pub(super) fn create_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

impl Folder {
    /// A new file for a table; what an earlier attempt wrote is replaced.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create_table(&self, name: &str) -> io::Result<File> {
        create_file(&self.table(name))
    }
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = create_file(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn sync_directory(path: &Path) -> Result<(), FolderError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(|error| io_error("sync", path, error))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The line that `sha256sum` writes and checks.
fn noted_hash(hash: &[u8]) -> String {
    format!("{}  {MANIFEST}\n", hex(hash))
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> FolderError {
    FolderError::Io { action, path: path.display().to_string(), source }
}
