//! Problems of the operator surface (RFC 9457), with the same codes as everywhere.

use dossier_domain::Code;
use dossier_domain::sid::RequestSid;
use serde::Serialize;
use serde_json::Value;

/// The media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// The body of a refusal.
#[derive(Serialize)]
pub(crate) struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: u32,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Value>,
}

impl<'a> Problem<'a> {
    pub(crate) fn new(code: Code, detail: &'a str, request: RequestSid, details: Option<&'a Value>) -> Self {
        Self {
            kind: format!("urn:dossier:error:{}", code.number()),
            title: code.title(),
            status: code.status(),
            detail,
            code: code.number(),
            request_id: request.to_string(),
            details,
        }
    }
}
