//! `/2010-04-01`: the older API, as far as compliance needs it.

mod accounts;
mod addresses;
mod dependent_phone_numbers;
mod incoming_phone_numbers;
mod keys;
mod number_view;

use std::sync::Arc;

use axum::Router;

use crate::state::Web;

pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .merge(accounts::routes())
        .merge(addresses::routes())
        .merge(dependent_phone_numbers::routes())
        .merge(incoming_phone_numbers::routes())
        .merge(keys::routes())
}
