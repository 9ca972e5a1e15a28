//! What is wrong with a catalogue file.

use std::fmt;

/// Something wrong, with the place where it can be put right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The name of the file, as it was given to the loader.
    pub file: String,
    /// The line, from 1; nothing when the file as a whole is meant.
    pub line: Option<u32>,
    /// What is wrong, and what to do about it.
    pub reason: String,
}

/// `countries/DE.toml:12: the block `identitty` does not exist`
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.reason),
            None => write!(f, "{}: {}", self.file, self.reason),
        }
    }
}
