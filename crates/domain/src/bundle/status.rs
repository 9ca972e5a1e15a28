//! The states of a bundle, and who may do what in which (contract sections 1.2-1.6, 14.2).

use std::fmt;

use crate::fault::{Code, Fault};
use crate::review::Outcome;
use crate::sid::BundleSid;

/// Where a bundle stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BundleStatus {
    /// The customer is still at it.
    Draft,
    /// It waits for a reviewer.
    PendingReview,
    /// A reviewer is at it.
    InReview,
    /// Numbers may be leased with it.
    Approved,
    /// It does not satisfy the regulation, or does so no longer.
    Rejected,
    /// Approved for the time being; not usable for new numbers.
    ProvisionallyApproved,
}

/// What a customer's update of the status comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusChange {
    /// It is there already: nothing happens, nobody is told.
    None,
    /// Evaluate, and hand over to review.
    Submit,
    /// Back to draft.
    Reopen,
}

impl BundleStatus {
    /// All states, in the order of the contract.
    pub const ALL: [Self; 6] = [
        Self::Draft,
        Self::PendingReview,
        Self::InReview,
        Self::Rejected,
        Self::Approved,
        Self::ProvisionallyApproved,
    ];

    /// The name in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::PendingReview => "pending-review",
            Self::InReview => "in-review",
            Self::Approved => "twilio-approved",
            Self::Rejected => "twilio-rejected",
            Self::ProvisionallyApproved => "provisionally-approved",
        }
    }

    /// Parses a name in any case.
    ///
    /// # Errors
    /// Code 22203 (contract 14.1 row 13, 14.2 row 25).
    pub fn parse(text: &str) -> Result<Self, Fault> {
        Self::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join("`, `");
            Fault::new(Code::InvalidBundleStatus, format!("Invalid Status: it must be one of `{names}`"))
        })
    }

    /// What it means that the customer sets the status to `wanted` (contract 14.2 rows 25-27).
    ///
    /// `allow_withdraw` lets a bundle go back to draft until a reviewer has opened it.
    ///
    /// # Errors
    /// Code 22203 for a status no customer may set, 20409 for one that cannot be reached from here.
    pub fn requested(
        self,
        wanted: Self,
        allow_withdraw: bool,
        sid: BundleSid,
    ) -> Result<StatusChange, Fault> {
        match wanted {
            Self::PendingReview => match self {
                Self::Draft | Self::Rejected => Ok(StatusChange::Submit),
                Self::PendingReview => Ok(StatusChange::None),
                Self::InReview | Self::Approved | Self::ProvisionallyApproved => {
                    Err(self.conflict(sid, "submitted"))
                }
            },
            Self::Draft => match self {
                Self::Draft => Ok(StatusChange::None),
                Self::Rejected => Ok(StatusChange::Reopen),
                Self::PendingReview if allow_withdraw => Ok(StatusChange::Reopen),
                Self::PendingReview | Self::InReview | Self::Approved | Self::ProvisionallyApproved => {
                    Err(self.conflict(sid, "set to `draft`"))
                }
            },
            Self::InReview | Self::Approved | Self::Rejected | Self::ProvisionallyApproved => {
                Err(Fault::new(
                    Code::InvalidBundleStatus,
                    format!(
                        "Invalid Status: `{wanted}` is decided by review; you may set `pending-review` or `draft`"
                    ),
                ))
            }
        }
    }

    /// Whether items may be added and removed (contract 14.2 row 32).
    ///
    /// # Errors
    /// Code 20409.
    pub fn allows_items(self, sid: BundleSid) -> Result<(), Fault> {
        match self {
            Self::Draft | Self::Rejected => Ok(()),
            Self::PendingReview | Self::InReview | Self::Approved | Self::ProvisionallyApproved => {
                Err(self.conflict(sid, "changed in what is assigned to it"))
            }
        }
    }

    /// Whether the bundle may be deleted (contract section 1.6, 14.2 row 41).
    ///
    /// # Errors
    /// Code 21647 while it is under review.
    pub fn allows_deletion(self, sid: BundleSid) -> Result<(), Fault> {
        match self {
            Self::Draft | Self::Rejected | Self::Approved | Self::ProvisionallyApproved => Ok(()),
            Self::PendingReview | Self::InReview => Err(Fault::new(
                Code::BundleNotDeletable,
                format!("Bundle {sid} is `{self}`; it can be deleted when its review has ended"),
            )),
        }
    }

    /// Whether an end of validity may be set (contract section 1.7).
    ///
    /// # Errors
    /// Code 20409 when the bundle is not approved.
    pub fn allows_validity(self, sid: BundleSid) -> Result<(), Fault> {
        match self {
            Self::Approved | Self::ProvisionallyApproved => Ok(()),
            Self::Draft | Self::PendingReview | Self::InReview | Self::Rejected => {
                Err(self.conflict(sid, "given an end of validity"))
            }
        }
    }

    /// Whether the end user of such a bundle must stay as it is (contract 14.3 row 53).
    pub const fn freezes_end_user(self) -> bool {
        match self {
            Self::PendingReview | Self::InReview | Self::Approved | Self::ProvisionallyApproved => true,
            Self::Draft | Self::Rejected => false,
        }
    }

    /// The state when a reviewer opens the bundle (contract section 1.3).
    ///
    /// # Errors
    /// Code 20409 when it is not under review.
    pub fn opened(self, sid: BundleSid) -> Result<Self, Fault> {
        match self {
            Self::PendingReview | Self::InReview => Ok(Self::InReview),
            // Its provisional approval stands while somebody has another look.
            Self::ProvisionallyApproved => Ok(self),
            Self::Draft | Self::Approved | Self::Rejected => Err(self.conflict(sid, "reviewed")),
        }
    }

    /// The state after a decision (contract section 1.3, 14.2 rows 33 and 35). People open a bundle
    /// before they decide; rules need not.
    ///
    /// # Errors
    /// Code 20409 when it is not under review.
    pub fn decided(self, outcome: Outcome, sid: BundleSid) -> Result<Self, Fault> {
        match self {
            Self::PendingReview | Self::InReview | Self::ProvisionallyApproved => Ok(match outcome {
                Outcome::Approved => Self::Approved,
                Outcome::Rejected => Self::Rejected,
                Outcome::ProvisionallyApproved => Self::ProvisionallyApproved,
            }),
            Self::Draft | Self::Approved | Self::Rejected => Err(self.conflict(sid, "decided")),
        }
    }

    /// Whether reviewers have what is in the bundle before them, so that none of it may change.
    pub const fn is_under_review(self) -> bool {
        match self {
            Self::PendingReview | Self::InReview => true,
            Self::Draft | Self::Approved | Self::Rejected | Self::ProvisionallyApproved => false,
        }
    }

    fn conflict(self, sid: BundleSid, done: &str) -> Fault {
        Fault::new(Code::Conflict, format!("Bundle {sid} is `{self}`, so it cannot be {done}"))
    }
}

