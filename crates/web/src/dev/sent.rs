//! `/mail` and `/callbacks`: what was sent.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_app::{KeptCallback, KeptMail};
use dossier_domain::Timestamp;
use dossier_domain::delivery::DeliveryState;
use dossier_domain::sid::{AccountSid, BundleSid, DeliverySid};
use serde::{Serialize, Serializer};

use crate::api::error::ApiResult;
use crate::api::json::{Shown, deleted, fetched};
use crate::state::Web;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/mail", get(mail)).route("/callbacks", get(callbacks).post(take))
}

async fn mail(State(web): State<Arc<Web>>) -> ApiResult<Response> {
    let kept = web.app.rehearsal_mail().await?;
    Ok(fetched(&Items { items: kept.iter().map(MailView::from).collect() }))
}

async fn callbacks(State(web): State<Arc<Web>>) -> ApiResult<Response> {
    let kept = web.app.rehearsal_callbacks().await?;
    Ok(fetched(&Items { items: kept.iter().map(CallbackView::from).collect() }))
}

/// A receiver for programs that have none of their own: it takes anything.
async fn take() -> Response {
    deleted()
}

#[derive(Serialize)]
struct Items<V> {
    items: Vec<V>,
}

#[derive(Serialize)]
struct MailView<'a> {
    sid: Shown<DeliverySid>,
    bundle_sid: Shown<BundleSid>,
    to: &'a str,
    subject: &'a str,
    text: &'a str,
    html: &'a str,
    created_at: Shown<Timestamp>,
}

impl<'a> From<&'a KeptMail> for MailView<'a> {
    fn from(kept: &'a KeptMail) -> Self {
        Self {
            sid: Shown(kept.sid),
            bundle_sid: Shown(kept.bundle_sid),
            to: &kept.to,
            subject: &kept.mail.subject,
            text: &kept.mail.text,
            html: &kept.mail.html,
            created_at: Shown(kept.at),
        }
    }
}

#[derive(Serialize)]
struct CallbackView<'a> {
    sid: Shown<DeliverySid>,
    account_sid: Shown<AccountSid>,
    bundle_sid: Shown<BundleSid>,
    url: &'a str,
    #[serde(serialize_with = "parameters")]
    parameters: &'a [(&'static str, String)],
    /// As it is sent: what a signature is about.
    body: &'a str,
    state: Shown<DeliveryState>,
    attempts: u32,
    created_at: Shown<Timestamp>,
}

fn parameters<S: Serializer>(pairs: &[(&'static str, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

impl<'a> From<&'a KeptCallback> for CallbackView<'a> {
    fn from(kept: &'a KeptCallback) -> Self {
        Self {
            sid: Shown(kept.sid),
            account_sid: Shown(kept.account_sid),
            bundle_sid: Shown(kept.bundle_sid),
            url: &kept.url,
            parameters: &kept.parameters,
            body: &kept.body,
            state: Shown(kept.state),
            attempts: kept.attempts,
            created_at: Shown(kept.at),
        }
    }
}
