//! Parameters of forms and queries: texts first, values second (contract sections 9.4, 14.1).
//!
//! Unknown parameters are ignored. A parameter that is given several times counts once, the first time.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use dossier_domain::{Code, Fault};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use url::form_urlencoded;

use super::body;
use super::error::Refused;
use crate::state::Web;

/// The most parameters of one request.
const PARAMS_MAX: usize = 200;

/// Parameters in the order in which they were sent.
#[derive(Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Parses `a=b&c=d`.
    ///
    /// # Errors
    /// Code 20001 for too many parameters, or a NUL character, which no database column holds.
    pub(crate) fn parse(encoded: &[u8]) -> Result<Self, Fault> {
        let mut params = Self::default();
        for (name, value) in form_urlencoded::parse(encoded) {
            params.add(name.into_owned(), value.into_owned())?;
        }
        Ok(params)
    }

    /// Adds a parameter.
    ///
    /// # Errors
    /// As [`Params::parse`].
    pub(crate) fn add(&mut self, name: String, value: String) -> Result<(), Fault> {
        if self.0.len() == PARAMS_MAX {
            return Err(invalid(format!("more than {PARAMS_MAX} parameters were given")));
        }
        if value.contains('\0') {
            // The name may be anything too, so it is not repeated.
            return Err(invalid("a parameter contains a NUL character"));
        }
        self.0.push((name, value));
        Ok(())
    }

    /// The value as it was sent, if it was.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The names of all parameters.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The value, unless it is missing or blank.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.trim().is_empty())
    }

    /// The value of a parameter that must be there and not blank.
    ///
    /// # Errors
    /// Code 20001 (contract 14.1 row 3).
    pub(crate) fn required(&self, name: &str) -> Result<&str, Fault> {
        self.filled(name).ok_or_else(|| {
            Fault::new(Code::InvalidParameter, format!("Missing required parameter {name} in the post body"))
        })
    }

    /// The value of `true` or `false`, in any case.
    ///
    /// # Errors
    /// Code 20001 for anything else.
    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Fault> {
        match self.filled(name) {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(invalid(format!("{name}: it must be `true` or `false`"))),
        }
    }

    /// The value converted, when it is there and not blank.
    ///
    /// # Errors
    /// What the conversion says.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        self.filled(name).map(parse).transpose()
    }
}

/// The fault for a malformed parameter (contract 14.1 row 4).
pub(crate) fn invalid(reason: impl std::fmt::Display) -> Fault {
    Fault::new(Code::InvalidParameter, format!("Invalid {reason}"))
}

/// Parameters of the query string.
pub(crate) struct Query(pub(crate) Params);

impl FromRequestParts<Arc<Web>> for Query {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Web>) -> Result<Self, Refused> {
        Ok(Self(Params::parse(parts.uri.query().unwrap_or_default().as_bytes())?))
    }
}

/// Parameters of a form in the body.
pub(crate) struct Form(pub(crate) Params);

impl FromRequest<Arc<Web>> for Form {
    type Rejection = Refused;

    async fn from_request(request: Request, web: &Arc<Web>) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let bytes = body::read(body, web.options.form_bytes_max).await?;
        check_type(&parts.headers, &bytes)?;
        Ok(Self(Params::parse(&bytes)?))
    }
}

/// An empty body needs no type (contract 14.1 row 6).
fn check_type(headers: &HeaderMap, body: &Bytes) -> Result<(), Refused> {
    if body.is_empty() || essence(headers).eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(());
    }
    Err(unsupported("`application/x-www-form-urlencoded`"))
}

pub(crate) fn unsupported(accepted: &str) -> Refused {
    Refused::new(Code::UnsupportedMediaType, format!("The Content-Type must be {accepted}"))
}

/// The content type without its parameters.
pub(crate) fn essence(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}
