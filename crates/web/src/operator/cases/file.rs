//! A case with everything that belongs to it. What is personal is in structs of its own, which are left
//! out for those who may not see it.

use dossier_app::{CaseFile, CaseFileDocument, StoredDecision};
use dossier_domain::address::Address;
use dossier_domain::bundle::Bundle;
use dossier_domain::document::Document;
use dossier_domain::end_user::EndUser;
use dossier_domain::reason::Reasons;
use dossier_domain::review::{Change, ChangeKind, ConfirmationRule, Outcome, ReviewText, Verdict};
use dossier_domain::sid::{
    AccountSid, AddressSid, AnySid, BundleSid, DocumentSid, EndUserSid, EvaluationSid, OperatorSid,
};
use dossier_domain::{Attributes, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

use super::view::{CaseView, EventView};
use crate::api::json::{self, Shown};
use crate::results::ResultView;

#[derive(Serialize)]
pub(super) struct CaseFileView<'a> {
    #[serde(flatten)]
    case: CaseView<'a>,
    confirmation: ConfirmationView,
    bundle: Option<BundleView<'a>>,
    copy_of: Option<Shown<BundleSid>>,
    regulation: Option<Box<RawValue>>,
    end_user: Option<EndUserView<'a>>,
    documents: Vec<DocumentView<'a>>,
    addresses: Vec<AddressView<'a>>,
    evaluation: Option<EvaluationView<'a>>,
    changes: Option<Vec<ChangeView<'a>>>,
    decisions: Vec<DecisionView<'a>>,
    history: Vec<EventView<'a>>,
}

impl<'a> CaseFileView<'a> {
    pub(super) fn new(file: &'a CaseFile, reasons: &'a Reasons) -> Self {
        let style = Style { personal: file.personal, reasons };
        let record = |text: &String| serde_json::from_str(text).ok();
        let evaluation = file.evaluation.as_ref().map(|stored| EvaluationView {
            sid: Shown(stored.sid),
            status: stored.evaluation.status(),
            results: stored.evaluation.results.iter().map(ResultView::from).collect(),
            created_at: Shown(stored.created_at),
        });
        let changes = file.changes.as_ref();
        Self {
            case: CaseView::from(&file.case),
            confirmation: ConfirmationView {
                required: file.confirmation.rule.is_some(),
                rule: file.confirmation.rule.map(ConfirmationRule::as_str),
                by: file.confirmation.by.map(Shown),
            },
            bundle: file.bundle.as_ref().map(|bundle| style.bundle(bundle)),
            copy_of: file.copy_of.map(Shown),
            regulation: file.regulation.as_ref().and_then(record),
            end_user: file.end_user.as_ref().map(|end_user| style.end_user(end_user)),
            documents: file.documents.iter().map(|document| style.document(document)).collect(),
            addresses: file.addresses.iter().map(|address| style.address(address)).collect(),
            evaluation,
            changes: changes.map(|changes| changes.iter().map(|change| style.change(change)).collect()),
            decisions: file.decisions.iter().map(|decision| style.decision(decision)).collect(),
            history: file.history.iter().map(EventView::from).collect(),
        }
    }
}

/// Whether a second person has to confirm.
#[derive(Serialize)]
struct ConfirmationView {
    required: bool,
    rule: Option<&'static str>,
    by: Option<Shown<OperatorSid>>,
}

#[derive(Serialize)]
struct BundleView<'a> {
    sid: Shown<BundleSid>,
    account_sid: Shown<AccountSid>,
    status: &'static str,
    is_test: bool,
    valid_until: Option<Shown<Timestamp>>,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
    #[serde(flatten)]
    personal: Option<BundlePersonal<'a>>,
}

#[derive(Serialize)]
struct BundlePersonal<'a> {
    friendly_name: &'a str,
    email: &'a str,
}

#[derive(Serialize)]
struct EndUserView<'a> {
    sid: Shown<EndUserSid>,
    #[serde(rename = "type")]
    kind: &'static str,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
    #[serde(flatten)]
    personal: Option<NamedAttributes<'a>>,
}

#[derive(Serialize)]
struct NamedAttributes<'a> {
    friendly_name: &'a str,
    #[serde(serialize_with = "json::attributes")]
    attributes: &'a Attributes,
}

