//! The manifest: what is in a backup.

use serde::{Deserialize, Serialize};

use super::hashed::hex;
use crate::db::{MIGRATIONS, Migration};

/// The form that this version writes, and the only one it reads.
pub const FORMAT: u32 = 1;

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of all the rest.
    pub format: u32,
    /// The version of the program that made it.
    pub program: String,
    /// When, in UTC.
    pub taken_at: String,
    /// The engine it was taken from. It can be restored into either.
    pub engine: String,
    /// The steps of the schema, in order.
    pub schema: Vec<StepEntry>,
    /// The names of the master keys that are needed; never a key.
    pub master_keys: Vec<String>,
    /// The newest checkpoint of the audit chain.
    pub newest_checkpoint: Option<CheckpointEntry>,
    /// All tables, in the order in which they are loaded.
    pub tables: Vec<TableEntry>,
    /// The documents.
    pub documents: DocumentsEntry,
}

/// A step of the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepEntry {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// The SHA-256 of its statements.
    pub sha256: String,
}

/// A checkpoint of the audit chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointEntry {
    /// Its number.
    pub number: i64,
    /// Its hash.
    pub hash: String,
}

/// A table's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    /// The table.
    pub name: String,
    /// How many rows.
    pub rows: u64,
    /// How many bytes the file has.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// The documents and their list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentsEntry {
    /// Whether the files are in the backup.
    pub mode: DocumentsMode,
    /// How many files.
    pub count: u64,
    /// How many bytes they have, sealed.
    pub bytes: u64,
    /// How many more the rows name that were deleted while the backup was taken.
    pub gone: u64,
    /// The size of the list.
    pub list_bytes: u64,
    /// The SHA-256 of the list.
    pub list_sha256: String,
}

/// What becomes of document files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentsMode {
    /// They are copied.
    Included,
    /// They are listed with size and hash: their storage keeps them by its own means.
    Listed,
}

/// The first steps of the schema, as a manifest has them.
pub fn steps_of(migrations: &[Migration]) -> Vec<StepEntry> {
    let step = |migration: &Migration| StepEntry {
        number: migration.number,
        name: migration.name.to_owned(),
        sha256: hex(&migration.checksum()),
    };
    migrations.iter().map(step).collect()
}

impl Manifest {
    /// How many steps of this program's schema it has; `None` when it has others.
    pub fn steps(&self) -> Option<usize> {
        let known = MIGRATIONS.get(..self.schema.len())?;
        (steps_of(known) == self.schema).then_some(self.schema.len())
    }
}
