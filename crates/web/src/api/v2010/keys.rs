//! `/Accounts/{AccountSid}/Keys.json`: API keys (contract section 15.2).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_domain::Fault;
use dossier_domain::api_key::ApiKey;
use dossier_domain::sid::{ApiKeySid, kinds};
use dossier_domain::text::FriendlyName;
use serde::Serialize;

use crate::api::auth::ActingFor;
use crate::api::dates::rfc_2822;
use crate::api::error::ApiResult;
use crate::api::json::{Shown, created, deleted, fetched};
use crate::api::page::ListRequest;
use crate::api::params::{Form, Params};
use crate::api::path::PathSidJson;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("API keys");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/Accounts/{account_sid}/Keys.json", get(list).post(create))
        .route("/Accounts/{account_sid}/Keys/{sid}", get(fetch).post(update).delete(delete))
}

async fn create(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    Form(params): Form,
) -> ApiResult<Response> {
    let new = web.app.create_api_key(caller, name(&params)?).await?;
    Ok(created(&NewKeyView { key: KeyView::from(&new.key), secret: &new.secret }))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    PathSidJson(sid): PathSidJson<kinds::ApiKey>,
) -> ApiResult<Response> {
    let key = web.app.api_key(caller, sid).await?;
    Ok(fetched(&KeyView::from(&key)))
}

async fn list(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    request: ListRequest,
) -> ApiResult<Response> {
    let paging = request.paging(LIST, &[])?;
    let page = web.app.list_api_keys(caller, paging.window).await?;
    Ok(request.respond_2010("keys", &paging, &page, ApiKey::position, KeyView::from))
}

async fn update(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    PathSidJson(sid): PathSidJson<kinds::ApiKey>,
    Form(params): Form,
) -> ApiResult<Response> {
    let key = web.app.update_api_key(caller, sid, name(&params)?).await?;
    Ok(fetched(&KeyView::from(&key)))
}

async fn delete(
    State(web): State<Arc<Web>>,
    ActingFor(caller): ActingFor,
    PathSidJson(sid): PathSidJson<kinds::ApiKey>,
) -> ApiResult<Response> {
    web.app.delete_api_key(caller, sid).await?;
    Ok(deleted())
}

fn name(params: &Params) -> Result<Option<FriendlyName>, Fault> {
    params.parsed("FriendlyName", |text| FriendlyName::parse_within(text, ApiKey::NAME_CHARS_MAX))
}

/// A key on the wire.
#[derive(Serialize)]
struct KeyView<'a> {
    sid: Shown<ApiKeySid>,
    friendly_name: Option<&'a str>,
    date_created: String,
    date_updated: String,
}

/// The only sight of the secret.
#[derive(Serialize)]
struct NewKeyView<'a> {
    #[serde(flatten)]
    key: KeyView<'a>,
    secret: &'a str,
}

impl<'a> From<&'a ApiKey> for KeyView<'a> {
    fn from(key: &'a ApiKey) -> Self {
        Self {
            sid: Shown(key.sid),
            friendly_name: key.friendly_name.as_ref().map(FriendlyName::as_str),
            date_created: rfc_2822(key.created_at),
            date_updated: rfc_2822(key.updated_at),
        }
    }
}
