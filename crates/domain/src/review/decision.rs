//! Verdicts on documents, decisions on bundles, and what they make of documents (contract 14.2 rows 33,
//! 36, 37).

use std::fmt;

use crate::Timestamp;
use crate::document::{Document, DocumentStatus};
use crate::fault::{Code, Fault};
use crate::sid::{DocumentSid, OperatorSid};

/// How a case can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The bundle satisfies its regulation.
    Approved,
    /// It does not.
    Rejected,
    /// It will do for now; a later decision settles it.
    ProvisionallyApproved,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Approved, Self::Rejected, Self::ProvisionallyApproved];

    /// The name in the database and on the operator surface.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::ProvisionallyApproved => "provisionally_approved",
        }
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a reviewer says of one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VerdictKind {
    /// It will do.
    Approved,
    /// It will not.
    Rejected,
}

impl VerdictKind {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Approved, Self::Rejected];

    /// The name in the database and on the operator surface.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What a reviewer writes. Free text about somebody.
#[derive(Clone, PartialEq, Eq)]
pub struct ReviewText(String);

impl ReviewText {
    /// The most characters.
    pub const CHARS_MAX: usize = 4000;

    /// Checks a text; blanks around it are dropped. `name` is the field, for the message.
    ///
    /// # Errors
    /// Code 20001 when it is blank, too long or has control characters other than line breaks and tabs.
    pub fn parse(name: &str, text: &str) -> Result<Self, Fault> {
        let refused =
            |reason: &str| Err(Fault::new(Code::InvalidParameter, format!("Invalid {name}: {reason}")));
        let text = text.trim();
        if text.is_empty() {
            return refused("it must not be blank; leave it out instead");
        }
        if text.chars().count() > Self::CHARS_MAX {
            return refused("it must not be longer than 4000 characters");
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return refused("it must not contain control characters");
        }
        Ok(Self(text.to_owned()))
    }

    /// A text that was checked before it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ReviewText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReviewText(…)")
    }
}

/// A verdict on a document, as part of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What it says.
    pub kind: VerdictKind,
    /// Why: codes of the reasons. Never empty for a rejection.
    pub reasons: Vec<u32>,
    /// What the applicant is told, in the place of the reasons' sentences.
    pub message: Option<ReviewText>,
    /// What colleagues are told.
    pub note: Option<ReviewText>,
    /// Whose it is; nobody's when a rule gave it.
    pub by: Option<OperatorSid>,
    /// When it was given.
    pub at: Timestamp,
}

/// A decision on a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// How it ends.
    pub outcome: Outcome,
    /// Why: codes of the reasons that are about the bundle as a whole.
    pub reasons: Vec<u32>,
    /// What the applicant is told, in the place of the reasons' sentences (contract 14.6 row 99).
    pub message: Option<ReviewText>,
    /// What colleagues are told.
    pub internal_note: Option<ReviewText>,
    /// When the approval ends, if it does.
    pub valid_until: Option<Timestamp>,
}

impl Decision {
    /// Checks what a decision must have besides reasons that are known.
    ///
    /// # Errors
    /// Code 20001: an end of validity of a rejection, or one that has passed.
    pub fn check(&self, now: Timestamp) -> Result<(), Fault> {
        let refused =
            |reason: &str| Err(Fault::new(Code::InvalidParameter, format!("Invalid valid_until: {reason}")));
        match (self.outcome, self.valid_until) {
            (Outcome::Rejected, Some(_)) => refused("a rejection has none"),
            (_, Some(until)) if until <= now => refused("it must lie in the future"),
            _ => Ok(()),
        }
    }
}

/// Where else a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// In no other bundle.
    Alone,
    /// In another bundle, none of which is under review.
    Elsewhere,
    /// In another bundle that is under review.
    UnderReviewElsewhere,
}

impl Sharing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Alone, Self::Elsewhere, Self::UnderReviewElsewhere];
}

/// What becomes of a document when its bundle is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentOutcome {
    /// Its status, with which nothing of an earlier rejection stays.
    Becomes(DocumentStatus),
    /// It is rejected for the reasons of the verdict.
    IsRejected,
    /// It stays as it is, to the letter.
    Stays,
}

