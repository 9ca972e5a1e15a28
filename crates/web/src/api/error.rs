//! Errors on the wire (contract section 9.1). Handlers use `?`; the body is written in one place.

use axum::response::{IntoResponse, Response};
use dossier_domain::sid::{BundleSid, RequestSid};
use dossier_domain::{Code, Fault};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use super::base_url::BaseUrl;
use crate::operator;
use crate::operator::problem::{self, Problem};

/// The result of a handler.
pub(crate) type ApiResult<T> = Result<T, Refused>;

/// Why a request was refused, on its way to [`render`].
#[derive(Clone)]
pub(crate) struct Refused {
    code: Code,
    /// What the caller reads. The message of a missing resource is made from the path instead.
    message: String,
    details: Option<Value>,
    /// What the log reads: only for what is not the caller's doing.
    cause: Option<std::sync::Arc<dossier_app::Error>>,
}

impl Refused {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: None, cause: None }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(Code::NotFound, "")
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::new(fault.code, fault.message)
    }
}

impl From<dossier_app::Error> for Refused {
    fn from(error: dossier_app::Error) -> Self {
        use dossier_app::Error;
        match error {
            Error::Fault(fault) => fault.into(),
            Error::Address(refusal) => Self::new(refusal.fault.code, refusal.caller_message()),
            Error::Noncompliant { bundle, .. } => Self::new(Code::InvalidParameter, not_compliant(bundle)),
            Error::StaleCase(stale) => Self {
                details: Some(operator::stale_details(&stale)),
                ..Self::new(Code::CaseChanged, format!("The case is in version {} by now", stale.version))
            },
            error @ Error::Unavailable(_) => Self {
                cause: Some(std::sync::Arc::new(error)),
                ..Self::new(Code::Unavailable, "The service is not available; try again")
            },
            error @ (Error::Store(_) | Error::Files(_) | Error::Key(_)) => Self {
                cause: Some(std::sync::Arc::new(error)),
                ..Self::new(Code::Internal, "An internal error occurred")
            },
        }
    }
}

impl Refused {
    /// A refused submission names the stored evaluation in its message, where clients look for it by a
    /// pattern, and in its details (contract 14.2 row 28).
    pub(crate) fn submission(error: dossier_app::Error, base: &BaseUrl) -> Self {
        let dossier_app::Error::Noncompliant { bundle, evaluation } = error else { return error.into() };
        let base = base.as_str();
        let url = format!("{base}/v2/RegulatoryCompliance/Bundles/{bundle}/Evaluations/{evaluation}");
        Self {
            details: Some(json!({ "evaluation_sid": evaluation.to_string(), "evaluation_url": url })),
            ..Self::new(Code::InvalidParameter, format!("{}; see {url}", not_compliant(bundle)))
        }
    }
}

fn not_compliant(bundle: BundleSid) -> String {
    format!("Bundle {bundle} does not satisfy its regulation")
}

/// A refusal travels as an empty answer; [`render`] gives it its body.
impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).expect("the table has HTTP statuses only");
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Serialize)]
struct Body<'a> {
    code: u32,
    message: &'a str,
    more_info: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Value>,
}

/// Gives a refusal its body and its headers, and logs what is our own fault, once.
pub(crate) fn render(mut response: Response, refused: &Refused, path: &str, request: RequestSid) -> Response {
    let code = refused.code;
    if let Some(cause) = &refused.cause {
        log(cause, request);
    }
    let message = match code {
        Code::NotFound => format!("The requested resource {path} was not found"),
        Code::Internal | Code::Unavailable => format!("{} (request {request})", refused.message),
        _ => refused.message.clone(),
    };
    let headers = response.headers_mut();
    let ours = path.strip_prefix(operator::PREFIX).is_some_and(|rest| rest.starts_with('/'));
    let media_type = if ours { problem::MEDIA_TYPE } else { "application/json" };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    match code {
        Code::Unauthenticated => {
            let challenge = if ours { "Bearer" } else { "Basic realm=\"Twilio API\"" };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        Code::TooManyRequests | Code::Unavailable => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    let json = if ours {
        serde_json::to_vec(&Problem::new(code, &message, request, refused.details.as_ref()))
    } else {
        serde_json::to_vec(&Body {
            code: code.number(),
            message: &message,
            more_info: format!("https://www.twilio.com/docs/errors/{}", code.number()),
            status: code.status(),
            details: refused.details.as_ref(),
        })
    };
    *response.body_mut() = json.expect("texts and numbers can be written as JSON").into();
    response
}

fn log(cause: &dossier_app::Error, request: RequestSid) {
    let chain = dossier_app::error_chain(cause);
    tracing::error!(request.id = %request, error = chain, "Request {request} failed: {chain}");
}

/// Any path there is no resource for.
pub(crate) async fn unknown_path() -> Refused {
    Refused::not_found()
}

/// A method the resource does not have; the router adds `Allow`.
pub(crate) async fn wrong_method() -> Refused {
    Refused::new(Code::MethodNotAllowed, "The resource does not allow this method")
}
