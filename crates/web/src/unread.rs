//! What is left of a request's body when the answer is ready.
//!
//! Many clients send the whole body before they read the answer, and use the connection again. So a
//! body that a handler did not read to its end, because it refused before, is read on and thrown away,
//! within bounds; otherwise the client would see a broken connection instead of the reason.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::sync::oneshot;

/// How long to go on reading.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How many bytes to read, at most.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// The rest of a body, once whoever had the body has let it go.
pub(crate) struct Unread(oneshot::Receiver<Body>);

/// Splits a body into one for the handler and what it leaves.
pub(crate) fn watch(body: Body) -> (Body, Unread) {
    let (back, rest) = oneshot::channel();
    let unread = Unread(rest);
    if body.is_end_stream() {
        return (body, unread);
    }
    (Body::new(Watched { body: Some(body), back: Some(back) }), unread)
}

impl Unread {
    /// Reads the rest, if there is any. `false` when it was too much or took too long, so that the
    /// connection cannot be used again.
    pub(crate) async fn drain(mut self) -> bool {
        let Ok(mut body) = self.0.try_recv() else { return true };
        let rest = async {
            let mut bytes = 0;
            while let Some(Ok(frame)) = body.frame().await {
                bytes += frame.data_ref().map_or(0, Bytes::len);
                if bytes > BYTES_MAX {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(TIMEOUT, rest).await.unwrap_or(false)
    }
}

/// A body that is given back when it is dropped before its end.
struct Watched {
    body: Option<Body>,
    back: Option<oneshot::Sender<Body>>,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take())
            && !body.is_end_stream()
        {
            // Nobody waits for it when the connection is gone.
            let _ = back.send(body);
        }
    }
}
