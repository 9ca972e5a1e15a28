//! Routes, forms and views: what the service looks like from outside. No rules and no SQL.

mod api;
mod certificate;
mod dev;
mod health;
mod metrics;
mod middleware;
mod openapi;
mod operator;
mod options;
mod results;
mod routes;
mod state;
mod unread;

use std::sync::Arc;

use axum::Router;
use dossier_app::App;

pub use self::certificate::parse_certificate;
pub use self::openapi::{OPENAPI_DOCUMENTS, OpenApiDocument};
pub use self::options::WebOptions;
pub use self::routes::{REHEARSAL_ROUTES, ROUTES};
use self::state::Web;

/// Everything the service answers, ready to be served.
pub fn router(app: Arc<App>, options: WebOptions) -> Router {
    let rehearsal = if options.rehearsal {
        openapi::rehearsal_routes().nest(dev::PREFIX, dev::routes())
    } else {
        Router::new()
    };
    let web = Arc::new(Web::new(app, options));
    Router::new()
        .merge(health::routes())
        .merge(openapi::routes())
        .nest("/v2/RegulatoryCompliance", api::v2::routes())
        .nest("/2010-04-01", api::v2010::routes())
        .nest(operator::PREFIX, operator::routes())
        .merge(rehearsal)
        .fallback(api::error::unknown_path)
        .method_not_allowed_fallback(api::error::wrong_method)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&web), middleware::serve))
        .with_state(web)
}
