//! `/Bundles/{BundleSid}/ReplaceItems` (contract section 6).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use dossier_domain::sid::{BundleSid, kinds};
use dossier_domain::{Code, Fault};

use super::copies::CopyView;
use crate::api::auth::Authenticated;
use crate::api::error::ApiResult;
use crate::api::json::created;
use crate::api::params::{Form, Params};
use crate::api::path::PathBundle;
use crate::state::Web;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/Bundles/{bundle_sid}/ReplaceItems", post(create))
}

async fn create(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathBundle(bundle): PathBundle<kinds::Bundle>,
    Form(params): Form,
) -> ApiResult<Response> {
    let replaced = web.app.replace_items(caller, bundle, from_bundle(&params)?).await?;
    Ok(created(&CopyView::from(&replaced)))
}

/// What is no identifier of a bundle is no bundle that the account has.
fn from_bundle(params: &Params) -> Result<BundleSid, Fault> {
    let message = "Invalid FromBundleSid: it must be `BU` and 32 hexadecimal digits";
    BundleSid::parse(params.required("FromBundleSid")?.trim())
        .map_err(|_| Fault::new(Code::NoFromBundle, message))
}
