//! `/operators`: the people on our side.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use dossier_domain::Timestamp;
use dossier_domain::operator::{Operator, Role};
use dossier_domain::sid::{OperatorSid, kinds};
use dossier_domain::text::FriendlyName;
use serde::{Deserialize, Serialize};

use super::auth;
use super::json_body::{JsonBody, parsed};
use super::list::{self, ListRequest};
use crate::api::error::ApiResult;
use crate::api::json::{Shown, created, fetched};
use crate::api::path::PathSid;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("operators by created");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/operators", get(list).post(create))
        .route("/operators/{sid}", get(fetch))
        .route("/operators/{sid}/revoke", post(revoke))
}

async fn list(
    State(web): State<Arc<Web>>,
    auth::Operator(caller): auth::Operator,
    request: ListRequest,
) -> ApiResult<Response> {
    let page = web.app.operators(&caller, request.window(LIST, &[])?).await?;
    Ok(list::respond(LIST, &page, Operator::position, OperatorView::from))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateBody {
    name: String,
    role: String,
}

async fn create(
    State(web): State<Arc<Web>>,
    auth::Operator(caller): auth::Operator,
    JsonBody(body): JsonBody<CreateBody>,
) -> ApiResult<Response> {
    let name = FriendlyName::parse(&body.name)?;
    let role = parsed("role", &body.role, Role::parse)?;
    let new = web.app.create_operator_by(&caller, name, role).await?;
    Ok(created(&NewOperatorView { operator: OperatorView::from(&new.operator), token: &new.token }))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    auth::Operator(caller): auth::Operator,
    PathSid(sid): PathSid<kinds::Operator>,
) -> ApiResult<Response> {
    Ok(fetched(&OperatorView::from(&web.app.operator(&caller, sid).await?)))
}

async fn revoke(
    State(web): State<Arc<Web>>,
    auth::Operator(caller): auth::Operator,
    PathSid(sid): PathSid<kinds::Operator>,
) -> ApiResult<Response> {
    Ok(fetched(&OperatorView::from(&web.app.revoke_operator_by(&caller, sid).await?)))
}

/// The only sight of the token.
#[derive(Serialize)]
struct NewOperatorView<'a> {
    #[serde(flatten)]
    operator: OperatorView<'a>,
    token: &'a str,
}

#[derive(Serialize)]
struct OperatorView<'a> {
    sid: Shown<OperatorSid>,
    name: &'a str,
    role: &'static str,
    created_at: Shown<Timestamp>,
    revoked_at: Option<Shown<Timestamp>>,
}

impl<'a> From<&'a Operator> for OperatorView<'a> {
    fn from(operator: &'a Operator) -> Self {
        Self {
            sid: Shown(operator.sid),
            name: operator.name.as_str(),
            role: operator.role.as_str(),
            created_at: Shown(operator.created_at),
            revoked_at: operator.revoked_at.map(Shown),
        }
    }
}
