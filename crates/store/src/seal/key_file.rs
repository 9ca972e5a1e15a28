//! The key file: where the embedded default keeps its master keys.
//!
//! The file appears and changes as a whole: it is written under another name, synced and then linked
//! or renamed, so that a crash leaves either the old keys or the new ones and never half a file.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::cipher::random;
use super::{MasterKey, MasterKeys, MasterKeysError};

/// Only the owner reads and writes.
const MODE: u32 = 0o600;
/// The permissions of others than the owner.
const OTHERS: u32 = 0o077;
/// Far more than 32 keys with comments need.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// A file of master keys that nobody but its owner can read.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The key file at `path`, which may not exist yet. Its folder must.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Makes the file with one new key, readable by the owner only, and returns when it is on disk.
    ///
    /// # Errors
    /// [`KeyFileError::Exists`] when there is a file already: it is never overwritten, because a lost
    /// master key is lost data. [`KeyFileError::Io`] when it cannot be written.
    pub fn create(&self) -> Result<MasterKeys, KeyFileError> {
        let keys = MasterKeys::new(MasterKey::generate());
        let draft = self.write_draft(&keys)?;
        let linked = fs::hard_link(&draft, &self.path);
        let removed = fs::remove_file(&draft);
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(KeyFileError::Exists { path: self.path.clone() });
            }
            other => other.and(removed).and_then(|()| self.sync_folder()).map_err(self.failed("create"))?,
        }
        Ok(keys)
    }

    /// Reads the keys.
    ///
    /// # Errors
    /// [`KeyFileError::Missing`] when there is no file, [`KeyFileError::OpenToOthers`] when its
    /// permissions let others in, [`KeyFileError::Keys`] when its text is no list of keys,
    /// [`KeyFileError::Io`] when it cannot be read.
    pub fn load(&self) -> Result<MasterKeys, KeyFileError> {
        let file = File::open(&self.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => KeyFileError::Missing { path: self.path.clone() },
            _ => self.failed("read")(error),
        })?;
        // Asked of the open file, so that it cannot be exchanged between the question and the reading.
        let mode = file.metadata().map_err(self.failed("read"))?.permissions().mode();
        if mode & OTHERS != 0 {
            return Err(KeyFileError::OpenToOthers { path: self.path.clone(), mode: mode & 0o777 });
        }
        let mut text = Zeroizing::new(String::new());
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(self.failed("read"))?;
        MasterKeys::parse_file(&text).map_err(|source| KeyFileError::Keys { path: self.path.clone(), source })
    }

    /// Replaces the keys in one step, for a rotation, and returns when the change is on disk.
    ///
    /// # Errors
    /// [`KeyFileError::Io`] when it cannot be written; the old keys are still there then.
    pub fn replace(&self, keys: &MasterKeys) -> Result<(), KeyFileError> {
        let draft = self.write_draft(keys)?;
        let renamed = fs::rename(&draft, &self.path).inspect_err(|_| {
            // The draft is useless now; the error that is reported is the one of the renaming.
            let _ = fs::remove_file(&draft);
        });
        renamed.and_then(|()| self.sync_folder()).map_err(self.failed("replace"))
    }

    /// Writes and syncs the keys in a file of a new name beside the key file.
    fn write_draft(&self, keys: &MasterKeys) -> Result<PathBuf, KeyFileError> {
        let mut name = OsString::from(&self.path);
        name.push(format!(".{:08x}.draft", u32::from_be_bytes(random())));
        let draft = PathBuf::from(name);
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&draft)?;
            file.write_all(keys.to_file().as_bytes())?;
            file.sync_all()
        };
        write().map_err(self.failed("write")).inspect_err(|_| drop(fs::remove_file(&draft)))?;
        Ok(draft)
    }

    /// A new name is only on disk when its folder is.
    fn sync_folder(&self) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }

    fn failed(&self, action: &'static str) -> impl FnOnce(io::Error) -> KeyFileError {
        let path = self.path.clone();
        move |source| KeyFileError::Io { path, action, source }
    }
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Creating refuses to overwrite keys.
    #[error("the key file `{}` exists already and is not overwritten", path.display())]
    Exists {
        /// The key file.
        path: PathBuf,
    },
    /// There is no file.
    #[error("there is no key file `{}`; restore it from its backup, or give the key in DOSSIER_MASTER_KEY", path.display())]
    Missing {
        /// The key file.
        path: PathBuf,
    },
    /// Others than the owner can read or change the file.
    #[error(
        "the key file `{0}` is open to others (mode {mode:04o}); run `chmod 600 {0}`, and rotate the master key if \
         anyone else may have read it",
        path.display()
    )]
    OpenToOthers {
        /// The key file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The text is no list of keys.
    #[error("the key file `{}` holds no usable keys", path.display())]
    Keys {
        /// The key file.
        path: PathBuf,
        /// What is wrong with it.
        source: MasterKeysError,
    },
    /// The operating system refused.
    #[error("could not {action} the key file `{}`", path.display())]
    Io {
        /// The key file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_created_file_belongs_to_its_owner_alone_and_loads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let file = KeyFile::at(&path);
        let keys = file.create().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(file.load().unwrap().current().id(), keys.current().id());
        assert_eq!(names(folder.path()), ["master.key"]);
    }

    #[test]
    fn keys_are_never_overwritten_by_creating() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::at(folder.path().join("master.key"));
        let keys = file.create().unwrap();
        assert!(matches!(file.create(), Err(KeyFileError::Exists { .. })));
        assert_eq!(file.load().unwrap().current().id(), keys.current().id());
        assert_eq!(names(folder.path()), ["master.key"]);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        KeyFile::at(&path).create().unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refusal = KeyFile::at(&path).load().unwrap_err().to_string();
            assert!(refusal.contains(&format!("chmod 600 {}", path.display())), "{refusal}");
            assert!(refusal.contains(&format!("{mode:04o}")), "{refusal}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(KeyFile::at(&path).load().is_ok());
    }

    #[test]
    fn a_rotation_replaces_the_keys_and_keeps_the_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let file = KeyFile::at(&path);
        let old = file.create().unwrap();
        let new = old.clone().with_new_current(MasterKey::generate());
        file.replace(&new).unwrap();
        let loaded = file.load().unwrap();
        assert_eq!(loaded.current().id(), new.current().id());
        assert!(loaded.find(old.current().id()).is_some());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["master.key"]);
    }

    #[test]
    fn missing_and_wrong_files_say_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        assert!(matches!(KeyFile::at(&path).load(), Err(KeyFileError::Missing { .. })));
        fs::write(&path, "hunter2").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let refusal = KeyFile::at(&path).load().unwrap_err();
        assert!(matches!(refusal, KeyFileError::Keys { .. }));
        assert!(!format!("{refusal:?} {refusal}").contains("hunter2"));
        let nowhere = KeyFile::at(folder.path().join("no/such/folder"));
        assert!(matches!(nowhere.create(), Err(KeyFileError::Io { action: "write", .. })));
    }
}
