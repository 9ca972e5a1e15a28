//! Counting and hashing what passes through.

use std::fmt;
use std::io::{self, Write};

use aws_lc_rs::digest::{Context, SHA256};

/// What passed through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Rows, where there are any.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// The SHA-256 of the bytes, in hexadecimal digits.
    pub sha256: String,
}

/// A writer that hashes what it passes on.
pub struct Hashed<W> {
    out: W,
    context: Context,
    bytes: u64,
}

impl<W: Write> Hashed<W> {
    /// Passes on to `out`.
    pub fn new(out: W) -> Self {
        Self { out, context: Context::new(&SHA256), bytes: 0 }
    }

    /// The end: what is behind it, and what passed through, of which `rows` were rows.
    pub fn finish(self, rows: u64) -> (W, Totals) {
        (self.out, Totals { rows, bytes: self.bytes, sha256: hex(self.context.finish().as_ref()) })
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.context.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W> fmt::Debug for Hashed<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hashed").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// Hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
