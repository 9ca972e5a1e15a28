//! `/reasons`: why reviewers refuse.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_domain::operator::Permission;
use dossier_domain::reason::{Reason, Subject};
use serde::Serialize;

use super::auth::Operator;
use crate::api::error::ApiResult;
use crate::api::json::fetched;
use crate::state::Web;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/reasons", get(list))
}

/// All of them at once: there are some dozens, and a reviewer needs them side by side.
async fn list(State(web): State<Arc<Web>>, Operator(caller): Operator) -> ApiResult<Response> {
    caller.must(Permission::SeeCases)?;
    let catalogue = web.app.catalogue();
    let items = catalogue.reasons().iter().map(ReasonView::from).collect();
    Ok(fetched(&ListView { items, next: None }))
}

#[derive(Serialize)]
struct ListView<'a> {
    items: Vec<ReasonView<'a>>,
    next: Option<&'a str>,
}

#[derive(Serialize)]
struct ReasonView<'a> {
    code: u32,
    name: &'a str,
    applicant: &'a str,
    colleague: &'a str,
    retryable: bool,
    applies_to: Vec<&'static str>,
}

impl<'a> From<&'a Reason> for ReasonView<'a> {
    fn from(reason: &'a Reason) -> Self {
        Self {
            code: reason.code,
            name: &reason.name,
            applicant: &reason.applicant,
            colleague: &reason.colleague,
            retryable: reason.retryable,
            applies_to: reason.applies_to.iter().copied().map(Subject::as_str).collect(),
        }
    }
}
