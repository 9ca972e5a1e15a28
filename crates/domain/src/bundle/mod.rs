//! Bundles: the proof for one regulation, as it goes to review.

mod status;

pub use self::status::{BundleStatus, StatusChange};

use crate::number::{EndUserType, NumberType};
use crate::sid::{AccountSid, BundleSid, RegulationSid};
use crate::text::{CallbackUrl, Email, FriendlyName};
use crate::{IsoCountry, Timestamp};

/// A bundle (contract section 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Its identifier.
    pub sid: BundleSid,
    /// Whose it is.
    pub account_sid: AccountSid,
    /// What it has to satisfy. The three values of the scope belong to it and never change.
    pub regulation_sid: RegulationSid,
    /// Where, and for whom, numbers can be leased with it.
    pub scope: RegulationScope,
    /// Its name.
    pub friendly_name: FriendlyName,
    /// Where it stands.
    pub status: BundleStatus,
    /// Who is told about it.
    pub contact: Contact,
    /// When its approval ends, if it does.
    pub valid_until: Option<Timestamp>,
    /// Whether review rejects it by itself (contract 14.2 row 39).
    pub is_test: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it, or its status, last changed.
    pub updated_at: Timestamp,
}

/// Which numbers, for whom: each combination has at most one regulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegulationScope {
    /// The country of the numbers.
    pub iso_country: IsoCountry,
    /// The kind of numbers.
    pub number_type: NumberType,
    /// The kind of end user.
    pub end_user_type: EndUserType,
}

/// Who is told about a bundle. Sealed at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Who receives mail about it.
    pub email: Email,
    /// Where status callbacks go, if anywhere.
    pub status_callback: Option<CallbackUrl>,
}
