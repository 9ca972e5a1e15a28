//! Bodies of limited size.

use std::error::Error;

use axum::body::Body;
use bytes::Bytes;
use dossier_domain::Code;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::error::Refused;
use super::params::invalid;

/// The whole body, if it has at most `bytes_max` bytes.
///
/// # Errors
/// Code 20413 when it has more, 20001 when it ends too early.
pub(crate) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, Refused> {
    match Limited::new(body, bytes_max).collect().await {
        Ok(read) => Ok(read.to_bytes()),
        Err(error) if is_too_long(error.as_ref()) => Err(too_large()),
        Err(_) => Err(invalid("body: it ended too early").into()),
    }
}

pub(super) fn too_large() -> Refused {
    Refused::new(Code::BodyTooLarge, "The request body is too large")
}

/// Whether a body was cut off because it is too long, however deep the reason is wrapped.
pub(super) fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_too_long)
}
