//! `/operators`: the people on our side.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_domain::Timestamp;
use dossier_domain::operator::Operator;
use dossier_domain::sid::OperatorSid;
use serde::Serialize;

use super::auth;
use super::list::{self, ListRequest};
use crate::api::error::ApiResult;
use crate::api::json::Shown;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("operators by created");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/operators", get(list))
}

async fn list(
    State(web): State<Arc<Web>>,
    auth::Operator(caller): auth::Operator,
    request: ListRequest,
) -> ApiResult<Response> {
    let page = web.app.operators(&caller, request.window(LIST, &[])?).await?;
    Ok(list::respond(LIST, &page, Operator::position, OperatorView::from))
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
