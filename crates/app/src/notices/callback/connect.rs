//! A connection to the receiver: one look-up, every address checked, and the checked one connected to.
//!
//! The name is not looked up again in between, so a name that answers with a public address first and
//! with a private one later (DNS rebinding) gains nothing.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::guard::Guard;
use super::target::Target;

/// Addresses of a name that are tried, one after the other.
const ADDRESSES_MAX: usize = 4;

/// Finds the addresses of names.
pub trait Resolver: Send + Sync + 'static {
    /// The addresses of a name, the best first.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(lookup_host((host, port)).await?.collect()) })
    }
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoConnection {
    NameNotFound,
    AddressRefused,
    ConnectFailed,
    ConnectTimeout,
    TlsFailed,
}

impl NoConnection {
    /// For the delivery log.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::NameNotFound => "name not found",
            Self::AddressRefused => "address refused",
            Self::ConnectFailed => "connection failed",
            Self::ConnectTimeout => "connect timeout",
            Self::TlsFailed => "TLS failed",
        }
    }

    /// Whether to knock again at once. An address that may not be called stays one.
    pub(super) const fn may_be_tried_at_once(self) -> bool {
        !matches!(self, Self::AddressRefused)
    }
}

/// What can be read and written: TCP, or TLS over it.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Makes connections.
pub(super) struct Connector {
    guard: Guard,
    resolver: Arc<dyn Resolver>,
}

impl Connector {
    pub(super) fn new(guard: Guard, resolver: Arc<dyn Resolver>) -> Self {
        Self { guard, resolver }
    }

    pub(super) async fn connect(&self, target: &Target) -> Result<Box<dyn Wire>, NoConnection> {
        let late = |_| Err(NoConnection::ConnectTimeout);
        timeout(target.patience.connect, self.greet(target)).await.unwrap_or_else(late)
    }

    async fn greet(&self, target: &Target) -> Result<Box<dyn Wire>, NoConnection> {
        let addresses = self.addresses(target).await?;
        let stream = first_that_answers(&addresses, target.patience.connect).await?;
        // One small request and one small answer: waiting to fill a packet only costs time.
        let _ = stream.set_nodelay(true);
        if !target.tls {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|_| NoConnection::TlsFailed)?;
        let connector = TlsConnector::from(Arc::clone(&TLS));
        let stream = connector.connect(name, stream).await.map_err(|_| NoConnection::TlsFailed)?;
        Ok(Box::new(stream))
    }

    /// The addresses of the receiver. One that may not be called spoils them all: a name that has both
    /// kinds is a mistake or a trick.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, NoConnection> {
        let mut addresses = match target.host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, target.port)],
            Err(_) => self
                .resolver
                .resolve(&target.host, target.port)
                .await
                .map_err(|_| NoConnection::NameNotFound)?,
        };
        if addresses.is_empty() {
            return Err(NoConnection::NameNotFound);
        }
        if !addresses.iter().all(|address| self.guard.lets_through(address.ip())) {
            return Err(NoConnection::AddressRefused);
        }
        addresses.truncate(ADDRESSES_MAX);
        Ok(addresses)
    }
}

/// Tries one address after the other; each gets its share of the time.
async fn first_that_answers(addresses: &[SocketAddr], longest: Duration) -> Result<TcpStream, NoConnection> {
    let share = longest / u32::try_from(addresses.len()).unwrap_or(1).max(1);
    let mut failure = NoConnection::ConnectFailed;
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(_)) => failure = NoConnection::ConnectFailed,
            Err(_) => failure = NoConnection::ConnectTimeout,
        }
    }
    Err(failure)
}

/// Certificates are checked against the roots of the system (or of `SSL_CERT_FILE`), read at first use.
static TLS: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    // A root that cannot be read is one that nobody is trusted by.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the library supports its own protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
});