/// A document that was handed over; of one that was deleted since only the verdict is left.
#[derive(Serialize)]
struct DocumentView<'a> {
    sid: Shown<DocumentSid>,
    deleted: bool,
    #[serde(flatten)]
    document: Option<DocumentFields<'a>>,
    verdict: Option<VerdictView<'a>>,
}

#[derive(Serialize)]
struct DocumentFields<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    status: &'static str,
    error_codes: &'a [u32],
    file: Option<FileView>,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
    #[serde(flatten)]
    personal: Option<DocumentPersonal<'a>>,
}

#[derive(Serialize)]
struct FileView {
    mime_type: &'static str,
    bytes: u64,
    sha256: String,
}

#[derive(Serialize)]
struct DocumentPersonal<'a> {
    #[serde(flatten)]
    named: NamedAttributes<'a>,
    failure_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct ReasonView<'a> {
    code: u32,
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct VerdictView<'a> {
    verdict: &'static str,
    reasons: Vec<ReasonView<'a>>,
    by: Option<Shown<OperatorSid>>,
    at: Shown<Timestamp>,
    #[serde(flatten)]
    personal: Option<VerdictTexts<'a>>,
}

#[derive(Serialize)]
struct VerdictTexts<'a> {
    message: Option<&'a str>,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct AddressView<'a> {
    sid: Shown<AddressSid>,
    iso_country: &'a str,
    validated: bool,
    #[serde(flatten)]
    personal: Option<AddressPersonal<'a>>,
}

#[derive(Serialize)]
struct AddressPersonal<'a> {
    customer_name: &'a str,
    street: &'a str,
    street_secondary: Option<&'a str>,
    city: &'a str,
    region: &'a str,
    postal_code: &'a str,
}

#[derive(Serialize)]
struct EvaluationView<'a> {
    sid: Shown<EvaluationSid>,
    status: &'static str,
    results: Vec<ResultView<'a>>,
    created_at: Shown<Timestamp>,
}

#[derive(Serialize)]
struct ChangeView<'a> {
    object_sid: Shown<AnySid>,
    object_type: &'a str,
    change: &'static str,
    field: Option<&'a str>,
    /// The object that was replaced.
    replaced_sid: Option<Shown<AnySid>>,
    /// Hashes of files.
    sha256_before: Option<&'a str>,
    sha256_after: Option<&'a str>,
    #[serde(flatten)]
    personal: Option<ChangeValues<'a>>,
}

#[derive(Serialize)]
struct ChangeValues<'a> {
    before: Option<&'a str>,
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct DecisionView<'a> {
    number: i64,
    state: &'static str,
    outcome: &'static str,
    reasons: Vec<ReasonView<'a>>,
    valid_until: Option<Shown<Timestamp>>,
    by: Option<Shown<OperatorSid>>,
    confirmation_rule: Option<&'static str>,
    made_at: Shown<Timestamp>,
    checked_by: Option<Shown<OperatorSid>>,
    settled_at: Option<Shown<Timestamp>>,
    #[serde(flatten)]
    personal: Option<DecisionTexts<'a>>,
}

#[derive(Serialize)]
struct DecisionTexts<'a> {
    message: Option<&'a str>,
    internal_note: Option<&'a str>,
}

/// How a case is shown.
struct Style<'a> {
    personal: bool,
    reasons: &'a Reasons,
}

impl<'a> Style<'a> {
    /// What is made only for those who may see it.
    fn personal<T>(&self, make: impl FnOnce() -> T) -> Option<T> {
        self.personal.then(make)
    }

