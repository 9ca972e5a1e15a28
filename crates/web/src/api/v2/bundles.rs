//! `/Bundles` (contract section 1).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_app::BundleQuery;
use dossier_domain::Timestamp;
use dossier_domain::bundle::Bundle;
use dossier_domain::paging::Position;
use dossier_domain::sid::{AccountSid, BundleSid, RegulationSid, kinds};
use dossier_domain::text::CallbackUrl;
use serde::{Serialize, Serializer};

use super::bundle_params::{create_command, filter, list_tag, update_command};
use super::url::{Below, Url};
use crate::api::auth::Authenticated;
use crate::api::base_url::BaseUrl;
use crate::api::error::{ApiResult, Refused};
use crate::api::json::{Shown, created, deleted, fetched};
use crate::api::page::ListRequest;
use crate::api::params::Form;
use crate::api::path::PathSid;
use crate::state::Web;

/// The parameters that narrow and order a list, as they are echoed in the addresses of its pages.
const FILTERS: [&str; 13] = [
    "Status",
    "BundleSids",
    "FriendlyName",
    "RegulationSid",
    "IsoCountry",
    "NumberType",
    "EndUserType",
    "HasValidUntilDate",
    "SortBy",
    "SortDirection",
    "ValidUntilDate",
    "ValidUntilDate<",
    "ValidUntilDate>",
];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/Bundles", get(list).post(create))
        .route("/Bundles/{sid}", get(fetch).post(update).delete(delete))
}

async fn create(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    base: BaseUrl,
    Form(params): Form,
) -> ApiResult<Response> {
    let bundle = web.app.create_bundle(caller, create_command(&params)?).await?;
    Ok(created(&BundleView::new(&base, &bundle)))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSid(sid): PathSid<kinds::Bundle>,
    base: BaseUrl,
) -> ApiResult<Response> {
    let bundle = web.app.bundle(caller, sid).await?;
    Ok(fetched(&BundleView::new(&base, &bundle)))
}

async fn list(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    request: ListRequest,
) -> ApiResult<Response> {
    let filter = filter(&request.params)?;
    let paging = request.paging(list_tag(&filter), &FILTERS)?;
    let sort_by = filter.sort_by;
    let page = web.app.list_bundles(caller, BundleQuery { filter, window: paging.window }).await?;
    let position = |bundle: &Bundle| Position { key: sort_by.key(bundle), sid: bundle.sid.into() };
    Ok(request.respond("results", &paging, &page, position, |bundle| BundleView::new(request.base(), bundle)))
}

async fn update(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSid(sid): PathSid<kinds::Bundle>,
    base: BaseUrl,
    Form(params): Form,
) -> ApiResult<Response> {
    let updated = web.app.update_bundle(caller, sid, update_command(&params)?).await;
    let bundle = updated.map_err(|error| Refused::submission(error, &base))?;
    Ok(fetched(&BundleView::new(&base, &bundle)))
}

async fn delete(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSid(sid): PathSid<kinds::Bundle>,
) -> ApiResult<Response> {
    web.app.delete_bundle(caller, sid).await?;
    Ok(deleted())
}

/// A bundle on the wire.
struct BundleView<'a> {
    bundle: &'a Bundle,
    url: String,
}

impl<'a> BundleView<'a> {
    fn new(base: &BaseUrl, bundle: &'a Bundle) -> Self {
        Self { bundle, url: Url::new(base, ["/Bundles/".into(), bundle.sid.into()]).to_string() }
    }
}

impl Serialize for BundleView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::new(self.bundle, &self.url).serialize(serializer)
    }
}

/// Exactly these keys in this order.
#[derive(Serialize)]
struct Fields<'a> {
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
    url: &'a str,
    links: Links<'a>,
}

#[derive(Serialize)]
struct Links<'a> {
    evaluations: Below<'a>,
    item_assignments: Below<'a>,
    bundle_copies: Below<'a>,
    replace_items: Below<'a>,
}

impl<'a> Fields<'a> {
    fn new(bundle: &'a Bundle, url: &'a str) -> Self {
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
            url,
            links: Links {
                evaluations: Below(url, "/Evaluations"),
                item_assignments: Below(url, "/ItemAssignments"),
                bundle_copies: Below(url, "/Copies"),
                replace_items: Below(url, "/ReplaceItems"),
            },
        }
    }
}
