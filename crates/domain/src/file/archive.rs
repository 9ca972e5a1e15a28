//! The end of a ZIP archive, which must not be the end of a document as well.

use super::FileFault;
use super::needle::Needle;

/// What the last record of every ZIP archive on one disk begins with.
const END_RECORD: &[u8] = b"PK\x05\x06\0\0\0\0";

/// How far from the end of a file that record may begin: 22 bytes and a comment.
const END_RECORD_REACH_BYTES: u64 = 22 + 65_535;

/// Notices an archive inside of a picture or a PDF.
///
/// ZIP is read from its end, so an archive (a program, an office document) can hide in a comment or in
/// padding of a file that is otherwise perfect. A stray match in compressed data would take 64 random bits.
pub(super) struct ArchiveWatch {
    record: Needle,
    seen: u64,
    /// Where the last end record found stops matching.
    matched_to: Option<u64>,
}

impl ArchiveWatch {
    pub(super) fn new() -> Self {
        Self { record: Needle::new(END_RECORD), seen: 0, matched_to: None }
    }

    pub(super) fn feed(&mut self, mut chunk: &[u8]) {
        while let Some(end) = self.record.find(chunk) {
            self.seen += end as u64;
            self.matched_to = Some(self.seen);
            chunk = &chunk[end..];
        }
        self.seen += chunk.len() as u64;
    }

    pub(super) fn finish(&self) -> Result<(), FileFault> {
        let begins_in_reach = |end: u64| self.seen - end + END_RECORD.len() as u64 <= END_RECORD_REACH_BYTES;
        if self.matched_to.is_some_and(begins_in_reach) { Err(FileFault::TrailingData) } else { Ok(()) }
    }
}
