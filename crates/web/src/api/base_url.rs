//! What the URLs in an answer begin with.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;

use crate::state::Web;

/// Scheme, host and port, without a slash at the end: the configured ones, or those of the request.
///
/// Only `--public-url` can name a host the request does not: forwarded headers can be sent by anybody.
pub(crate) struct BaseUrl(String);

/// For URLs that get their beginning later.
pub(crate) static NO_BASE_URL: BaseUrl = BaseUrl(String::new());

impl BaseUrl {
    #[cfg(test)]
    pub(crate) fn for_tests(url: &str) -> Self {
        Self(url.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromRequestParts<Arc<Web>> for BaseUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Infallible> {
        if let Some(url) = &web.options.public_url {
            return Ok(Self(url.clone()));
        }
        let scheme = if web.options.tls { "https" } else { "http" };
        let header = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let authority = header.or(parts.uri.authority().map(Authority::as_str)).filter(|host| is_host(host));
        Ok(Self(format!("{scheme}://{}", authority.unwrap_or("localhost"))))
    }
}

/// Whether the text is a host with an optional port and nothing else, so that it can stand in a URL.
fn is_host(text: &str) -> bool {
    !text.contains('@') && text.parse::<Authority>().is_ok_and(|authority| !authority.host().is_empty())
}
