//! PNG: a list of chunks, each with its length, its type and a checksum.

use super::gather::{Gather, take};
use super::{FileFault, PIXELS_MAX};

/// The longest chunk the format allows.
const CHUNK_BYTES_MAX: u32 = 0x7FFF_FFFF;

/// Walks the chunks from behind the signature to `IEND` and checks every checksum.
pub(super) struct Png {
    step: Step,
    stage: Stage,
    kind: [u8; 4],
    checksum: crc32fast::Hasher,
    header: Gather<13>,
    colour: Colour,
    image_bytes: u64,
}

/// What is read next.
enum Step {
    LengthAndKind(Gather<8>),
    Data { remaining: u32 },
    Checksum(Gather<4>),
    Ended,
}

/// How far the prescribed order of chunks has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Nothing,
    Header,
    Palette,
    Image,
    AfterImage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Colour {
    Direct,
    Indexed,
}

impl Png {
    pub(super) fn new() -> Self {
        Self {
            step: Step::LengthAndKind(Gather::new(8)),
            stage: Stage::Nothing,
            kind: [0; 4],
            checksum: crc32fast::Hasher::new(),
            header: Gather::new(13),
            colour: Colour::Direct,
            image_bytes: 0,
        }
    }

    pub(super) fn feed(&mut self, mut chunk: &[u8]) -> Result<(), FileFault> {
        while !chunk.is_empty() {
            match &mut self.step {
                Step::LengthAndKind(field) => {
                    let Some(field) = field.fill(&mut chunk) else { break };
                    self.begin_chunk(field)?;
                }
                Step::Data { remaining } => {
                    let data = take(remaining, &mut chunk);
                    self.checksum.update(data);
                    let complete = *remaining == 0;
                    self.read_data(data)?;
                    if complete {
                        self.step = Step::Checksum(Gather::new(4));
                    }
                }
                Step::Checksum(field) => {
                    let Some(field) = field.fill(&mut chunk) else { break };
                    self.end_chunk(field)?;
                }
                Step::Ended => return Err(FileFault::TrailingData),
            }
        }
        Ok(())
    }

    pub(super) const fn finish(&self) -> Result<(), FileFault> {
        match self.step {
            Step::Ended => Ok(()),
            Step::LengthAndKind(_) | Step::Data { .. } | Step::Checksum(_) => Err(FileFault::Truncated),
        }
    }

    fn begin_chunk(&mut self, [l0, l1, l2, l3, kind @ ..]: [u8; 8]) -> Result<(), FileFault> {
        let length = u32::from_be_bytes([l0, l1, l2, l3]);
        if length > CHUNK_BYTES_MAX || !kind.iter().all(u8::is_ascii_alphabetic) {
            return Err(FileFault::Malformed);
        }
        self.stage = self.stage_after(kind, length).ok_or(FileFault::Malformed)?;
        self.kind = kind;
        self.checksum.reset();
        self.checksum.update(&kind);
        self.step =
            if length > 0 { Step::Data { remaining: length } } else { Step::Checksum(Gather::new(4)) };
        Ok(())
    }

    /// The stage once this chunk has begun; `None` when it may not come here.
    fn stage_after(&self, kind: [u8; 4], length: u32) -> Option<Stage> {
        let image_may_begin = match self.colour {
            Colour::Direct => matches!(self.stage, Stage::Header | Stage::Palette | Stage::Image),
            Colour::Indexed => matches!(self.stage, Stage::Palette | Stage::Image),
        };
        match (&kind, self.stage) {
            (b"IHDR", Stage::Nothing) if length == 13 => Some(Stage::Header),
            (_, Stage::Nothing) => None,
            (b"PLTE", Stage::Header) if (3..=768).contains(&length) && length.is_multiple_of(3) => {
                Some(Stage::Palette)
            }
            (b"IDAT", _) if image_may_begin => Some(Stage::Image),
            (b"IEND", Stage::Image | Stage::AfterImage) if length == 0 && self.image_bytes > 0 => {
                Some(Stage::AfterImage)
            }
            // A small first letter says that a viewer may skip the chunk. Any such chunk ends the image data.
            ([b'a'..=b'z', ..], Stage::Image) => Some(Stage::AfterImage),
            ([b'a'..=b'z', ..], stage) => Some(stage),
            _ => None,
        }
    }

    fn read_data(&mut self, mut data: &[u8]) -> Result<(), FileFault> {
        match &self.kind {
            b"IDAT" => self.image_bytes += data.len() as u64,
            b"IHDR" => {
                if let Some(header) = self.header.fill(&mut data) {
                    self.colour = check_header(header)?;
                }
            }
            _ => (),
        }
        Ok(())
    }

    fn end_chunk(&mut self, checksum: [u8; 4]) -> Result<(), FileFault> {
        if self.checksum.clone().finalize() != u32::from_be_bytes(checksum) {
            return Err(FileFault::Malformed);
        }
        self.step = if &self.kind == b"IEND" { Step::Ended } else { Step::LengthAndKind(Gather::new(8)) };
        Ok(())
    }
}

fn check_header(header: [u8; 13]) -> Result<Colour, FileFault> {
    let [w0, w1, w2, w3, h0, h1, h2, h3, depth, colour, compression, filter, interlace] = header;
    let width = u64::from(u32::from_be_bytes([w0, w1, w2, w3]));
    let height = u64::from(u32::from_be_bytes([h0, h1, h2, h3]));
    let colour = match (colour, depth) {
        (0, 1 | 2 | 4 | 8 | 16) | (2 | 4 | 6, 8 | 16) => Colour::Direct,
        (3, 1 | 2 | 4 | 8) => Colour::Indexed,
        _ => return Err(FileFault::Malformed),
    };
    if width == 0 || height == 0 || compression != 0 || filter != 0 || interlace > 1 {
        return Err(FileFault::Malformed);
    }
    // Both are below 2³², so the product cannot overflow.
    if width * height > PIXELS_MAX {
        return Err(FileFault::TooManyPixels);
    }
    Ok(colour)
}
