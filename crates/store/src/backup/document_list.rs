//! The list of document files.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::damage::Damage;
use super::folder::create_file;
use super::hashed::{Hashed, Totals};
use super::table_file::Lines;

/// A file that a row names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLine {
    /// Its key.
    pub key: String,
    /// What it is; nothing when it was deleted while the backup was taken.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub copy: Option<DocumentCopy>,
}

/// A file as it is stored, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentCopy {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// Writes the list.
#[derive(Debug)]
pub struct DocumentListWriter {
    out: Hashed<BufWriter<File>>,
    lines: u64,
}

impl DocumentListWriter {
    /// Begins a new list.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { out: Hashed::new(BufWriter::new(create_file(path)?)), lines: 0 })
    }

    /// Adds a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, line: &DocumentLine) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.lines += 1;
        self.out.write_all(b"\n")
    }

    /// Ends the list and puts it on disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> io::Result<Totals> {
        let (out, totals) = self.out.finish(self.lines);
        out.into_inner()?.sync_all()?;
        Ok(totals)
    }
}

/// Reads the list.
pub struct DocumentList(Lines);

impl DocumentList {
    /// Opens the list.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> Result<Self, Damage> {
        Lines::open(path, "documents.jsonl".to_owned()).map(Self)
    }

    /// The next file; `None` behind the last one.
    ///
    /// # Errors
    /// When the line cannot be read or understood.
    pub fn next_line(&mut self) -> Result<Option<DocumentLine>, Damage> {
        let Some(line) = self.0.next()? else { return Ok(None) };
        let parsed = line.strip_suffix(b"\n").and_then(|line| serde_json::from_slice(line).ok());
        parsed.map(Some).ok_or_else(|| self.0.wrong())
    }

    /// What was read so far.
    pub fn totals(&self) -> Totals {
        self.0.totals(0)
    }
}
