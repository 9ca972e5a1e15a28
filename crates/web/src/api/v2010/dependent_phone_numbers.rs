//! `/Addresses/{AddressSid}/DependentPhoneNumbers.json`: the numbers that are leased with an address
//! (contract 14.7 row 111).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_app::{LeaseQuery, LeasedFilter};
use dossier_domain::sid::kinds;

use super::incoming_phone_numbers::position;
use super::number_view::NumberView;
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
    let address = web.app.address(caller.clone(), sid).await?.sid;
    let paging = request.paging(LIST, &[])?;
    let filter = LeasedFilter { address: Some(address), ..LeasedFilter::default() };
    let query = LeaseQuery { filter, window: paging.window };
    let page = web.app.list_leased_numbers(caller, query).await?;
    Ok(request.respond_2010("dependent_phone_numbers", &paging, &page, position, NumberView::from))
}
