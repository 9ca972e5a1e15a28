//! A case as lists show it, and what happened to it. Nothing here is personal.

use dossier_app::CaseEvent;
use dossier_domain::Timestamp;
use dossier_domain::review::{Case, CaseState, Outcome};
use dossier_domain::sid::{
    AccountSid, BundleSid, CaseSid, DocumentSid, EvaluationSid, OperatorSid, RegulationSid,
};
use serde::Serialize;

use crate::api::json::Shown;

#[derive(Serialize)]
pub(super) struct CaseView<'a> {
    sid: Shown<CaseSid>,
    version: u32,
    state: &'static str,
    account_sid: Shown<AccountSid>,
    bundle_sid: Shown<BundleSid>,
    country: &'a str,
    number_type: &'static str,
    end_user_type: &'static str,
    regulation_sid: Shown<RegulationSid>,
    regulation_revision: u32,
    evaluation_sid: Shown<EvaluationSid>,
    previous_case_sid: Option<Shown<CaseSid>>,
    assignee: Option<Shown<OperatorSid>>,
    claimed_until: Option<Shown<Timestamp>>,
    /// The decision that stands: also while somebody has another look at a provisional approval.
    outcome: Option<&'static str>,
    /// The decision that waits for confirmation.
    proposed_outcome: Option<&'static str>,
    opened_at: Shown<Timestamp>,
    decided_at: Option<Shown<Timestamp>>,
}

impl<'a> From<&'a Case> for CaseView<'a> {
    fn from(case: &'a Case) -> Self {
        let standing = case.provisional.then_some(Outcome::ProvisionallyApproved);
        let (claimed_until, outcome, proposed) = match case.state {
            CaseState::Waiting | CaseState::Withdrawn => (None, standing, None),
            CaseState::Claimed { until, .. } => (Some(until), standing, None),
            CaseState::Confirming { outcome, .. } => (None, standing, Some(outcome)),
            CaseState::Decided { outcome, .. } => (None, Some(outcome), None),
        };
        Self {
            sid: Shown(case.sid),
            version: case.version,
            state: case.state.name().as_str(),
            account_sid: Shown(case.account_sid),
            bundle_sid: Shown(case.bundle_sid),
            country: case.combination.iso_country.as_str(),
            number_type: case.combination.number_type.as_str(),
            end_user_type: case.combination.end_user_type.as_str(),
            regulation_sid: Shown(case.regulation_sid),
            regulation_revision: case.regulation_revision,
            evaluation_sid: Shown(case.evaluation_sid),
            previous_case_sid: case.previous_sid.map(Shown),
            assignee: case.assignee().map(Shown),
            claimed_until: claimed_until.map(Shown),
            outcome: outcome.map(Outcome::as_str),
            proposed_outcome: proposed.map(Outcome::as_str),
            opened_at: Shown(case.opened_at),
            decided_at: case.decided_at.map(Shown),
        }
    }
}

#[derive(Serialize)]
pub(super) struct EventView<'a> {
    version: u32,
    at: Shown<Timestamp>,
    actor: &'a str,
    action: &'a str,
    document_sid: Option<Shown<DocumentSid>>,
    outcome: Option<&'static str>,
}

impl<'a> From<&'a CaseEvent> for EventView<'a> {
    fn from(event: &'a CaseEvent) -> Self {
        Self {
            version: event.version,
            at: Shown(event.at),
            actor: &event.actor,
            action: &event.action,
            document_sid: event.document.map(Shown),
            outcome: event.outcome.map(Outcome::as_str),
        }
    }
}
