//! The last bytes of a PDF: `startxref`, the position of the index, `%%EOF`.

use super::{END_OF_FILE, is_white_space};
use crate::file::FileFault;

/// How far from the end viewers look for `startxref`, white space after it included.
const TAIL_BYTES: usize = 1024;

/// Keeps the last [`TAIL_BYTES`] of a stream.
pub(super) struct Tail {
    /// Room for twice as many, so that they move only once per [`TAIL_BYTES`].
    bytes: [u8; 2 * TAIL_BYTES],
    length: usize,
    /// How many bytes the file has had so far.
    total: u64,
}

impl Tail {
    /// Begins after this many bytes of the file.
    pub(super) const fn new(total: u64) -> Self {
        Self { bytes: [0; 2 * TAIL_BYTES], length: 0, total }
    }

    pub(super) fn feed(&mut self, chunk: &[u8]) {
        self.total += chunk.len() as u64;
        let kept = &chunk[chunk.len().saturating_sub(TAIL_BYTES)..];
        if self.length + kept.len() > self.bytes.len() {
            self.bytes.copy_within(self.length - TAIL_BYTES..self.length, 0);
            self.length = TAIL_BYTES;
        }
        self.bytes[self.length..][..kept.len()].copy_from_slice(kept);
        self.length += kept.len();
    }

    /// Checks that the file ends with a plausible position of its index.
    pub(super) fn check(&self) -> Result<(), FileFault> {
        let tail = &self.bytes[self.length.saturating_sub(TAIL_BYTES)..self.length];
        let end = trim_end(tail, is_white_space);
        // What is missing here has been pushed out by white space: someone appended a lot of it.
        let end = end.strip_suffix(END_OF_FILE).ok_or(FileFault::TrailingData)?;
        let digits_end = trim_end(end, is_white_space);
        let digits_start = trim_end(digits_end, |byte| byte.is_ascii_digit());
        let position = parse_decimal(&digits_end[digits_start.len()..]).ok_or(FileFault::Malformed)?;
        let keyword_end = trim_end(digits_start, is_white_space);
        let before = keyword_end.strip_suffix(b"startxref").ok_or(FileFault::Malformed)?;
        let keyword_position = self.total - (tail.len() - before.len()) as u64;
        match position {
            // The first of the two parts of a file arranged for the web says zero, and so does the whole file
            // when the second part is missing.
            0 => Err(FileFault::Truncated),
            _ if position < keyword_position => Ok(()),
            _ => Err(FileFault::Malformed),
        }
    }
}

fn trim_end(bytes: &[u8], unwanted: impl Fn(u8) -> bool) -> &[u8] {
    let length = bytes.iter().rposition(|byte| !unwanted(*byte)).map_or(0, |last| last + 1);
    &bytes[..length]
}

fn parse_decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
