//! `/clock` and `/reset`: time passes when a test says so, and everything begins anew.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use dossier_domain::{Fault, Timestamp};
use serde::{Deserialize, Serialize};

use crate::api::dates::Moment;
use crate::api::error::ApiResult;
use crate::api::json::{Shown, deleted, fetched};
use crate::api::params::invalid;
use crate::operator::json_body::JsonBody;
use crate::state::Web;

/// The furthest the clock goes at once: a hundred years.
const ADVANCE_SECONDS_MAX: u64 = 100 * 366 * 24 * 60 * 60;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/clock", get(read).post(advance)).route("/reset", post(reset))
}

async fn read(State(web): State<Arc<Web>>) -> Response {
    fetched(&ClockView { now: Shown(web.app.now()) })
}

async fn advance(State(web): State<Arc<Web>>, JsonBody(body): JsonBody<ClockBody>) -> ApiResult<Response> {
    let to = body.time(web.app.now())?;
    Ok(fetched(&ClockView { now: Shown(web.app.advance_clock(to).await?) }))
}

async fn reset(State(web): State<Arc<Web>>) -> ApiResult<Response> {
    web.app.reset().await?;
    Ok(deleted())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockBody {
    advance_seconds: Option<u64>,
    set: Option<String>,
}

impl ClockBody {
    fn time(&self, now: Timestamp) -> Result<Timestamp, Fault> {
        match (self.advance_seconds, &self.set) {
            (Some(seconds), None) if seconds <= ADVANCE_SECONDS_MAX => {
                Ok(now.plus(Duration::from_secs(seconds)))
            }
            (Some(_), None) => {
                Err(invalid(format!("advance_seconds: it must be at most {ADVANCE_SECONDS_MAX}")))
            }
            (None, Some(time)) => Ok(Moment::parse("set", time)?.first),
            (None, None) | (Some(_), Some(_)) => Err(invalid("body: give either advance_seconds or set")),
        }
    }
}

#[derive(Serialize)]
struct ClockView {
    now: Shown<Timestamp>,
}
