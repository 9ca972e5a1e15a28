//! `/documents`: the files that reviewers look at.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_app::DocumentDownload;
use dossier_domain::file::FileType;
use dossier_domain::sid::{DocumentSid, kinds};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use super::auth::Operator;
use crate::api::error::ApiResult;
use crate::api::path::PathSid;
use crate::state::Web;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/documents/{sid}/file", get(file))
}

/// The file as an attachment. It came from outside: a browser is to save it, and to run nothing in it.
async fn file(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Document>,
) -> ApiResult<Response> {
    let DocumentDownload { file, download } = web.app.document_file(&caller, sid).await?;
    let bytes = download.plain_bytes();
    let mut response = Response::new(Body::from_stream(download.into_stream()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.file_type.mime()));
    headers.insert(CONTENT_LENGTH, bytes.into());
    headers.insert(CONTENT_DISPOSITION, attachment(sid, file.file_type));
    let nothing = HeaderValue::from_static("default-src 'none'; sandbox");
    headers.insert(CONTENT_SECURITY_POLICY, nothing);
    Ok(response)
}

fn attachment(sid: DocumentSid, file_type: FileType) -> HeaderValue {
    let extension = match file_type {
        FileType::Pdf => "pdf",
        FileType::Jpeg => "jpg",
        FileType::Png => "png",
    };
    let value = format!("attachment; filename=\"{sid}.{extension}\"");
    HeaderValue::from_str(&value).expect("letters and digits are a header value")
}
