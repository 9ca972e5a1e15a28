//! `/bundles`: what operators change about a bundle itself.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::put;
use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::sid::kinds;
use dossier_domain::sid::{AccountSid, BundleSid};
use dossier_domain::{Fault, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

use super::auth::Operator;
use super::json_body::JsonBody;
use crate::api::dates::Moment;
use crate::api::error::ApiResult;
use crate::api::json::{Shown, fetched};
use crate::api::path::PathSid;
use crate::state::Web;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/bundles/{sid}/valid-until", put(set_valid_until))
}

async fn set_valid_until(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Bundle>,
    JsonBody(body): JsonBody<ValidUntilBody>,
) -> ApiResult<Response> {
    let bundle = web.app.set_valid_until(&caller, sid, body.time()?).await?;
    Ok(fetched(&BundleView::from(&bundle)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValidUntilBody {
    // With a function of its own the field must be there: `null` is meant, nothing is a mistake.
    #[serde(deserialize_with = "text_or_null")]
    valid_until: Option<String>,
}

fn text_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

impl ValidUntilBody {
    /// A day means all of it.
    fn time(&self) -> Result<Option<Timestamp>, Fault> {
        let moment = self.valid_until.as_deref().map(|text| Moment::parse("valid_until", text));
        Ok(moment.transpose()?.map(|moment| moment.last.whole_second()))
    }
}

/// What an operator is told about a bundle: nothing personal.
#[derive(Serialize)]
pub(crate) struct BundleView {
    sid: Shown<BundleSid>,
    account_sid: Shown<AccountSid>,
    status: Shown<BundleStatus>,
    valid_until: Option<Shown<Timestamp>>,
    updated_at: Shown<Timestamp>,
}

impl From<&Bundle> for BundleView {
    fn from(bundle: &Bundle) -> Self {
        Self {
            sid: Shown(bundle.sid),
            account_sid: Shown(bundle.account_sid),
            status: Shown(bundle.status),
            valid_until: bundle.valid_until.map(Shown),
            updated_at: Shown(bundle.updated_at),
        }
    }
}
