//! `/Accounts/{AccountSid}/IncomingPhoneNumbers.json` (contract sections 11 and 15.3).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_app::{
    LeaseNumber, LeaseQuery, LeasedFilter, NumberPattern, NumberUse, ShownNumber, UpdateLease,
};
use dossier_domain::paging::{Page, Position};
use dossier_domain::phone_number::{PhoneNumber, Setting};
use dossier_domain::sid::{AccountSid, Kind, Sid, kinds};
use dossier_domain::{Code, Fault};

use super::number_view::IncomingView;
use crate::api::auth::ActingFor;
use crate::api::error::ApiResult;
use crate::api::json::{created, deleted, fetched};
use crate::api::page::ListRequest;
use crate::api::params::{Form, Params, invalid};
use crate::api::path::PathSidJson;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("leased numbers");
const FILTERS: [&str; 4] = ["Beta", "FriendlyName", "PhoneNumber", "Origin"];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/Accounts/{account_sid}/IncomingPhoneNumbers.json", get(list).post(create))
        .route("/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}", get(fetch).post(update).delete(delete))
}

async fn create(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    Form(params): Form,
) -> ApiResult<Response> {
    let command = LeaseNumber {
        number: number(&params)?,
        with: NumberUse { bundle: sid(&params, "BundleSid")?, address: sid(&params, "AddressSid")? },
        settings: settings(&params)?,
    };
    let number = web.app.lease_number(caller, command).await?;
    Ok(created(&IncomingView::from(&number)))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    PathSidJson(sid): PathSidJson<kinds::PhoneNumber>,
) -> ApiResult<Response> {
    let number = web.app.leased_number(caller, sid).await?;
    Ok(fetched(&IncomingView::from(&number)))
}

async fn list(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    request: ListRequest,
) -> ApiResult<Response> {
    let paging = request.paging(LIST, &FILTERS)?;
    let page = match filter(&request.params)? {
        Some(filter) => {
            web.app.list_leased_numbers(caller, LeaseQuery { filter, window: paging.window }).await?
        }
        None => Page { items: Vec::new(), more_before: false, more_after: false },
    };
    Ok(request.respond_2010("incoming_phone_numbers", &paging, &page, position, IncomingView::from))
}

async fn update(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    PathSidJson(number): PathSidJson<kinds::PhoneNumber>,
    Form(params): Form,
) -> ApiResult<Response> {
    stays(&params, caller.account())?;
    let command = UpdateLease {
        bundle: given(&params, "BundleSid")?,
        address: given(&params, "AddressSid")?,
        settings: settings(&params)?,
    };
    let number = web.app.update_lease(caller, number, command).await?;
    Ok(fetched(&IncomingView::from(&number)))
}

async fn delete(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    PathSidJson(sid): PathSidJson<kinds::PhoneNumber>,
) -> ApiResult<Response> {
    web.app.release_lease(caller, sid).await?;
    Ok(deleted())
}

/// Its place in a list.
pub(super) fn position(number: &ShownNumber) -> Position {
    Position { key: number.leased.created_at.as_micros(), sid: number.leased.sid.into() }
}

/// There is no inventory, so an area code leads nowhere.
fn number(params: &Params) -> Result<PhoneNumber, Fault> {
    if params.filled("PhoneNumber").is_none() && params.filled("AreaCode").is_some() {
        let message = "Missing required parameter PhoneNumber in the post body; there is no stock of numbers \
                       that one of the AreaCode could be taken from";
        return Err(Fault::new(Code::InvalidParameter, message));
    }
    PhoneNumber::parse(params.required("PhoneNumber")?.trim()).ok_or_else(|| {
        let message = "Invalid PhoneNumber: it must be a plus sign and 7 to 15 digits; in a form the plus sign \
                       is written %2B";
        Fault::new(Code::InvalidPhoneNumber, message)
    })
}

/// A number does not move, because what it is leased with cannot.
fn stays(params: &Params, account: AccountSid) -> Result<(), Fault> {
    let wanted = params.filled("AccountSid").map(str::trim);
    if wanted.is_none_or(|wanted| AccountSid::parse(wanted) == Ok(account)) {
        return Ok(());
    }
    let reason = "a number does not move to another account; release it, and lease it there with a bundle of that \
                  account";
    Err(invalid(format!("AccountSid: {reason}")))
}

fn sid<K: Kind>(params: &Params, name: &str) -> Result<Option<Sid<K>>, Fault> {
    params.parsed(name, |text| {
        let reason = || invalid(format!("{name}: it must be `{}` and 32 hexadecimal digits", K::PREFIX));
        Sid::parse(text.trim()).map_err(|_| reason())
    })
}

/// As [`sid`], told apart from one that is not mentioned: a blank one takes it away.
fn given<K: Kind>(params: &Params, name: &str) -> Result<Option<Option<Sid<K>>>, Fault> {
    match params.get(name) {
        None => Ok(None),
        Some(_) => sid(params, name).map(Some),
    }
}

fn settings(params: &Params) -> Result<Vec<(Setting, Option<String>)>, Fault> {
    let given = Setting::ALL.iter().filter_map(|setting| Some((*setting, params.get(setting.name())?)));
    given.map(|(setting, text)| Ok((setting, setting.parse(text)?))).collect()
}

/// `None` when no number can be meant.
fn filter(params: &Params) -> Result<Option<LeasedFilter>, Fault> {
    // All numbers are as old as the service; none belongs to another carrier.
    params.boolean("Beta")?;
    let here = match params.filled("Origin").map(|origin| origin.trim().to_ascii_lowercase()).as_deref() {
        None | Some("twilio") => true,
        Some("hosted") => false,
        Some(_) => return Err(invalid("Origin: it must be `twilio` or `hosted`")),
    };
    let number = params.filled("PhoneNumber").map(|text| NumberPattern::parse(text.trim()));
    if !here || matches!(number, Some(None)) {
        return Ok(None);
    }
    Ok(Some(LeasedFilter {
        number: number.flatten(),
        friendly_name: params.filled("FriendlyName").map(str::to_owned),
        address: None,
    }))
}
