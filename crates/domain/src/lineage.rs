//! Lineage: which bundle and which item was made from which, by copying or cloning (contract section 6).

use crate::Timestamp;
use crate::sid::{AccountSid, AnySid, BundleSid};

/// Where a bundle comes from. It outlives both bundles, and says nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleLineage {
    /// Whose bundle was made.
    pub account_sid: AccountSid,
    /// The bundle that was made.
    pub bundle_sid: BundleSid,
    /// In which way.
    pub kind: LineageKind,
    /// Whose bundle it was made from.
    pub source_account_sid: AccountSid,
    /// The bundle it was made from.
    pub source_bundle_sid: BundleSid,
    /// When.
    pub made_at: Timestamp,
    /// By whom, as [`crate::audit::Actor::text`] says.
    pub made_by: String,
    /// When and by whom its items were last put in the place of its source's, if ever.
    pub replaced: Option<Replacement>,
}

/// When the items of a copy were put in the place of its source's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// When.
    pub at: Timestamp,
    /// By whom, as [`crate::audit::Actor::text`] says.
    pub by: String,
}

/// Where an end user, a document or an address comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemLineage {
    /// Whose item was made.
    pub account_sid: AccountSid,
    /// The item that was made.
    pub sid: AnySid,
    /// Whose item it was made from.
    pub source_account_sid: AccountSid,
    /// The item it was made from.
    pub source_sid: AnySid,
    /// When.
    pub made_at: Timestamp,
}

/// In which way a bundle was made from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineageKind {
    /// As a draft in the same account, to be changed and put in its source's place.
    Copy,
    /// For an account of the same organisation, or once more for the same.
    Clone,
}

impl LineageKind {
    /// The text that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Clone => "clone",
        }
    }

    /// Parses a stored text.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Copy, Self::Clone].into_iter().find(|kind| kind.as_str() == text)
    }
}
