//! JSON bodies of requests. serde's messages name fields and positions; values are never repeated.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use dossier_domain::Fault;
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
        if !essence(&parts.headers).eq_ignore_ascii_case("application/json") {
            return Err(unsupported("`application/json`"));
        }
        let bytes = body::read(body, web.options.form_bytes_max).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| reason(&error).into())
    }
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
        // A wrong field: the message quotes the field's name, or a value of a type we named.
        Category::Data => invalid(format!("body at {place}: a field is missing, unknown or of another type")),
        Category::Syntax | Category::Eof | Category::Io => invalid(format!("body at {place}: it is no JSON")),
    }
}
