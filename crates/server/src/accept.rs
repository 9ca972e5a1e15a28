//! The accept loop: connections in, requests to the router, an orderly end.
//!
//! It is ours because the framework's own loop installs no timer, so that its limit on the time for a
//! request's head silently does nothing, and a client that sends one byte a minute keeps a connection
//! for ever. Here every stage has a bound: the number of connections, the TLS handshake, the head, the
//! pace of the body and of the answer ([`pace`]). How large a body may be is the web layer's to say; how
//! long a handler works, nobody bounds.

mod pace;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use pace::{PacedBody, PacedStream};
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

/// Time for a TLS handshake, which a client should need two round trips for.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// The shortest and the longest pause after the operating system had no connection to give.
const PAUSE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));
/// Memory for one direction of a connection; a request whose head does not fit is answered 431.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// Bounds and ways of the connections.
#[derive(Clone)]
pub struct Options {
    /// Connections open at once; more wait in the operating system's queue.
    pub connections_max: usize,
    /// Time for the head of a request, and for a kept connection to send the next one.
    pub header_read_timeout: Duration,
    /// Time to wait for a client that sends a body or takes an answer, over all waits; every 8 KiB give
    /// one second back.
    pub patience: Duration,
    /// Speaks TLS when given.
    pub tls: Option<TlsAcceptor>,
}

/// Accepts connections until it is told to stop; then [`Acceptor::drain`] lets them end.
pub struct Acceptor {
    options: Options,
    server: http1::Builder,
    service: TowerToHyperService<Router>,
    permits: Arc<Semaphore>,
    connections: GracefulShutdown,
}

impl Acceptor {
    /// Serves the router on every connection.
    pub fn new(router: Router, options: Options) -> Self {
        let mut server = http1::Builder::new();
        server
            .timer(TokioTimer::new())
            .header_read_timeout(options.header_read_timeout)
            .max_buf_size(BUFFER_BYTES_MAX);
        Self {
            server,
            service: TowerToHyperService::new(router),
            permits: Arc::new(Semaphore::new(options.connections_max)),
            connections: GracefulShutdown::new(),
            options,
        }
    }

    /// Accepts until `stop` is ready, and closes the listener: new clients are refused from then on.
    pub async fn accept_until(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        tokio::select! {
            () = stop => {}
            () = self.accept(&listener) => {}
        }
    }

    async fn accept(&self, listener: &TcpListener) {
        let mut pause = PAUSE.0;
        loop {
            let permit =
                Arc::clone(&self.permits).acquire_owned().await.expect("nobody closes the semaphore");
            match listener.accept().await {
                Ok((stream, _)) => {
                    pause = PAUSE.0;
                    self.spawn(stream, permit);
                }
                Err(error) if is_of_the_connection(&error) => {}
                // Most likely no file descriptors are left. The connection stays in the queue, so trying
                // again at once would fail at once, and keep a core busy with it.
                Err(error) => {
                    warn!(error = %error, pause_ms = pause.as_millis(), "No connection can be accepted: {error}");
                    sleep(pause).await;
                    pause = (pause * 2).min(PAUSE.1);
                }
            }
        }
    }

    /// The handshake runs in the connection's own task: a slow client holds up nobody else.
    fn spawn(&self, stream: TcpStream, permit: OwnedSemaphorePermit) {
        let (server, service) = (self.server.clone(), self.service.clone());
        let (tls, watcher) = (self.options.tls.clone(), self.connections.watcher());
        let patience = self.options.patience;
        tokio::spawn(async move {
            let _permit = permit;
            // An answer is written with one call; waiting for more would only delay it.
            let _ = stream.set_nodelay(true);
            let Some(tls) = tls else {
                return serve(&server, service, watcher, stream, patience).await;
            };
            match timeout(HANDSHAKE_MAX, tls.accept(stream)).await {
                Ok(Ok(stream)) => serve(&server, service, watcher, stream, patience).await,
                Ok(Err(error)) => debug!(error = %error, "A TLS handshake failed: {error}"),
                Err(_) => debug!("A TLS handshake took too long"),
            }
        });
    }

    /// Connections that are open now.
    pub fn open(&self) -> usize {
        self.connections.count()
    }

    /// Tells every connection to close after the request under way, and waits until all have.
    pub async fn drain(self) {
        self.connections.shutdown().await;
    }
}

async fn serve<S>(
    server: &http1::Builder,
    service: TowerToHyperService<Router>,
    watcher: Watcher,
    stream: S,
    patience: Duration,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stream = TokioIo::new(PacedStream::new(stream, patience));
    let service = service_fn(move |request: Request<Incoming>| {
        service.call(request.map(|body| PacedBody::new(body, patience)))
    });
    let connection = server.serve_connection(stream, service);
    // Clients that go away, send garbage or take too long are no concern of the operator's.
    if let Err(error) = watcher.watch(connection).await {
        debug!(error = %error, "A connection ended early: {error}");
    }
}

/// Whether the fault is of the one connection that was to be accepted, and the next may be fine.
fn is_of_the_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

#[cfg(test)]
mod tests;
