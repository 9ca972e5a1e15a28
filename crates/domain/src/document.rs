//! Supporting documents: what proves the identity of an end user (contract section 2).

use std::fmt;

use crate::fault::{Code, Fault};
use crate::file::FileType;
use crate::sid::{AccountSid, DocumentSid};
use crate::text::FriendlyName;
use crate::{Attributes, Timestamp};

/// A supporting document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its identifier.
    pub sid: DocumentSid,
    /// Whose it is.
    pub account_sid: AccountSid,
    /// The machine name of its type, such as `passport`. Never changes.
    pub kind: String,
    /// Its name.
    pub friendly_name: FriendlyName,
    /// Where it stands.
    pub status: DocumentStatus,
    /// What is written in it.
    pub attributes: Attributes,
    /// Its file, if it has one.
    pub file: Option<DocumentFile>,
    /// Why it was rejected, if it was.
    pub rejection: Option<Rejection>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A stored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFile {
    /// Where the document store keeps it.
    pub key: String,
    /// What it is, by its content.
    pub file_type: FileType,
    /// Its size in bytes, before sealing.
    pub bytes: u64,
    /// The SHA-256 of its content, before sealing.
    pub sha256: [u8; 32],
}

impl DocumentFile {
    /// The hash in hexadecimal digits.
    pub fn sha256_hex(&self) -> String {
        self.sha256.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A reviewer's verdict against a document.
#[derive(Clone, PartialEq, Eq)]
pub struct Rejection {
    /// A sentence for the applicant.
    pub reason: String,
    /// Codes of contract section 8.3.
    pub codes: Vec<u32>,
}

// The sentence is free text about somebody's document.
impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection").field("codes", &self.codes).finish_non_exhaustive()
    }
}

/// Where a document stands (contract section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentStatus {
    /// It may be edited.
    Draft,
    /// A bundle with it was submitted.
    PendingReview,
    /// A reviewer refused it; it may be edited and submitted again.
    Rejected,
    /// A reviewer accepted it.
    Approved,
    /// It was accepted and is too old now.
    Expired,
    /// Accepted for the time being.
    ProvisionallyApproved,
}

impl DocumentStatus {
    /// All states, in the order of the contract.
    pub const ALL: [Self; 6] = [
        Self::Draft,
        Self::PendingReview,
        Self::Rejected,
        Self::Approved,
        Self::Expired,
        Self::ProvisionallyApproved,
    ];

    /// The name in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::PendingReview => "pending-review",
            Self::Rejected => "rejected",
            Self::Approved => "approved",
            Self::Expired => "expired",
            Self::ProvisionallyApproved => "provisionally-approved",
        }
    }

    /// Parses a name in any case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(text))
    }

    /// Whether attributes and file may be changed (contract 14.3 row 52).
    ///
    /// # Errors
    /// Code 20409.
    pub fn allows_edit(self, sid: DocumentSid) -> Result<(), Fault> {
        match self {
            Self::Draft | Self::Rejected => Ok(()),
            Self::PendingReview | Self::Approved | Self::Expired | Self::ProvisionallyApproved => {
                Err(Fault::new(
                    Code::Conflict,
                    format!("Supporting document {sid} is `{self}`, so only its FriendlyName can be changed"),
                ))
            }
        }
    }

    /// Whether the document may be deleted, given that no bundle has it (contract section 2.5).
    ///
    /// # Errors
    /// Code 21646 while it is under review.
    pub fn allows_deletion(self, sid: DocumentSid) -> Result<(), Fault> {
        match self {
            Self::PendingReview => Err(Fault::new(
                Code::DocumentNotDeletable,
                format!("Supporting document {sid} is `{self}`; it can be deleted when its review has ended"),
            )),
            Self::Draft | Self::Rejected | Self::Approved | Self::Expired | Self::ProvisionallyApproved => {
                Ok(())
            }
        }
    }

    /// The state after a bundle with it was submitted (contract 14.2 row 36).
    #[must_use]
    pub const fn submitted(self) -> Self {
        match self {
            Self::Draft | Self::Rejected | Self::PendingReview => Self::PendingReview,
            // Another bundle's submission never takes back a verdict.
            Self::Approved | Self::Expired | Self::ProvisionallyApproved => self,
        }
    }

    /// The state after the bundle it waited with went back to draft or away.
    #[must_use]
    pub const fn withdrawn(self) -> Self {
        match self {
            Self::PendingReview => Self::Draft,
            Self::Draft | Self::Rejected | Self::Approved | Self::Expired | Self::ProvisionallyApproved => {
                self
            }
        }
    }
}

impl fmt::Display for DocumentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::DocumentStatus::*;
    use super::*;

    #[test]
    fn each_state_says_what_may_be_done_in_it() {
        let sid = DocumentSid::from_bytes([1; 16]);
        let table = [
            // state, edit, deletion, after submission, after withdrawal
            (Draft, true, true, PendingReview, Draft),
            (PendingReview, false, false, PendingReview, Draft),
            (Rejected, true, true, PendingReview, Rejected),
            (Approved, false, true, Approved, Approved),
            (Expired, false, true, Expired, Expired),
            (ProvisionallyApproved, false, true, ProvisionallyApproved, ProvisionallyApproved),
        ];
        assert_eq!(table.map(|row| row.0), DocumentStatus::ALL);
        for (state, edit, deletion, submitted, withdrawn) in table {
            assert_eq!(state.allows_edit(sid).is_ok(), edit, "{state}");
            assert_eq!(state.allows_deletion(sid).is_ok(), deletion, "{state}");
            assert_eq!(state.submitted(), submitted, "{state}");
            assert_eq!(state.withdrawn(), withdrawn, "{state}");
            assert_eq!(DocumentStatus::parse(state.as_str()), Some(state));
        }
    }
}
