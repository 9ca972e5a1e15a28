//! JSON bodies of requests. serde's messages name fields and positions; values are never repeated.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use dossier_domain::Fault;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::api::body;
use crate::api::error::Refused;
use crate::api::params::{essence, invalid, unsupported};
use crate::state::Web;

/// The body as a `T`.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Web>> for JsonBody<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, web: &Arc<Web>) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let bytes = body::read(body, web.options.form_bytes_max).await?;
        parse(&parts.headers, &bytes).map(Self)
    }
}

/// The body as a `T`, or `T` as it is without anything when there is none.
pub(crate) struct JsonBodyIfAny<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromRequest<Arc<Web>> for JsonBodyIfAny<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, web: &Arc<Web>) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let bytes = body::read(body, web.options.form_bytes_max).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        parse(&parts.headers, &bytes).map(Self)
    }
}

fn parse<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Refused> {
    if !essence(headers).eq_ignore_ascii_case("application/json") {
        return Err(unsupported("`application/json`"));
    }
    serde_json::from_slice(bytes).map_err(|error| reason(&error).into())
}

/// A text of the body converted.
///
/// # Errors
/// Code 20001 with the name of the field, without the value.
pub(crate) fn parsed<T>(name: &str, text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Fault> {
    parse(text).ok_or_else(|| invalid(format!("{name}: there is no such value")))
}

/// As [`parsed`], for a field that may be missing.
///
/// # Errors
/// As [`parsed`].
pub(crate) fn optional<T>(
    name: &str,
    text: Option<String>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Fault> {
    text.map(|text| parsed(name, &text, parse)).transpose()
}

fn reason(error: &serde_json::Error) -> Fault {
    use serde_json::error::Category;
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        Category::Data => invalid(format!("body at {place}: {}", data_reason(&error.to_string()))),
        Category::Syntax | Category::Eof | Category::Io => invalid(format!("body at {place}: it is no JSON")),
    }
}

/// What serde says of a wrong field, as far as the words are ours: names and types that we declared. The
/// rest of its message quotes what was sent.
fn data_reason(message: &str) -> String {
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    if message.starts_with("missing field") || message.starts_with("duplicate field") {
        return message.split(" at line ").next().unwrap_or_default().to_owned();
    }
    let Some((_, expected)) = message.rsplit_once("expected ") else {
        return "a field is missing, unknown or of another type".to_owned();
    };
    let expected = expected.split(" at line ").next().unwrap_or_default();
    let wrong = if unknown { "there is no such field or value" } else { "a value is of another type" };
    format!("{wrong}, expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the refusals are looked at")]
    struct Body {
        verdict: Verdict,
        code: u32,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Verdict {
        Approved,
        Rejected,
    }

    #[test]
    fn refusals_say_what_is_expected_and_repeat_nothing() {
        for (body, reason) in [
            (r#"{"code":1}"#, "missing field `verdict`"),
            (r#"{"verdict":"approved","code":1,"Jane":2}"#, "expected `verdict` or `code`"),
            (r#"{"verdict":"Jane","code":1}"#, "expected `approved` or `rejected`"),
            (r#"{"verdict":"approved","code":"Jane"}"#, "a value is of another type, expected u32"),
            (r#"{"verdict":"approved","code":1,"code":2}"#, "duplicate field `code`"),
            ("Jane", "it is no JSON"),
        ] {
            let message = reason_of(body);
            assert!(message.contains(reason), "{body}: {message}");
            assert!(!message.contains("Jane") && message.contains("line 1, column"), "{message}");
        }
    }

    fn reason_of(body: &str) -> String {
        reason(&serde_json::from_str::<Body>(body).unwrap_err()).message
    }
}
