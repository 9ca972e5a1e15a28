//! `/Addresses/{AddressSid}/DependentPhoneNumbers.json`: none, since no numbers are hosted here
//! (contract 14.7 row 111).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_domain::paging::Page;
use dossier_domain::sid::{AddressSid, kinds};

use crate::api::auth::ActingFor;
use crate::api::error::ApiResult;
use crate::api::page::ListRequest;
use crate::api::path::PathSid;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("dependent phone numbers");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/Accounts/{account_sid}/Addresses/{sid}/DependentPhoneNumbers.json", get(list))
}

async fn list(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    PathSid(sid): PathSid<kinds::Address>,
    request: ListRequest,
) -> ApiResult<Response> {
    let address: AddressSid = web.app.address(caller, sid).await?.sid;
    let paging = request.paging(LIST, &[])?;
    let none: Page<()> = Page { items: Vec::new(), more_before: false, more_after: false };
    let position = |(): &()| dossier_domain::paging::Position { key: 0, sid: address.into() };
    Ok(request.respond_2010("dependent_phone_numbers", &paging, &none, position, |()| ()))
}
