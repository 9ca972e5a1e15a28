//! The three accepted types, and what a client may call them.

use super::FileFault;

/// A type of file that a supporting document may have (contract 14.3 rows 55 and 56).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileType {
    /// `application/pdf`
    Pdf,
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
}

impl FileType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Jpeg, Self::Png];

    /// The name on the wire (`mime_type`) and in the database.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The type with this name, as [`Self::mime`] writes it.
    pub fn parse(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.mime() == mime)
    }

    /// Checks what the client said the content is: the `Content-Type` of the part, parameters and all, `None`
    /// when the part had none.
    ///
    /// Saying nothing is fine, and so are the general type for bytes and the old names of the right type.
    ///
    /// # Errors
    /// [`FileFault::ContradictsDeclaredType`] when it names anything else.
    pub fn check_declared(self, content_type: Option<&str>) -> Result<(), FileFault> {
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let silent = ["", "application/octet-stream", "binary/octet-stream"];
        let fits = silent.iter().chain(self.spellings()).any(|name| name.eq_ignore_ascii_case(essence));
        if fits { Ok(()) } else { Err(FileFault::ContradictsDeclaredType) }
    }

    /// The registered name and those that old browsers send.
    const fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["application/pdf", "application/x-pdf"],
            Self::Jpeg => &["image/jpeg", "image/jpg", "image/pjpeg"],
            Self::Png => &["image/png", "image/x-png"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for kind in FileType::ALL {
            assert_eq!(FileType::parse(kind.mime()), Some(kind));
        }
        assert_eq!(FileType::parse("image/jpg"), None);
        assert_eq!(FileType::parse(""), None);
    }

    #[test]
    fn a_declared_type_matters_only_when_it_contradicts() {
        use FileType::{Jpeg, Pdf, Png};
        for (kind, declared, fits) in [
            (Pdf, None, true),
            (Pdf, Some(""), true),
            (Pdf, Some("application/pdf"), true),
            (Pdf, Some("Application/PDF; name=x.pdf"), true),
            (Pdf, Some("application/octet-stream"), true),
            (Pdf, Some("image/png"), false),
            (Pdf, Some("text/plain"), false),
            (Jpeg, Some("image/jpg"), true),
            (Jpeg, Some("image/pjpeg"), true),
            (Jpeg, Some("image/png"), false),
            (Jpeg, Some("image/*"), false),
            (Png, Some(" image/png "), true),
            (Png, Some("image/jpg"), false),
            (Png, Some("application/octet-stream; charset=binary"), true),
        ] {
            assert_eq!(kind.check_declared(declared).is_ok(), fits, "{kind:?} declared as {declared:?}");
        }
    }
}
