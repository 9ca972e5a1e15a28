//! `/Bundles/{BundleSid}/Clones` (contract section 6).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use dossier_app::CloneBundle;
use dossier_domain::bundle::Bundle;
use dossier_domain::sid::{AccountSid, BundleSid, RegulationSid, kinds};
use dossier_domain::text::{CallbackUrl, FriendlyName};
use dossier_domain::{Fault, Timestamp};
use serde::Serialize;

use super::url::Url;
use crate::api::auth::Authenticated;
use crate::api::base_url::BaseUrl;
use crate::api::error::ApiResult;
use crate::api::json::{Shown, created};
use crate::api::params::{Form, Params, invalid};
use crate::api::path::PathBundle;
use crate::state::Web;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/Bundles/{bundle_sid}/Clones", post(create))
}

async fn create(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathBundle(bundle): PathBundle<kinds::Bundle>,
    base: BaseUrl,
    Form(params): Form,
) -> ApiResult<Response> {
    let clone = web.app.clone_bundle(caller, bundle, command(&params)?).await?;
    Ok(created(&CloneView::new(&base, &clone)))
}

fn command(params: &Params) -> Result<CloneBundle, Fault> {
    let target = params.required("TargetAccountSid")?.trim();
    let malformed = |_| invalid("TargetAccountSid: it must be `AC` and 32 hexadecimal digits");
    Ok(CloneBundle {
        target: AccountSid::parse(target).map_err(malformed)?,
        to_draft: params.boolean("MoveToDraft")?.unwrap_or(false),
        friendly_name: params.parsed("FriendlyName", FriendlyName::parse)?,
    })
}

/// A clone on the wire, with exactly these keys in this order.
#[derive(Serialize)]
struct CloneView<'a> {
    bundle_sid: Shown<BundleSid>,
    account_sid: Shown<AccountSid>,
    regulation_sid: Shown<RegulationSid>,
    friendly_name: &'a str,
    status: &'static str,
    valid_until: Option<Shown<Timestamp>>,
    email: &'a str,
    status_callback: Option<&'a str>,
    date_created: Shown<Timestamp>,
    date_updated: Shown<Timestamp>,
    url: Url<'a, 3>,
}

impl<'a> CloneView<'a> {
    fn new(base: &'a BaseUrl, bundle: &'a Bundle) -> Self {
        Self {
            bundle_sid: Shown(bundle.sid),
            account_sid: Shown(bundle.account_sid),
            regulation_sid: Shown(bundle.regulation_sid),
            friendly_name: bundle.friendly_name.as_str(),
            status: bundle.status.as_str(),
            valid_until: bundle.valid_until.map(Shown),
            email: bundle.contact.email.as_str(),
            status_callback: bundle.contact.status_callback.as_ref().map(CallbackUrl::as_str),
            date_created: Shown(bundle.created_at),
            date_updated: Shown(bundle.updated_at),
            url: Url::new(base, ["/Bundles/".into(), bundle.sid.into(), "/Clones".into()]),
        }
    }
}
