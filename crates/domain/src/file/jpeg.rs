//! JPEG: marker segments, each with its length, and compressed data between them.

use super::gather::{Gather, take};
use super::samsung::SamsungTrailer;
use super::{FileFault, PIXELS_MAX};

/// The marker codes that are told apart; each follows a byte 0xFF.
mod marker {
    /// Baseline, extended and progressive frames. No browser shows the other kinds.
    pub(super) const FRAME_FIRST: u8 = 0xC0;
    pub(super) const FRAME_LAST: u8 = 0xC2;
    pub(super) const HUFFMAN_TABLE: u8 = 0xC4;
    pub(super) const RESTART_FIRST: u8 = 0xD0;
    pub(super) const RESTART_LAST: u8 = 0xD7;
    pub(super) const START_OF_IMAGE: u8 = 0xD8;
    pub(super) const END_OF_IMAGE: u8 = 0xD9;
    pub(super) const SCAN: u8 = 0xDA;
    pub(super) const QUANTISATION_TABLE: u8 = 0xDB;
    pub(super) const LINE_COUNT: u8 = 0xDC;
    pub(super) const RESTART_INTERVAL: u8 = 0xDD;
    pub(super) const APPLICATION_FIRST: u8 = 0xE0;
    pub(super) const APPLICATION_LAST: u8 = 0xEF;
    pub(super) const COMMENT: u8 = 0xFE;
}

/// Walks one image after the other, from behind the first `FF D8 FF`.
///
/// More than one image is ordinary: phones append a preview or a brightness map as a second JPEG. They also
/// append zeros, and Samsung's a [list of notes](SamsungTrailer). Nothing else may follow.
pub(super) struct Jpeg {
    step: Step,
    has_frame: bool,
    has_scan: bool,
}

/// What is read next.
enum Step {
    /// The 0xFF of a marker.
    Marker,
    /// The code of a marker; more 0xFF may fill up before it.
    Code,
    /// The length of a segment, and for frames and scans the fields behind it.
    Segment {
        code: u8,
        fields: Gather<8>,
    },
    /// The rest of a segment.
    Rest {
        remaining: u32,
        then: Then,
    },
    /// Compressed data, up to the next 0xFF.
    Compressed,
    /// The byte after a 0xFF in compressed data.
    CompressedCode,
    /// Zeros after the end of an image, this many so far.
    Padding {
        zeros: u64,
    },
    /// The second byte of a further image.
    NextImage,
    Samsung(Box<SamsungTrailer>),
}

#[derive(Clone, Copy)]
enum Then {
    Marker,
    Compressed,
}

impl Jpeg {
    pub(super) const fn new() -> Self {
        Self { step: Step::Code, has_frame: false, has_scan: false }
    }

