//! Regulations: what a country asks of somebody who leases a number of a kind.
//!
//! A regulation is data that the [catalogue](crate::catalogue) loads. Its rules are typed; the
//! constraint strings that the wire shows are [rendered](constraint) from them (contract sections
//! 5.1 and 5.2). Nothing in here changes after loading, so texts are shared, not copied.

pub mod constraint;
mod content_hash;
mod record;
mod requirement;
mod rule;
mod types;
mod words;

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

pub use content_hash::ContentHash;
pub use requirement::{AcceptedDocument, DocumentRequirement, EndUserRequirement, Field};
pub use rule::{InvalidPattern, Pattern, Rule};
pub use types::{DocumentType, EndUserTypeInfo, Evidence, TypeField, ValueKind};

use crate::sid::RegulationSid;
use crate::{EndUserType, IsoCountry, NumberType};

/// The field of documents that names addresses (contract section 2.4). The rule for addresses belongs to
/// it and to no other, because what a document refers to is read from it alone.
pub const ADDRESS_SIDS: &str = "address_sids";

/// A text of the catalogue, shared by everything that shows it.
pub type Text = Arc<str>;

/// What is asked for one combination, in one revision (contract section 5.1).
#[derive(Debug, Clone, PartialEq)]
pub struct Regulation {
    /// The same on every installation and in every revision.
    pub sid: RegulationSid,
    /// The country of the number.
    pub iso_country: IsoCountry,
    /// The kind of number.
    pub number_type: NumberType,
    /// Who leases the number.
    pub end_user_type: EndUserType,
    /// The title, such as `Germany: Local - Business`.
    pub friendly_name: Text,
    /// Where the addresses must be.
    pub address_scope: AddressScope,
    /// What the end user must tell. Normally one entry.
    pub end_users: Vec<EndUserRequirement>,
    /// What must be proven, all of it.
    pub documents: Vec<DocumentRequirement>,
    /// Since when, and where it is known from.
    pub provenance: Provenance,
}

impl Regulation {
    /// What the regulation is for.
    pub fn combination(&self) -> Combination {
        Combination {
            iso_country: self.iso_country,
            number_type: self.number_type,
            end_user_type: self.end_user_type,
        }
    }
}

/// Country, number type and end-user type: there is one regulation, or none, for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Combination {
    /// The country of the number.
    pub iso_country: IsoCountry,
    /// The kind of number.
    pub number_type: NumberType,
    /// Who leases the number.
    pub end_user_type: EndUserType,
}

/// `DE/local/business`.
impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.iso_country, self.number_type, self.end_user_type)
    }
}

/// Where an address must be to satisfy a regulation, from the widest to the narrowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressScope {
    /// No address is asked for.
    None,
    /// Anywhere.
    World,
    /// In the country of the number.
    Country,
    /// In the area that belongs to the prefix of the number. Only a person can check that; a
    /// program can check the country.
    Area,
}

impl AddressScope {
    /// All of them, narrowing.
    pub const ALL: [Self; 4] = [Self::None, Self::World, Self::Country, Self::Area];

    /// The name in catalogue files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::World => "world",
            Self::Country => "country",
            Self::Area => "area",
        }
    }
}

/// Since when a rule holds, and how it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// Counts the versions of the rule for a combination, from 1.
    pub revision: u32,
    /// The first day (UTC) on which this revision is in force.
    pub effective_from: Date,
    /// The first day (UTC) on which approvals under earlier revisions hold no longer, for those that do not
    /// satisfy this one. Never before `effective_from`, and that day unless the file says otherwise.
    pub approvals_end: Date,
    /// Addresses of pages, or words where there is no address. Never empty.
    pub sources: Arc<[Text]>,
    /// How sure we are.
    pub confidence: Confidence,
    /// What a reader should know about the sources.
    pub note: Option<Text>,
    /// The file the rule was read from.
    pub file: Text,
    /// The line in that file where the rule begins, from 1.
    pub line: u32,
}

/// How a rule is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Confidence {
    /// A source says so.
    Documented,
    /// It follows from sources that say something similar.
    Inferred,
}

impl Confidence {
    /// The name in catalogue files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Inferred => "inferred",
        }
    }
}
