//! `/deliveries`: what was told to whom, every try, and telling it again.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use dossier_app::{DeliveryFilter, DeliveryLine, DeliveryRecord};
use dossier_domain::delivery::{Attempt, Channel, DeliveryState, Message};
use dossier_domain::sid::kinds;
use dossier_domain::sid::{AccountSid, BundleSid, DeliverySid};
use dossier_domain::{Fault, Timestamp};
use serde::{Deserialize, Serialize};

use super::auth::Operator;
use super::json_body::{JsonBody, optional};
use super::list::{self, ListRequest};
use crate::api::dates::Moment;
use crate::api::error::ApiResult;
use crate::api::json::{Shown, fetched};
use crate::api::params::invalid;
use crate::api::path::PathSid;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("deliveries by created");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/deliveries", get(list))
        .route("/deliveries/redeliver", post(redeliver_all))
        .route("/deliveries/{sid}", get(fetch))
        .route("/deliveries/{sid}/redeliver", post(redeliver))
}

async fn list(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    request: ListRequest,
) -> ApiResult<Response> {
    let window = request.window(LIST, &["account_sid", "bundle_sid", "channel", "state"])?;
    let filter = DeliveryFilter {
        account: request.filter("account_sid", |text| AccountSid::parse(text).ok())?,
        bundle: request.filter("bundle_sid", |text| BundleSid::parse(text).ok())?,
        channel: request.filter("channel", Channel::parse)?,
        state: request.filter("state", DeliveryState::parse)?,
        ..DeliveryFilter::default()
    };
    let page = web.app.list_deliveries(&caller, checked(filter)?, window).await?;
    Ok(list::respond(LIST, &page, DeliveryLine::position, LineView::from))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Delivery>,
) -> ApiResult<Response> {
    Ok(fetched(&RecordView::from(&web.app.delivery(&caller, sid).await?)))
}

async fn redeliver(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Delivery>,
) -> ApiResult<Response> {
    Ok(fetched(&LineView::from(&web.app.redeliver(&caller, sid).await?)))
}

async fn redeliver_all(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    JsonBody(body): JsonBody<RangeBody>,
) -> ApiResult<Response> {
    let done = web.app.redeliver_all(&caller, body.into_filter()?).await?;
    Ok(fetched(&RedeliveredView { redelivered: done.count, complete: done.is_complete }))
}

/// Which deliveries are wanted again: those of an account, or of a time, or both.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeBody {
    account_sid: Option<String>,
    bundle_sid: Option<String>,
    channel: Option<String>,
    /// Dead ones when it is not given.
    state: Option<String>,
    from: Option<String>,
    before: Option<String>,
}

impl RangeBody {
    fn into_filter(self) -> Result<DeliveryFilter, Fault> {
        let time = |name: &str, text: Option<String>| {
            let moment = text.as_deref().map(|text| Moment::parse(name, text)).transpose()?;
            Ok::<_, Fault>(moment.map(|moment| moment.first))
        };
        let state = optional("state", self.state, DeliveryState::parse)?;
        checked(DeliveryFilter {
            account: optional("account_sid", self.account_sid, |text| AccountSid::parse(text).ok())?,
            bundle: optional("bundle_sid", self.bundle_sid, |text| BundleSid::parse(text).ok())?,
            channel: optional("channel", self.channel, Channel::parse)?,
            state: Some(state.unwrap_or(DeliveryState::Dead)),
            from: time("from", self.from)?,
            before: time("before", self.before)?,
        })
    }
}

/// A bundle is found by its account.
fn checked(filter: DeliveryFilter) -> Result<DeliveryFilter, Fault> {
    if filter.bundle.is_some() && filter.account.is_none() {
        return Err(invalid("bundle_sid: give the account_sid as well"));
    }
    Ok(filter)
}

/// What a list has of a delivery: nothing personal.
#[derive(Serialize)]
struct LineView<'a> {
    sid: Shown<DeliverySid>,
    account_sid: Shown<AccountSid>,
    bundle_sid: Shown<BundleSid>,
    channel: &'static str,
    event: &'a str,
    host: Option<&'a str>,
    state: &'static str,
    attempts: u32,
    created_at: Shown<Timestamp>,
    next_attempt_at: Option<Shown<Timestamp>>,
    finished_at: Option<Shown<Timestamp>>,
    emptied_at: Option<Shown<Timestamp>>,
}

/// A delivery with its tries; `message` is null for those who may not see it, and once it was removed.
#[derive(Serialize)]
struct RecordView<'a> {
    #[serde(flatten)]
    line: LineView<'a>,
    message: Option<MessageView<'a>>,
    tries: Vec<AttemptView<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum MessageView<'a> {
    Callback {
        url: &'a str,
        status: &'static str,
        failure_reason: Option<&'a str>,
        valid_until: Option<Shown<Timestamp>>,
        missing: &'a [String],
    },
    Mail {
        to: &'a str,
        kind: &'static str,
        reason: Option<&'a str>,
        valid_until: Option<Shown<Timestamp>>,
        missing: &'a [String],
    },
}

#[derive(Serialize)]
struct AttemptView<'a> {
    number: u32,
    at: Shown<Timestamp>,
    outcome: &'a str,
    status: Option<u16>,
    milliseconds: u32,
}

#[derive(Serialize)]
struct RedeliveredView {
    redelivered: u32,
    complete: bool,
}

impl<'a> From<&'a DeliveryLine> for LineView<'a> {
    fn from(line: &'a DeliveryLine) -> Self {
        Self {
            sid: Shown(line.sid),
            account_sid: Shown(line.account_sid),
            bundle_sid: Shown(line.bundle_sid),
            channel: line.channel.as_str(),
            event: &line.event,
            host: line.host.as_deref(),
            state: line.state.as_str(),
            attempts: line.attempts,
            created_at: Shown(line.created_at),
            next_attempt_at: line.next_attempt_at.map(Shown),
            finished_at: line.finished_at.map(Shown),
            emptied_at: line.emptied_at.map(Shown),
        }
    }
}

impl<'a> From<&'a DeliveryRecord> for RecordView<'a> {
    fn from(record: &'a DeliveryRecord) -> Self {
        Self {
            line: LineView::from(&record.line),
            message: record.message.as_ref().map(MessageView::from),
            tries: record.attempts.iter().map(AttemptView::from).collect(),
        }
    }
}

impl<'a> From<&'a Message> for MessageView<'a> {
    fn from(message: &'a Message) -> Self {
        match message {
            Message::Callback(callback) => Self::Callback {
                url: callback.url.as_str(),
                status: callback.status.as_str(),
                failure_reason: callback.failure_reason.as_deref(),
                valid_until: callback.valid_until.map(Shown),
                missing: &callback.missing,
            },
            Message::Mail(mail) => Self::Mail {
                to: mail.to.as_str(),
                kind: mail.kind.as_str(),
                reason: mail.reason.as_ref().map(|reason| reason.text.as_str()),
                valid_until: mail.valid_until.map(Shown),
                missing: &mail.missing,
            },
        }
    }
}

impl<'a> From<&'a Attempt> for AttemptView<'a> {
    fn from(attempt: &'a Attempt) -> Self {
        Self {
            number: attempt.number,
            at: Shown(attempt.at),
            outcome: &attempt.outcome,
            status: attempt.status,
            milliseconds: attempt.millis,
        }
    }
}
