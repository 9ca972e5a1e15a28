//! `/EndUserTypes` (contract section 3.3).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_domain::EndUserType;
use dossier_domain::regulation::EndUserTypeInfo;
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

const LIST: ListTag = ListTag::new("end-user types");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/EndUserTypes", get(list)).route("/EndUserTypes/{sid}", get(fetch))
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
        Ok(sid) => catalogue.end_user_type_by_sid(sid),
        Err(_) => EndUserType::parse(&name).and_then(|kind| catalogue.end_user_type(kind)),
    };
    Ok(fetched(&view(&base, found.ok_or_else(Refused::not_found)?)))
}

async fn list(State(web): State<Arc<Web>>, _: Authenticated, request: ListRequest) -> ApiResult<Response> {
    let paging = request.paging(LIST, &[])?;
    let catalogue = web.app.catalogue();
    let types: Vec<_> = catalogue.end_user_types().iter().collect();
    let page = page_of(types, &paging.window, |info| in_memory(info.sid))?;
    Ok(request.respond(
        "end_user_types",
        &paging,
        &page,
        |info| in_memory(info.sid),
        |info| view(request.base(), info),
    ))
}

fn view<'a>(base: &'a BaseUrl, info: &'a EndUserTypeInfo) -> TypeView<'a> {
    TypeView::new(
        base,
        "/EndUserTypes/",
        info.sid,
        &info.friendly_name,
        info.end_user_type.as_str(),
        &info.fields,
    )
}
