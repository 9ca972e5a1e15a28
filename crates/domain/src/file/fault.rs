//! Why a file is not accepted.

use crate::fault::{Code, Fault};

/// What is wrong with an uploaded file, with a sentence for the person who uploaded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum FileFault {
    /// The first bytes are those of no accepted type.
    #[error("The file is neither a PDF nor a JPEG nor a PNG; convert it to one of these and upload that.")]
    Unsupported,
    /// There is not one byte.
    #[error("The file is empty; choose it again and repeat the upload.")]
    Empty,
    /// The file ends before its own structure says it should.
    #[error("The file ends too early; repeat the upload, or save the file again if that does not help.")]
    Truncated,
    /// A PDF that needs a password, be it only to print or change it.
    #[error("The PDF is encrypted; remove its password, or print it to a new PDF, and upload it again.")]
    Encrypted,
    /// The structure is broken, or a rare variant that common viewers do not open.
    #[error(
        "The file is damaged or a rare variant of its type; save it again with another program and upload that."
    )]
    Malformed,
    /// Something else is attached to the file.
    #[error(
        "Other data is attached to the file, such as a video or an archive; save it again without and upload that."
    )]
    TrailingData,
    /// A picture larger than [`PIXELS_MAX`](super::PIXELS_MAX).
    #[error(
        "The picture has more than {} megapixels; make it smaller and upload it again.",
        super::PIXELS_MAX / 1_000_000
    )]
    TooManyPixels,
    /// The `Content-Type` of the part names another type.
    #[error(
        "The content of the file is not of the type it was declared to be; correct the type or the file."
    )]
    ContradictsDeclaredType,
}

impl FileFault {
    /// The code of the contract (14.3 row 55).
    pub const fn code(self) -> Code {
        match self {
            Self::Unsupported => Code::UnsupportedFile,
            Self::Empty
            | Self::Truncated
            | Self::Encrypted
            | Self::Malformed
            | Self::TrailingData
            | Self::TooManyPixels
            | Self::ContradictsDeclaredType => Code::UnprocessableFile,
        }
    }
}

impl From<FileFault> for Fault {
    fn from(fault: FileFault) -> Self {
        Self::new(fault.code(), fault.to_string())
    }
}
