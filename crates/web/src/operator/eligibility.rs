//! `POST /eligibility`: whether a number may be leased with what is offered for it.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use dossier_app::EligibilityQuestion;
use dossier_domain::eligibility::Grant;
use dossier_domain::sid::{AccountSid, AddressSid, BundleSid, RegulationSid};
use dossier_domain::{EndUserType, Fault, IsoCountry, NumberType, Timestamp};
use serde::{Deserialize, Serialize};

use super::auth::Operator;
use super::json_body::{JsonBody, optional, parsed};
use crate::api::error::ApiResult;
use crate::api::json::{Shown, fetched};
use crate::state::Web;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/eligibility", post(ask))
}

async fn ask(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    JsonBody(body): JsonBody<QuestionBody>,
) -> ApiResult<Response> {
    let answer = web.app.eligibility(&caller, body.into_question()?).await?;
    Ok(fetched(&AnswerView::from(&answer)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionBody {
    account_sid: String,
    iso_country: String,
    number_type: String,
    end_user_type: Option<String>,
    bundle_sid: Option<String>,
    address_sid: Option<String>,
    #[serde(default)]
    localities: Vec<String>,
}

impl QuestionBody {
    fn into_question(self) -> Result<EligibilityQuestion, Fault> {
        Ok(EligibilityQuestion {
            account: parsed("account_sid", &self.account_sid, |text| AccountSid::parse(text).ok())?,
            iso_country: parsed("iso_country", &self.iso_country, IsoCountry::parse)?,
            number_type: parsed("number_type", &self.number_type, NumberType::parse)?,
            end_user_type: optional("end_user_type", self.end_user_type, EndUserType::parse)?,
            bundle: optional("bundle_sid", self.bundle_sid, |text| BundleSid::parse(text).ok())?,
            address: optional("address_sid", self.address_sid, |text| AddressSid::parse(text).ok())?,
            localities: self.localities,
        })
    }
}

/// `code` and `message` are what the original says when the number is bought (contract section 11).
#[derive(Serialize)]
struct AnswerView<'a> {
    allowed: bool,
    code: Option<u32>,
    message: Option<&'a str>,
    regulation_sid: Option<Shown<RegulationSid>>,
    regulation_revision: Option<u32>,
    valid_until: Option<Shown<Timestamp>>,
}

impl<'a> From<&'a Result<Grant, Fault>> for AnswerView<'a> {
    fn from(answer: &'a Result<Grant, Fault>) -> Self {
        let (grant, fault) = (answer.as_ref().ok(), answer.as_ref().err());
        let regulation = grant.and_then(|grant| grant.regulation);
        Self {
            allowed: grant.is_some(),
            code: fault.map(|fault| fault.code.number()),
            message: fault.map(|fault| fault.message.as_str()),
            regulation_sid: regulation.map(|(sid, _)| Shown(sid)),
            regulation_revision: regulation.map(|(_, revision)| revision),
            valid_until: grant.and_then(|grant| grant.valid_until).map(Shown),
        }
    }
}
