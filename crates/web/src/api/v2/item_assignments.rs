//! `/Bundles/{BundleSid}/ItemAssignments` (contract section 4).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_domain::Timestamp;
use dossier_domain::item_assignment::{Item, ItemAssignment};
use dossier_domain::paging::Position;
use dossier_domain::sid::{AccountSid, AnySid, BundleSid, ItemAssignmentSid, kinds};
use serde::Serialize;

use super::url::Url;
use crate::api::auth::Authenticated;
use crate::api::base_url::BaseUrl;
use crate::api::error::ApiResult;
use crate::api::json::{Shown, created, deleted, fetched};
use crate::api::page::ListRequest;
use crate::api::params::Form;
use crate::api::path::{PathBundle, PathSids};
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("item assignments");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/Bundles/{bundle_sid}/ItemAssignments", get(list).post(create))
        .route("/Bundles/{bundle_sid}/ItemAssignments/{sid}", get(fetch).delete(delete))
}

async fn create(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathBundle(bundle): PathBundle<kinds::Bundle>,
    base: BaseUrl,
    Form(params): Form,
) -> ApiResult<Response> {
    let item = Item::parse(params.required("ObjectSid")?.trim())?;
    let assignment = web.app.assign_item(caller, bundle, item).await?;
    Ok(created(&ItemAssignmentView::new(&base, &assignment)))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSids(bundle, sid): PathSids<kinds::Bundle, kinds::ItemAssignment>,
    base: BaseUrl,
) -> ApiResult<Response> {
    let assignment = web.app.item_assignment(caller, bundle, sid).await?;
    Ok(fetched(&ItemAssignmentView::new(&base, &assignment)))
}

async fn list(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathBundle(bundle): PathBundle<kinds::Bundle>,
    request: ListRequest,
) -> ApiResult<Response> {
    let paging = request.paging(LIST, &[])?;
    let page = web.app.list_item_assignments(caller, bundle, paging.window).await?;
    let position =
        |item: &ItemAssignment| Position { key: item.created_at.as_micros(), sid: item.sid.into() };
    Ok(request
        .respond("results", &paging, &page, position, |item| ItemAssignmentView::new(request.base(), item)))
}

async fn delete(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSids(bundle, sid): PathSids<kinds::Bundle, kinds::ItemAssignment>,
) -> ApiResult<Response> {
    web.app.remove_item(caller, bundle, sid).await?;
    Ok(deleted())
}

/// An item assignment on the wire, with exactly these keys in this order.
#[derive(Serialize)]
struct ItemAssignmentView<'a> {
    sid: Shown<ItemAssignmentSid>,
    bundle_sid: Shown<BundleSid>,
    account_sid: Shown<AccountSid>,
    object_sid: Shown<AnySid>,
    date_created: Shown<Timestamp>,
    url: Url<'a, 4>,
}

impl<'a> ItemAssignmentView<'a> {
    fn new(base: &'a BaseUrl, assignment: &ItemAssignment) -> Self {
        let (bundle, sid) = (assignment.bundle_sid, assignment.sid);
        Self {
            sid: Shown(sid),
            bundle_sid: Shown(bundle),
            account_sid: Shown(assignment.account_sid),
            object_sid: Shown(assignment.object_sid),
            date_created: Shown(assignment.created_at),
            url: Url::new(base, ["/Bundles/".into(), bundle.into(), "/ItemAssignments/".into(), sid.into()]),
        }
    }
}
