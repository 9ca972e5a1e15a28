//! What an evaluation looks at.

use jiff::civil::Date;

use crate::sid::AddressSid;
use crate::{Attributes, EndUserType, IsoCountry};

/// What is in a bundle, and what else an evaluation must know.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// The end user, when one is assigned.
    pub end_user: Option<EndUserContents<'a>>,
    /// The documents, in the order in which they were assigned.
    pub documents: &'a [DocumentContents<'a>],
    /// The existing addresses of the account, or at least those that the documents refer to.
    pub addresses: &'a [KnownAddress],
    /// The day of the evaluation (UTC), against which the age of documents is measured.
    pub today: Date,
    /// What is checked beyond the wire's own rules.
    pub switches: Switches,
}

/// An assigned end user.
#[derive(Debug, Clone, Copy)]
pub struct EndUserContents<'a> {
    /// Its type.
    pub end_user_type: EndUserType,
    /// What it says about itself.
    pub attributes: &'a Attributes,
}

/// An assigned document.
#[derive(Debug, Clone, Copy)]
pub struct DocumentContents<'a> {
    /// The machine name of its type.
    pub document_type: &'a str,
    /// What it shows, according to whoever made it.
    pub attributes: &'a Attributes,
    /// Whether a file was uploaded.
    pub has_file: bool,
}

/// An address that exists in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownAddress {
    /// Its SID.
    pub sid: AddressSid,
    /// Where it is.
    pub iso_country: IsoCountry,
    /// Whether it is a PO box.
    pub is_po_box: bool,
}

/// Checks that the original does not make; an installation may turn them off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// A document whose type needs a file is missing without one (contract 14.2 row 30).
    pub require_files: bool,
    /// Addresses must be in the country where the regulation says so, and no PO box (contract 14.4
    /// row 79).
    pub check_address_scope: bool,
}

impl Default for Switches {
    /// All checks, as in production.
    fn default() -> Self {
        Self { require_files: true, check_address_scope: true }
    }
}
