//! Credentials: HTTP Basic with an account and its auth token (contract section 9.2).

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_app::Caller;
use dossier_domain::Code;
use dossier_domain::sid::AccountSid;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::error::Refused;
use crate::middleware::Context;
use crate::state::Web;

/// Who asks on the v2 surface: always the account of the credentials.
pub(crate) struct Authenticated(pub(crate) Caller);

/// Who asks on the 2010 surface: acts for the account in the path.
pub(crate) struct ActingFor(pub(crate) Caller);

impl FromRequestParts<Arc<Web>> for Authenticated {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        let (user, password) = basic(parts).ok_or_else(|| unauthenticated("No credentials provided"))?;
        let context = parts.extensions.get::<Context>().cloned().ok_or_else(Refused::not_found)?;
        let caller = web.app.authenticate(&user, &password, context.request).await?;
        let place = web.enter(caller.account()).ok_or_else(too_many)?;
        context.hold(place);
        Ok(Self(caller))
    }
}

impl FromRequestParts<Arc<Web>> for ActingFor {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        let Authenticated(caller) = Authenticated::from_request_parts(parts, web).await?;
        let params = RawPathParams::from_request_parts(parts, web).await.map_err(|_| Refused::not_found())?;
        let account = params.iter().find(|(name, _)| *name == "account_sid").map(|(_, value)| value);
        let account = account.and_then(|text| AccountSid::parse(text).ok()).ok_or_else(Refused::not_found)?;
        Ok(Self(web.app.act_for(caller, account).await?))
    }
}

/// User name and password of the `Authorization` header.
fn basic(parts: &Parts) -> Option<(String, String)> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn unauthenticated(reason: &str) -> Refused {
    Refused::new(Code::Unauthenticated, format!("Authentication Error - {reason}"))
}

fn too_many() -> Refused {
    Refused::new(Code::TooManyRequests, "Too Many Requests")
}
