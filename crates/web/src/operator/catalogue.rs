//! `POST /catalogue/impact`: which bundles would stop being compliant under a proposed catalogue.
//!
//! The answer is one JSON object a line, written while bundles are walked over, so that a million of
//! them need no more memory than a hundred.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use dossier_app::{App, ImpactEvent, ImpactProgress, ImpactReason, Result as AppResult};
use dossier_domain::catalogue::{Catalogue, Layer};
use dossier_domain::operator::Permission;
use dossier_domain::sid::{AccountSid, BundleSid, RegulationSid};
use futures_util::stream;
use http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::auth::Operator;
use super::json_body::JsonBody;
use crate::api::error::ApiResult;
use crate::api::json::Shown;
use crate::api::params::invalid;
use crate::state::Web;

/// Events that may wait for a slow reader; then the walk waits.
const WAITING_MAX: usize = 256;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/catalogue/impact", post(impact))
}

/// The files of the proposed catalogue, by their names below its directory, over the built-in ones.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImpactBody {
    files: BTreeMap<String, String>,
}

async fn impact(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    JsonBody(body): JsonBody<ImpactBody>,
) -> ApiResult<Response> {
    caller.must(Permission::EvaluateRules)?;
    let files: Vec<_> = body.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let checked = Catalogue::check_overlay(Layer { directory: "proposed", files: &files });
    let proposed = checked.catalogue().map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        invalid(format!("files: {}", problems.join("; ")))
    })?;
    let (listener, events) = mpsc::channel(WAITING_MAX);
    let walk = tokio::spawn(walk(Arc::clone(&web.app), proposed, listener));
    let lines = stream::unfold(Lines { events, walk: Some(walk) }, |mut lines| async {
        lines.next().await.map(|line| (Ok::<Bytes, Infallible>(line), lines))
    });
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

async fn walk(
    app: Arc<App>,
    proposed: Catalogue,
    listener: mpsc::Sender<ImpactEvent>,
) -> AppResult<ImpactProgress> {
    app.impact(&proposed, listener).await
}

/// The events as lines, and the outcome as the last one.
struct Lines {
    events: mpsc::Receiver<ImpactEvent>,
    walk: Option<JoinHandle<AppResult<ImpactProgress>>>,
}

impl Lines {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(event) = self.events.recv().await {
            return Some(written(&Line::from(event)));
        }
        let outcome = self.walk.take()?.await;
        Some(written(&match outcome {
            Ok(Ok(progress)) => Line::Done(progress.into()),
            Ok(Err(error)) => {
                let chain = dossier_app::error_chain(&error);
                tracing::error!(error = chain, "An impact run failed: {chain}");
                Line::Failed
            }
            Err(_) => Line::Failed,
        }))
    }
}

fn written(line: &Line) -> Bytes {
    let mut json = serde_json::to_vec(line).expect("texts and numbers can be written as JSON");
    json.push(b'\n');
    json.into()
}

/// One line of the answer. The last one is `done` or `failed`.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    Affected {
        account_sid: Shown<AccountSid>,
        bundle_sid: Shown<BundleSid>,
        status: &'static str,
        regulation_sid: Shown<RegulationSid>,
        reasons: Vec<ReasonView>,
    },
    Progress(CountsView),
    Done(CountsView),
    Failed,
}

#[derive(Serialize)]
struct ReasonView {
    requirement: String,
    field: Option<String>,
    code: u32,
}

#[derive(Serialize)]
struct CountsView {
    bundles: u64,
    evaluated: u64,
    affected: u64,
}

impl From<ImpactEvent> for Line {
    fn from(event: ImpactEvent) -> Self {
        match event {
            ImpactEvent::Progress(progress) => Self::Progress(progress.into()),
            ImpactEvent::Affected(bundle) => Self::Affected {
                account_sid: Shown(bundle.account),
                bundle_sid: Shown(bundle.bundle),
                status: bundle.status.as_str(),
                regulation_sid: Shown(bundle.regulation),
                reasons: bundle.reasons.into_iter().map(ReasonView::from).collect(),
            },
        }
    }
}

impl From<ImpactProgress> for CountsView {
    fn from(ImpactProgress { bundles, evaluated, affected }: ImpactProgress) -> Self {
        Self { bundles, evaluated, affected }
    }
}

impl From<ImpactReason> for ReasonView {
    fn from(ImpactReason { requirement, field, code }: ImpactReason) -> Self {
        Self { requirement, field, code: code.number() }
    }
}
