//! `/2010-04-01/Accounts/{AccountSid}`: the older API, as far as compliance needs it.

mod addresses;
mod dependent_phone_numbers;

use std::sync::Arc;

use axum::Router;

use crate::state::Web;

pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new().merge(addresses::routes()).merge(dependent_phone_numbers::routes())
}
