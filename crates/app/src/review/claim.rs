//! Claims: an operator takes a case, and gives it back, or the time is over.

use std::sync::Arc;

use dossier_domain::Timestamp;
use dossier_domain::audit::Action;
use dossier_domain::notice::NoticeKind;
use dossier_domain::operator::Permission;
use dossier_domain::review::{Case, CaseAction, CaseState};
use dossier_domain::sid::{BundleSid, CaseSid};
use dossier_store::cases::{self, CaseFilter, DecisionState};
use dossier_store::jobs::{self, Job};
use dossier_store::{Tx, bundles};

use super::decide::settle_last;
use super::step::{Step, Who};
use crate::notices::{self, Notice, Telling};
use crate::{App, OperatorCaller, Result, not_found};

impl App {
    /// Claims the oldest waiting case that the filter admits; `None` when there is none. Two callers
    /// never get the same.
    ///
    /// # Errors
    /// Code 20403 when the role may not review.
    pub async fn claim_next_case(&self, caller: &OperatorCaller, filter: CaseFilter) -> Result<Option<Case>> {
        caller.must(Permission::Review)?;
        let (who, now) = (Who::operator(caller), self.now());
        let (keyring, until) = (Arc::clone(&self.keyring), now.plus(self.options.review.claim));
        let telling = self.telling();
        let claimed = self
            .db
            .write(move |tx| {
                let Some(case) = cases::lock_next(tx, &filter)? else { return Ok(None) };
                let step = Step::of(tx, &keyring, case, who, now)?;
                claim(tx, telling, step, until).map(Some)
            })
            .await;
        self.alarm.ring();
        claimed
    }

    /// Claims a case, or renews the caller's own claim.
    ///
    /// # Errors
    /// Code 20403 when the role may not review; 20404; 20409 when it cannot be claimed;
    /// [`StaleCase`](crate::Error::StaleCase).
    pub async fn claim_case(
        &self,
        caller: &OperatorCaller,
        sid: CaseSid,
        version: Option<u32>,
    ) -> Result<Case> {
        caller.must(Permission::Review)?;
        let (who, now) = (Who::operator(caller), self.now());
        let (keyring, until) = (Arc::clone(&self.keyring), now.plus(self.options.review.claim));
        let telling = self.telling();
        let claimed = self
            .db
            .write(move |tx| {
                let step = Step::lock(tx, &keyring, sid, who, now)?;
                step.expect_version(tx, version)?;
                claim(tx, telling, step, until)
            })
            .await;
        self.alarm.ring();
        claimed
    }

    /// Gives a case back. The bundle stays as it is: its customer has seen that it was opened. Whoever
    /// waits for confirmation takes the decision back with this.
    ///
    /// # Errors
    /// Code 20403, 20404, 20409; [`StaleCase`](crate::Error::StaleCase).
    pub async fn release_case(
        &self,
        caller: &OperatorCaller,
        sid: CaseSid,
        version: Option<u32>,
    ) -> Result<Case> {
        caller.must(Permission::Review)?;
        let (who, now, keyring) = (Who::operator(caller), self.now(), Arc::clone(&self.keyring));
        self.db
            .write(move |tx| {
                let mut step = Step::lock(tx, &keyring, sid, who, now)?;
                step.expect_version(tx, version)?;
                if let CaseState::Confirming { .. } = step.take(CaseAction::Release)? {
                    settle_last(tx, &step, DecisionState::TakenBack, None)?;
                }
                step.schedule_claim_end(tx)?;
                step.save(tx, Action::CaseReleased)?;
                Ok(step.case)
            })
            .await
    }

    /// Ends a claim whose time is over.
    pub(crate) async fn end_claim(&self, job: Job) -> Result<()> {
        let (now, keyring) = (self.now(), Arc::clone(&self.keyring));
        let Some(sid) = job.key.subject.of_kind() else { return Ok(()) };
        self.db
            .write(move |tx| {
                let case = cases::lock(tx, sid)?;
                let Some(held) = jobs::hold(tx, &job)? else { return Ok(()) };
                match case {
                    // It was renewed while this was on its way.
                    Some(Case { state: CaseState::Claimed { until, .. }, .. }) if until > now => {
                        held.postpone(tx, until, 0)?;
                    }
                    Some(case) if matches!(case.state, CaseState::Claimed { .. }) => {
                        held.finish(tx)?;
                        let mut step = Step::of(tx, &keyring, case, Who::clock(), now)?;
                        step.take(CaseAction::EndClaim)?;
                        step.save(tx, Action::CaseClaimEnded)?;
                    }
                    Some(_) | None => held.finish(tx)?,
                }
                Ok(())
            })
            .await
    }
}

fn claim(tx: &mut Tx<'_>, telling: Telling, mut step: Step, until: Timestamp) -> Result<Case> {
    step.take(CaseAction::Claim { until })?;
    open_bundle(tx, telling, &step, step.case.bundle_sid)?;
    step.schedule_claim_end(tx)?;
    step.save(tx, Action::CaseClaimed)?;
    Ok(step.case)
}

/// A bundle that somebody looks at is in review, and stays so.
fn open_bundle(tx: &mut Tx<'_>, telling: Telling, step: &Step, sid: BundleSid) -> Result<()> {
    let mut bundle = bundles::lock(tx, &step.owner, sid)?.ok_or_else(|| not_found(sid))?;
    let was = bundle.status;
    bundle.status = was.opened(sid)?;
    if bundle.status != was {
        bundle.updated_at = step.now;
        bundles::save(tx, &step.owner, &bundle, was)?;
        let notice = Notice { bundle: &bundle, kind: NoticeKind::StatusChanged, reason: None };
        notices::tell(tx, telling, &step.owner, &notice, step.now)?;
    }
    Ok(())
}
