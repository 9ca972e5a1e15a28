//! `/EndUsers` (contract section 3.1).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_app::{CreateEndUser, UpdateEndUser};
use dossier_domain::end_user::EndUser;
use dossier_domain::paging::Position;
use dossier_domain::sid::{AccountSid, EndUserSid, kinds};
use dossier_domain::text::FriendlyName;
use dossier_domain::{Attributes, Code, EndUserType, Fault, Timestamp};
use serde::Serialize;

use super::url::Url;
use crate::api::auth::Authenticated;
use crate::api::base_url::BaseUrl;
use crate::api::error::ApiResult;
use crate::api::json::{self, Shown, created, deleted, fetched};
use crate::api::page::ListRequest;
use crate::api::params::{Form, Params};
use crate::api::path::PathSid;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("end users");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/EndUsers", get(list).post(create))
        .route("/EndUsers/{sid}", get(fetch).post(update).delete(delete))
}

async fn create(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    base: BaseUrl,
    Form(params): Form,
) -> ApiResult<Response> {
    let end_user = web.app.create_end_user(caller, create_command(&params)?).await?;
    Ok(created(&EndUserView::new(&base, &end_user)))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSid(sid): PathSid<kinds::EndUser>,
    base: BaseUrl,
) -> ApiResult<Response> {
    let end_user = web.app.end_user(caller, sid).await?;
    Ok(fetched(&EndUserView::new(&base, &end_user)))
}

async fn list(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    request: ListRequest,
) -> ApiResult<Response> {
    let paging = request.paging(LIST, &[])?;
    let page = web.app.list_end_users(caller, paging.window).await?;
    let position = |item: &EndUser| Position { key: item.created_at.as_micros(), sid: item.sid.into() };
    Ok(request.respond("results", &paging, &page, position, |item| EndUserView::new(request.base(), item)))
}

async fn update(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSid(sid): PathSid<kinds::EndUser>,
    base: BaseUrl,
    Form(params): Form,
) -> ApiResult<Response> {
    let command = UpdateEndUser {
        friendly_name: params.parsed("FriendlyName", FriendlyName::parse)?,
        attributes: params.get("Attributes").map(Attributes::parse).transpose()?,
    };
    let end_user = web.app.update_end_user(caller, sid, command).await?;
    Ok(fetched(&EndUserView::new(&base, &end_user)))
}

async fn delete(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSid(sid): PathSid<kinds::EndUser>,
) -> ApiResult<Response> {
    web.app.delete_end_user(caller, sid).await?;
    Ok(deleted())
}

fn create_command(params: &Params) -> Result<CreateEndUser, Fault> {
    let unknown =
        || Fault::new(Code::InvalidEndUserType, "Invalid Type: it must be `individual` or `business`");
    Ok(CreateEndUser {
        friendly_name: FriendlyName::parse(params.required("FriendlyName")?)?,
        kind: EndUserType::parse(params.required("Type")?.trim()).ok_or_else(unknown)?,
        attributes: Attributes::parse(params.get("Attributes").unwrap_or_default())?,
    })
}

/// An end user on the wire, with exactly these keys in this order.
#[derive(Serialize)]
struct EndUserView<'a> {
    sid: Shown<EndUserSid>,
    account_sid: Shown<AccountSid>,
    friendly_name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(serialize_with = "json::attributes")]
    attributes: &'a Attributes,
    date_created: Shown<Timestamp>,
    date_updated: Shown<Timestamp>,
    url: Url<'a, 2>,
}

impl<'a> EndUserView<'a> {
    fn new(base: &'a BaseUrl, end_user: &'a EndUser) -> Self {
        Self {
            sid: Shown(end_user.sid),
            account_sid: Shown(end_user.account_sid),
            friendly_name: end_user.friendly_name.as_str(),
            kind: end_user.kind.as_str(),
            attributes: &end_user.attributes,
            date_created: Shown(end_user.created_at),
            date_updated: Shown(end_user.updated_at),
            url: Url::new(base, ["/EndUsers/".into(), end_user.sid.into()]),
        }
    }
}
