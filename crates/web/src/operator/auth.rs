//! Who asks on the operator surface: `Authorization: Bearer …`.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use dossier_app::OperatorCaller;
use dossier_domain::Code;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::api::error::Refused;
use crate::middleware::Context;
use crate::state::Web;

/// An operator whose token works. What its role may do is the use case's affair.
pub(super) struct Operator(pub(super) OperatorCaller);

impl FromRequestParts<Arc<Web>> for Operator {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        let missing = || Refused::new(Code::Unauthenticated, "Send the header `Authorization: Bearer TOKEN`");
        let token = bearer(parts).ok_or_else(missing)?;
        let context = parts.extensions.get::<Context>().cloned().ok_or_else(Refused::not_found)?;
        Ok(Self(web.app.authenticate_operator(token, context.request).await?))
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
