//! Faults: what a caller did wrong, with the code a program can branch on.

use std::fmt;

/// A refusal that is part of the API: a code, and a sentence that says what to do.
///
/// The sentence may name parameters and identifiers, never personal data: it is logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// What went wrong, for programs.
    pub code: Code,
    /// What went wrong, for people.
    pub message: String,
}

impl Fault {
    /// A fault with this code and sentence.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $status:literal, $title:literal;)*) => {
        /// Every code the service answers with (contract section 8; statuses as in section 14.1 row 1).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Code {
            /// All codes in ascending order, for the reference page.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The number on the wire.
            pub const fn number(self) -> u32 {
                match self { $(Self::$name => $number,)* }
            }

            /// The HTTP status that goes with the code.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What the code means, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// When the code is the answer: the comment above its declaration.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)* }
            }
        }
    };
}

codes! {
    /// An upload of something that is no PDF, JPEG or PNG.
    UnsupportedFile = 12301, 400, "Unsupported upload content type";
    /// A file that is broken, empty, encrypted or not what it claims to be.
    UnprocessableFile = 18024, 400, "Unprocessable document";
    /// A parameter is missing or malformed; also a submission of a bundle that is not compliant.
    InvalidParameter = 20001, 400, "Invalid or missing parameter";
    /// `FriendlyName` is blank, longer than 255 characters, or has control characters.
    InvalidFriendlyName = 20002, 400, "Invalid FriendlyName";
    /// No credentials, or wrong ones.
    Unauthenticated = 20003, 401, "Authenticate";
    /// The path exists, the method does not.
    MethodNotAllowed = 20004, 405, "Method not allowed";
    /// A page of more than 1000 items, in strict mode.
    PageSizeTooLarge = 20007, 400, "Page size too large";
    /// The account is suspended or closed, or the operator's role may not do this.
    Forbidden = 20403, 403, "Forbidden";
    /// No such resource, or another account's.
    NotFound = 20404, 404, "Not found";
    /// The state of the resource does not allow the change, or somebody else changed it at the same time.
    Conflict = 20409, 409, "Conflict";
    /// The body is larger than the limit.
    BodyTooLarge = 20413, 413, "Request entity too large";
    /// The body is neither a form nor multipart.
    UnsupportedMediaType = 20422, 415, "Unsupported media type";
    /// More requests at once than the account may have.
    TooManyRequests = 20429, 429, "Too many requests";
    /// A bug or a broken disk.
    Internal = 20500, 500, "Internal server error";
    /// The service cannot answer now.
    Unavailable = 20503, 503, "Service unavailable";
    /// An address parameter is malformed.
    InvalidAddressParameter = 21238, 400, "Address validation error";
    /// The phone number is not one, or belongs to no country.
    InvalidPhoneNumber = 21421, 400, "Phone number is invalid";
    /// Somebody has the number, or numbers of this kind are not to be had.
    NumberUnavailable = 21422, 400, "Phone number is not available";
    /// The account is suspended or closed, so no number may be leased to it.
    AccountNotActive = 21472, 400, "Account is not active";
    /// The page token was not made by this service for this list.
    InvalidPageToken = 21481, 400, "Invalid PageToken";
    /// The number needs an address that is where the country wants it.
    LocalAddressRequired = 21615, 400, "Phone number requires a local address";
    /// The address does not exist as given.
    AddressNotValid = 21628, 400, "Address validation error";
    /// The address needs a correction that the caller did not allow.
    AddressNeedsCorrection = 21629, 400, "Address validation error - check suggested address";
    /// The address is in use by a document under review or approved.
    AddressLinked = 21630, 400, "Address is linked to a verified document";
    /// The number needs an address, and none was given.
    AddressRequired = 21631, 400, "Phone number requires an address";
    /// The end user is in a bundle.
    EndUserAssigned = 21644, 400, "End user cannot be deleted due to an active assignment to a bundle";
    /// The document is in a bundle.
    DocumentAssigned = 21645, 400, "Supporting document cannot be deleted due to an active assignment to a bundle";
    /// The document is under review.
    DocumentNotDeletable = 21646, 400, "Supporting document is not eligible for deletion";
    /// The bundle is under review.
    BundleNotDeletable = 21647, 400, "Bundle is not eligible for deletion";
    /// A registered number uses the bundle.
    BundleInUse = 21648, 400, "Bundle cannot be deleted due to an active number assignment";
    /// The number needs an approved bundle of its kind.
    BundleRequired = 21649, 400, "Phone number requires a bundle";
    /// The address of the number is not in its bundle.
    AddressNotInBundle = 21651, 400, "Document does not satisfy regulatory requirement";
    /// `EndUserType` or `NumberType` of a bundle is no known value.
    InvalidBundleType = 22200, 400, "Invalid end-user type or number type";
    /// No regulation for the combination.
    NoRegulation = 22201, 400, "No regulation found for the given combination";
    /// Neither a regulation nor a complete combination was given.
    RegulationNotGiven = 22202, 400, "No regulation, nor country and types, was given";
    /// The bundle status is no known value, or not one a customer may set.
    InvalidBundleStatus = 22203, 400, "Unable to parse bundle status";
    /// Status and properties in one update, in strict mode.
    StatusWithProperties = 22204, 400, "Status and properties cannot be updated in the same request";
    /// The object to assign is not one of the account's.
    InvalidObject = 22205, 400, "Invalid object_sid";
    /// The object to assign is neither an end user nor a document.
    InvalidObjectKind = 22206, 400, "Invalid object type";
    /// `Attributes` is no JSON object, or too large, too deep, or has a key twice.
    InvalidAttributes = 22207, 400, "Unable to parse attributes JSON";
    /// `Status` and `Attributes` in one document update.
    DocumentStatusWithAttributes = 22208, 400, "Supporting document status and attributes cannot be updated in the same request";
    /// `Status` of a document update is not `draft`: a document's status is decided by review.
    InvalidDocumentStatus = 22209, 400, "Invalid status in a supporting document update";
    /// The document type is missing or unknown.
    InvalidDocumentType = 22210, 400, "Invalid or missing supporting document type";
    /// The document's name is missing.
    DocumentNameMissing = 22211, 400, "Missing supporting document FriendlyName";
    /// The end-user type is unknown.
    InvalidEndUserType = 22212, 400, "Invalid end-user type";
    /// The number type of a filter is unknown.
    InvalidNumberType = 22213, 400, "Invalid number type";
    /// Evaluation: no end user; also a second end user in a bundle.
    EndUserMissing = 22214, 400, "Missing end user";
    /// Evaluation: a field of the end user.
    EndUserFieldMissing = 22215, 400, "Missing end-user field";
    /// Evaluation: no document.
    DocumentMissing = 22216, 400, "Missing supporting document";
    /// Evaluation: a field of a document.
    DocumentFieldMissing = 22217, 400, "Missing supporting document field";
    /// Evaluation: a document's field is not the end user's.
    DocumentFieldMismatch = 22218, 400, "The supporting document field does not match the end user's";
    /// Evaluation: no usable address.
    AddressMissing = 22219, 400, "An address is missing";
    /// The bundle is not approved, or it is to be copied and its approval has no end.
    NotCopyable = 22223, 400, "Regulatory bundle is not eligible to be copied";
    /// ReplaceItems: a bundle is not approved, or the one is no copy of the other.
    ItemsNotTransferable = 22224, 400, "Regulatory bundle cannot transfer item assignments";
    /// ReplaceItems: the account has no such bundle to take items from.
    NoFromBundle = 22225, 400, "From bundle to replace items does not exist";
    /// ReplaceItems: both are the same bundle.
    SameBundle = 22226, 400, "Cannot replace items from bundle to same bundle";
    /// ReplaceItems: the bundles are for different regulations.
    OtherRegulation = 22228, 400, "From bundle does not have latest regulation requirements that matches destination bundle";
    /// ReplaceItems: the documents of the bundles name different addresses.
    OtherAddresses = 22229, 400, "Supporting document bundle assignment cannot be removed";
    /// A document of the bundle names an address that the account has no longer.
    AddressDeleted = 22230, 400, "Regulatory bundle cannot be copied due to a deleted address";
    /// A second document of a type in a bundle.
    BadRequest = 70002, 400, "Bad request";
    /// Operators: the review case has changed since the version that was named. The details say how.
    CaseChanged = 90409, 409, "The case has changed";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_so_that_none_is_there_twice() {
        assert!(Code::ALL.is_sorted_by(|a, b| a.number() < b.number()));
    }
}
