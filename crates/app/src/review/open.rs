//! How cases begin, and how customers end them.

use std::time::Duration;

use dossier_domain::Timestamp;
use dossier_domain::audit::Action;
use dossier_domain::bundle::Bundle;
use dossier_domain::review::{Case, CaseAction, CaseState, Submitted};
use dossier_store::cases::{self, CaseEvent, DecisionState};
use dossier_store::evaluations::StoredEvaluation;
use dossier_store::jobs::{self, JobKey, JobKind};
use dossier_store::{Owner, Tx};

use super::decide::settle_last;
use super::step::{Step, Who};
use crate::evaluations::{BundleItems, Reader};
use crate::random::random_sid;
use crate::{Caller, Result};

/// Opens the case of a submission, and wants it decided without a person at a time, if a rule says so.
/// The bundle and what is in it are locked.
pub(crate) fn open_case(
    tx: &mut Tx<'_>,
    reader: &Reader,
    caller: &Caller,
    bundle: &Bundle,
    items: &BundleItems,
    stored: &StoredEvaluation,
    automatic_at: Option<Timestamp>,
) -> Result<()> {
    let (owner, now) = (&caller.owner, bundle.updated_at);
    let previous = cases::latest(tx, owner.account, bundle.sid)?;
    let case = Case {
        sid: random_sid(),
        account_sid: owner.account,
        bundle_sid: bundle.sid,
        version: 1,
        state: CaseState::Waiting,
        provisional: false,
        combination: bundle.combination,
        regulation_sid: bundle.regulation_sid,
        regulation_revision: stored.evaluation.revision,
        evaluation_sid: stored.sid,
        previous_sid: previous.as_ref().map(|case| case.sid),
        // Always later than the one before, also when the clock stands still or was set back.
        opened_at: previous.map_or(now, |case| now.max(case.opened_at.plus(Duration::from_micros(1)))),
        decided_at: None,
    };
    cases::insert(tx, &case)?;
    for (place, document) in items.documents.iter().enumerate() {
        let place = i64::try_from(place).expect("a bundle has at most a thousand items");
        cases::insert_document(tx, owner, case.sid, document.sid, place)?;
    }
    let addresses = reader.addresses(tx, owner, items)?;
    let submitted = Submitted::new(items.end_user.as_ref(), &items.documents, &addresses);
    cases::keep_contents(tx, owner, case.sid, &submitted)?;
    let event = CaseEvent {
        version: case.version,
        at: now,
        actor: caller.actor.text(),
        action: Action::BundleSubmitted.as_str().to_owned(),
        document: None,
        outcome: None,
    };
    cases::append_event(tx, owner.account, case.sid, &event)?;
    if let Some(at) = automatic_at {
        jobs::schedule(tx, &JobKey::new(JobKind::AutoReview, owner.account, bundle.sid), at)?;
    }
    Ok(())
}

/// Closes the case of a bundle that its customer takes back or deletes, unless it is closed. The audit
/// event is that of the bundle.
pub(crate) fn close_withdrawn(
    tx: &mut Tx<'_>,
    caller: &Caller,
    case: Option<Case>,
    action: Action,
    now: Timestamp,
) -> Result<()> {
    match case.filter(is_open) {
        Some(case) => close(tx, Step::customer(case, caller, now), action),
        None => Ok(()),
    }
}

/// Closes the case of a bundle whose provisional approval runs out. The audit event is that of the
/// bundle.
pub(crate) fn close_expired(
    tx: &mut Tx<'_>,
    owner: &Owner,
    case: Option<Case>,
    action: Action,
    now: Timestamp,
) -> Result<()> {
    match case.filter(|case| case.provisional && is_open(case)) {
        Some(case) => close(tx, Step { case, owner: owner.clone(), who: Who::clock(), now }, action),
        None => Ok(()),
    }
}

/// Closes the case of a bundle that is erased while it is under review: nobody can decide about nothing. The
/// audit event is that of the bundle.
pub(crate) fn close_erased(tx: &mut Tx<'_>, owner: &Owner, case: Option<Case>, now: Timestamp) -> Result<()> {
    let Some(mut case) = case else { return Ok(()) };
    let was = case.state;
    match was {
        CaseState::Waiting | CaseState::Claimed { .. } | CaseState::Confirming { .. } => {}
        CaseState::Decided { .. } | CaseState::Withdrawn => return Ok(()),
    }
    case.state = CaseState::Withdrawn;
    let step = Step { case, owner: owner.clone(), who: Who::policy(), now };
    finish_closing(tx, step, was, Action::ObjectErased)
}

/// Whether anything can still become of it.
fn is_open(case: &Case) -> bool {
    match case.state {
        CaseState::Waiting | CaseState::Claimed { .. } | CaseState::Confirming { .. } => true,
        CaseState::Decided { .. } => case.provisional,
        CaseState::Withdrawn => false,
    }
}

fn close(tx: &mut Tx<'_>, mut step: Step, action: Action) -> Result<()> {
    let was = step.take(CaseAction::Withdraw)?;
    finish_closing(tx, step, was, action)
}

fn finish_closing(tx: &mut Tx<'_>, mut step: Step, was: CaseState, action: Action) -> Result<()> {
    if let CaseState::Confirming { .. } = was {
        settle_last(tx, &step, DecisionState::TakenBack, None)?;
    }
    step.schedule_claim_end(tx)?;
    jobs::cancel(tx, &JobKey::new(JobKind::AutoReview, step.case.account_sid, step.case.bundle_sid))?;
    step.save_version(tx, action, None)
}