impl fmt::Display for BundleStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::BundleStatus::*;
    use super::*;

    const SID: BundleSid = BundleSid::from_bytes([1; 16]);

    #[test]
    fn names_are_read_in_any_case() {
        for status in BundleStatus::ALL {
            assert_eq!(BundleStatus::parse(&status.as_str().to_uppercase()), Ok(status));
        }
        assert_eq!(BundleStatus::parse("approved").unwrap_err().code, Code::InvalidBundleStatus);
    }

    /// Every state × every status a customer can ask for.
    #[test]
    fn a_customer_submits_and_reopens_and_nothing_else() {
        use Code::{Conflict, InvalidBundleStatus};
        let table = [
            // from, to draft, to pending-review
            (Draft, Ok(StatusChange::None), Ok(StatusChange::Submit)),
            (PendingReview, Err(Conflict), Ok(StatusChange::None)),
            (InReview, Err(Conflict), Err(Conflict)),
            (Rejected, Ok(StatusChange::Reopen), Ok(StatusChange::Submit)),
            (Approved, Err(Conflict), Err(Conflict)),
            (ProvisionallyApproved, Err(Conflict), Err(Conflict)),
        ];
        assert_eq!(table.map(|row| row.0), BundleStatus::ALL);
        for (from, to_draft, to_review) in table {
            let asked = |wanted| from.requested(wanted, false, SID).map_err(|fault| fault.code);
            assert_eq!(asked(Draft), to_draft, "{from} to draft");
            assert_eq!(asked(PendingReview), to_review, "{from} to pending-review");
            for wanted in [InReview, Approved, Rejected, ProvisionallyApproved] {
                assert_eq!(asked(wanted), Err(InvalidBundleStatus), "{from} to {wanted}");
            }
        }
    }

    #[test]
    fn withdrawing_is_a_switch_and_ends_when_a_reviewer_opens_the_bundle() {
        assert_eq!(PendingReview.requested(Draft, true, SID), Ok(StatusChange::Reopen));
        assert_eq!(InReview.requested(Draft, true, SID).unwrap_err().code, Code::Conflict);
    }

    #[test]
    fn review_moves_what_is_under_review_and_nothing_else() {
        let table = [
            // state, opened, decided, under review
            (Draft, None, false, false),
            (PendingReview, Some(InReview), true, true),
            (InReview, Some(InReview), true, true),
            (Rejected, None, false, false),
            (Approved, None, false, false),
            (ProvisionallyApproved, Some(ProvisionallyApproved), true, false),
        ];
        assert_eq!(table.map(|row| row.0), BundleStatus::ALL);
        let decisions = [
            (Outcome::Approved, Approved),
            (Outcome::Rejected, Rejected),
            (Outcome::ProvisionallyApproved, ProvisionallyApproved),
        ];
        assert_eq!(decisions.map(|row| row.0), Outcome::ALL);
        for (state, opened, decidable, under_review) in table {
            assert_eq!(state.opened(SID).ok(), opened, "{state}");
            assert_eq!(state.is_under_review(), under_review, "{state}");
            for (outcome, becomes) in decisions {
                assert_eq!(
                    state.decided(outcome, SID).ok(),
                    decidable.then_some(becomes),
                    "{state} {outcome}"
                );
            }
        }
    }

    #[test]
    fn each_state_says_what_may_be_done_in_it() {
        let table = [
            // state, items, deletion, end user frozen, end of validity
            (Draft, true, true, false, false),
            (PendingReview, false, false, true, false),
            (InReview, false, false, true, false),
            (Rejected, true, true, false, false),
            (Approved, false, true, true, true),
            (ProvisionallyApproved, false, true, true, true),
        ];
        assert_eq!(table.map(|row| row.0), BundleStatus::ALL);
        for (state, items, deletion, frozen, validity) in table {
            assert_eq!(state.allows_items(SID).is_ok(), items, "{state}");
            assert_eq!(state.allows_deletion(SID).is_ok(), deletion, "{state}");
            assert_eq!(state.freezes_end_user(), frozen, "{state}");
            assert_eq!(state.allows_validity(SID).is_ok(), validity, "{state}");
        }
    }
}
