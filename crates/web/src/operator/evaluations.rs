//! `POST /evaluations/dry-run`: what an evaluation would say, without storing anything.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use dossier_app::{DryRun, DryRunSubject, GivenDocument, RegulationChoice};
use dossier_domain::evaluation::{Evaluation, KnownAddress};
use dossier_domain::regulation::Combination;
use dossier_domain::sid::{AccountSid, AddressSid, BundleSid, RegulationSid};
use dossier_domain::{Attributes, EndUserType, Fault, IsoCountry, NumberType};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::auth::Operator;
use super::json_body::{JsonBody, parsed};
use crate::api::error::ApiResult;
use crate::api::json::{Shown, fetched};
use crate::api::params::invalid;
use crate::results::ResultView;
use crate::state::Web;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/evaluations/dry-run", post(dry_run))
}

async fn dry_run(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    JsonBody(body): JsonBody<DryRunBody>,
) -> ApiResult<Response> {
    let evaluation = web.app.dry_run(&caller, body.into_command()?).await?;
    Ok(fetched(&EvaluationView::from(&evaluation)))
}

/// Either `account_sid` and `bundle_sid`, or what a bundle would contain.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DryRunBody {
    regulation: Option<RegulationBody>,
    account_sid: Option<String>,
    bundle_sid: Option<String>,
    end_user: Option<ItemBody>,
    #[serde(default)]
    documents: Vec<ItemBody>,
    #[serde(default)]
    addresses: Vec<AddressBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegulationBody {
    sid: Option<String>,
    iso_country: Option<String>,
    number_type: Option<String>,
    end_user_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemBody {
    #[serde(rename = "type")]
    kind: String,
    attributes: Option<Box<RawValue>>,
    /// Documents only; a document that is described has its file unless it says otherwise.
    has_file: Option<bool>,
}

/// An address that exists, as far as rules look at it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressBody {
    sid: String,
    iso_country: String,
    #[serde(default)]
    is_po_box: bool,
}

impl DryRunBody {
    fn into_command(self) -> Result<DryRun, Fault> {
        let regulation = self.regulation.map(RegulationBody::into_choice).transpose()?;
        let given = self.end_user.is_some() || !self.documents.is_empty() || !self.addresses.is_empty();
        let subject = match (self.account_sid, self.bundle_sid) {
            (Some(account), Some(bundle)) if !given => DryRunSubject::Bundle {
                account: parsed("account_sid", &account, |text| AccountSid::parse(text).ok())?,
                bundle: parsed("bundle_sid", &bundle, |text| BundleSid::parse(text).ok())?,
            },
            (None, None) => DryRunSubject::Given {
                end_user: self.end_user.map(ItemBody::into_end_user).transpose()?,
                documents: self
                    .documents
                    .into_iter()
                    .map(ItemBody::into_document)
                    .collect::<Result<_, _>>()?,
                addresses: self.addresses.iter().map(AddressBody::known).collect::<Result<_, _>>()?,
            },
            _ => {
                let choice = "give either account_sid and bundle_sid, or end_user, documents and addresses";
                return Err(invalid(format!("body: {choice}")));
            }
        };
        Ok(DryRun {
            regulation: regulation.unwrap_or(RegulationChoice { sid: None, combination: None }),
            subject,
        })
    }
}

impl RegulationBody {
    fn into_choice(self) -> Result<RegulationChoice, Fault> {
        let sid = self.sid.map(|sid| parsed("regulation.sid", &sid, |text| RegulationSid::parse(text).ok()));
        let combination = match (self.iso_country, self.number_type, self.end_user_type) {
            (None, None, None) => None,
            (Some(country), Some(number_type), Some(end_user_type)) => Some(Combination {
                iso_country: parsed("regulation.iso_country", &country, IsoCountry::parse)?,
                number_type: parsed("regulation.number_type", &number_type, NumberType::parse)?,
                end_user_type: parsed("regulation.end_user_type", &end_user_type, EndUserType::parse)?,
            }),
            _ => {
                return Err(invalid(
                    "regulation: iso_country, number_type and end_user_type belong together",
                ));
            }
        };
        Ok(RegulationChoice { sid: sid.transpose()?, combination })
    }
}

impl ItemBody {
    fn into_end_user(self) -> Result<(EndUserType, Attributes), Fault> {
        if self.has_file.is_some() {
            return Err(invalid("end_user: has_file belongs to documents"));
        }
        let kind = parsed("end_user.type", &self.kind, EndUserType::parse)?;
        Ok((kind, attributes(self.attributes.as_deref())?))
    }

    fn into_document(self) -> Result<GivenDocument, Fault> {
        let attributes = attributes(self.attributes.as_deref())?;
        Ok(GivenDocument { kind: self.kind, attributes, has_file: self.has_file.unwrap_or(true) })
    }
}

impl AddressBody {
    fn known(&self) -> Result<KnownAddress, Fault> {
        Ok(KnownAddress {
            sid: parsed("addresses.sid", &self.sid, |text| AddressSid::parse(text).ok())?,
            iso_country: parsed("addresses.iso_country", &self.iso_country, IsoCountry::parse)?,
            is_po_box: self.is_po_box,
        })
    }
}

fn attributes(raw: Option<&RawValue>) -> Result<Attributes, Fault> {
    Attributes::parse(raw.map_or("", RawValue::get))
}

/// The outcome, with the revision of the rules that was used.
#[derive(Serialize)]
struct EvaluationView<'a> {
    regulation_sid: Shown<RegulationSid>,
    regulation_revision: u32,
    status: &'static str,
    results: Vec<ResultView<'a>>,
}

impl<'a> From<&'a Evaluation> for EvaluationView<'a> {
    fn from(evaluation: &'a Evaluation) -> Self {
        Self {
            regulation_sid: Shown(evaluation.regulation),
            regulation_revision: evaluation.revision,
            status: evaluation.status(),
            results: evaluation.results.iter().map(ResultView::from).collect(),
        }
    }
}
