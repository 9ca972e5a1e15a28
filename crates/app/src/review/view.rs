//! Everything about one case, for whoever reviews it.

use std::sync::Arc;

use dossier_domain::address::Address;
use dossier_domain::audit::Action;
use dossier_domain::bundle::Bundle;
use dossier_domain::document::Document;
use dossier_domain::end_user::EndUser;
use dossier_domain::lineage::LineageKind;
use dossier_domain::operator::Permission;
use dossier_domain::regulation::Regulation;
use dossier_domain::review::{Case, CaseState, Change, ConfirmationRule, Verdict};
use dossier_domain::sid::{BundleSid, CaseSid, DocumentSid, OperatorSid};
use dossier_store::cases::{self, CaseEvent, StoredDecision};
use dossier_store::evaluations::{self, StoredEvaluation};
use dossier_store::{Owner, StoreResult, Tx, audit, bundles, documents, lineage, regulation_revisions};

use super::decide::approvals;
use crate::evaluations::Reader;
use crate::{App, OperatorCaller, Result, ReviewOptions, keys, not_found};

/// A case with everything that belongs to it.
#[derive(Debug)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// Whether personal data may be shown; what is below has it either way.
    pub personal: bool,
    /// The bundle, unless it was deleted.
    pub bundle: Option<Bundle>,
    /// The bundle it is a copy of, and will perhaps take the place of.
    pub copy_of: Option<BundleSid>,
    /// Its end user.
    pub end_user: Option<EndUser>,
    /// The documents that were handed over.
    pub documents: Vec<CaseFileDocument>,
    /// The addresses that documents of the bundle name.
    pub addresses: Vec<Address>,
    /// The regulation in the revision it was measured by, as a record.
    pub regulation: Option<String>,
    /// The evaluation at its submission, while it is kept.
    pub evaluation: Option<StoredEvaluation>,
    /// What changed since the submission before, where there was one and both are known.
    pub changes: Option<Vec<Change>>,
    /// The decisions, oldest first.
    pub decisions: Vec<StoredDecision>,
    /// Whether a second person has to confirm.
    pub confirmation: ConfirmationNeed,
    /// What happened, oldest first.
    pub history: Vec<CaseEvent>,
}

/// A document of a case.
#[derive(Debug)]
pub struct CaseFileDocument {
    /// Which.
    pub sid: DocumentSid,
    /// The document, unless it was deleted.
    pub document: Option<Document>,
    /// The verdict on it, once there is one.
    pub verdict: Option<Verdict>,
}

/// Whether a second person has to confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConfirmationNeed {
    /// Why, if one has to; as the rules are now while nothing was decided.
    pub rule: Option<ConfirmationRule>,
    /// Who confirmed the decision that stands.
    pub by: Option<OperatorSid>,
}

impl App {
    /// A case with everything that belongs to it. Where that is personal data and the role may see it,
    /// the look is recorded.
    ///
    /// # Errors
    /// Code 20403 when the role may not see cases; 20404.
    pub async fn case(&self, caller: &OperatorCaller, sid: CaseSid) -> Result<CaseFile> {
        caller.must(Permission::SeeCases)?;
        let personal = caller.operator.role.may(Permission::SeePersonalData);
        let (keyring, reader, caller) = (Arc::clone(&self.keyring), self.reader(), caller.clone());
        let (now, options) = (self.now(), self.options.review.clone());
        let read = move |tx: &mut Tx<'_>| {
            let case = cases::get(tx, sid)?.ok_or_else(|| not_found(sid))?;
            let owner = keys::owner_in_unit(tx, &keyring, case.account_sid)?;
            if personal {
                let event = caller.event(case.account_sid, now, Action::CaseViewed, sid);
                audit::append(tx, &event)?;
            }
            let confirmation = confirmation(tx, &owner, &case, &options)?;
            read_file(tx, &owner, &reader, case, confirmation, personal)
        };
        if personal { self.db.write(read).await } else { self.db.read(read).await }
    }
}