    pub(super) fn feed(&mut self, mut chunk: &[u8]) -> Result<(), FileFault> {
        while !chunk.is_empty() {
            match &mut self.step {
                Step::Segment { code, fields } => {
                    let code = *code;
                    let Some(fields) = fields.fill(&mut chunk) else { break };
                    self.step = self.read_segment(code, fields)?;
                }
                Step::Rest { remaining, then } => {
                    take(remaining, &mut chunk);
                    if *remaining == 0 {
                        self.step = Step::from(*then);
                    }
                }
                Step::Compressed => {
                    let Some(escape) = memchr::memchr(0xFF, chunk) else { break };
                    chunk = &chunk[escape + 1..];
                    self.step = Step::CompressedCode;
                }
                Step::Padding { zeros } => {
                    let length = chunk.iter().position(|byte| *byte != 0).unwrap_or(chunk.len());
                    *zeros += length as u64;
                    chunk = &chunk[length..];
                    if let Some(byte) = chunk.first() {
                        self.step = after_padding(*byte, *zeros, &mut chunk);
                    }
                }
                Step::Samsung(trailer) => return trailer.feed(chunk),
                Step::Marker | Step::Code | Step::CompressedCode | Step::NextImage => {
                    let byte = *chunk.split_off_first().expect("the chunk is not empty");
                    self.step = self.read_byte(byte)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(&self) -> Result<(), FileFault> {
        match &self.step {
            Step::Padding { .. } => Ok(()),
            Step::Samsung(trailer) => trailer.finish(),
            Step::NextImage
            | Step::Marker
            | Step::Code
            | Step::Segment { .. }
            | Step::Rest { .. }
            | Step::Compressed
            | Step::CompressedCode => Err(FileFault::Truncated),
        }
    }

    /// The next step, in those steps that read one byte.
    fn read_byte(&mut self, byte: u8) -> Result<Step, FileFault> {
        match (&self.step, byte) {
            (Step::Marker, 0xFF) => Ok(Step::Code),
            (Step::Code, 0xFF) => Ok(Step::Code),
            (Step::Code, code) => self.begin_segment(code),
            (Step::CompressedCode, 0xFF) => Ok(Step::CompressedCode),
            // A zero says that the 0xFF was data; restarts divide the data so that errors stay local.
            (Step::CompressedCode, 0 | marker::RESTART_FIRST..=marker::RESTART_LAST) => Ok(Step::Compressed),
            (Step::CompressedCode, code) => self.begin_segment(code),
            (Step::NextImage, marker::START_OF_IMAGE) => {
                *self = Self { step: Step::Marker, ..Self::new() };
                Ok(Step::Marker)
            }
            (Step::NextImage, _) => Err(FileFault::TrailingData),
            _ => Err(FileFault::Malformed),
        }
    }

    fn begin_segment(&mut self, code: u8) -> Result<Step, FileFault> {
        let field_bytes = match code {
            marker::END_OF_IMAGE if self.has_scan => return Ok(Step::Padding { zeros: 0 }),
            marker::FRAME_FIRST..=marker::FRAME_LAST if !self.has_frame => 8,
            marker::SCAN if self.has_frame => 3,
            marker::HUFFMAN_TABLE
            | marker::QUANTISATION_TABLE
            | marker::LINE_COUNT
            | marker::RESTART_INTERVAL
            | marker::APPLICATION_FIRST..=marker::APPLICATION_LAST
            | marker::COMMENT => 2,
            _ => return Err(FileFault::Malformed),
        };
        Ok(Step::Segment { code, fields: Gather::new(field_bytes) })
    }

    fn read_segment(&mut self, code: u8, fields: [u8; 8]) -> Result<Step, FileFault> {
        let [l0, l1, a, h0, h1, w0, w1, components] = fields;
        let length = u32::from(u16::from_be_bytes([l0, l1]));
        let (read, then) = match code {
            marker::FRAME_FIRST..=marker::FRAME_LAST => {
                check_frame(length, u16::from_be_bytes([h0, h1]), u16::from_be_bytes([w0, w1]), components)?;
                self.has_frame = true;
                (8, Then::Marker)
            }
            marker::SCAN => {
                let components = a;
                if !(1..=4).contains(&components) || length != 6 + 2 * u32::from(components) {
                    return Err(FileFault::Malformed);
                }
                self.has_scan = true;
                (3, Then::Compressed)
            }
            _ => (2, Then::Marker),
        };
        match length.checked_sub(read) {
            None => Err(FileFault::Malformed),
            Some(0) => Ok(Step::from(then)),
            Some(remaining) => Ok(Step::Rest { remaining, then }),
        }
    }
}

impl From<Then> for Step {
    fn from(then: Then) -> Self {
        match then {
            Then::Marker => Self::Marker,
            Then::Compressed => Self::Compressed,
        }
    }
}

/// What the first byte that is no padding begins; a 0xFF is taken off the chunk.
fn after_padding(byte: u8, zeros: u64, chunk: &mut &[u8]) -> Step {
    if byte == 0xFF {
        *chunk = &chunk[1..];
        Step::NextImage
    } else {
        Step::Samsung(Box::new(SamsungTrailer::new(zeros)))
    }
}

/// A height of zero means that it follows the first scan, which no common viewer supports.
fn check_frame(length: u32, height: u16, width: u16, components: u8) -> Result<(), FileFault> {
    if !(1..=4).contains(&components) || length != 8 + 3 * u32::from(components) || height == 0 || width == 0
    {
        return Err(FileFault::Malformed);
    }
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(FileFault::TooManyPixels);
    }
    Ok(())
}
