//! The routes of the floor, under the product's paths.

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::record::{BASE, Form, Row, View};
use crate::writer::Writer;
use crate::{table, upload};

pub struct Floor {
    pub db: String,
    pub writer: Writer,
    /// Where uploads go.
    pub folder: PathBuf,
}

pub async fn serve(floor: Arc<Floor>) {
    let router = Router::new()
        .route("/v2/RegulatoryCompliance/Bundles", get(list).post(create))
        .route("/v2/RegulatoryCompliance/Bundles/{sid}", get(fetch))
        .route("/v2/RegulatoryCompliance/SupportingDocuments", post(upload::receive))
        .layer(DefaultBodyLimit::max(32 << 20))
        .with_state(floor);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    println!("listening on http://{}", listener.local_addr().expect("it is bound"));
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).await.expect("the listener stays open");
}

async fn fetch(State(floor): State<Arc<Floor>>, Path(sid): Path<String>) -> Response {
    match table::read(&floor.db, |connection| table::get(connection, &sid)) {
        Some(row) => Json(View::from(row)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn create(State(floor): State<Arc<Floor>>, axum::Form(form): axum::Form<Form>) -> Response {
    match floor.writer.insert(Row::new(form)).await {
        Ok(row) => (StatusCode::CREATED, Json(View::from(row))).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error).into_response(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListQuery {
    page_size: u32,
    /// `MICROSECONDS_SID`
    page_token: Option<String>,
}

#[derive(Serialize)]
struct Page {
    results: Vec<View>,
    meta: Meta,
}

#[derive(Serialize)]
struct Meta {
    page_size: u32,
    next_page_url: Option<String>,
    key: &'static str,
}

async fn list(State(floor): State<Arc<Floor>>, Query(query): Query<ListQuery>) -> Json<Page> {
    let size = query.page_size.clamp(1, 1000);
    let after = query.page_token.as_deref().and_then(|token| token.split_once('_'));
    let after = after.and_then(|(date, sid)| Some((date.parse().ok()?, sid)));
    let mut rows = table::read(&floor.db, |connection| table::list(connection, size + 1, after));
    let next_page_url = (rows.len() > size as usize).then(|| {
        rows.truncate(size as usize);
        let last = rows.last().expect("a page has at least one row");
        format!("{BASE}?PageSize={size}&PageToken={}_{}", last.date_created, last.sid)
    });
    let meta = Meta { page_size: size, next_page_url, key: "results" };
    Json(Page { results: rows.into_iter().map(View::from).collect(), meta })
}
