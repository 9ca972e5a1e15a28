//! `/dev/v1`: what only rehearsal mode has. JSON in and out, no credentials: it is on loopback only.

mod clock;
mod review;
mod sent;

use std::sync::Arc;

use axum::Router;

use crate::state::Web;

/// The path everything here is under.
pub(crate) const PREFIX: &str = "/dev/v1";

pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new().merge(clock::routes()).merge(review::routes()).merge(sent::routes())
}
