//! `/audit-events`: who did what, newest first.
//!
//! A page with filters may have fewer items than its limit, even none, and still be continued: only so
//! much is looked at for one request.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_app::{AuditEventQuery, RecordedEvent};
use dossier_domain::audit::{Action, Actor};
use dossier_domain::sid::{AccountSid, AnySid};
use dossier_domain::{Fault, Timestamp};
use serde::Serialize;

use super::auth::Operator;
use super::list::{self, ListRequest};
use crate::api::dates::Moment;
use crate::api::error::ApiResult;
use crate::api::json::Shown;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("audit events by time");
const FILTERS: [&str; 6] = ["account_sid", "actor", "action", "target", "from", "to"];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/audit-events", get(list))
}

async fn list(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    request: ListRequest,
) -> ApiResult<Response> {
    let page = web.app.audit_events(&caller, query(&request)?).await?;
    Ok(list::respond_until(LIST, &page.items, page.next, EventView::from))
}

fn query(request: &ListRequest) -> Result<AuditEventQuery, Fault> {
    Ok(AuditEventQuery {
        window: request.window(LIST, &FILTERS)?,
        account: request.filter("account_sid", |text| AccountSid::parse(text).ok())?,
        actor: request.filter("actor", actor)?,
        action: request.filter("action", Action::parse)?,
        target: request.filter("target", |text| AnySid::parse(text).ok())?,
        from: moment(request, "from")?.map(|moment| moment.first),
        until: moment(request, "to")?.map(|moment| moment.last),
    })
}

/// An identifier, in the form in which it is stored, or one of the names of those who have none.
fn actor(text: &str) -> Option<String> {
    let names = [Actor::CommandLine.text(), Actor::Policy.text()];
    let sid = AnySid::parse(text).ok().map(|sid| sid.to_string());
    sid.or_else(|| names.into_iter().find(|name| name == text))
}

fn moment(request: &ListRequest, name: &str) -> Result<Option<Moment>, Fault> {
    request.text(name).map(|text| Moment::parse(name, text)).transpose()
}

#[derive(Serialize)]
struct EventView<'a> {
    sid: Shown<AnySid>,
    account_sid: &'a str,
    at: String,
    actor: &'a str,
    action: &'a str,
    target: &'a str,
    outcome: &'a str,
    request_id: &'a str,
    rule_revision: Option<i64>,
    checkpoint: Option<i64>,
}

impl<'a> From<&'a RecordedEvent> for EventView<'a> {
    fn from(event: &'a RecordedEvent) -> Self {
        Self {
            sid: Shown(event.sid),
            account_sid: &event.account_sid,
            at: precise(event.at),
            actor: &event.actor,
            action: &event.action,
            target: &event.target,
            outcome: &event.outcome,
            request_id: &event.request_id,
            rule_revision: event.rule_revision,
            checkpoint: event.checkpoint,
        }
    }
}

/// With microseconds, so that what happened within a second has an order; a time that no clock shows,
/// as in a row that was tampered with, as a number.
fn precise(at: Timestamp) -> String {
    let micros = at.as_micros();
    jiff::Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |time| format!("{time:.6}"))
}
