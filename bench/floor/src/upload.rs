//! An upload: multipart to a file, hashed on the way, on disk before the answer.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use axum::Json;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use serde::Serialize;

use crate::record::random_sid;
use crate::routes::Floor;

#[derive(Serialize)]
pub struct Received {
    sid: String,
    bytes: usize,
    sha256: String,
}

pub async fn receive(
    State(floor): State<Arc<Floor>>,
    mut multipart: Multipart,
) -> Result<(StatusCode, Json<Received>), StatusCode> {
    let sid = random_sid("RD");
    let (mut bytes, mut hash) = (0, Context::new(&SHA256));
    while let Some(mut field) = multipart.next_field().await.map_err(|_| StatusCode::BAD_REQUEST)? {
        if field.name() != Some("File") {
            field.bytes().await.map_err(|_| StatusCode::BAD_REQUEST)?;
            continue;
        }
        let mut file = File::create_new(floor.folder.join(&sid)).map_err(failed)?;
        while let Some(chunk) = field.chunk().await.map_err(|_| StatusCode::BAD_REQUEST)? {
            hash.update(&chunk);
            bytes += chunk.len();
            // Into the page cache, inline: cheaper than handing every chunk to another thread.
            file.write_all(&chunk).map_err(failed)?;
        }
        let synced = tokio::task::spawn_blocking(move || file.sync_data()).await;
        synced.expect("a sync does not panic").map_err(failed)?;
    }
    let sha256 = hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((StatusCode::CREATED, Json(Received { sid, bytes, sha256 })))
}

fn failed(error: std::io::Error) -> StatusCode {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR
}
