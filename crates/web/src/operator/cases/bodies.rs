//! What is sent about cases.

use dossier_app::{CaseFilter, Confirmation, DecideCase, JudgeDocument};
use dossier_domain::review::{Decision, Outcome, ReviewText, VerdictKind};
use dossier_domain::sid::DocumentSid;
use dossier_domain::{EndUserType, Fault, IsoCountry, NumberType, Timestamp};
use serde::Deserialize;

use crate::api::dates::Moment;
use crate::operator::json_body::optional;

/// Which cases the caller wants the next of; any when nothing is said.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct NextBody {
    country: Option<String>,
    number_type: Option<String>,
    end_user_type: Option<String>,
}

impl NextBody {
    pub(super) fn into_filter(self) -> Result<CaseFilter, Fault> {
        Ok(CaseFilter {
            iso_country: optional("country", self.country, IsoCountry::parse)?,
            number_type: optional("number_type", self.number_type, NumberType::parse)?,
            end_user_type: optional("end_user_type", self.end_user_type, EndUserType::parse)?,
            ..CaseFilter::default()
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct VersionBody {
    pub(super) version: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonBody {
    code: u32,
}

fn codes(reasons: &[ReasonBody]) -> Vec<u32> {
    reasons.iter().map(|reason| reason.code).collect()
}

fn text(name: &str, text: Option<String>) -> Result<Option<ReviewText>, Fault> {
    text.map(|text| ReviewText::parse(name, &text)).transpose()
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum VerdictWord {
    Approved,
    Rejected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VerdictBody {
    verdict: VerdictWord,
    #[serde(default)]
    reasons: Vec<ReasonBody>,
    message: Option<String>,
    note: Option<String>,
    pub(super) version: Option<u32>,
}

impl VerdictBody {
    pub(super) fn into_command(
        self,
        document: DocumentSid,
        version: Option<u32>,
    ) -> Result<JudgeDocument, Fault> {
        Ok(JudgeDocument {
            document,
            kind: match self.verdict {
                VerdictWord::Approved => VerdictKind::Approved,
                VerdictWord::Rejected => VerdictKind::Rejected,
            },
            reasons: codes(&self.reasons),
            message: text("message", self.message)?,
            note: text("note", self.note)?,
            version,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeWord {
    Approved,
    Rejected,
    ProvisionallyApproved,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionBody {
    outcome: OutcomeWord,
    #[serde(default)]
    reasons: Vec<ReasonBody>,
    message: Option<String>,
    internal_note: Option<String>,
    valid_until: Option<String>,
    pub(super) version: Option<u32>,
}

impl DecisionBody {
    pub(super) fn into_command(self, version: Option<u32>) -> Result<DecideCase, Fault> {
        let decision = Decision {
            outcome: match self.outcome {
                OutcomeWord::Approved => Outcome::Approved,
                OutcomeWord::Rejected => Outcome::Rejected,
                OutcomeWord::ProvisionallyApproved => Outcome::ProvisionallyApproved,
            },
            reasons: codes(&self.reasons),
            message: text("message", self.message)?,
            internal_note: text("internal_note", self.internal_note)?,
            valid_until: self.valid_until.as_deref().map(end_of).transpose()?,
        };
        Ok(DecideCase { decision, version })
    }
}

/// A day means all of it.
fn end_of(text: &str) -> Result<Timestamp, Fault> {
    Ok(Moment::parse("valid_until", text)?.last.whole_second())
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ConfirmationWord {
    Confirm,
    SendBack,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmationBody {
    confirmation: ConfirmationWord,
    pub(super) version: Option<u32>,
}

impl ConfirmationBody {
    pub(super) fn confirmation(&self) -> Confirmation {
        match self.confirmation {
            ConfirmationWord::Confirm => Confirmation::Confirm,
            ConfirmationWord::SendBack => Confirmation::SendBack,
        }
    }
}