impl DocumentStatus {
    /// What becomes of a document in this state when its bundle is decided (contract 14.2 row 36).
    ///
    /// What another bundle's review approved is never taken back by this one's.
    pub const fn decided(
        self,
        outcome: Outcome,
        verdict: Option<VerdictKind>,
        sharing: Sharing,
    ) -> DocumentOutcome {
        use DocumentOutcome::{Becomes, IsRejected, Stays};
        match (outcome, self) {
            (Outcome::Approved | Outcome::ProvisionallyApproved, Self::Approved) => Stays,
            (Outcome::Approved, _) => Becomes(Self::Approved),
            (Outcome::ProvisionallyApproved, Self::ProvisionallyApproved) => Stays,
            (Outcome::ProvisionallyApproved, _) => Becomes(Self::ProvisionallyApproved),
            (Outcome::Rejected, _) => match verdict {
                Some(VerdictKind::Approved) => match self {
                    Self::Approved => Stays,
                    Self::Draft
                    | Self::PendingReview
                    | Self::Rejected
                    | Self::Expired
                    | Self::ProvisionallyApproved => Becomes(Self::Approved),
                },
                Some(VerdictKind::Rejected) => match (self, sharing) {
                    (
                        Self::Approved | Self::ProvisionallyApproved | Self::Expired,
                        Sharing::Elsewhere | Sharing::UnderReviewElsewhere,
                    ) => Stays,
                    (
                        Self::Draft
                        | Self::PendingReview
                        | Self::Rejected
                        | Self::Approved
                        | Self::Expired
                        | Self::ProvisionallyApproved,
                        _,
                    ) => IsRejected,
                },
                None => match (self, sharing) {
                    (Self::PendingReview, Sharing::Alone | Sharing::Elsewhere)
                    | (Self::ProvisionallyApproved, Sharing::Alone) => Becomes(Self::Draft),
                    (
                        Self::PendingReview
                        | Self::ProvisionallyApproved
                        | Self::Draft
                        | Self::Rejected
                        | Self::Approved
                        | Self::Expired,
                        _,
                    ) => Stays,
                },
            },
        }
    }
}

/// Why a bundle cannot be approved yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotApprovable {
    /// No verdict approves the document.
    NotJudged(DocumentSid),
    /// A verdict rejects it.
    Rejected(DocumentSid),
    /// It was rejected in the review of another bundle after it was approved in this one.
    RejectedSince(DocumentSid),
}

impl NotApprovable {
    /// The refusal as callers read it.
    pub fn fault(self) -> Fault {
        let message = match self {
            Self::NotJudged(sid) => format!("Document {sid} is not approved; give a verdict on it first"),
            Self::Rejected(sid) => {
                format!("Document {sid} is rejected; a bundle is approved when all of its documents are")
            }
            Self::RejectedSince(sid) => {
                format!("Document {sid} was rejected with another bundle since; give your verdict on it anew")
            }
        };
        Fault::new(Code::Conflict, message)
    }
}

/// Whether a bundle with these documents and verdicts can end so (contract 14.2 row 37).
///
/// A provisional approval asks for no verdicts, but goes against none.
///
/// # Errors
/// The first document that stands against it.
pub fn approvable<'a>(
    outcome: Outcome,
    documents: impl IntoIterator<Item = (&'a Document, Option<&'a Verdict>)>,
) -> Result<(), NotApprovable> {
    if outcome == Outcome::Rejected {
        return Ok(());
    }
    for (document, verdict) in documents {
        match verdict {
            Some(Verdict { kind: VerdictKind::Rejected, .. }) => {
                return Err(NotApprovable::Rejected(document.sid));
            }
            Some(Verdict { kind: VerdictKind::Approved, at, .. })
                if document.status == DocumentStatus::Rejected && *at <= document.updated_at =>
            {
                return Err(NotApprovable::RejectedSince(document.sid));
            }
            Some(Verdict { kind: VerdictKind::Approved, .. }) => {}
            None if outcome == Outcome::ProvisionallyApproved => {}
            None if document.status == DocumentStatus::Approved => {}
            None => return Err(NotApprovable::NotJudged(document.sid)),
        }
    }
    Ok(())
}
