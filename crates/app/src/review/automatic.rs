//! Decisions without a person: test bundles are rejected by themselves, and test installations may decide
//! everything so (contract 14.2 rows 34, 35, 39). They go the way of every other decision.

use std::collections::BTreeMap;
use std::sync::Arc;

use dossier_domain::bundle::Bundle;
use dossier_domain::reason::TEST_BUNDLE;
use dossier_domain::review::{
    Case, CaseAction, CaseState, Decision, MagicWord, Outcome, Verdict, VerdictKind,
};
use dossier_domain::sid::{AccountSid, BundleSid, DocumentSid};
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::cases::DecisionState;
use dossier_store::jobs::{self, Job};
use dossier_store::{Tx, bundles, cases};

use super::ReviewOptions;
use super::decide::{check_documents, record, settle_last};
use super::settle::{Settling, lock_documents, settle};
use super::step::{Step, Who};
use crate::{App, Result, keys, not_found};

/// What a rule decides.
#[derive(Debug, Clone)]
pub struct PolicyDecision {
    /// The decision on the bundle.
    pub decision: Decision,
    /// Reasons why single documents are rejected. With an approval all others are approved, with a
    /// rejection they are not judged.
    pub document_reasons: BTreeMap<DocumentSid, Vec<u32>>,
    /// Reasons why every other document is rejected; empty when none is.
    pub other_documents: Vec<u32>,
}

impl PolicyDecision {
    /// Ends so, without any text.
    pub fn new(outcome: Outcome, reasons: Vec<u32>) -> Self {
        let decision = Decision { outcome, reasons, message: None, internal_note: None, valid_until: None };
        Self { decision, document_reasons: BTreeMap::new(), other_documents: Vec::new() }
    }

    /// What is said of a document, if anything is.
    fn verdict(&self, document: DocumentSid, now: Timestamp) -> Option<Verdict> {
        let reasons = self.document_reasons.get(&document).unwrap_or(&self.other_documents);
        let kind = match self.decision.outcome {
            _ if !reasons.is_empty() => VerdictKind::Rejected,
            Outcome::Approved => VerdictKind::Approved,
            Outcome::Rejected | Outcome::ProvisionallyApproved => return None,
        };
        Some(Verdict { kind, reasons: reasons.clone(), message: None, note: None, by: None, at: now })
    }
}

impl ReviewOptions {
    /// When a bundle that is submitted now is decided without a person, if it is.
    pub(crate) fn automatic_at(&self, bundle: &Bundle, now: Timestamp) -> Option<Timestamp> {
        self.automatic(bundle)?;
        let delay = self.magic_word(bundle).map(|word| word.delay);
        Some(now.plus(delay.unwrap_or(self.test_rejection_delay)))
    }

    /// What the name of the bundle asks for, in rehearsal mode. A test bundle is rejected whatever its
    /// name.
    fn magic_word(&self, bundle: &Bundle) -> Option<MagicWord> {
        let listens = self.magic_words && !bundle.is_test;
        MagicWord::find(bundle.friendly_name.as_str()).filter(|_| listens)
    }

    /// How a bundle is decided without a person, if it is.
    fn automatic(&self, bundle: &Bundle) -> Option<PolicyDecision> {
        if bundle.is_test {
            let test = vec![TEST_BUNDLE];
            let decision = PolicyDecision::new(Outcome::Rejected, test.clone());
            return Some(PolicyDecision { other_documents: test, ..decision });
        }
        if let Some(word) = self.magic_word(bundle) {
            let decision = PolicyDecision::new(word.outcome, word.reasons.clone());
            return Some(PolicyDecision { other_documents: word.reasons, ..decision });
        }
        self.automatic.map(|outcome| match outcome {
            Outcome::Rejected => PolicyDecision::new(outcome, vec![TEST_BUNDLE]),
            Outcome::Approved | Outcome::ProvisionallyApproved => PolicyDecision::new(outcome, Vec::new()),
        })
    }
}

