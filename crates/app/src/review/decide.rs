//! Decisions: how a case ends, or what a second person has to confirm.

use std::sync::Arc;

use dossier_domain::audit::Action;
use dossier_domain::catalogue::Catalogue;
use dossier_domain::operator::Permission;
use dossier_domain::review::{
    Case, CaseAction, ConfirmationRule, Decision, FourEyes, Outcome, VerdictKind, approvable,
};
use dossier_domain::sid::{CaseSid, OperatorSid};
use dossier_domain::{Code, Fault};
use dossier_store::cases::{self, DecisionState, StoredDecision};
use dossier_store::{StoreError, Tx};

use super::settle::{JudgedDocument, lock_documents, settle};
use super::step::{Step, Who};
use crate::{App, OperatorCaller, Result};

/// A decision on a case, and what it was made upon.
#[derive(Debug, Clone)]
pub struct DecideCase {
    /// The decision.
    pub decision: Decision,
    /// The version of the case that was looked at; without one, whatever it is now.
    pub version: Option<u32>,
}

impl App {
    /// Decides a case that the caller has claimed: bundle and documents move at once, or, where a rule
    /// asks for a second person, the decision waits.
    ///
    /// # Errors
    /// Code 20001 for a decision that is not whole; 20403, 20404; 20409 when the case cannot be
    /// decided, or approved with the documents as they are; [`StaleCase`](crate::Error::StaleCase).
    pub async fn decide_case(
        &self,
        caller: &OperatorCaller,
        sid: CaseSid,
        command: DecideCase,
    ) -> Result<Case> {
        caller.must(Permission::Review)?;
        let (who, now, keyring) = (Who::operator(caller), self.now(), Arc::clone(&self.keyring));
        let (settling, maker) = (self.settling(), caller.operator.sid);
        check(&command.decision, &settling.catalogue)?;
        command.decision.check(now)?;
        let four_eyes = self.options.review.four_eyes.clone();
        let decided = self
            .db
            .write(move |tx| {
                let mut step = Step::lock(tx, &keyring, sid, who, now)?;
                step.expect_version(tx, command.version)?;
                let outcome = command.decision.outcome;
                let rule = rule(tx, &four_eyes, &step.case, outcome)?;
                step.take(CaseAction::Decide { outcome, needs_confirmation: rule.is_some() })?;
                let documents = lock_documents(tx, &step)?;
                check_documents(&command.decision, &documents)?;
                let decision = command.decision.clone();
                if rule.is_some() {
                    propose(tx, &mut step, decision, maker, rule)?;
                } else {
                    record(tx, &step, decision.clone(), Some(maker), None)?;
                    settle(tx, &mut step, &decision, &documents, &settling)?;
                }
                Ok(step.case)
            })
            .await;
        self.alarm.ring();
        decided
    }
}

/// Checks what a decision says of itself.
fn check(decision: &Decision, catalogue: &Catalogue) -> Result<()> {
    catalogue.reasons().check(&decision.reasons)?;
    if decision.outcome == Outcome::Approved && !decision.reasons.is_empty() {
        return Err(Fault::new(Code::InvalidParameter, "Invalid reasons: an approval has none").into());
    }
    Ok(())
}

/// Checks a decision against the documents and the verdicts on them.
///
/// # Errors
/// Code 20409 when a document stands against an approval, 20001 when nothing says why a bundle is
/// rejected.
pub(super) fn check_documents(decision: &Decision, documents: &[JudgedDocument]) -> Result<()> {
    let judged = documents.iter().map(|judged| (&judged.document, judged.verdict.as_ref()));
    approvable(decision.outcome, judged).map_err(|reason| reason.fault())?;
    let flagged = documents
        .iter()
        .any(|judged| judged.verdict.as_ref().is_some_and(|verdict| verdict.kind == VerdictKind::Rejected));
    let explained = flagged || !decision.reasons.is_empty() || decision.message.is_some();
    if decision.outcome == Outcome::Rejected && !explained {
        let message =
            "Invalid reasons: a rejection says why: with a reason, a message, or the rejection of a document";
        return Err(Fault::new(Code::InvalidParameter, message).into());
    }
    Ok(())
}

/// Why a second person has to confirm such an end of the case, if one has to.
fn rule(
    tx: &mut Tx<'_>,
    four_eyes: &FourEyes,
    case: &Case,
    outcome: Outcome,
) -> Result<Option<ConfirmationRule>> {
    let approvals = approvals(tx, four_eyes, case)?;
    Ok(four_eyes.applies(case, outcome, approvals))
}

/// How many approvals there are under the revision of a case, as far as a rule wants to know.
pub(super) fn approvals(tx: &mut Tx<'_>, four_eyes: &FourEyes, case: &Case) -> Result<u32> {
    if four_eyes.first_approvals == 0 {
        return Ok(0);
    }
    let Case { regulation_sid, regulation_revision, .. } = *case;
    Ok(cases::approvals(tx, regulation_sid, regulation_revision, four_eyes.first_approvals)?)
}

/// Lets a decision wait for a second person.
fn propose(
    tx: &mut Tx<'_>,
    step: &mut Step,
    decision: Decision,
    maker: OperatorSid,
    rule: Option<ConfirmationRule>,
) -> Result<()> {
    record(tx, step, decision, Some(maker), rule)?;
    step.schedule_claim_end(tx)?;
    step.save(tx, Action::DecisionProposed)
}

/// Keeps a decision with the case: as one that waits when a rule asks for a second person.
pub(super) fn record(
    tx: &mut Tx<'_>,
    step: &Step,
    decision: Decision,
    maker: Option<OperatorSid>,
    rule: Option<ConfirmationRule>,
) -> Result<()> {
    let (owner, sid, now) = (&step.owner, step.case.sid, step.now);
    let last = cases::decisions(tx, owner, sid)?.last().map_or(0, |last| last.number);
    let stored = StoredDecision {
        number: last + 1,
        state: if rule.is_some() { DecisionState::Proposed } else { DecisionState::Settled },
        decision,
        maker,
        rule,
        made_at: now,
        checker: None,
        settled_at: rule.is_none().then_some(now),
    };
    Ok(cases::insert_decision(tx, owner, sid, &stored)?)
}

/// Ends the wait of the last decision, and returns it.
pub(super) fn settle_last(
    tx: &mut Tx<'_>,
    step: &Step,
    state: DecisionState,
    checker: Option<OperatorSid>,
) -> Result<Decision> {
    let (owner, sid) = (&step.owner, step.case.sid);
    let last = cases::decisions(tx, owner, sid)?.pop();
    let last = last.ok_or_else(|| StoreError::Schema(format!("case {sid} waits without a decision")))?;
    cases::settle_decision(tx, owner, sid, last.number, state, checker, step.now)?;
    Ok(last.decision)
}
