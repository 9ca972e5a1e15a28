//! `/openapi`: descriptions of the surfaces, for programs that read such things. Anybody may.
//!
//! They are written by hand. Tests compare their paths with [`crate::ROUTES`], and every answer that any
//! test over HTTP receives with what they say about it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::api::json::written;
use crate::state::Web;

/// An OpenAPI 3.1 document.
#[derive(Debug)]
pub struct OpenApiDocument {
    /// Its name, without `.json`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// Whether what it describes is there in rehearsal mode only.
    pub is_for_rehearsal: bool,
}

macro_rules! document {
    ($name:literal, $is_for_rehearsal:literal) => {
        OpenApiDocument {
            name: $name,
            text: include_str!(concat!("../openapi/", $name, ".json")),
            is_for_rehearsal: $is_for_rehearsal,
        }
    };
}

static REGULATORY_COMPLIANCE: OpenApiDocument = document!("regulatory-compliance", false);
static API_2010: OpenApiDocument = document!("api-2010", false);
static OPERATOR: OpenApiDocument = document!("operator", false);
static REHEARSAL: OpenApiDocument = document!("rehearsal", true);

/// Every document there is.
pub static OPENAPI_DOCUMENTS: [&OpenApiDocument; 4] =
    [&REGULATORY_COMPLIANCE, &API_2010, &OPERATOR, &REHEARSAL];

/// What can be read in any mode.
pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/openapi", get(index))
        .route("/openapi/regulatory-compliance.json", get(async || answer(&REGULATORY_COMPLIANCE)))
        .route("/openapi/api-2010.json", get(async || answer(&API_2010)))
        .route("/openapi/operator.json", get(async || answer(&OPERATOR)))
}

/// What can be read in rehearsal mode besides.
pub(crate) fn rehearsal_routes() -> Router<Arc<Web>> {
    Router::new().route("/openapi/rehearsal.json", get(async || answer(&REHEARSAL)))
}

async fn index(State(web): State<Arc<Web>>) -> Json<Index> {
    let documents =
        OPENAPI_DOCUMENTS.iter().filter(|document| !document.is_for_rehearsal || web.options.rehearsal);
    Json(Index {
        documents: documents
            .map(|document| Entry { name: document.name, url: format!("/openapi/{}.json", document.name) })
            .collect(),
    })
}

fn answer(document: &OpenApiDocument) -> Response {
    written(document.text.into())
}

#[derive(Serialize)]
struct Index {
    documents: Vec<Entry>,
}

/// The address is relative, so that it is right under any host.
#[derive(Serialize)]
struct Entry {
    name: &'static str,
    url: String,
}
