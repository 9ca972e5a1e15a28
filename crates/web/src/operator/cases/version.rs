//! Versions of cases: `ETag` on the way out, `If-Match` or `version` on the way in.

use axum::extract::FromRequestParts;
use axum::response::Response;
use dossier_domain::Fault;
use dossier_domain::review::Case;
use http::HeaderValue;
use http::header::{ETAG, IF_MATCH};
use http::request::Parts;

use crate::api::error::Refused;
use crate::api::params::invalid;

/// The version in the header `If-Match`, if there is one.
pub(super) struct IfMatch(Option<u32>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let Some(value) = parts.headers.get(IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        // Proxies that compress make a tag weak.
        let text = text.strip_prefix("W/").unwrap_or(text);
        let number = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let refused = || invalid("If-Match: it must be the ETag of the case, such as `\"3\"`");
        Ok(Self(Some(number.parse().map_err(|_| refused())?)))
    }
}

impl IfMatch {
    /// The version of the header or of the body.
    ///
    /// # Errors
    /// Code 20001 when they are different.
    pub(super) fn or(self, body: Option<u32>) -> Result<Option<u32>, Fault> {
        match (self.0, body) {
            (Some(header), Some(body)) if header != body => {
                Err(invalid("version: it is another one than that of If-Match"))
            }
            (header, body) => Ok(header.or(body)),
        }
    }

    /// As [`IfMatch::or`], for what is done upon having looked at the case.
    ///
    /// # Errors
    /// Code 20001, also when there is none.
    pub(super) fn required(self, body: Option<u32>) -> Result<u32, Fault> {
        let missing = || {
            invalid(
                "version: send the version of the case that you looked at, here or as the header If-Match",
            )
        };
        self.or(body)?.ok_or_else(missing)
    }
}

/// The answer with the version of the case it is about.
pub(super) fn with_version(case: &Case, mut response: Response) -> Response {
    let tag = HeaderValue::from_str(&format!("\"{}\"", case.version)).expect("digits are a header value");
    response.headers_mut().insert(ETAG, tag);
    response
}
