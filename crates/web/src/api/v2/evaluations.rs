//! `/Bundles/{BundleSid}/Evaluations` (contract section 5.3).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_app::StoredEvaluation;
use dossier_domain::Timestamp;
use dossier_domain::paging::Position;
use dossier_domain::sid::{AccountSid, BundleSid, EvaluationSid, RegulationSid, kinds};
use serde::Serialize;

use super::url::Url;
use crate::api::auth::Authenticated;
use crate::api::base_url::BaseUrl;
use crate::api::error::ApiResult;
use crate::api::json::{Shown, created, fetched};
use crate::api::page::ListRequest;
use crate::api::params::Form;
use crate::api::path::{PathBundle, PathSids};
use crate::api::token::ListTag;
use crate::results::ResultView;
use crate::state::Web;

const LIST: ListTag = ListTag::new("evaluations");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/Bundles/{bundle_sid}/Evaluations", get(list).post(create))
        .route("/Bundles/{bundle_sid}/Evaluations/{sid}", get(fetch))
}

async fn create(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathBundle(bundle): PathBundle<kinds::Bundle>,
    base: BaseUrl,
    Form(_): Form,
) -> ApiResult<Response> {
    let stored = web.app.evaluate_bundle(caller, bundle).await?;
    Ok(created(&EvaluationView::new(&base, &stored)))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathSids(bundle, sid): PathSids<kinds::Bundle, kinds::Evaluation>,
    base: BaseUrl,
) -> ApiResult<Response> {
    let stored = web.app.evaluation(caller, bundle, sid).await?;
    Ok(fetched(&EvaluationView::new(&base, &stored)))
}

async fn list(
    State(web): State<Arc<Web>>,
    Authenticated(caller): Authenticated,
    PathBundle(bundle): PathBundle<kinds::Bundle>,
    request: ListRequest,
) -> ApiResult<Response> {
    let paging = request.paging(LIST, &[])?;
    let page = web.app.list_evaluations(caller, bundle, paging.window).await?;
    let position =
        |item: &StoredEvaluation| Position { key: item.created_at.as_micros(), sid: item.sid.into() };
    Ok(request.respond("results", &paging, &page, position, |item| EvaluationView::new(request.base(), item)))
}

/// An evaluation on the wire, with exactly these keys in this order.
#[derive(Serialize)]
struct EvaluationView<'a> {
    sid: Shown<EvaluationSid>,
    account_sid: Shown<AccountSid>,
    regulation_sid: Shown<RegulationSid>,
    bundle_sid: Shown<BundleSid>,
    status: &'static str,
    results: Vec<ResultView<'a>>,
    date_created: Shown<Timestamp>,
    url: Url<'a, 4>,
}

impl<'a> EvaluationView<'a> {
    fn new(base: &'a BaseUrl, stored: &'a StoredEvaluation) -> Self {
        let evaluation = &stored.evaluation;
        let (bundle, sid) = (stored.bundle_sid, stored.sid);
        Self {
            sid: Shown(sid),
            account_sid: Shown(stored.account_sid),
            regulation_sid: Shown(evaluation.regulation),
            bundle_sid: Shown(bundle),
            status: evaluation.status(),
            results: evaluation.results.iter().map(ResultView::from).collect(),
            date_created: Shown(stored.created_at),
            url: Url::new(base, ["/Bundles/".into(), bundle.into(), "/Evaluations/".into(), sid.into()]),
        }
    }
}
