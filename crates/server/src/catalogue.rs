//! Reads a directory of catalogue files and lays them over the built-in ones.

use dossier_domain::catalogue::{Catalogue, Checked, Layer, Problem};
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The most files that are read.
const FILES_MAX: usize = 2_000;
/// The largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 8 << 20;
/// How deep directories may lie in each other.
const DEPTH_MAX: usize = 4;

/// The catalogue cannot be used; the message tells every reason.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A file or directory cannot be read.
    #[error("cannot read `{}`", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// A file cannot be written.
    #[error("cannot write `{}`", .0.display())]
    Unwritable(PathBuf, #[source] io::Error),
    /// The files are wrong.
    #[error("the catalogue is refused:{}", list(.0))]
    Refused(Vec<Problem>),
}

fn list(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{problem}");
    }
    text
}

/// The files of a directory, not checked yet.
#[derive(Debug)]
pub struct CatalogueFiles {
    directory: String,
    /// Names below the directory, with `/` between their parts, and texts.
    files: Vec<(String, String)>,
}

impl CatalogueFiles {
    /// Reads all `.toml` and `.tsv` files of a directory and those below it, except hidden ones.
    ///
    /// # Errors
    /// [`CatalogueError::Unreadable`], also when there are more than 2,000 files or one has more than 8 MiB.
    pub fn read(directory: &Path) -> Result<Self, CatalogueError> {
        let mut files = Vec::new();
        collect(directory, "", DEPTH_MAX, &mut files)?;
        files.sort();
        Ok(Self { directory: directory.display().to_string(), files })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Checks the files over the built-in ones.
    pub fn check_over_builtin(&self) -> Checked {
        Catalogue::check_overlay(Layer { directory: &self.directory, files: &self.borrowed() })
    }

    /// Checks the files as a complete catalogue.
    pub fn check_alone(&self) -> Checked {
        Catalogue::check(&[Layer { directory: &self.directory, files: &self.borrowed() }])
    }

    fn borrowed(&self) -> Vec<(&str, &str)> {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
    }
}

fn collect(
    directory: &Path,
    prefix: &str,
    depth: usize,
    files: &mut Vec<(String, String)>,
) -> Result<(), CatalogueError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |error| CatalogueError::Unreadable(path, error)
    };
    for entry in fs::read_dir(directory).map_err(unreadable(directory))? {
        let path = entry.map_err(unreadable(directory))?.path();
        let Some(file_name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if file_name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{file_name}");
        if path.is_dir() {
            let deeper = depth.checked_sub(1);
            let deeper = deeper.ok_or_else(|| unreadable(&path)(io::Error::other("nested too deeply")))?;
            collect(&path, &format!("{name}/"), deeper, files)?;
        } else if file_name.ends_with(".toml") || file_name.ends_with(".tsv") {
            if files.len() >= FILES_MAX {
                return Err(unreadable(directory)(io::Error::other("there are too many files")));
            }
            files.push((name, read_bounded(&path, FILE_BYTES_MAX).map_err(unreadable(&path))?));
        }
    }
    Ok(())
}

/// Reads a text file of at most so many bytes.
///
/// # Errors
/// What the system says, or that the file is too large or not UTF-8.
pub(crate) fn read_bounded(path: &Path, bytes_max: u64) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(bytes_max.saturating_add(1)).read_to_string(&mut text)?;
    if text.len() as u64 > bytes_max {
        return Err(io::Error::other(format!("the file has more than {bytes_max} bytes")));
    }
    Ok(text)
}

/// The catalogue that is served: the built-in one, and over it the files of a directory.
///
/// # Errors
/// [`CatalogueError`] when a file cannot be read or is wrong.
pub fn load(directory: Option<&Path>) -> Result<Catalogue, CatalogueError> {
    let Some(directory) = directory else {
        return Ok(Catalogue::builtin());
    };
    CatalogueFiles::read(directory)?.check_over_builtin().catalogue().map_err(CatalogueError::Refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        directory
    }

    #[test]
    fn files_are_read_with_their_place_below_the_directory() {
        let directory = written(&[
            ("countries/DE.toml", "a"),
            ("types/x.toml", "b"),
            ("sids.tsv", "c"),
            ("README.md", "d"),
            (".git/e.toml", "e"),
        ]);
        let files = CatalogueFiles::read(directory.path()).unwrap();
        assert_eq!(files.borrowed(), [("countries/DE.toml", "a"), ("sids.tsv", "c"), ("types/x.toml", "b")]);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let deep = written(&[("1/2/3/4/5/x.toml", "")]);
        let large = written(&[("x.toml", &" ".repeat(8 << 20 | 1))]);
        let directory = written(&[]);
        fs::write(directory.path().join("x.toml"), b"\xff").unwrap();
        for path in [deep.path(), large.path(), directory.path(), Path::new("/nowhere/at/all")] {
            let error = CatalogueFiles::read(path).unwrap_err();
            assert!(matches!(error, CatalogueError::Unreadable(..)), "{error}");
        }
    }

    #[test]
    fn a_directory_lies_over_the_built_in_files() {
        assert_eq!(load(None).unwrap().entries().count(), 585);
        assert_eq!(load(Some(written(&[]).path())).unwrap().entries().count(), 585);
        let broken = written(&[("countries/DE.toml", "country = \"DE\"\nnane = 1\n")]);
        let error = load(Some(broken.path())).unwrap_err().to_string();
        let expected = format!("\n{}/countries/DE.toml:2: unknown field `nane`", broken.path().display());
        assert!(error.contains(&expected) && error.contains("help: did you mean `name`?"), "{error}");
    }
}
