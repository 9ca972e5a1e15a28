//! The notes that Samsung's cameras write after the end of a JPEG.
//!
//! Nearly every photo of such a phone has them, if only for the time zone, so refusing them would refuse a
//! large part of all photographed passports. The form is a row of blocks and then a directory, all numbers
//! little-endian:
//!
//! ```text
//! { 00 00, type: u16, name length: u32, name, data }…
//! SEFH, version: u32, count: u32, { 00 00, type: u16, distance to SEFH: u32, size: u32 }…, directory length: u32, SEFT
//! ```
//!
//! A trailer is accepted when it is short and the directory accounts for every byte of it. That leaves out
//! the videos of "motion photos", which are large, and which their owner rarely means to hand in.

use super::FileFault;
use super::gather::Gather;
use super::needle::Needle;

/// How many bytes the blocks may take together.
const BLOCKS_BYTES_MAX: usize = 64 * 1024;
/// How many blocks there may be.
const BLOCKS_MAX: u32 = 32;
/// What precedes the entries of the directory: name, version and count.
const DIRECTORY_HEAD_BYTES: u32 = 12;
const ENTRY_BYTES: u32 = 12;

/// Walks such a trailer from its first byte that is not zero.
pub(super) struct SamsungTrailer {
    step: Step,
    /// Zeros before the first byte; they may belong to the first block or be padding.
    zeros: u64,
    directory: Needle,
    /// Bytes up to the directory, its name included.
    length: usize,
    count: u32,
}

/// What is read next.
enum Step {
    Blocks,
    VersionAndCount(Gather<8>),
    /// An entry, and where its block must begin: this far before the directory, unless it is the first.
    Entry {
        left: u32,
        distance: Option<u32>,
        fields: Gather<12>,
    },
    End(Gather<8>),
    Ended,
}

impl SamsungTrailer {
    /// A walk that begins after this many zeros.
    pub(super) fn new(zeros: u64) -> Self {
        Self { step: Step::Blocks, zeros, directory: Needle::new(b"SEFH"), length: 0, count: 0 }
    }

    pub(super) fn feed(&mut self, mut chunk: &[u8]) -> Result<(), FileFault> {
        while !chunk.is_empty() {
            match &mut self.step {
                Step::Blocks => self.find_directory(&mut chunk)?,
                Step::VersionAndCount(fields) => {
                    let Some([_, _, _, _, count @ ..]) = fields.fill(&mut chunk) else { break };
                    self.count = u32::from_le_bytes(count);
                    if !(1..=BLOCKS_MAX).contains(&self.count) {
                        return Err(FileFault::TrailingData);
                    }
                    self.step = Step::Entry { left: self.count, distance: None, fields: Gather::new(12) };
                }
                Step::Entry { left, distance, fields } => {
                    let (left, distance) = (*left, *distance);
                    let Some(fields) = fields.fill(&mut chunk) else { break };
                    self.step = self.read_entry(left, distance, fields).ok_or(FileFault::TrailingData)?;
                }
                Step::End(fields) => {
                    let Some([l0, l1, l2, l3, name @ ..]) = fields.fill(&mut chunk) else { break };
                    let directory_bytes = DIRECTORY_HEAD_BYTES + ENTRY_BYTES * self.count;
                    if u32::from_le_bytes([l0, l1, l2, l3]) != directory_bytes || &name != b"SEFT" {
                        return Err(FileFault::TrailingData);
                    }
                    self.step = Step::Ended;
                }
                Step::Ended => return Err(FileFault::TrailingData),
            }
        }
        Ok(())
    }

    pub(super) const fn finish(&self) -> Result<(), FileFault> {
        match self.step {
            Step::Ended => Ok(()),
            Step::Blocks | Step::VersionAndCount(_) | Step::Entry { .. } | Step::End(_) => {
                Err(FileFault::TrailingData)
            }
        }
    }

    fn find_directory(&mut self, chunk: &mut &[u8]) -> Result<(), FileFault> {
        let searched = &chunk[..chunk.len().min(BLOCKS_BYTES_MAX - self.length)];
        let found = self.directory.find(searched);
        let seen = found.unwrap_or(searched.len());
        self.length += seen;
        *chunk = &chunk[seen..];
        if found.is_some() {
            self.step = Step::VersionAndCount(Gather::new(8));
        } else if self.length == BLOCKS_BYTES_MAX {
            return Err(FileFault::TrailingData);
        }
        Ok(())
    }

    /// The step after this entry; `None` when the blocks have gaps or overlap.
    fn read_entry(&self, left: u32, expected: Option<u32>, fields: [u8; 12]) -> Option<Step> {
        let [0, 0, _, _, d0, d1, d2, d3, size @ ..] = fields else { return None };
        let distance = u32::from_le_bytes([d0, d1, d2, d3]);
        let in_place = match expected {
            Some(expected) => distance == expected,
            None => self.may_begin(u64::from(distance)),
        };
        let distance_after = distance.checked_sub(u32::from_le_bytes(size)).filter(|_| in_place)?;
        match (left - 1, distance_after) {
            (0, 0) => Some(Step::End(Gather::new(8))),
            (0, _) => None,
            (left, distance) => Some(Step::Entry { left, distance: Some(distance), fields: Gather::new(12) }),
        }
    }

    /// Whether the first block can begin this far before the directory: among the zeros or right after them.
    fn may_begin(&self, distance: u64) -> bool {
        let after_zeros = (self.length - b"SEFH".len()) as u64;
        (after_zeros..=after_zeros + self.zeros).contains(&distance)
    }
}
