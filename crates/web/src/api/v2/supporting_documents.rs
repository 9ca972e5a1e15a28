//! `/SupportingDocuments` (contract section 2), with or without a file, on either host's paths.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use dossier_app::{CreateDocument, UpdateDocument, random_sid};
use dossier_domain::document::{Document, Rejection};
use dossier_domain::paging::Position;
use dossier_domain::sid::{AccountSid, DocumentSid, kinds};
use dossier_domain::text::FriendlyName;
use dossier_domain::{Attributes, Code, Fault, Timestamp};
use serde::Serialize;

use super::url::Url;
use crate::api::auth::Authenticated;
use crate::api::base_url::BaseUrl;
use crate::api::error::{ApiResult, Refused};
use crate::api::json::{self, Shown, created, deleted, fetched};
use crate::api::page::ListRequest;
use crate::api::params::Params;
use crate::api::path::PathSid;
use crate::api::token::ListTag;
use crate::api::upload::{self, Uploaded};
use crate::state::Web;

const LIST: ListTag = ListTag::new("supporting documents");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/SupportingDocuments", get(list).post(create))
        .route("/SupportingDocuments/{sid}", get(fetch).post(update).delete(delete))
}

async fn create(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    base: BaseUrl,
    request: Request,
) -> ApiResult<Response> {
    let sid = random_sid();
    let uploaded = upload::read(&web, &caller, sid, request).await?;
    let document = match new_document(&web, &uploaded.params) {
        Ok((friendly_name, kind, attributes)) => {
            let command = CreateDocument { sid, friendly_name, kind, attributes, file: uploaded.file };
            web.app.create_document(caller, command).await?
        }
        Err(refused) => return Err(discard(&web, uploaded, refused).await),
    };
    Ok(created(&DocumentView::new(&base, &document)))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSid(sid): PathSid<kinds::Document>,
    base: BaseUrl,
) -> ApiResult<Response> {
    let document = web.app.document(caller, sid).await?;
    Ok(fetched(&DocumentView::new(&base, &document)))
}

async fn list(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    request: ListRequest,
) -> ApiResult<Response> {
    let paging = request.paging(LIST, &[])?;
    let page = web.app.list_documents(caller, paging.window).await?;
    let position = |item: &Document| Position { key: item.created_at.as_micros(), sid: item.sid.into() };
    Ok(request.respond("results", &paging, &page, position, |item| DocumentView::new(request.base(), item)))
}

async fn update(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSid(sid): PathSid<kinds::Document>,
    base: BaseUrl,
    request: Request,
) -> ApiResult<Response> {
    // Nothing is received for a document that is not there.
    web.app.document(caller.clone(), sid).await?;
    let uploaded = upload::read(&web, &caller, sid, request).await?;
    let document = match changes(&uploaded.params) {
        Ok((friendly_name, attributes)) => {
            let command = UpdateDocument { friendly_name, attributes, file: uploaded.file };
            web.app.update_document(caller, sid, command).await?
        }
        Err(fault) => return Err(discard(&web, uploaded, fault.into()).await),
    };
    Ok(fetched(&DocumentView::new(&base, &document)))
}

async fn delete(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSid(sid): PathSid<kinds::Document>,
) -> ApiResult<Response> {
    web.app.delete_document(caller, sid).await?;
    Ok(deleted())
}

/// Throws away a file whose parameters were refused.
async fn discard(web: &Web, uploaded: Uploaded, refused: Refused) -> Refused {
    if let Some(file) = uploaded.file {
        web.app.discard_file(file).await;
    }
    refused
}

/// Documents have codes of their own for what is missing (contract section 2.5).
fn new_document(web: &Web, params: &Params) -> ApiResult<(FriendlyName, String, Attributes)> {
    let missing =
        |code, name| Fault::new(code, format!("Missing required parameter {name} in the post body"));
    let name =
        params.filled("FriendlyName").ok_or_else(|| missing(Code::DocumentNameMissing, "FriendlyName"))?;
    let kind = params.filled("Type").ok_or_else(|| missing(Code::InvalidDocumentType, "Type"))?;
    let attributes = Attributes::parse(params.get("Attributes").unwrap_or_default())?;
    Ok((FriendlyName::parse(name)?, web.app.document_kind(kind)?, attributes))
}

/// A status cannot be set by a customer; asking for it has its own refusals (contract 14.2 row 45).
fn changes(params: &Params) -> Result<(Option<FriendlyName>, Option<Attributes>), Fault> {
    let attributes = params.get("Attributes").map(Attributes::parse).transpose()?;
    if let Some(status) = params.filled("Status") {
        if attributes.is_some() {
            let message = "Status and Attributes cannot be updated in the same request";
            return Err(Fault::new(Code::DocumentStatusWithAttributes, message));
        }
        if !status.eq_ignore_ascii_case("draft") {
            let message = "Invalid Status: the status of a document is decided by review";
            return Err(Fault::new(Code::InvalidDocumentStatus, message));
        }
    }
    Ok((params.parsed("FriendlyName", FriendlyName::parse)?, attributes))
}

/// A document on the wire, with exactly these keys in this order.
#[derive(Serialize)]
struct DocumentView<'a> {
    sid: Shown<DocumentSid>,
    account_sid: Shown<AccountSid>,
    friendly_name: &'a str,
    mime_type: Option<&'static str>,
    status: &'static str,
    failure_reason: Option<&'a str>,
    errors: Option<Vec<ErrorView>>,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(serialize_with = "json::attributes")]
    attributes: &'a Attributes,
    date_created: Shown<Timestamp>,
    date_updated: Shown<Timestamp>,
    url: Url<'a, 2>,
}

#[derive(Serialize)]
struct ErrorView {
    code: u32,
}

impl<'a> DocumentView<'a> {
    fn new(base: &'a BaseUrl, document: &'a Document) -> Self {
        let rejection = document.rejection.as_ref();
        let errors =
            |rejection: &Rejection| rejection.codes.iter().map(|code| ErrorView { code: *code }).collect();
        Self {
            sid: Shown(document.sid),
            account_sid: Shown(document.account_sid),
            friendly_name: document.friendly_name.as_str(),
            mime_type: document.file.as_ref().map(|file| file.file_type.mime()),
            status: document.status.as_str(),
            failure_reason: rejection.map(|rejection| rejection.reason.as_str()),
            errors: rejection.map(errors),
            kind: &document.kind,
            attributes: &document.attributes,
            date_created: Shown(document.created_at),
            date_updated: Shown(document.updated_at),
            url: Url::new(base, ["/SupportingDocuments/".into(), document.sid.into()]),
        }
    }
}
