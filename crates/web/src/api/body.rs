//! Bodies of limited size. One that is too large is read on for a while and thrown away, so that the
//! sender, which reads answers only when it has sent everything, learns why it was refused.

use std::error::Error;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, LengthLimitError};

use super::error::Refused;
use super::params::invalid;
use dossier_domain::Code;

/// How long to go on reading what was refused already.
pub(super) const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// How many bytes of a body are read at most, whatever becomes of them.
pub(super) const BYTES_MAX: usize = 32 * 1024 * 1024;

/// The whole body, if it has at most `bytes_max` bytes.
///
/// # Errors
/// Code 20413 when it has more, 20001 when it ends too early.
pub(crate) async fn read(mut body: Body, bytes_max: usize) -> Result<Bytes, Refused> {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| broken_off())?;
        let Ok(data) = frame.into_data() else { continue };
        if read.len() + data.len() > bytes_max {
            drain(body).await;
            return Err(too_large());
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

pub(super) fn too_large() -> Refused {
    Refused::new(Code::BodyTooLarge, "The request body is too large")
}

fn broken_off() -> Refused {
    invalid("body: it ended too early").into()
}

async fn drain(mut body: Body) {
    let rest = async {
        let mut bytes = 0;
        while let Some(Ok(frame)) = body.frame().await {
            bytes += frame.data_ref().map_or(0, Bytes::len);
            if bytes > BYTES_MAX {
                break;
            }
        }
    };
    // Whether it took too long or not, the answer goes out now.
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, rest).await;
}

/// Whether a body was cut off because it reached [`BYTES_MAX`], however deep the reason is wrapped.
pub(super) fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_too_long)
}
