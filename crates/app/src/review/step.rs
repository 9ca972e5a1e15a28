//! One change of a case, in the unit that makes it.

use dossier_domain::audit::{Action, Actor, AuditEvent, Outcome as AuditOutcome};
use dossier_domain::review::{Case, CaseAction, CaseActor, CaseState, Outcome};
use dossier_domain::sid::{AnySid, CaseSid, DocumentSid, RequestSid};
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::cases::{self, CaseEvent};
use dossier_store::jobs::{self, JobKey, JobKind};
use dossier_store::seal::Keyring;
use dossier_store::{Owner, Tx, audit};

use super::StaleCase;
use crate::random::random_sid;
use crate::{Error, OperatorCaller, Result, keys, not_found};

/// Who changes a case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who {
    pub(super) is: CaseActor,
    actor: Actor,
    request: RequestSid,
}

impl Who {
    pub(super) fn operator(caller: &OperatorCaller) -> Self {
        let operator = &caller.operator;
        Self {
            is: CaseActor::Operator(operator.sid, operator.role),
            actor: Actor::Operator(operator.sid),
            request: caller.request,
        }
    }

    pub(super) fn policy() -> Self {
        Self { is: CaseActor::Policy, actor: Actor::Policy, request: random_sid() }
    }

    pub(super) fn clock() -> Self {
        Self { is: CaseActor::Clock, ..Self::policy() }
    }

    pub(super) fn event(&self, case: &Case, at: Timestamp, action: Action, target: AnySid) -> AuditEvent {
        AuditEvent {
            sid: random_sid(),
            account_sid: case.account_sid,
            at,
            actor: self.actor,
            action,
            target,
            outcome: AuditOutcome::Done,
            request: self.request,
            rule_revision: Some(case.regulation_revision),
        }
    }
}

/// A locked case, while something is done to it.
pub(super) struct Step {
    /// The case, as it is or shall be.
    pub(super) case: Case,
    /// Whose it is.
    pub(super) owner: Owner,
    pub(super) who: Who,
    pub(super) now: Timestamp,
}

impl Step {
    /// Locks a case.
    ///
    /// # Errors
    /// Code 20404.
    pub(super) fn lock(
        tx: &mut Tx<'_>,
        keyring: &Keyring,
        sid: CaseSid,
        who: Who,
        now: Timestamp,
    ) -> Result<Self> {
        let case = cases::lock(tx, sid)?.ok_or_else(|| not_found(sid))?;
        Self::of(tx, keyring, case, who, now)
    }

    /// A case that is locked already.
    pub(super) fn of(
        tx: &mut Tx<'_>,
        keyring: &Keyring,
        case: Case,
        who: Who,
        now: Timestamp,
    ) -> Result<Self> {
        let owner = keys::owner_in_unit(tx, keyring, case.account_sid)?;
        Ok(Self { case, owner, who, now })
    }

    /// Insists that the case is in the version that the caller looked at, when one is given.
    ///
    /// # Errors
    /// [`Error::StaleCase`] with what happened since.
    pub(super) fn expect_version(&self, tx: &mut Tx<'_>, given: Option<u32>) -> Result<()> {
        let Case { version, account_sid, sid, .. } = self.case;
        match given {
            Some(given) if given > version => {
                let message = format!("Invalid version: case {sid} is in version {version}");
                Err(Fault::new(Code::InvalidParameter, message).into())
            }
            Some(given) if given < version => {
                let changes = cases::events_since(tx, account_sid, sid, given)?;
                Err(Error::StaleCase(StaleCase { version, changes }))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Moves the case, and returns the state it was in.
    ///
    /// # Errors
    /// Code 20409 or 20403 when the actor may not do that in this state.
    pub(super) fn take(&mut self, action: CaseAction) -> Result<CaseState> {
        let next = self.case.after(action, self.who.is, self.now);
        let next = next.map_err(|refusal| refusal.fault(self.case.sid))?;
        Ok(std::mem::replace(&mut self.case.state, next))
    }

    /// Saves the case as a new version, with its event and the audit event about the case.
    pub(super) fn save(&mut self, tx: &mut Tx<'_>, action: Action) -> Result<()> {
        self.save_about(tx, action, None, self.case.sid.into())
    }

    /// As [`Step::save`], about a document.
    pub(super) fn save_document(
        &mut self,
        tx: &mut Tx<'_>,
        action: Action,
        document: DocumentSid,
    ) -> Result<()> {
        self.save_about(tx, action, Some(document), document.into())
    }

    /// As [`Step::save`], about the bundle.
    pub(super) fn save_bundle(&mut self, tx: &mut Tx<'_>, action: Action) -> Result<()> {
        self.save_about(tx, action, None, self.case.bundle_sid.into())
    }

    fn save_about(
        &mut self,
        tx: &mut Tx<'_>,
        action: Action,
        document: Option<DocumentSid>,
        target: AnySid,
    ) -> Result<()> {
        self.save_version(tx, action, document)?;
        Ok(audit::append(tx, &self.who.event(&self.case, self.now, action, target))?)
    }

    /// Saves the case as a new version, with its event.
    pub(super) fn save_version(
        &mut self,
        tx: &mut Tx<'_>,
        action: Action,
        document: Option<DocumentSid>,
    ) -> Result<()> {
        let was = self.case.version;
        self.case.version = was + 1;
        cases::save(tx, &self.case, was)?;
        let event = CaseEvent {
            version: self.case.version,
            at: self.now,
            actor: self.who.actor.text(),
            action: action.as_str().to_owned(),
            document,
            outcome: outcome(self.case.state),
        };
        Ok(cases::append_event(tx, self.case.account_sid, self.case.sid, &event)?)
    }

    /// Has the claim end at its time, or wants that no longer.
    pub(super) fn schedule_claim_end(&self, tx: &mut Tx<'_>) -> Result<()> {
        let job = JobKey::new(JobKind::ClaimEnd, self.case.account_sid, self.case.sid);
        match self.case.state {
            CaseState::Claimed { until, .. } => jobs::schedule(tx, &job, until)?,
            CaseState::Waiting
            | CaseState::Confirming { .. }
            | CaseState::Decided { .. }
            | CaseState::Withdrawn => jobs::cancel(tx, &job)?,
        }
        Ok(())
    }

    /// A locked case, to which its customer does something.
    pub(super) fn customer(case: Case, caller: &crate::Caller, now: Timestamp) -> Self {
        let who = Who { is: CaseActor::Customer, actor: caller.actor, request: caller.request };
        Self { case, owner: caller.owner.clone(), who, now }
    }
}

/// The decision that a state is about.
const fn outcome(state: CaseState) -> Option<Outcome> {
    match state {
        CaseState::Confirming { outcome, .. } | CaseState::Decided { outcome, .. } => Some(outcome),
        CaseState::Waiting | CaseState::Claimed { .. } | CaseState::Withdrawn => None,
    }
}
