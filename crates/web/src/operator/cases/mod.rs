//! `/cases`: the review of what was submitted.
//!
//! Every answer about a case has its version as `ETag`. Whoever changes a case may send the version
//! that was looked at, as `If-Match` or as `version` in the body, and is refused when it is an old one;
//! whoever confirms must. See [`version`].

mod bodies;
mod file;
mod version;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use dossier_app::StaleCase;
use dossier_domain::operator::Permission;
use dossier_domain::review::{Case, StateName};
use dossier_domain::sid::{OperatorSid, kinds};
use dossier_domain::{EndUserType, Fault, IsoCountry, NumberType};
use http::StatusCode;
use serde_json::{Value, json};

use self::bodies::{ConfirmationBody, DecisionBody, NextBody, VerdictBody, VersionBody};
use self::file::CaseFileView;
use self::version::{IfMatch, with_version};
use self::view::{CaseView, EventView};
use super::auth::Operator;
use super::json_body::{JsonBody, JsonBodyIfAny};
use super::list::{self, ListRequest};
use crate::api::error::ApiResult;
use crate::api::json::fetched;
use crate::api::params::invalid;
use crate::api::path::{PathDocument, PathSid};
use crate::api::token::ListTag;
use crate::state::Web;

const OLDEST_FIRST: ListTag = ListTag::new("cases, oldest first");
const NEWEST_FIRST: ListTag = ListTag::new("cases, newest first");
const FILTERS: [&str; 6] = ["state", "country", "number_type", "end_user_type", "assignee", "sort"];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/cases", get(list))
        .route("/cases/next", post(next))
        .route("/cases/{sid}", get(fetch))
        .route("/cases/{sid}/claim", post(claim))
        .route("/cases/{sid}/release", post(release))
        .route("/cases/{sid}/documents/{document_sid}/verdict", put(judge))
        .route("/cases/{sid}/decision", post(decide))
        .route("/cases/{sid}/confirmation", post(confirm))
}

async fn list(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    request: ListRequest,
) -> ApiResult<Response> {
    let filter = filter(&request, &caller.operator.sid)?;
    let tag = if filter.newest_first { NEWEST_FIRST } else { OLDEST_FIRST };
    let page = web.app.list_cases(&caller, filter, request.window(tag, &FILTERS)?).await?;
    Ok(list::respond(tag, &page, Case::position, CaseView::from))
}

/// Which cases are asked for. `assignee=me` are the caller's.
fn filter(request: &ListRequest, caller: &OperatorSid) -> Result<dossier_app::CaseFilter, Fault> {
    let operator = |text: &str| if text == "me" { Some(*caller) } else { OperatorSid::parse(text).ok() };
    Ok(dossier_app::CaseFilter {
        state: request.filter("state", StateName::parse)?,
        iso_country: request.filter("country", IsoCountry::parse)?,
        number_type: request.filter("number_type", NumberType::parse)?,
        end_user_type: request.filter("end_user_type", EndUserType::parse)?,
        assignee: request.filter("assignee", operator)?,
        newest_first: match request.text("sort") {
            None | Some("oldest") => false,
            Some("newest") => true,
            Some(_) => return Err(invalid("sort: it must be `oldest` or `newest`")),
        },
    })
}

async fn next(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    JsonBodyIfAny(body): JsonBodyIfAny<NextBody>,
) -> ApiResult<Response> {
    let claimed = web.app.claim_next_case(&caller, body.into_filter()?).await?;
    Ok(claimed.as_ref().map_or_else(|| StatusCode::NO_CONTENT.into_response(), answer))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Case>,
) -> ApiResult<Response> {
    let file = web.app.case(&caller, sid).await?;
    let catalogue = web.app.catalogue();
    let view = CaseFileView::new(&file, catalogue.reasons());
    Ok(with_version(&file.case, fetched(&view)))
}

async fn claim(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Case>,
    if_match: IfMatch,
    JsonBodyIfAny(body): JsonBodyIfAny<VersionBody>,
) -> ApiResult<Response> {
    Ok(answer(&web.app.claim_case(&caller, sid, if_match.or(body.version)?).await?))
}

async fn release(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Case>,
    if_match: IfMatch,
    JsonBodyIfAny(body): JsonBodyIfAny<VersionBody>,
) -> ApiResult<Response> {
    Ok(answer(&web.app.release_case(&caller, sid, if_match.or(body.version)?).await?))
}

async fn judge(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Case>,
    PathDocument(document): PathDocument,
    if_match: IfMatch,
    JsonBody(body): JsonBody<VerdictBody>,
) -> ApiResult<Response> {
    caller.must(Permission::Review)?;
    let version = if_match.or(body.version)?;
    Ok(answer(&web.app.judge_document(&caller, sid, body.into_command(document, version)?).await?))
}

async fn decide(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Case>,
    if_match: IfMatch,
    JsonBody(body): JsonBody<DecisionBody>,
) -> ApiResult<Response> {
    caller.must(Permission::Review)?;
    let version = if_match.or(body.version)?;
    Ok(answer(&web.app.decide_case(&caller, sid, body.into_command(version)?).await?))
}

async fn confirm(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Case>,
    if_match: IfMatch,
    JsonBody(body): JsonBody<ConfirmationBody>,
) -> ApiResult<Response> {
    caller.must(Permission::Confirm)?;
    let version = if_match.required(body.version)?;
    Ok(answer(&web.app.confirm_decision(&caller, sid, body.confirmation(), version).await?))
}

fn answer(case: &Case) -> Response {
    with_version(case, fetched(&CaseView::from(case)))
}

/// What the refusal of a stale write says: the version there is, and what happened since.
pub(crate) fn stale_details(stale: &StaleCase) -> Value {
    let changes: Vec<_> = stale.changes.iter().map(EventView::from).collect();
    json!({ "version": stale.version, "changes": changes })
}
