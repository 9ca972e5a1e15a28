//! The pace that a client must keep while it sends a body or takes an answer.
//!
//! A limit on the pause between two pieces is no limit: one byte every few seconds keeps to it. So what
//! counts is the time spent waiting for the client, over all pieces; every piece gives some of it back.

use axum::body::{Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes that give back a second: 64 kbit/s, below any line that a document is sent over.
const BYTES_PER_SECOND: u64 = 8 * 1024;

/// How long a client may still be waited for.
struct Patience {
    /// The most there can be, so that nobody saves up for a long pause.
    most: Duration,
    /// What is left, not counting the wait under way.
    left: Duration,
    /// The wait under way.
    wait: Option<Wait>,
}

struct Wait {
    since: Instant,
    over: Pin<Box<Sleep>>,
}

impl Patience {
    const fn new(most: Duration) -> Self {
        Self { most, left: most, wait: None }
    }

    /// Something moved: the wait is over, and the bytes give back time for the next.
    fn moved(&mut self, bytes: usize) {
        if let Some(wait) = self.wait.take() {
            self.left = self.left.saturating_sub(wait.since.elapsed());
        }
        let earned = Duration::from_micros(bytes as u64 * 1_000_000 / BYTES_PER_SECOND);
        self.left = self.most.min(self.left + earned);
    }

    /// Nothing moved: ready when the client has been waited for long enough.
    fn poll_lost(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let left = self.left;
        let wait = self.wait.get_or_insert_with(|| {
            let since = Instant::now();
            Wait { since, over: Box::pin(sleep_until(since + left)) }
        });
        ready!(wait.over.as_mut().poll(context));
        Poll::Ready(io::Error::from(io::ErrorKind::TimedOut))
    }
}

/// A body whose sender must keep the pace; otherwise it ends with [`io::ErrorKind::TimedOut`].
pub(super) struct PacedBody {
    body: Incoming,
    patience: Patience,
}

impl PacedBody {
    /// The sender may be waited for `patience` at once, and in all for longer the more it sends.
    pub(super) const fn new(body: Incoming, patience: Duration) -> Self {
        Self { body, patience: Patience::new(patience) }
    }
}

impl HttpBody for PacedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            return self.patience.poll_lost(context).map(|error| Some(Err(error.into())));
        };
        let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
        self.patience.moved(data.map_or(0, Bytes::len));
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection whose client must keep the pace in taking answers. Reading is left alone: a connection
/// that waits for its next request is bounded by the time for the head.
pub(super) struct PacedStream<S> {
    stream: S,
    patience: Patience,
}

impl<S> PacedStream<S> {
    /// The client may be waited for `patience` at once, and in all for longer the more it takes.
    pub(super) const fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience: Patience::new(patience) }
    }

    fn paced(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(written) => {
                self.patience.moved(*written.as_ref().unwrap_or(&0));
                Poll::Ready(written)
            }
            Poll::Pending => self.patience.poll_lost(context).map(Err),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PacedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PacedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.paced(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.paced(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(context).map_ok(|()| 0);
        self.paced(context, result).map_ok(|_| ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_shutdown(context).map_ok(|()| 0);
        self.paced(context, result).map_ok(|_| ())
    }
}
