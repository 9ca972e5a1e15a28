//! `/operator/v1`: our own surface. JSON in and out, bearer tokens, problems of RFC 9457.

mod accounts;
mod audit_events;
mod auth;
mod bundles;
mod catalogue;
mod deliveries;
mod eligibility;
mod evaluations;
pub(crate) mod json_body;
mod list;
mod numbers;
mod operators;
pub(crate) mod problem;

use std::sync::Arc;

use axum::Router;

use crate::state::Web;

/// The path everything here is under.
pub(crate) const PREFIX: &str = "/operator/v1";

pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .merge(accounts::routes())
        .merge(audit_events::routes())
        .merge(bundles::routes())
        .merge(catalogue::routes())
        .merge(deliveries::routes())
        .merge(eligibility::routes())
        .merge(evaluations::routes())
        .merge(numbers::routes())
        .merge(operators::routes())
}
