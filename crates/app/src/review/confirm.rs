//! Four eyes: a second person confirms what the first decided, or sends it back.

use std::sync::Arc;

use dossier_domain::audit::Action;
use dossier_domain::operator::Permission;
use dossier_domain::review::{Case, CaseAction};
use dossier_domain::sid::CaseSid;
use dossier_domain::{Code, Fault};
use dossier_store::cases::DecisionState;
use dossier_store::{Tx, audit};

use super::decide::{check_documents, settle_last};
use super::settle::{lock_documents, settle};
use super::step::{Step, Who};
use crate::{App, OperatorCaller, Result};

/// What the second person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// The decision counts.
    Confirm,
    /// The maker has another look.
    SendBack,
}

impl App {
    /// Confirms a decision that waits, or sends it back to its maker, who has the claim again. The
    /// version is what the second person looked at: a decision is confirmed as it was read.
    ///
    /// # Errors
    /// Code 20403 for a role that may not confirm; 20404; 20409 for one's own decision, or when none
    /// waits, or it cannot be carried out any more; [`StaleCase`](crate::Error::StaleCase).
    pub async fn confirm_decision(
        &self,
        caller: &OperatorCaller,
        sid: CaseSid,
        confirmation: Confirmation,
        version: u32,
    ) -> Result<Case> {
        caller.must(Permission::Confirm)?;
        let (who, now, keyring) = (Who::operator(caller), self.now(), Arc::clone(&self.keyring));
        let (settling, checker) = (self.settling(), caller.operator.sid);
        let until = now.plus(self.options.review.claim);
        let confirmed = self
            .db
            .write(move |tx| {
                let mut step = Step::lock(tx, &keyring, sid, who, now)?;
                step.expect_version(tx, Some(version))?;
                match confirmation {
                    Confirmation::Confirm => {
                        step.take(CaseAction::Confirm)?;
                        let decision = settle_last(tx, &step, DecisionState::Settled, Some(checker))?;
                        decision.check(now).map_err(|fault| outdated(&fault))?;
                        let documents = lock_documents(tx, &step)?;
                        check_documents(&decision, &documents)?;
                        record_confirmation(tx, &step)?;
                        settle(tx, &mut step, &decision, &documents, &settling)?;
                    }
                    Confirmation::SendBack => {
                        step.take(CaseAction::SendBack { until })?;
                        settle_last(tx, &step, DecisionState::SentBack, Some(checker))?;
                        step.schedule_claim_end(tx)?;
                        step.save(tx, Action::DecisionSentBack)?;
                    }
                }
                Ok(step.case)
            })
            .await;
        self.alarm.ring();
        confirmed
    }
}

/// The confirmation is an event of its own beside the one about the bundle.
fn record_confirmation(tx: &mut Tx<'_>, step: &Step) -> Result<()> {
    let event = step.who.event(&step.case, step.now, Action::DecisionConfirmed, step.case.sid.into());
    Ok(audit::append(tx, &event)?)
}

/// Time has passed since the decision was made.
fn outdated(fault: &Fault) -> Fault {
    Fault::new(Code::Conflict, format!("The decision cannot be confirmed any more: {}", fault.message))
}
