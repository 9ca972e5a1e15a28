//! `/numbers`: which numbers are in service, and with which bundle.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_app::{NumberInUse, NumberQuery, NumberScope, NumberUse, RegisterNumber, number_position};
use dossier_domain::bundle::BundleStatus;
use dossier_domain::phone_number::PhoneNumber;
use dossier_domain::sid::{AccountSid, AddressSid, BundleSid, PhoneNumberSid};
use dossier_domain::{Fault, Timestamp};
use serde::{Deserialize, Serialize};

use super::auth::Operator;
use super::json_body::{JsonBody, optional, parsed};
use super::list::{self, ListRequest};
use crate::api::error::{ApiResult, Refused};
use crate::api::json::{Shown, created, deleted, fetched};
use crate::api::params::invalid;
use crate::api::path::PathNumber;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("numbers by created");
/// How soon an approval must end to put its numbers at risk, when nothing else is asked for.
const WITHIN_DAYS: u32 = 30;
/// The longest look ahead: ten years.
const WITHIN_DAYS_MAX: u32 = 3650;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/numbers", get(list))
        .route("/numbers/{number}", get(fetch).put(register).delete(release))
}

async fn list(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    request: ListRequest,
) -> ApiResult<Response> {
    let window = request.window(LIST, &["account_sid", "bundle_sid", "at_risk", "within_days"])?;
    let query = NumberQuery { scope: scope(&request)?, at_risk_within: at_risk(&request)?, window };
    let page = web.app.list_numbers(&caller, query).await?;
    Ok(list::respond(LIST, &page, number_position, NumberView::from))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathNumber(number): PathNumber,
) -> ApiResult<Response> {
    let number = web.app.number(&caller, existing(&number)?).await?;
    Ok(fetched(&NumberView::from(&number)))
}

async fn register(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathNumber(number): PathNumber,
    JsonBody(body): JsonBody<RegisterBody>,
) -> ApiResult<Response> {
    let form = "the number in the path must be in the form +4930123456 (a plus sign, 7 to 15 digits)";
    let number = PhoneNumber::parse(&number).ok_or_else(|| invalid(form))?;
    let (number, is_new) = web.app.register_number(&caller, number, body.into_command()?).await?;
    let view = NumberView::from(&number);
    Ok(if is_new { created(&view) } else { fetched(&view) })
}

async fn release(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathNumber(number): PathNumber,
) -> ApiResult<Response> {
    web.app.release_number(&caller, existing(&number)?).await?;
    Ok(deleted())
}

/// A number in another form is not registered.
fn existing(number: &str) -> Result<PhoneNumber, Refused> {
    PhoneNumber::parse(number).ok_or_else(Refused::not_found)
}

fn scope(request: &ListRequest) -> Result<NumberScope, Fault> {
    let account = request.filter("account_sid", |text| AccountSid::parse(text).ok())?;
    let bundle = request.filter("bundle_sid", |text| BundleSid::parse(text).ok())?;
    match (account, bundle) {
        (None, None) => Ok(NumberScope::All),
        (Some(account), None) => Ok(NumberScope::Account(account)),
        (Some(account), Some(bundle)) => Ok(NumberScope::Bundle(account, bundle)),
        (None, Some(_)) => Err(invalid("bundle_sid: give the account_sid as well")),
    }
}

fn at_risk(request: &ListRequest) -> Result<Option<Duration>, Fault> {
    let wanted = request.filter("at_risk", |text| text.parse::<bool>().ok())?.unwrap_or(false);
    let days =
        request.filter("within_days", |text| text.parse().ok().filter(|days| *days <= WITHIN_DAYS_MAX))?;
    match (wanted, days) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(invalid("within_days: it belongs to at_risk=true")),
        (true, days) => Ok(Some(Duration::from_secs(u64::from(days.unwrap_or(WITHIN_DAYS)) * 24 * 60 * 60))),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisterBody {
    account_sid: String,
    bundle_sid: String,
    address_sid: Option<String>,
    #[serde(default)]
    localities: Vec<String>,
    #[serde(default)]
    in_service: bool,
}

impl RegisterBody {
    fn into_command(self) -> Result<RegisterNumber, Fault> {
        Ok(RegisterNumber {
            account: parsed("account_sid", &self.account_sid, |text| AccountSid::parse(text).ok())?,
            with: NumberUse {
                bundle: Some(parsed("bundle_sid", &self.bundle_sid, |text| BundleSid::parse(text).ok())?),
                address: optional("address_sid", self.address_sid, |text| AddressSid::parse(text).ok())?,
            },
            localities: self.localities,
            in_service: self.in_service,
        })
    }
}

#[derive(Serialize)]
struct NumberView<'a> {
    sid: Shown<PhoneNumberSid>,
    phone_number: &'a str,
    account_sid: Shown<AccountSid>,
    bundle_sid: Option<Shown<BundleSid>>,
    address_sid: Option<Shown<AddressSid>>,
    bundle_status: Option<Shown<BundleStatus>>,
    valid_until: Option<Shown<Timestamp>>,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
}

impl<'a> From<&'a NumberInUse> for NumberView<'a> {
    fn from(number: &'a NumberInUse) -> Self {
        Self {
            sid: Shown(number.sid),
            phone_number: number.number.as_str(),
            account_sid: Shown(number.account),
            bundle_sid: number.with.bundle.map(Shown),
            address_sid: number.with.address.map(Shown),
            bundle_status: number.bundle_status.map(Shown),
            valid_until: number.valid_until.map(Shown),
            created_at: Shown(number.created_at),
            updated_at: Shown(number.updated_at),
        }
    }
}
