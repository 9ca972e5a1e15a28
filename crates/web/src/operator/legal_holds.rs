//! `/legal-holds`: what must be neither changed nor erased.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use dossier_app::LegalHold;
use dossier_domain::Timestamp;
use dossier_domain::review::ReviewText;
use dossier_domain::sid::{AccountSid, AnySid, LegalHoldSid, OperatorSid, kinds};
use serde::{Deserialize, Serialize};

use super::auth::Operator;
use super::json_body::{JsonBody, parsed};
use super::list::{self, ListRequest};
use crate::api::error::ApiResult;
use crate::api::json::{Shown, created, fetched};
use crate::api::path::PathSid;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("legal holds by set");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/legal-holds", get(list).post(set))
        .route("/legal-holds/{sid}", get(fetch))
        .route("/legal-holds/{sid}/release", post(release))
}

async fn list(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    request: ListRequest,
) -> ApiResult<Response> {
    let page = web.app.list_legal_holds(&caller, request.window(LIST, &[])?).await?;
    Ok(list::respond(LIST, &page, LegalHold::position, HoldView::from))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetBody {
    subject: String,
    reason: String,
}

async fn set(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    JsonBody(body): JsonBody<SetBody>,
) -> ApiResult<Response> {
    let subject = parsed("subject", &body.subject, |text| AnySid::parse(text).ok())?;
    let reason = ReviewText::parse("reason", &body.reason)?;
    let hold = web.app.set_legal_hold(&caller, subject, reason).await?;
    Ok(created(&HoldView::from(&hold)))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::LegalHold>,
) -> ApiResult<Response> {
    Ok(fetched(&HoldView::from(&web.app.legal_hold(&caller, sid).await?)))
}

async fn release(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::LegalHold>,
) -> ApiResult<Response> {
    Ok(fetched(&HoldView::from(&web.app.release_legal_hold(&caller, sid).await?)))
}

#[derive(Serialize)]
struct HoldView<'a> {
    sid: Shown<LegalHoldSid>,
    account_sid: Shown<AccountSid>,
    subject: Shown<AnySid>,
    active: bool,
    /// Null for those who may not read it, and once the subject is erased.
    reason: Option<&'a str>,
    set_by: Shown<OperatorSid>,
    set_at: Shown<Timestamp>,
    released_by: Option<Shown<OperatorSid>>,
    released_at: Option<Shown<Timestamp>>,
}

impl<'a> From<&'a LegalHold> for HoldView<'a> {
    fn from(hold: &'a LegalHold) -> Self {
        Self {
            sid: Shown(hold.sid),
            account_sid: Shown(hold.account),
            subject: Shown(hold.subject),
            active: hold.released.is_none(),
            reason: Some(hold.reason.as_str()).filter(|reason| !reason.is_empty()),
            set_by: Shown(hold.set_by),
            set_at: Shown(hold.set_at),
            released_by: hold.released.map(|(by, _)| Shown(by)),
            released_at: hold.released.map(|(_, at)| Shown(at)),
        }
    }
}
