//! The states of a case, what can be done to it, and by whom.

use std::fmt;

use super::Outcome;
use crate::Timestamp;
use crate::fault::{Code, Fault};
use crate::operator::Role;
use crate::sid::{CaseSid, OperatorSid};

/// Where a case stands, with what is true there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseState {
    /// Nobody is at it.
    Waiting,
    /// An operator is at it, until the claim ends by itself.
    Claimed {
        /// Who.
        by: OperatorSid,
        /// When the claim ends.
        until: Timestamp,
    },
    /// It was decided, and a second person has to confirm that.
    Confirming {
        /// Who decided.
        maker: OperatorSid,
        /// How.
        outcome: Outcome,
    },
    /// It is decided.
    Decided {
        /// How.
        outcome: Outcome,
        /// Who decided; nobody when a rule did, or when somebody had another look and left it at that.
        by: Option<OperatorSid>,
    },
    /// The customer took the bundle back or deleted it, or a provisional approval ran out.
    Withdrawn,
}

/// The states without what they carry, as lists are filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateName {
    /// See [`CaseState::Waiting`].
    Waiting,
    /// See [`CaseState::Claimed`].
    Claimed,
    /// See [`CaseState::Confirming`].
    Confirming,
    /// See [`CaseState::Decided`].
    Decided,
    /// See [`CaseState::Withdrawn`].
    Withdrawn,
}

impl StateName {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Waiting, Self::Claimed, Self::Confirming, Self::Decided, Self::Withdrawn];

    /// The name in the database and on the operator surface.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Claimed => "claimed",
            Self::Confirming => "confirming",
            Self::Decided => "decided",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl CaseState {
    /// Its name.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Waiting => StateName::Waiting,
            Self::Claimed { .. } => StateName::Claimed,
            Self::Confirming { .. } => StateName::Confirming,
            Self::Decided { .. } => StateName::Decided,
            Self::Withdrawn => StateName::Withdrawn,
        }
    }
}

/// Something that is done to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseAction {
    /// To work on it, until the claim ends. Whoever has the claim renews it.
    Claim {
        /// When the claim ends.
        until: Timestamp,
    },
    /// To give it back. The maker of a decision that waits for confirmation takes it back with this.
    Release,
    /// The time of the claim is over.
    EndClaim,
    /// To judge one of its documents.
    Judge,
    /// To decide it.
    Decide {
        /// How.
        outcome: Outcome,
        /// Whether a second person has to confirm.
        needs_confirmation: bool,
    },
    /// To confirm what another decided.
    Confirm,
    /// Not to confirm: the maker has another look.
    SendBack {
        /// When the maker's claim ends.
        until: Timestamp,
    },
    /// To take the bundle out of review: its customer takes it back or deletes it, or a provisional
    /// approval runs out.
    Withdraw,
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseActor {
    /// A person on our side.
    Operator(OperatorSid, Role),
    /// Whoever has the bundle.
    Customer,
    /// A rule, such as the one that rejects test bundles.
    Policy,
    /// The passing of time.
    Clock,
}

/// Why something cannot be done to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseRefusal {
    /// Such an actor never may.
    NotAllowed,
    /// The case is to be claimed first.
    NotClaimed,
    /// Another operator has the claim.
    ClaimedByAnother,
    /// The claim has not ended yet.
    ClaimLasts,
    /// A second person has to confirm first.
    AwaitsConfirmation,
    /// There is no decision that waits for confirmation.
    NothingToConfirm,
    /// Whoever decided cannot confirm.
    OwnDecision,
    /// The decision stands.
    Decided,
    /// The customer took the bundle back.
    Withdrawn,
}

impl CaseRefusal {
    /// The refusal as callers read it.
    pub fn fault(self, sid: CaseSid) -> Fault {
        let reason = match self {
            Self::NotAllowed => return Fault::new(Code::Forbidden, "Your role may not do this with a case"),
            Self::NotClaimed => "is not claimed by you; claim it first",
            Self::ClaimedByAnother => "is claimed by another operator",
            Self::ClaimLasts => "is claimed for a while yet",
            Self::AwaitsConfirmation => "is decided and waits for a second person to confirm that",
            Self::NothingToConfirm => "has no decision that waits for confirmation",
            Self::OwnDecision => "was decided by you, so somebody else has to confirm that",
            Self::Decided => "is decided already",
            Self::Withdrawn => "was closed without a decision, when the bundle left review",
        };
        Fault::new(Code::Conflict, format!("Case {sid} {reason}"))
    }
}