impl App {
    /// Decides a bundle without a person, whoever is at its case, the way of every other decision.
    ///
    /// # Errors
    /// Code 20404 for the bundle; 20001 for an unknown reason or a rejection without any; 20409 when the
    /// bundle is not under review.
    pub async fn decide_without_person(
        &self,
        account: AccountSid,
        bundle: BundleSid,
        decision: PolicyDecision,
    ) -> Result<Case> {
        let (settling, now, keyring) = (self.settling(), self.now(), Arc::clone(&self.keyring));
        let catalogue = &settling.catalogue;
        for reasons in decision.document_reasons.values().chain([&decision.other_documents]) {
            catalogue.reasons().check(reasons)?;
        }
        catalogue.reasons().check(&decision.decision.reasons)?;
        decision.decision.check(now)?;
        let decided = self
            .db
            .write(move |tx| {
                let Some(case) = cases::lock_latest(tx, account, bundle)? else {
                    let owner = keys::owner_in_unit(tx, &keyring, account)?;
                    bundles::get(tx, &owner, bundle)?.ok_or_else(|| not_found(bundle))?;
                    let message = format!("Bundle {bundle} was never submitted, so it cannot be decided");
                    return Err(Fault::new(Code::Conflict, message).into());
                };
                let mut step = Step::of(tx, &keyring, case, Who::policy(), now)?;
                decide(tx, &mut step, &decision, &settling)?;
                Ok(step.case)
            })
            .await;
        self.alarm.ring();
        decided
    }

    /// Decides a bundle whose time for that has come, unless it is decided.
    pub(crate) async fn auto_review(&self, job: Job) -> Result<()> {
        let (settling, now, keyring) = (self.settling(), self.now(), Arc::clone(&self.keyring));
        let options = self.options.review.clone();
        let Some(sid) = job.key.subject.of_kind() else { return Ok(()) };
        let account = job.key.account;
        let done = self
            .db
            .write(move |tx| {
                let case = cases::lock_latest(tx, account, sid)?;
                let owner = keys::owner_in_unit(tx, &keyring, account)?;
                let bundle = bundles::lock(tx, &owner, sid)?;
                let Some(held) = jobs::hold(tx, &job)? else { return Ok(()) };
                held.finish(tx)?;
                let (Some(case), Some(bundle)) = (case, bundle) else { return Ok(()) };
                let Some(decision) = options.automatic(&bundle) else { return Ok(()) };
                // A magic word may name a reason that there is not.
                let reasons = settling.catalogue.reasons().check(&decision.decision.reasons);
                if reasons.is_err() || !bundle.status.is_under_review() {
                    return Ok(());
                }
                let mut step = Step::of(tx, &keyring, case, Who::policy(), now)?;
                decide(tx, &mut step, &decision, &settling)
            })
            .await;
        self.alarm.ring();
        done
    }
}

fn decide(tx: &mut Tx<'_>, step: &mut Step, policy: &PolicyDecision, settling: &Settling) -> Result<()> {
    let decision = &policy.decision;
    let action = CaseAction::Decide { outcome: decision.outcome, needs_confirmation: false };
    if let CaseState::Confirming { .. } = step.take(action)? {
        settle_last(tx, step, DecisionState::TakenBack, None)?;
    }
    let mut documents = lock_documents(tx, step)?;
    for sid in policy.document_reasons.keys() {
        if documents.iter().all(|judged| judged.document.sid != *sid) {
            let message = format!("Invalid document_reasons: {sid} is not in the bundle");
            return Err(Fault::new(Code::InvalidParameter, message).into());
        }
    }
    for judged in &mut documents {
        let Some(verdict) = policy.verdict(judged.document.sid, step.now) else { continue };
        cases::set_verdict(tx, &step.owner, step.case.sid, judged.document.sid, &verdict)?;
        judged.verdict = Some(verdict);
    }
    check_documents(decision, &documents)?;
    record(tx, step, decision.clone(), None, None)?;
    settle(tx, step, decision, &documents, settling)
}
