//! `/erasures`: removing what a person or an account left behind, and the proof of it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use dossier_app::{Erasure, ErasureObject, ErasureRecord, RequestErasure};
use dossier_domain::Timestamp;
use dossier_domain::review::ReviewText;
use dossier_domain::sid::{AccountSid, AnySid, ErasureSid, kinds};
use serde::{Deserialize, Serialize};

use super::auth::Operator;
use super::json_body::{JsonBody, parsed};
use super::list::{self, ListRequest};
use crate::api::error::ApiResult;
use crate::api::json::{Shown, created, fetched};
use crate::api::params::{Query, invalid};
use crate::api::path::PathSid;
use crate::api::token::ListTag;
use crate::certificate;
use crate::state::Web;

const LIST: ListTag = ListTag::new("erasures by requested");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/erasures", get(list).post(request))
        .route("/erasures/{sid}", get(fetch))
        .route("/erasures/{sid}/undo", post(undo))
        .route("/erasures/{sid}/certificate", get(certificate))
}

async fn list(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    request: ListRequest,
) -> ApiResult<Response> {
    let page = web.app.list_erasures(&caller, request.window(LIST, &[])?).await?;
    Ok(list::respond(LIST, &page, Erasure::position, ErasureView::from))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestBody {
    subject: String,
    reason: String,
    undo_seconds: Option<u64>,
    #[serde(default)]
    even_if_in_use: bool,
}

async fn request(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    JsonBody(body): JsonBody<RequestBody>,
) -> ApiResult<Response> {
    let command = RequestErasure {
        subject: parsed("subject", &body.subject, |text| AnySid::parse(text).ok())?,
        reason: ReviewText::parse("reason", &body.reason)?,
        undo: body.undo_seconds.map(Duration::from_secs),
        even_if_in_use: body.even_if_in_use,
    };
    Ok(created(&RecordView::from(&web.app.request_erasure(&caller, command).await?)))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Erasure>,
) -> ApiResult<Response> {
    Ok(fetched(&RecordView::from(&web.app.erasure(&caller, sid).await?)))
}

async fn undo(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Erasure>,
) -> ApiResult<Response> {
    Ok(fetched(&RecordView::from(&web.app.undo_erasure(&caller, sid).await?)))
}

async fn certificate(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Erasure>,
    Query(params): Query,
) -> ApiResult<Response> {
    if params.names().any(|name| name != "after") {
        return Err(invalid("query: a certificate has only the parameter after").into());
    }
    let after = params.parsed("after", |text| {
        let place = text.split_once('/');
        let place = place.and_then(|(account, object)| {
            Some((AccountSid::parse(account).ok()?, AnySid::parse(object).ok()?))
        });
        place.ok_or_else(|| invalid("after: it must be the `next` of the part before"))
    })?;
    let certificate = web.app.erasure_certificate(&caller, sid, after).await?;
    Ok(fetched(&certificate::json(&certificate)))
}

#[derive(Serialize)]
struct ErasureView {
    sid: Shown<ErasureSid>,
    account_sid: Shown<AccountSid>,
    subject: Shown<AnySid>,
    state: &'static str,
    even_if_in_use: bool,
    requested_by: String,
    requested_at: Shown<Timestamp>,
    due_at: Shown<Timestamp>,
    finished_at: Option<Shown<Timestamp>>,
    blocked_by: Option<Shown<AnySid>>,
    erased_objects: i64,
}

impl From<&Erasure> for ErasureView {
    fn from(erasure: &Erasure) -> Self {
        Self {
            sid: Shown(erasure.sid),
            account_sid: Shown(erasure.account),
            subject: Shown(erasure.subject),
            state: erasure.state.as_str(),
            even_if_in_use: erasure.even_if_in_use,
            requested_by: erasure.requested_by.text(),
            requested_at: Shown(erasure.requested_at),
            due_at: Shown(erasure.due_at),
            finished_at: erasure.finished_at.map(Shown),
            blocked_by: erasure.blocked_by.map(Shown),
            erased_objects: erasure.objects,
        }
    }
}

/// An erasure with its objects. Those of an account are found while it is carried out.
#[derive(Serialize)]
struct RecordView<'a> {
    #[serde(flatten)]
    erasure: ErasureView,
    reason: Option<&'a str>,
    objects: Vec<ObjectView>,
    objects_are_all: bool,
}

#[derive(Serialize)]
struct ObjectView {
    kind: Option<&'static str>,
    sid: Shown<AnySid>,
    account_sid: Shown<AccountSid>,
    erased_at: Option<Shown<Timestamp>>,
}

impl<'a> From<&'a ErasureRecord> for RecordView<'a> {
    fn from(record: &'a ErasureRecord) -> Self {
        Self {
            erasure: ErasureView::from(&record.erasure),
            reason: record.reason.as_deref(),
            objects: record.objects.iter().map(ObjectView::from).collect(),
            objects_are_all: record.is_complete,
        }
    }
}

impl From<&ErasureObject> for ObjectView {
    fn from(object: &ErasureObject) -> Self {
        Self {
            kind: object.sid.noun(),
            sid: Shown(object.sid),
            account_sid: Shown(object.account),
            erased_at: object.erased.map(|(at, _)| Shown(at)),
        }
    }
}
