//! What is wrong with a backup, or with what was restored from it.

/// One thing that is not as the manifest says. Nothing of what a row holds is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A file is missing or cannot be read.
    #[error("{file} cannot be read: {reason}")]
    Unreadable {
        /// The file, in the backup.
        file: String,
        /// Why.
        reason: String,
    },
    /// A line is not of the form that it must have.
    #[error("line {line} of {file} is not what this version writes")]
    Line {
        /// The file, in the backup.
        file: String,
        /// Its number, from 1.
        line: u64,
    },
    /// Something has another count, size or hash.
    #[error("{what} differs: {found}, and should be {expected}")]
    Differs {
        /// What, such as a file or a table.
        what: String,
        /// What was found.
        found: String,
        /// What the manifest says.
        expected: String,
    },
    /// A table has no entry in the manifest, or an entry has no table.
    #[error("the table {0} is not both in the schema and in the manifest")]
    Table(String),
    /// The list of documents does not name the files that the rows name.
    #[error("documents.jsonl does not follow the documents of the tables at {0}")]
    List(String),
    /// A document's file is missing.
    #[error("the document file {0} is missing")]
    DocumentMissing(String),
    /// A document's file is another one.
    #[error("the document file {0} was altered")]
    DocumentAltered(String),
    /// A file lies where nothing names it.
    #[error("{0} is in the backup and nothing names it")]
    Surplus(String),
    /// The audit chain is not whole.
    #[error("the audit chain: {0}")]
    Audit(String),
}
