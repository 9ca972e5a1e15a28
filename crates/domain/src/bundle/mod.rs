//! Bundles: the proof for one regulation, as it goes to review.

mod status;
pub mod validity;

pub use self::status::{BundleStatus, StatusChange};

use crate::Timestamp;
use crate::regulation::Combination;
use crate::sid::{AccountSid, BundleSid, RegulationSid};
use crate::text::{CallbackUrl, Email, FriendlyName};

/// A bundle (contract section 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Its identifier.
    pub sid: BundleSid,
    /// Whose it is.
    pub account_sid: AccountSid,
    /// What it has to satisfy. Never changes.
    pub regulation_sid: RegulationSid,
    /// Which numbers, for whom: the combination of that regulation.
    pub combination: Combination,
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

/// Who is told about a bundle. Sealed at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Who receives mail about it.
    pub email: Email,
    /// Where status callbacks go, if anywhere.
    pub status_callback: Option<CallbackUrl>,
}

impl Contact {
    /// What is left of a contact that was erased: nobody.
    pub fn erased() -> Self {
        Self { email: Email::from_stored(String::new()), status_callback: None }
    }

    /// Whether the contact was erased, and so was what else the bundle said of people. Nobody is told
    /// anything about it, and nothing of it is changed any more.
    pub fn is_erased(&self) -> bool {
        self.email.as_str().is_empty()
    }
}