    fn bundle(&self, bundle: &'a Bundle) -> BundleView<'a> {
        BundleView {
            sid: Shown(bundle.sid),
            account_sid: Shown(bundle.account_sid),
            status: bundle.status.as_str(),
            is_test: bundle.is_test,
            valid_until: bundle.valid_until.map(Shown),
            created_at: Shown(bundle.created_at),
            updated_at: Shown(bundle.updated_at),
            personal: self.personal(|| BundlePersonal {
                friendly_name: bundle.friendly_name.as_str(),
                email: bundle.contact.email.as_str(),
            }),
        }
    }

    fn end_user(&self, end_user: &'a EndUser) -> EndUserView<'a> {
        EndUserView {
            sid: Shown(end_user.sid),
            kind: end_user.kind.as_str(),
            created_at: Shown(end_user.created_at),
            updated_at: Shown(end_user.updated_at),
            personal: self.personal(|| NamedAttributes {
                friendly_name: end_user.friendly_name.as_str(),
                attributes: &end_user.attributes,
            }),
        }
    }

    fn document(&self, found: &'a CaseFileDocument) -> DocumentView<'a> {
        DocumentView {
            sid: Shown(found.sid),
            deleted: found.document.is_none(),
            document: found.document.as_ref().map(|document| self.document_fields(document)),
            verdict: found.verdict.as_ref().map(|verdict| self.verdict(verdict)),
        }
    }

    fn document_fields(&self, document: &'a Document) -> DocumentFields<'a> {
        let rejection = document.rejection.as_ref();
        DocumentFields {
            kind: &document.kind,
            status: document.status.as_str(),
            error_codes: rejection.map_or(&[], |rejection| rejection.codes.as_slice()),
            file: document.file.as_ref().map(|file| FileView {
                mime_type: file.file_type.mime(),
                bytes: file.bytes,
                sha256: file.sha256_hex(),
            }),
            created_at: Shown(document.created_at),
            updated_at: Shown(document.updated_at),
            personal: self.personal(|| DocumentPersonal {
                named: NamedAttributes {
                    friendly_name: document.friendly_name.as_str(),
                    attributes: &document.attributes,
                },
                failure_reason: rejection.map(|rejection| rejection.reason.as_str()),
            }),
        }
    }

    fn verdict(&self, verdict: &'a Verdict) -> VerdictView<'a> {
        VerdictView {
            verdict: verdict.kind.as_str(),
            reasons: self.reasons(&verdict.reasons),
            by: verdict.by.map(Shown),
            at: Shown(verdict.at),
            personal: self.personal(|| VerdictTexts {
                message: verdict.message.as_ref().map(ReviewText::as_str),
                note: verdict.note.as_ref().map(ReviewText::as_str),
            }),
        }
    }

    fn reasons(&self, codes: &[u32]) -> Vec<ReasonView<'a>> {
        let name = |code| self.reasons.get(code).map(|reason| &*reason.name);
        codes.iter().map(|code| ReasonView { code: *code, name: name(*code) }).collect()
    }

    fn address(&self, address: &'a Address) -> AddressView<'a> {
        let lines = &address.lines;
        AddressView {
            sid: Shown(address.sid),
            iso_country: address.iso_country.as_str(),
            validated: address.validated,
            personal: self.personal(|| AddressPersonal {
                customer_name: &lines.customer_name,
                street: &lines.street,
                street_secondary: lines.street_secondary.as_deref(),
                city: &lines.city,
                region: &lines.region,
                postal_code: &lines.postal_code,
            }),
        }
    }

    fn change(&self, change: &'a Change) -> ChangeView<'a> {
        let mut view = ChangeView {
            object_sid: Shown(change.sid),
            object_type: &change.kind,
            change: "",
            field: None,
            replaced_sid: None,
            sha256_before: None,
            sha256_after: None,
            personal: None,
        };
        match &change.what {
            ChangeKind::Added => view.change = "added",
            ChangeKind::Removed => view.change = "removed",
            ChangeKind::Replaced { before } => {
                view.change = "replaced";
                view.replaced_sid = Some(Shown(*before));
            }
            ChangeKind::Field { name, before, after } => {
                view.change = "field";
                view.field = Some(name);
                view.personal =
                    self.personal(|| ChangeValues { before: before.as_deref(), after: after.as_deref() });
            }
            ChangeKind::File { before, after } => {
                view.change = "file";
                view.sha256_before = before.as_deref();
                view.sha256_after = after.as_deref();
            }
        }
        view
    }

    fn decision(&self, stored: &'a StoredDecision) -> DecisionView<'a> {
        let decision = &stored.decision;
        DecisionView {
            number: stored.number,
            state: stored.state.as_str(),
            outcome: Outcome::as_str(decision.outcome),
            reasons: self.reasons(&decision.reasons),
            valid_until: decision.valid_until.map(Shown),
            by: stored.maker.map(Shown),
            confirmation_rule: stored.rule.map(ConfirmationRule::as_str),
            made_at: Shown(stored.made_at),
            checked_by: stored.checker.map(Shown),
            settled_at: stored.settled_at.map(Shown),
            personal: self.personal(|| DecisionTexts {
                message: decision.message.as_ref().map(ReviewText::as_str),
                internal_note: decision.internal_note.as_ref().map(ReviewText::as_str),
            }),
        }
    }
}
