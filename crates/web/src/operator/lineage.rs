//! `/bundles/{sid}/lineage`: what a bundle was made from, and what was made from it.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_domain::Timestamp;
use dossier_domain::lineage::{BundleLineage, LineageKind, Replacement};
use dossier_domain::paging::Position;
use dossier_domain::sid::{AccountSid, BundleSid, kinds};
use serde::Serialize;

use super::auth::Operator;
use super::list::{ListRequest, next};
use crate::api::error::ApiResult;
use crate::api::json::{Shown, fetched};
use crate::api::path::PathSid;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("bundles made from a bundle");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/bundles/{sid}/lineage", get(fetch))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Bundle>,
    request: ListRequest,
) -> ApiResult<Response> {
    let window = request.window(LIST, &[])?;
    let lineage = web.app.bundle_lineage(&caller, sid, window).await?;
    let position =
        |made: &BundleLineage| Position { key: made.made_at.as_micros(), sid: made.bundle_sid.into() };
    Ok(fetched(&LineageView {
        bundle_sid: Shown(lineage.bundle),
        account_sid: Shown(lineage.account),
        source: lineage.source.as_ref().map(RelativeView::source),
        made: lineage.made.items.iter().map(RelativeView::made).collect(),
        next: next(LIST, &lineage.made, position),
    }))
}

#[derive(Serialize)]
struct LineageView<'a> {
    bundle_sid: Shown<BundleSid>,
    account_sid: Shown<AccountSid>,
    source: Option<RelativeView<'a>>,
    made: Vec<RelativeView<'a>>,
    next: Option<String>,
}

/// The bundle at the other end.
#[derive(Serialize)]
struct RelativeView<'a> {
    bundle_sid: Shown<BundleSid>,
    account_sid: Shown<AccountSid>,
    kind: &'static str,
    made_at: Shown<Timestamp>,
    made_by: &'a str,
    replaced_at: Option<Shown<Timestamp>>,
    replaced_by: Option<&'a str>,
}

impl<'a> RelativeView<'a> {
    fn source(lineage: &'a BundleLineage) -> Self {
        Self::new(lineage, lineage.source_bundle_sid, lineage.source_account_sid)
    }

    fn made(lineage: &'a BundleLineage) -> Self {
        Self::new(lineage, lineage.bundle_sid, lineage.account_sid)
    }

    fn new(lineage: &'a BundleLineage, bundle: BundleSid, account: AccountSid) -> Self {
        let replaced: Option<&Replacement> = lineage.replaced.as_ref();
        Self {
            bundle_sid: Shown(bundle),
            account_sid: Shown(account),
            kind: LineageKind::as_str(lineage.kind),
            made_at: Shown(lineage.made_at),
            made_by: &lineage.made_by,
            replaced_at: replaced.map(|replaced| Shown(replaced.at)),
            replaced_by: replaced.map(|replaced| replaced.by.as_str()),
        }
    }
}
