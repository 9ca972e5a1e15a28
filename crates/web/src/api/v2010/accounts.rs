//! `/Accounts.json`: the caller's account and its sub-accounts (contract section 15.1).

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_app::{AccountFilter, AccountQuery, ShownAccount, UpdateAccount};
use dossier_domain::Fault;
use dossier_domain::account::AccountStatus;
use dossier_domain::paging::Position;
use dossier_domain::sid::AccountSid;
use dossier_domain::text::FriendlyName;
use serde::Serialize;

use crate::api::auth::Authenticated;
use crate::api::dates::rfc_2822;
use crate::api::error::ApiResult;
use crate::api::json::{Shown, created, fetched};
use crate::api::page::ListRequest;
use crate::api::params::{Form, Params, invalid};
use crate::api::path::PathAccountJson;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("own accounts");
const FILTERS: [&str; 2] = ["FriendlyName", "Status"];
/// The most characters of a name here.
const NAME_CHARS_MAX: usize = 64;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/Accounts.json", get(list).post(create))
        .route("/Accounts/{account_sid}", get(fetch).post(update))
}

async fn create(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    Form(params): Form,
) -> ApiResult<Response> {
    let account = web.app.create_sub_account(&caller, name(&params)?).await?;
    Ok(created(&AccountView::from(&account)))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathAccountJson(sid): PathAccountJson,
) -> ApiResult<Response> {
    let account = web.app.own_account(&caller, sid).await?;
    Ok(fetched(&AccountView::from(&account)))
}

async fn list(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    request: ListRequest,
) -> ApiResult<Response> {
    let paging = request.paging(LIST, &FILTERS)?;
    let filter = AccountFilter {
        friendly_name: request.params.filled("FriendlyName").map(str::to_owned),
        status: request.params.parsed("Status", status)?,
    };
    let page = web.app.list_own_accounts(&caller, AccountQuery { filter, window: paging.window }).await?;
    let position = |item: &ShownAccount| -> Position { item.account.position() };
    Ok(request.respond_2010("accounts", &paging, &page, position, AccountView::from))
}

async fn update(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathAccountJson(sid): PathAccountJson,
    Form(params): Form,
) -> ApiResult<Response> {
    let command = UpdateAccount { friendly_name: name(&params)?, status: params.parsed("Status", status)? };
    let account = web.app.update_own_account(&caller, sid, command).await?;
    Ok(fetched(&AccountView::from(&account)))
}

fn name(params: &Params) -> Result<Option<FriendlyName>, Fault> {
    params.parsed("FriendlyName", |text| FriendlyName::parse_within(text, NAME_CHARS_MAX))
}

fn status(text: &str) -> Result<AccountStatus, Fault> {
    AccountStatus::parse(&text.trim().to_ascii_lowercase())
        .ok_or_else(|| invalid("Status: it must be `active`, `suspended` or `closed`"))
}

/// An account on the wire.
#[derive(Serialize)]
struct AccountView<'a> {
    auth_token: Option<&'a str>,
    date_created: String,
    date_updated: String,
    friendly_name: &'a str,
    owner_account_sid: Shown<AccountSid>,
    sid: Shown<AccountSid>,
    status: &'static str,
    subresource_uris: SubresourceUris,
    #[serde(rename = "type")]
    kind: &'static str,
    uri: Shown<Uri>,
}

/// Those of the original's that are here.
#[derive(Serialize)]
struct SubresourceUris {
    addresses: Shown<Uri>,
    incoming_phone_numbers: Shown<Uri>,
    keys: Shown<Uri>,
}

/// Addresses of the 2010 API are relative.
struct Uri {
    account: AccountSid,
    below: &'static str,
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/2010-04-01/Accounts/{}{}.json", self.account, self.below)
    }
}

impl<'a> From<&'a ShownAccount> for AccountView<'a> {
    fn from(shown: &'a ShownAccount) -> Self {
        let account = &shown.account;
        let uri = |below| Shown(Uri { account: account.sid, below });
        Self {
            auth_token: shown.auth_token.as_deref(),
            date_created: rfc_2822(account.created_at),
            date_updated: rfc_2822(account.updated_at),
            friendly_name: account.friendly_name.as_str(),
            owner_account_sid: Shown(account.owner_sid()),
            sid: Shown(account.sid),
            status: account.status.as_str(),
            subresource_uris: SubresourceUris {
                addresses: uri("/Addresses"),
                incoming_phone_numbers: uri("/IncomingPhoneNumbers"),
                keys: uri("/Keys"),
            },
            // There are no trials here.
            kind: "Full",
            uri: uri(""),
        }
    }
}
