//! `/operator/v1`: our own surface. JSON in and out, bearer tokens, problems of RFC 9457.

mod accounts;
mod audit_events;
mod auth;
pub(crate) mod bundles;
mod campaigns;
mod cases;
mod catalogue;
mod deliveries;
mod documents;
mod eligibility;
mod erasures;
mod evaluations;
pub(crate) mod json_body;
mod legal_holds;
mod lineage;
mod list;
mod numbers;
mod operators;
pub(crate) mod problem;
mod reasons;

use std::sync::Arc;

use axum::Router;

pub(crate) use self::cases::stale_details;
use crate::state::Web;

/// The path everything here is under.
pub(crate) const PREFIX: &str = "/operator/v1";

pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .merge(accounts::routes())
        .merge(audit_events::routes())
        .merge(bundles::routes())
        .merge(campaigns::routes())
        .merge(cases::routes())
        .merge(catalogue::routes())
        .merge(deliveries::routes())
        .merge(documents::routes())
        .merge(eligibility::routes())
        .merge(erasures::routes())
        .merge(evaluations::routes())
        .merge(lineage::routes())
        .merge(legal_holds::routes())
        .merge(numbers::routes())
        .merge(operators::routes())
        .merge(reasons::routes())
}
