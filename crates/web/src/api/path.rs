//! Identifiers in paths. A malformed one is a resource that does not exist (contract 14.1 row 2).

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use dossier_domain::sid::{AccountSid, DocumentSid, Kind, Sid};
use http::request::Parts;

use super::error::Refused;
use crate::state::Web;

/// The resource's own identifier: `{sid}` in the route.
pub(crate) struct PathSid<K>(pub(crate) Sid<K>);

/// As [`PathSid`], followed by `.json`, which the 2010 API asks for (contract 14.7 row 112).
pub(crate) struct PathSidJson<K>(pub(crate) Sid<K>);

/// The account in the path itself, followed by `.json`: `{account_sid}` in the route.
pub(crate) struct PathAccountJson(pub(crate) AccountSid);

/// The identifiers of a bundle and of something in it: `{bundle_sid}` and `{sid}`.
pub(crate) struct PathSids<B, K>(pub(crate) Sid<B>, pub(crate) Sid<K>);

/// A bundle's identifier alone: `{bundle_sid}`.
pub(crate) struct PathBundle<B>(pub(crate) Sid<B>);

/// A document's identifier beside another one: `{document_sid}`.
pub(crate) struct PathDocument(pub(crate) DocumentSid);

/// `{sid}` as it was written, for resources that have names as well.
pub(crate) struct PathName(pub(crate) String);

/// A telephone number as it was written: `{number}`.
pub(crate) struct PathNumber(pub(crate) String);

impl<K: Kind> FromRequestParts<Arc<Web>> for PathSid<K> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        Ok(Self(parsed(&segment(parts, web, "sid").await?)?))
    }
}

impl<K: Kind> FromRequestParts<Arc<Web>> for PathSidJson<K> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        let segment = segment(parts, web, "sid").await?;
        Ok(Self(parsed(segment.strip_suffix(".json").ok_or_else(Refused::not_found)?)?))
    }
}

impl FromRequestParts<Arc<Web>> for PathAccountJson {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        let segment = segment(parts, web, "account_sid").await?;
        Ok(Self(parsed(segment.strip_suffix(".json").ok_or_else(Refused::not_found)?)?))
    }
}

impl<B: Kind, K: Kind> FromRequestParts<Arc<Web>> for PathSids<B, K> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        let bundle = parsed(&segment(parts, web, "bundle_sid").await?)?;
        Ok(Self(bundle, parsed(&segment(parts, web, "sid").await?)?))
    }
}

impl<B: Kind> FromRequestParts<Arc<Web>> for PathBundle<B> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        Ok(Self(parsed(&segment(parts, web, "bundle_sid").await?)?))
    }
}

impl FromRequestParts<Arc<Web>> for PathDocument {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        Ok(Self(parsed(&segment(parts, web, "document_sid").await?)?))
    }
}

impl FromRequestParts<Arc<Web>> for PathName {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        Ok(Self(segment(parts, web, "sid").await?))
    }
}

impl FromRequestParts<Arc<Web>> for PathNumber {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        Ok(Self(segment(parts, web, "number").await?))
    }
}

async fn segment(parts: &mut Parts, web: &Arc<Web>, name: &str) -> Result<String, Refused> {
    // A segment that is no UTF-8 once decoded names nothing.
    let params = RawPathParams::from_request_parts(parts, web).await.map_err(|_| Refused::not_found())?;
    let value = params.iter().find(|(given, _)| *given == name).map(|(_, value)| value.to_owned());
    value.ok_or_else(Refused::not_found)
}

fn parsed<K: Kind>(text: &str) -> Result<Sid<K>, Refused> {
    Sid::parse(text).map_err(|_| Refused::not_found())
}
