//! `POST /simulate/review`: plays the reviewer of a bundle.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use dossier_app::PolicyDecision;
use dossier_domain::Fault;
use dossier_domain::review::{Decision, Outcome, ReviewText};
use dossier_domain::sid::{BundleSid, DocumentSid};
use serde::Deserialize;

use crate::api::dates::Moment;
use crate::api::error::ApiResult;
use crate::api::json::fetched;
use crate::operator::bundles::BundleView;
use crate::operator::json_body::{JsonBody, parsed};
use crate::state::Web;

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/simulate/review", post(review))
}

async fn review(State(web): State<Arc<Web>>, JsonBody(body): JsonBody<ReviewBody>) -> ApiResult<Response> {
    let bundle = parsed("bundle_sid", &body.bundle_sid, |text| BundleSid::parse(text).ok())?;
    let bundle = web.app.simulate_review(bundle, body.into_decision()?).await?;
    Ok(fetched(&BundleView::from(&bundle)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReviewBody {
    bundle_sid: String,
    outcome: String,
    #[serde(default)]
    reasons: Vec<ReasonBody>,
    #[serde(default)]
    document_reasons: BTreeMap<String, Vec<ReasonBody>>,
    message: Option<String>,
    valid_until: Option<String>,
}

/// A code, alone or as the operator surface writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum ReasonBody {
    Code(u32),
    Reason { code: u32 },
}

impl ReviewBody {
    fn into_decision(self) -> Result<PolicyDecision, Fault> {
        let end = self.valid_until.as_deref().map(|text| Moment::parse("valid_until", text)).transpose()?;
        let decision = Decision {
            outcome: parsed("outcome", &self.outcome, Outcome::parse)?,
            reasons: codes(&self.reasons),
            message: self.message.map(|text| ReviewText::parse("message", &text)).transpose()?,
            internal_note: None,
            valid_until: end.map(|moment| moment.last.whole_second()),
        };
        let by_document = self.document_reasons.iter().map(|(sid, reasons)| {
            let sid = parsed("document_reasons", sid, |text| DocumentSid::parse(text).ok())?;
            Ok((sid, codes(reasons)))
        });
        let document_reasons = by_document.collect::<Result<_, Fault>>()?;
        Ok(PolicyDecision { decision, document_reasons, other_documents: Vec::new() })
    }
}

fn codes(reasons: &[ReasonBody]) -> Vec<u32> {
    let code = |reason: &ReasonBody| match reason {
        ReasonBody::Code(code) | ReasonBody::Reason { code } => *code,
    };
    reasons.iter().map(code).collect()
}
