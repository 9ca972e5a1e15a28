//! Verdicts: what a reviewer says of one document.

use std::sync::Arc;

use dossier_domain::audit::Action;
use dossier_domain::operator::Permission;
use dossier_domain::review::{Case, CaseAction, ReviewText, Verdict, VerdictKind};
use dossier_domain::sid::{CaseSid, DocumentSid};
use dossier_domain::{Code, Fault};
use dossier_store::cases;

use super::step::{Step, Who};
use crate::{App, OperatorCaller, Result, not_found};

/// What a reviewer says of a document.
#[derive(Debug, Clone)]
pub struct JudgeDocument {
    /// Which.
    pub document: DocumentSid,
    /// Whether it will do.
    pub kind: VerdictKind,
    /// Why not: codes of the reasons.
    pub reasons: Vec<u32>,
    /// What the applicant is told, in the place of the reasons' sentences.
    pub message: Option<ReviewText>,
    /// What colleagues are told.
    pub note: Option<ReviewText>,
    /// The version of the case that was looked at; without one, whatever it is now.
    pub version: Option<u32>,
}

impl App {
    /// Judges a document of a case that the caller has claimed. A later verdict replaces an earlier one.
    ///
    /// # Errors
    /// Code 20001 for reasons that are unknown, missing or out of place; 20403, 20404 for the case or
    /// the document; 20409; [`StaleCase`](crate::Error::StaleCase).
    pub async fn judge_document(
        &self,
        caller: &OperatorCaller,
        sid: CaseSid,
        command: JudgeDocument,
    ) -> Result<Case> {
        caller.must(Permission::Review)?;
        self.catalogue().reasons().check(&command.reasons)?;
        check_reasons(&command)?;
        let (who, now, keyring) = (Who::operator(caller), self.now(), Arc::clone(&self.keyring));
        let by = Some(caller.operator.sid);
        self.db
            .write(move |tx| {
                let mut step = Step::lock(tx, &keyring, sid, who, now)?;
                step.expect_version(tx, command.version)?;
                let documents = cases::documents(tx, &step.owner, sid)?;
                if !documents.iter().any(|document| document.sid == command.document) {
                    return Err(not_found(command.document));
                }
                step.take(CaseAction::Judge)?;
                let JudgeDocument { kind, reasons, message, note, document, .. } = command.clone();
                let verdict = Verdict { kind, reasons, message, note, by, at: now };
                cases::set_verdict(tx, &step.owner, sid, document, &verdict)?;
                step.save_document(tx, Action::DocumentJudged, document)?;
                Ok(step.case)
            })
            .await
    }
}

fn check_reasons(command: &JudgeDocument) -> Result<()> {
    let reason = match command.kind {
        VerdictKind::Approved if !command.reasons.is_empty() => "an approval has none",
        VerdictKind::Approved if command.message.is_some() => {
            return Err(Fault::new(Code::InvalidParameter, "Invalid message: an approval has none").into());
        }
        VerdictKind::Rejected if command.reasons.is_empty() => "a rejection needs at least one",
        VerdictKind::Approved | VerdictKind::Rejected => return Ok(()),
    };
    Err(Fault::new(Code::InvalidParameter, format!("Invalid reasons: {reason}")).into())
}
