//! PDF: objects, most of them with a compressed stream inside, and a pointer to their index at the end.
//!
//! The scan reads what lies outside of streams and leaps over the streams themselves, which are nearly all of
//! a large file. It does not parse objects, because viewers forgive much that a parser would refuse: an
//! unbalanced string must not hide the rest of the file. A stream therefore only begins where a dictionary
//! ends in `>> stream`, and a false beginning would last until the next `endstream`.
//!
//! Encryption is announced by the name `/Encrypt` in the dictionary of the trailer or of a cross-reference
//! stream. Neither can be compressed or encrypted itself, so the name is always in plain sight. (Writing it
//! with escapes, as in `/#45ncrypt`, gets the file past us and in front of a reviewer who cannot open it;
//! nothing is gained.)

mod tail;

use super::FileFault;
use super::needle::Needle;
use tail::Tail;

const ENCRYPT: &[u8] = b"/Encrypt";
const STREAM: &[u8] = b"stream";
const END_OF_FILE: &[u8] = b"%%EOF";

/// Scans a PDF from behind `%PDF-1.`.
pub(super) struct Pdf {
    scan: Scan,
    end_of_stream: Needle,
    /// Whether what followed the last `%%EOF` was no PDF syntax.
    foreign: bool,
    tail: Tail,
}

/// Where the scan is; numbers count the matched bytes of a word.
#[derive(Clone, Copy)]
enum Scan {
    /// At the digit of the minor version.
    Version,
    /// Outside of streams, at nothing of interest.
    Between,
    Encrypt(usize),
    /// After one `>`.
    Close,
    /// After `>>` and white space.
    DictionaryEnd,
    StreamKeyword(usize),
    EndOfFile(usize),
    /// After `%%EOF` and white space.
    Ended,
    Stream,
}

impl Pdf {
    pub(super) fn new() -> Self {
        Self {
            scan: Scan::Version,
            end_of_stream: Needle::new(b"endstream"),
            foreign: false,
            tail: Tail::new(b"%PDF-1.".len() as u64),
        }
    }

    pub(super) fn feed(&mut self, mut chunk: &[u8]) -> Result<(), FileFault> {
        self.tail.feed(chunk);
        while !chunk.is_empty() {
            let leap = match self.scan {
                Scan::Between => memchr::memchr3(b'/', b'>', b'%', chunk),
                Scan::Stream => self.end_of_stream.find(chunk).map(|end| end - 1),
                _ => Some(0),
            };
            let Some(leap) = leap else { break };
            self.scan = self.read_byte(chunk[leap])?;
            chunk = &chunk[leap + 1..];
        }
        Ok(())
    }

    pub(super) fn finish(&self) -> Result<(), FileFault> {
        match self.scan {
            Scan::Ended => self.tail.check(),
            _ if self.foreign => Err(FileFault::TrailingData),
            _ => Err(FileFault::Truncated),
        }
    }

    fn read_byte(&mut self, byte: u8) -> Result<Scan, FileFault> {
        Ok(match self.scan {
            Scan::Version if byte.is_ascii_digit() => Scan::Between,
            Scan::Version => return Err(FileFault::Malformed),
            // The byte is the last of `endstream`.
            Scan::Stream => Scan::Between,
            Scan::Encrypt(matched) if matched == ENCRYPT.len() => {
                if is_white_space(byte) || is_delimiter(byte) {
                    return Err(FileFault::Encrypted);
                }
                Scan::at(byte)
            }
            Scan::Encrypt(matched) if byte == ENCRYPT[matched] => Scan::Encrypt(matched + 1),
            Scan::Close if byte == b'>' => Scan::DictionaryEnd,
            Scan::DictionaryEnd if is_white_space(byte) || byte == b'>' => Scan::DictionaryEnd,
            Scan::DictionaryEnd if byte == STREAM[0] => Scan::StreamKeyword(1),
            Scan::StreamKeyword(matched) if matched == STREAM.len() => {
                if is_white_space(byte) {
                    Scan::Stream
                } else {
                    Scan::at(byte)
                }
            }
            Scan::StreamKeyword(matched) if byte == STREAM[matched] => Scan::StreamKeyword(matched + 1),
            Scan::EndOfFile(matched) if byte == END_OF_FILE[matched] => {
                if matched + 1 == END_OF_FILE.len() {
                    Scan::Ended
                } else {
                    Scan::EndOfFile(matched + 1)
                }
            }
            Scan::Ended if is_white_space(byte) => Scan::Ended,
            Scan::Ended => {
                // Files that were changed, or arranged for the web, go on with an object, an index or a
                // comment.
                self.foreign = !(byte.is_ascii_digit() || byte == b'x' || byte == b'%');
                Scan::at(byte)
            }
            Scan::Between
            | Scan::Encrypt(_)
            | Scan::Close
            | Scan::DictionaryEnd
            | Scan::StreamKeyword(_)
            | Scan::EndOfFile(_) => Scan::at(byte),
        })
    }
}

impl Scan {
    /// What this byte begins.
    const fn at(byte: u8) -> Self {
        match byte {
            b'/' => Self::Encrypt(1),
            b'>' => Self::Close,
            b'%' => Self::EndOfFile(1),
            _ => Self::Between,
        }
    }
}

const fn is_white_space(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}
