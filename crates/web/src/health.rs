//! Whether the service lives and can serve, and what it counts.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use http::{StatusCode, header};
use serde_json::json;

use crate::state::Web;

pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/health", get(health)).route("/live", get(live)).route("/metrics", get(metrics))
}

/// 200 when requests can be served. The reason why not is for the log, not for whoever asks.
async fn health(State(web): State<Arc<Web>>) -> impl IntoResponse {
    match web.app.health().await {
        Ok(()) => (StatusCode::OK, Json(json!({ "status": "ok" }))),
        Err(reason) => {
            tracing::error!(reason, "The service is not healthy: {reason}");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "unavailable" })))
        }
    }
}

/// 200 as long as the process answers at all.
async fn live() -> impl IntoResponse {
    Json(json!({ "status": "live" }))
}

async fn metrics(State(web): State<Arc<Web>>) -> impl IntoResponse {
    let text = web.metrics.encode(web.app.queued_units(), &web.app.delivery_counts());
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
}