fn read_file(
    tx: &mut Tx<'_>,
    owner: &Owner,
    reader: &Reader,
    case: Case,
    confirmation: ConfirmationNeed,
    personal: bool,
) -> Result<CaseFile> {
    let (sid, bundle_sid) = (case.sid, case.bundle_sid);
    let bundle = bundles::get(tx, owner, bundle_sid)?;
    let items = reader.contents(tx, owner, bundle_sid)?;
    Ok(CaseFile {
        personal,
        bundle,
        copy_of: copy_of(tx, &case)?,
        addresses: reader.addresses(tx, owner, &items)?,
        end_user: items.end_user,
        documents: case_documents(tx, owner, sid)?,
        regulation: regulation_record(tx, reader, &case)?,
        evaluation: evaluations::get(tx, owner, bundle_sid, case.evaluation_sid)?,
        changes: changes(tx, owner, &case)?,
        decisions: cases::decisions(tx, owner, sid)?,
        confirmation,
        history: cases::events(tx, owner.account, sid)?,
        case,
    })
}

fn copy_of(tx: &mut Tx<'_>, case: &Case) -> StoreResult<Option<BundleSid>> {
    let made = lineage::source_of(tx, case.account_sid, case.bundle_sid)?;
    Ok(made.filter(|made| made.kind == LineageKind::Copy).map(|made| made.source_bundle_sid))
}

fn case_documents(tx: &mut Tx<'_>, owner: &Owner, case: CaseSid) -> StoreResult<Vec<CaseFileDocument>> {
    let found = cases::documents(tx, owner, case)?;
    let with_document = |found: cases::CaseDocument| {
        let document = documents::get(tx, owner, found.sid)?;
        Ok(CaseFileDocument { sid: found.sid, document, verdict: found.verdict })
    };
    found.into_iter().map(with_document).collect()
}

/// The regulation as it was when the bundle was evaluated: from the catalogue, or from what is recorded
/// of revisions that are gone.
fn regulation_record(tx: &mut Tx<'_>, reader: &Reader, case: &Case) -> Result<Option<String>> {
    let known = reader.revision(case.combination, case.regulation_revision);
    if let Some(known) = known.filter(|known| known.sid == case.regulation_sid) {
        return Ok(Some(Regulation::to_record(&known)));
    }
    let mut records = regulation_revisions::records(tx, case.regulation_sid, case.regulation_revision)?;
    Ok(records.pop())
}

fn changes(tx: &mut Tx<'_>, owner: &Owner, case: &Case) -> StoreResult<Option<Vec<Change>>> {
    let Some(previous) = case.previous_sid else { return Ok(None) };
    let before = cases::contents(tx, owner, previous)?;
    let after = cases::contents(tx, owner, case.sid)?;
    Ok(before.zip(after).map(|(before, after)| after.changes_since(&before)))
}

/// What the last decision says about confirmation, else what the rules say about one to come.
fn confirmation(
    tx: &mut Tx<'_>,
    owner: &Owner,
    case: &Case,
    options: &ReviewOptions,
) -> Result<ConfirmationNeed> {
    match case.state {
        CaseState::Confirming { .. } | CaseState::Decided { .. } => {
            let last = cases::decisions(tx, owner, case.sid)?.pop();
            Ok(last.map(|last| ConfirmationNeed { rule: last.rule, by: last.checker }).unwrap_or_default())
        }
        CaseState::Waiting | CaseState::Claimed { .. } => {
            let approvals = approvals(tx, &options.four_eyes, case)?;
            let approved = dossier_domain::review::Outcome::Approved;
            Ok(ConfirmationNeed { rule: options.four_eyes.applies(case, approved, approvals), by: None })
        }
        CaseState::Withdrawn => Ok(ConfirmationNeed::default()),
    }
}
