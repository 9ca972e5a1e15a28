//! `/Bundles/{BundleSid}/Copies` (contract section 6).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_domain::Timestamp;
use dossier_domain::bundle::Bundle;
use dossier_domain::paging::Position;
use dossier_domain::sid::{AccountSid, BundleSid, RegulationSid, kinds};
use dossier_domain::text::{CallbackUrl, FriendlyName};
use serde::Serialize;

use crate::api::auth::Authenticated;
use crate::api::error::ApiResult;
use crate::api::json::{Shown, created};
use crate::api::page::ListRequest;
use crate::api::params::Form;
use crate::api::path::PathBundle;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("copies by created");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/Bundles/{bundle_sid}/Copies", get(list).post(create))
}

async fn create(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathBundle(bundle): PathBundle<kinds::Bundle>,
    Form(params): Form,
) -> ApiResult<Response> {
    let friendly_name = params.parsed("FriendlyName", FriendlyName::parse)?;
    let copy = web.app.copy_bundle(caller, bundle, friendly_name).await?;
    Ok(created(&CopyView::from(&copy)))
}

async fn list(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathBundle(bundle): PathBundle<kinds::Bundle>,
    request: ListRequest,
) -> ApiResult<Response> {
    let paging = request.paging(LIST, &[])?;
    let page = web.app.list_copies(caller, bundle, paging.window).await?;
    let position = |copy: &Bundle| Position { key: copy.created_at.as_micros(), sid: copy.sid.into() };
    Ok(request.respond("results", &paging, &page, position, CopyView::from))
}

/// A bundle as copies and replaced items show it, with exactly these keys in this order: without `url`
/// and `links`.
#[derive(Serialize)]
pub(super) struct CopyView<'a> {
    sid: Shown<BundleSid>,
    account_sid: Shown<AccountSid>,
    regulation_sid: Shown<RegulationSid>,
    friendly_name: &'a str,
    status: &'static str,
    valid_until: Option<Shown<Timestamp>>,
    email: &'a str,
    status_callback: Option<&'a str>,
    date_created: Shown<Timestamp>,
    date_updated: Shown<Timestamp>,
}

impl<'a> From<&'a Bundle> for CopyView<'a> {
    fn from(bundle: &'a Bundle) -> Self {
        Self {
            sid: Shown(bundle.sid),
            account_sid: Shown(bundle.account_sid),
            regulation_sid: Shown(bundle.regulation_sid),
            friendly_name: bundle.friendly_name.as_str(),
            status: bundle.status.as_str(),
            valid_until: bundle.valid_until.map(Shown),
            email: bundle.contact.email.as_str(),
            status_callback: bundle.contact.status_callback.as_ref().map(CallbackUrl::as_str),
            date_created: Shown(bundle.created_at),
            date_updated: Shown(bundle.updated_at),
        }
    }
}
