//! `/SupportingDocumentTypes` (contract section 3.3).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_domain::regulation::DocumentType;
use dossier_domain::sid::ObjectTypeSid;

use super::in_memory;
use super::object_type::TypeView;
use crate::api::auth::Authenticated;
use crate::api::base_url::BaseUrl;
use crate::api::error::{ApiResult, Refused};
use crate::api::json::fetched;
use crate::api::page::{ListRequest, page_of};
use crate::api::path::PathName;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("supporting-document types");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/SupportingDocumentTypes", get(list))
        .route("/SupportingDocumentTypes/{sid}", get(fetch))
}

/// By identifier or by machine name: regulations link to the latter.
async fn fetch(
    State(web): State<Arc<Web>>,
    _: Authenticated,
    PathName(name): PathName,
    base: BaseUrl,
) -> ApiResult<Response> {
    let catalogue = web.app.catalogue();
    let found = match ObjectTypeSid::parse(&name) {
        Ok(sid) => catalogue.document_type_by_sid(sid),
        Err(_) => catalogue.document_type(&name.to_ascii_lowercase()),
    };
    Ok(fetched(&view(&base, found.ok_or_else(Refused::not_found)?)))
}

async fn list(State(web): State<Arc<Web>>, _: Authenticated, request: ListRequest) -> ApiResult<Response> {
    let paging = request.paging(LIST, &[])?;
    let catalogue = web.app.catalogue();
    let types: Vec<_> = catalogue.document_types().iter().collect();
    let page = page_of(types, &paging.window, |info| in_memory(info.sid))?;
    let position = |info: &&DocumentType| in_memory(info.sid);
    Ok(request
        .respond("supporting_document_types", &paging, &page, position, |info| view(request.base(), info)))
}

fn view<'a>(base: &'a BaseUrl, info: &'a DocumentType) -> TypeView<'a> {
    TypeView::new(
        base,
        "/SupportingDocumentTypes/",
        info.sid,
        &info.friendly_name,
        &info.machine_name,
        &info.fields,
    )
}
