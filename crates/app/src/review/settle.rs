//! What a decision does: it moves the bundle and its documents, and tells their people, in one unit.

use std::sync::Arc;

use dossier_domain::audit::Action;
use dossier_domain::bundle::Bundle;
use dossier_domain::campaign::Happening;
use dossier_domain::catalogue::Catalogue;
use dossier_domain::document::{Document, DocumentStatus, Rejection};
use dossier_domain::notice::{FailureReason, NoticeKind};
use dossier_domain::reason::Reasons;
use dossier_domain::review::{Decision, DocumentOutcome, Outcome, Sharing, Verdict, VerdictKind};
use dossier_domain::sid::DocumentSid;
use dossier_store::jobs::{self, JobKey, JobKind};
use dossier_store::{Tx, bundles, cases, documents, item_assignments};

use super::step::Step;
use crate::campaigns::{Carrying, concern_approved, follow_approved, follow_copy};
use crate::notices::{self, Notice};
use crate::{App, Result, not_found, validity};

/// What carrying out a decision needs besides a transaction.
pub(super) struct Settling {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) carrying: Carrying,
}

impl App {
    pub(super) fn settling(&self) -> Settling {
        Settling { catalogue: self.catalogue(), carrying: self.carrying() }
    }
}

/// A document of a case, locked, with the verdict on it.
pub(super) struct JudgedDocument {
    pub(super) document: Document,
    pub(super) verdict: Option<Verdict>,
}

/// Locks the bundle, and then the documents of the case that still exist: while a bundle is under review
/// those are all of them.
pub(super) fn lock_documents(tx: &mut Tx<'_>, step: &Step) -> Result<Vec<JudgedDocument>> {
    let (owner, bundle) = (&step.owner, step.case.bundle_sid);
    bundles::lock(tx, owner, bundle)?.ok_or_else(|| not_found(bundle))?;
    let mut judged = Vec::new();
    for found in cases::documents(tx, owner, step.case.sid)? {
        if let Some(document) = documents::lock(tx, owner, found.sid)? {
            judged.push(JudgedDocument { document, verdict: found.verdict });
        }
    }
    Ok(judged)
}

/// Carries out a decision. The case has its new state; it is saved here.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    step: &mut Step,
    decision: &Decision,
    judged: &[JudgedDocument],
    with: &Settling,
) -> Result<()> {
    let reasons = with.catalogue.reasons();
    let (sid, now) = (step.case.bundle_sid, step.now);
    let mut bundle = bundles::lock(tx, &step.owner, sid)?.ok_or_else(|| not_found(sid))?;
    let was = bundle.status;
    bundle.status = was.decided(decision.outcome, sid)?;
    bundle.valid_until = decision.valid_until;
    bundle.updated_at = now;
    for found in judged {
        decide_document(tx, step, decision.outcome, found, reasons)?;
    }
    bundles::save(tx, &step.owner, &bundle, was)?;
    step.case.provisional = decision.outcome == Outcome::ProvisionallyApproved;
    step.case.decided_at = Some(now);
    schedule_jobs(tx, step, &bundle)?;
    let reason = (decision.outcome == Outcome::Rejected).then(|| failure_reason(decision, judged, reasons));
    let notice = Notice { bundle: &bundle, kind: NoticeKind::StatusChanged, reason: reason.as_ref() };
    notices::tell(tx, with.carrying.telling, &step.owner, &notice, now)?;
    step.save_bundle(tx, action(decision.outcome))?;
    follow(tx, step, bundle, decision.outcome, &with.carrying)
}

/// What the decision means for campaigns: the bundle may be a copy that one of them waits for, or have been
/// measured by a revision that is about to be replaced.
fn follow(tx: &mut Tx<'_>, step: &Step, bundle: Bundle, outcome: Outcome, carrying: &Carrying) -> Result<()> {
    let (account, revision, now) = (step.owner.account, step.case.regulation_revision, step.now);
    match outcome {
        Outcome::Approved => follow_approved(tx, account, bundle.sid, revision, now)?,
        Outcome::Rejected => follow_copy(tx, account, bundle.sid, Happening::CopySentBack, now)?,
        Outcome::ProvisionallyApproved => {}
    }
    concern_approved(tx, carrying, &step.owner, bundle, revision, now)
}

