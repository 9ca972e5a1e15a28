//! `/accounts`: the customers, as far as operators look after them.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use dossier_domain::Timestamp;
use dossier_domain::account::Account;
use dossier_domain::sid::{AccountSid, kinds};
use dossier_domain::text::FriendlyName;
use serde::{Deserialize, Serialize};

use super::auth::Operator;
use super::json_body::{JsonBody, optional};
use super::list::{self, ListRequest};
use crate::api::error::ApiResult;
use crate::api::json::{Shown, created, fetched};
use crate::api::path::PathSid;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("accounts by created");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/accounts", get(list).post(create))
        .route("/accounts/{sid}", get(fetch))
        .route("/accounts/{sid}/suspend", post(suspend))
        .route("/accounts/{sid}/activate", post(activate))
        .route("/accounts/{sid}/close", post(close))
}

async fn list(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    request: ListRequest,
) -> ApiResult<Response> {
    let page = web.app.accounts(&caller, request.window(LIST, &[])?).await?;
    Ok(list::respond(LIST, &page, Account::position, AccountView::from))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateBody {
    friendly_name: String,
    parent_sid: Option<String>,
}

async fn create(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    JsonBody(body): JsonBody<CreateBody>,
) -> ApiResult<Response> {
    let name = FriendlyName::parse(&body.friendly_name)?;
    let parent = optional("parent_sid", body.parent_sid, |text| AccountSid::parse(text).ok())?;
    let new = web.app.create_account_by(&caller, name, parent).await?;
    Ok(created(&NewAccountView { account: AccountView::from(&new.account), auth_token: &new.auth_token }))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Account>,
) -> ApiResult<Response> {
    Ok(fetched(&AccountView::from(&web.app.account(&caller, sid).await?)))
}

async fn suspend(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Account>,
) -> ApiResult<Response> {
    Ok(fetched(&AccountView::from(&web.app.suspend_account(&caller, sid).await?)))
}

async fn activate(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Account>,
) -> ApiResult<Response> {
    Ok(fetched(&AccountView::from(&web.app.activate_account(&caller, sid).await?)))
}

async fn close(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Account>,
) -> ApiResult<Response> {
    Ok(fetched(&AccountView::from(&web.app.close_account(&caller, sid).await?)))
}

#[derive(Serialize)]
struct AccountView<'a> {
    sid: Shown<AccountSid>,
    parent_sid: Option<Shown<AccountSid>>,
    friendly_name: &'a str,
    status: &'static str,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
    closed_at: Option<Shown<Timestamp>>,
}

/// The only sight of the token.
#[derive(Serialize)]
struct NewAccountView<'a> {
    #[serde(flatten)]
    account: AccountView<'a>,
    auth_token: &'a str,
}

impl<'a> From<&'a Account> for AccountView<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            sid: Shown(account.sid),
            parent_sid: account.parent_sid.map(Shown),
            friendly_name: account.friendly_name.as_str(),
            status: account.status.as_str(),
            created_at: Shown(account.created_at),
            updated_at: Shown(account.updated_at),
            closed_at: account.closed_at.map(Shown),
        }
    }
}
