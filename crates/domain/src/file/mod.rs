//! What an uploaded file really is, and whether it is whole.
//!
//! An [`Inspector`] looks at a file while it streams past: each chunk is hashed, sealed and stored by others
//! and shown to the inspector on the way. It walks the structure of the file and not only its first bytes,
//! because a reviewer needs a document that opens, and because a file that is two things at once (a picture
//! and an archive, say) is a way to smuggle one past a check made for the other. Pictures are not decoded: a
//! wrong pixel is the reviewer's to see.
//!
//! Two promises, both tested: memory is a few KiB however large the file, and the verdict does not depend on
//! where the chunks were cut.

mod archive;
mod fault;
mod gather;
mod jpeg;
mod needle;
mod pdf;
mod png;
mod samsung;
mod signature;
mod types;

pub use fault::FileFault;
pub use types::FileType;

use archive::ArchiveWatch;
use jpeg::Jpeg;
use pdf::Pdf;
use png::Png;
use signature::Signature;

/// The most pixels a picture may have, width times height.
///
/// A few KiB can announce a picture that takes gigabytes to show. This is room for the 108 megapixels of a
/// phone.
pub const PIXELS_MAX: u64 = 120_000_000;

/// Finds out the type of a file while it streams past, and refuses what a reviewer could not open.
///
/// The cost is far below that of hashing the same bytes; nothing is allocated per chunk.
pub struct Inspector {
    progress: Progress,
    archive: ArchiveWatch,
}

enum Progress {
    /// The first bytes, until they tell the type.
    Signature(Signature),
    Pdf(Box<Pdf>),
    Jpeg(Jpeg),
    Png(Png),
    Failed(FileFault),
}

impl Inspector {
    /// An inspector that has seen nothing yet.
    pub fn new() -> Self {
        Self { progress: Progress::Signature(Signature::new()), archive: ArchiveWatch::new() }
    }

    /// Looks at the next bytes of the file, any number of them.
    ///
    /// # Errors
    /// A [`FileFault`] as soon as nothing that follows can make the file acceptable. From then on every call
    /// returns the same fault, so that an upload may be stopped at once or read to its end.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), FileFault> {
        self.archive.feed(chunk);
        self.progress.feed(chunk).inspect_err(|fault| self.progress = Progress::Failed(*fault))
    }

    /// The type of the file, when it has ended where it should.
    ///
    /// # Errors
    /// The fault that [`Self::feed`] returned, or the one that only the end of the file can tell.
    pub fn finish(self) -> Result<FileType, FileFault> {
        let kind = match self.progress {
            Progress::Signature(signature) => Err(signature.finish()),
            Progress::Pdf(pdf) => pdf.finish().map(|()| FileType::Pdf),
            Progress::Jpeg(jpeg) => jpeg.finish().map(|()| FileType::Jpeg),
            Progress::Png(png) => png.finish().map(|()| FileType::Png),
            Progress::Failed(fault) => Err(fault),
        }?;
        self.archive.finish()?;
        Ok(kind)
    }
}

impl Default for Inspector {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress {
    fn feed(&mut self, mut chunk: &[u8]) -> Result<(), FileFault> {
        if let Self::Signature(signature) = self {
            match signature.feed(&mut chunk)? {
                None => return Ok(()),
                Some(FileType::Pdf) => *self = Self::Pdf(Box::new(Pdf::new())),
                Some(FileType::Jpeg) => *self = Self::Jpeg(Jpeg::new()),
                Some(FileType::Png) => *self = Self::Png(Png::new()),
            }
        }
        match self {
            Self::Signature(_) => Ok(()),
            Self::Pdf(pdf) => pdf.feed(chunk),
            Self::Jpeg(jpeg) => jpeg.feed(chunk),
            Self::Png(png) => png.feed(chunk),
            Self::Failed(fault) => Err(*fault),
        }
    }
}