const fn action(outcome: Outcome) -> Action {
    match outcome {
        Outcome::Approved => Action::BundleApproved,
        Outcome::Rejected => Action::BundleRejected,
        Outcome::ProvisionallyApproved => Action::BundleProvisionallyApproved,
    }
}

fn schedule_jobs(tx: &mut Tx<'_>, step: &Step, bundle: &Bundle) -> Result<()> {
    step.schedule_claim_end(tx)?;
    jobs::cancel(tx, &JobKey::new(JobKind::AutoReview, bundle.account_sid, bundle.sid))?;
    validity::plan(tx, &step.owner, bundle, step.now)
}

fn decide_document(
    tx: &mut Tx<'_>,
    step: &Step,
    outcome: Outcome,
    judged: &JudgedDocument,
    reasons: &Reasons,
) -> Result<()> {
    let JudgedDocument { document, verdict } = judged;
    let sharing = sharing(tx, step, document.sid)?;
    let kind = verdict.as_ref().map(|verdict| verdict.kind);
    let (sid, from, now) = (document.sid, document.status, step.now);
    match (from.decided(outcome, kind, sharing), verdict) {
        (DocumentOutcome::Stays, _) => {}
        (DocumentOutcome::Becomes(to), _) => {
            documents::decide(tx, &step.owner, sid, from, (to, None), now)?;
        }
        (DocumentOutcome::IsRejected, verdict) => {
            let rejection = verdict.as_ref().map(|verdict| rejection(verdict, reasons));
            let to = (DocumentStatus::Rejected, rejection.as_ref());
            documents::decide(tx, &step.owner, sid, from, to, now)?;
        }
    }
    Ok(())
}

fn sharing(tx: &mut Tx<'_>, step: &Step, document: DocumentSid) -> Result<Sharing> {
    let others =
        item_assignments::other_bundle_statuses(tx, &step.owner, document.into(), step.case.bundle_sid)?;
    Ok(if others.iter().any(|status| status.is_under_review()) {
        Sharing::UnderReviewElsewhere
    } else if others.is_empty() {
        Sharing::Alone
    } else {
        Sharing::Elsewhere
    })
}

/// What the applicant reads about a document: what the reviewer wrote, else what the reasons say.
fn rejection(verdict: &Verdict, reasons: &Reasons) -> Rejection {
    let written = verdict.message.as_ref().map(|message| message.as_str().to_owned());
    let reason = written.unwrap_or_else(|| reasons.sentences(verdict.reasons.iter().copied()));
    Rejection { reason, codes: verdict.reasons.clone() }
}

/// What the people of the bundle are told (contract 14.6 row 99): what the reviewer wrote, else what the
/// reasons of the bundle and of its documents say, each once.
fn failure_reason(decision: &Decision, judged: &[JudgedDocument], reasons: &Reasons) -> FailureReason {
    let rejected: Vec<_> = judged
        .iter()
        .filter_map(|judged| judged.verdict.as_ref())
        .filter(|verdict| verdict.kind == VerdictKind::Rejected)
        .collect();
    let mut codes = decision.reasons.clone();
    for code in rejected.iter().flat_map(|verdict| &verdict.reasons) {
        if !codes.contains(code) {
            codes.push(*code);
        }
    }
    let text = match &decision.message {
        Some(message) => message.as_str().to_owned(),
        None => {
            let unwritten = rejected.iter().filter(|verdict| verdict.message.is_none());
            let coded = unwritten.flat_map(|verdict| &verdict.reasons);
            let mut texts = vec![reasons.sentences(decision.reasons.iter().chain(coded).copied())];
            texts.extend(
                rejected.iter().filter_map(|verdict| Some(verdict.message.as_ref()?.as_str().to_owned())),
            );
            texts.retain(|text| !text.is_empty());
            texts.join(" ")
        }
    };
    FailureReason { text, codes }
}
