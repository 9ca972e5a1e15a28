//! `/Addresses.json` (contract section 10).

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_app::{AddressFilter, AddressQuery};
use dossier_domain::address::{Address, AddressInput, AddressLines, AddressPatch};
use dossier_domain::paging::Position;
use dossier_domain::sid::{AccountSid, AddressSid, kinds};
use dossier_domain::{Code, Fault, IsoCountry};
use serde::Serialize;

use crate::api::auth::ActingFor;
use crate::api::dates::rfc_2822;
use crate::api::error::ApiResult;
use crate::api::json::{Shown, created, deleted, fetched};
use crate::api::page::ListRequest;
use crate::api::params::{Form, Params};
use crate::api::path::PathSidJson;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("addresses");
const FILTERS: [&str; 4] = ["CustomerName", "FriendlyName", "EmergencyEnabled", "IsoCountry"];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/Accounts/{account_sid}/Addresses.json", get(list).post(create))
        .route("/Accounts/{account_sid}/Addresses/{sid}", get(fetch).post(update).delete(delete))
}

async fn create(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    Form(params): Form,
) -> ApiResult<Response> {
    let address = web.app.create_address(caller, input(&params)?).await?;
    Ok(created(&AddressView::from(&address)))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    PathSidJson(sid): PathSidJson<kinds::Address>,
) -> ApiResult<Response> {
    let address = web.app.address(caller, sid).await?;
    Ok(fetched(&AddressView::from(&address)))
}

async fn list(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    request: ListRequest,
) -> ApiResult<Response> {
    let paging = request.paging(LIST, &FILTERS)?;
    let query = AddressQuery { filter: filter(&request.params)?, window: paging.window };
    let page = web.app.list_addresses(caller, query).await?;
    let position = |item: &Address| Position { key: item.created_at.as_micros(), sid: item.sid.into() };
    Ok(request.respond_2010("addresses", &paging, &page, position, AddressView::from))
}

async fn update(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    PathSidJson(sid): PathSidJson<kinds::Address>,
    Form(params): Form,
) -> ApiResult<Response> {
    let address = web.app.update_address(caller, sid, patch(&params)?).await?;
    Ok(fetched(&AddressView::from(&address)))
}

async fn delete(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    PathSidJson(sid): PathSidJson<kinds::Address>,
) -> ApiResult<Response> {
    web.app.delete_address(caller, sid).await?;
    Ok(deleted())
}

fn input(params: &Params) -> Result<AddressInput, Fault> {
    let owned = |name| params.required(name).map(str::to_owned);
    Ok(AddressInput {
        lines: AddressLines {
            customer_name: owned("CustomerName")?,
            street: owned("Street")?,
            city: owned("City")?,
            region: owned("Region")?,
            postal_code: owned("PostalCode")?,
            friendly_name: params.filled("FriendlyName").map(str::to_owned),
            street_secondary: params.filled("StreetSecondary").map(str::to_owned),
        },
        iso_country: country(params.required("IsoCountry")?)?,
        emergency_enabled: boolean(params, "EmergencyEnabled")?.unwrap_or(false),
        auto_correct: boolean(params, "AutoCorrectAddress")?.unwrap_or(true),
    })
}

/// A line that is sent blank stays, but for the two optional ones, which it removes.
fn patch(params: &Params) -> Result<AddressPatch, Fault> {
    let owned = |name| params.filled(name).map(str::to_owned);
    Ok(AddressPatch {
        customer_name: owned("CustomerName"),
        friendly_name: params.get("FriendlyName").map(str::to_owned),
        street: owned("Street"),
        street_secondary: params.get("StreetSecondary").map(str::to_owned),
        city: owned("City"),
        region: owned("Region"),
        postal_code: owned("PostalCode"),
        emergency_enabled: boolean(params, "EmergencyEnabled")?,
        auto_correct: boolean(params, "AutoCorrectAddress")?.unwrap_or(true),
    })
}

fn filter(params: &Params) -> Result<AddressFilter, Fault> {
    Ok(AddressFilter {
        customer_name: params.filled("CustomerName").map(str::to_owned),
        friendly_name: params.filled("FriendlyName").map(str::to_owned),
        emergency_enabled: boolean(params, "EmergencyEnabled")?,
        iso_country: params.parsed("IsoCountry", country)?,
    })
}

/// A bad value of an address has a code of its own (contract 14.7 row 107).
fn boolean(params: &Params, name: &str) -> Result<Option<bool>, Fault> {
    params.boolean(name).map_err(|fault| Fault::new(Code::InvalidAddressParameter, fault.message))
}

fn country(text: &str) -> Result<IsoCountry, Fault> {
    IsoCountry::parse(text.trim()).ok_or_else(|| {
        Fault::new(Code::InvalidAddressParameter, "Invalid IsoCountry: it must be a two-letter country code")
    })
}

/// An address on the wire.
#[derive(Serialize)]
struct AddressView<'a> {
    account_sid: Shown<AccountSid>,
    city: &'a str,
    customer_name: &'a str,
    date_created: String,
    date_updated: String,
    emergency_enabled: bool,
    friendly_name: Option<&'a str>,
    iso_country: &'a str,
    postal_code: &'a str,
    region: &'a str,
    sid: Shown<AddressSid>,
    street: &'a str,
    street_secondary: Option<&'a str>,
    validated: bool,
    verified: bool,
    uri: Shown<Uri>,
}

/// Addresses of the 2010 API are relative.
struct Uri {
    account: AccountSid,
    sid: AddressSid,
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/2010-04-01/Accounts/{}/Addresses/{}.json", self.account, self.sid)
    }
}

impl<'a> From<&'a Address> for AddressView<'a> {
    fn from(address: &'a Address) -> Self {
        let lines = &address.lines;
        Self {
            account_sid: Shown(address.account_sid),
            city: &lines.city,
            customer_name: &lines.customer_name,
            date_created: rfc_2822(address.created_at),
            date_updated: rfc_2822(address.updated_at),
            emergency_enabled: address.emergency_enabled,
            friendly_name: lines.friendly_name.as_deref(),
            iso_country: address.iso_country.as_str(),
            postal_code: &lines.postal_code,
            region: &lines.region,
            sid: Shown(address.sid),
            street: &lines.street,
            street_secondary: lines.street_secondary.as_deref(),
            validated: address.validated,
            verified: address.verified,
            uri: Shown(Uri { account: address.account_sid, sid: address.sid }),
        }
    }
}
