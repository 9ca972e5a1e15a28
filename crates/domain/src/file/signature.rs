//! The first bytes of a file, which tell its type.

use super::{FileFault, FileType};

const SIGNATURES: [(FileType, &[u8]); 4] = [
    (FileType::Pdf, b"%PDF-1."),
    (FileType::Pdf, b"%PDF-2."),
    // The third byte begins the marker after the start of the image; no JPEG is without.
    (FileType::Jpeg, b"\xFF\xD8\xFF"),
    (FileType::Png, b"\x89PNG\r\n\x1A\n"),
];

/// Compares byte by byte, so that the first wrong one is refused.
///
/// Nothing may precede the signature. PDF viewers look for theirs in the first KiB, which is what makes a PDF
/// out of a web page or a program.
pub(super) struct Signature {
    bytes: [u8; 8],
    length: usize,
}

impl Signature {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; 8], length: 0 }
    }

    /// Takes bytes off the chunk until the type is certain; `None` when more are needed.
    pub(super) fn feed(&mut self, chunk: &mut &[u8]) -> Result<Option<FileType>, FileFault> {
        while let Some(byte) = chunk.split_off_first() {
            self.bytes[self.length] = *byte;
            self.length += 1;
            let seen = &self.bytes[..self.length];
            let (kind, signature) = SIGNATURES
                .iter()
                .find(|(_, signature)| signature.starts_with(seen))
                .ok_or(FileFault::Unsupported)?;
            if seen.len() == signature.len() {
                return Ok(Some(*kind));
            }
        }
        Ok(None)
    }

    /// Why a file that ended within its signature is refused.
    pub(super) const fn finish(&self) -> FileFault {
        if self.length == 0 { FileFault::Empty } else { FileFault::Truncated }
    }
}
