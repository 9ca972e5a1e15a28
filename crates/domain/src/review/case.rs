//! One case: a bundle that was handed over, until it is decided.

use super::state::CaseState;
use crate::Timestamp;
use crate::paging::Position;
use crate::regulation::Combination;
use crate::sid::{AccountSid, BundleSid, CaseSid, EvaluationSid, OperatorSid, RegulationSid};

/// A review case. It belongs to the installation: operators see the cases of all accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its identifier.
    pub sid: CaseSid,
    /// Whose bundle.
    pub account_sid: AccountSid,
    /// Which bundle. It may have been deleted since the decision.
    pub bundle_sid: BundleSid,
    /// Counts the changes of the case, from 1: whoever changes it says which version was looked at.
    pub version: u32,
    /// Where it stands.
    pub state: CaseState,
    /// Whether a provisional approval stands, which a new decision may end.
    pub provisional: bool,
    /// What the bundle is for.
    pub combination: Combination,
    /// What it is measured by.
    pub regulation_sid: RegulationSid,
    /// In which revision.
    pub regulation_revision: u32,
    /// The evaluation of its submission.
    pub evaluation_sid: EvaluationSid,
    /// The case of the submission before, which was rejected.
    pub previous_sid: Option<CaseSid>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the decision that stands was made.
    pub decided_at: Option<Timestamp>,
}

impl Case {
    /// Its place in the queue.
    pub fn position(&self) -> Position {
        Position { key: self.opened_at.as_micros(), sid: self.sid.into() }
    }

    /// Who works on it, or did: the holder of the claim, the maker of the decision.
    pub const fn assignee(&self) -> Option<OperatorSid> {
        match self.state {
            CaseState::Claimed { by, .. } => Some(by),
            CaseState::Confirming { maker, .. } => Some(maker),
            CaseState::Decided { by, .. } => by,
            CaseState::Waiting | CaseState::Withdrawn => None,
        }
    }
}
