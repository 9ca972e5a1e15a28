//! A receiver of callbacks that behaves as badly as a test wants, and names that lie.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dossier_app::Resolver;
use futures_util::future::{BoxFuture, ready};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::form_urlencoded;

/// No test waits longer for a callback.
const SOON: Duration = Duration::from_secs(20);

/// What a receiver does with a callback.
#[derive(Debug, Clone)]
pub enum Manners {
    /// Answers with this status and these header lines, each ended by CR LF.
    Answer(u16, String),
    /// Takes the request and says nothing.
    Hang,
    /// Takes the request and closes the connection.
    Close,
    /// Answers 200 with a body that never ends.
    EndlessBody,
    /// Answers with header lines that never end.
    EndlessHead,
    /// Answers with something that is no HTTP.
    Gibberish,
}

impl Manners {
    /// Answers with a status and no more.
    pub fn status(status: u16) -> Self {
        Self::Answer(status, String::new())
    }
}

/// A callback that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The path with the query.
    pub target: String,
    /// Header names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The parameters.
    pub form: Vec<(String, String)>,
}

impl Received {
    /// The value of a header.
    ///
    /// # Panics
    /// When it is not there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(given, _)| given == name);
        &found.unwrap_or_else(|| panic!("no header {name} in {self:?}")).1
    }

    /// The value of a parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The identifier of the delivery, as the receiver knows it.
    #[track_caller]
    pub fn delivery(&self) -> &str {
        self.header("i-twilio-idempotency-token")
    }
}

/// A receiver on a loopback address that ends with this value.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    manners: Mutex<Manners>,
    received: Mutex<Vec<Received>>,
    arrived: tokio::sync::Notify,
}

impl Receiver {
    /// Starts one that answers 200.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared {
            manners: Mutex::new(Manners::status(200)),
            received: Mutex::default(),
            arrived: tokio::sync::Notify::new(),
        });
        let serving = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                tokio::spawn(async move { drop(serve(stream, &shared).await) });
            }
        });
        Self { address, shared, task }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a path on it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on it behaves like this.
    pub fn behave(&self, manners: Manners) {
        *lock(&self.shared.manners) = manners;
    }

    /// Everything it received, in order.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.shared.received).clone()
    }

    /// The statuses that it was told, in order.
    pub fn statuses(&self) -> Vec<String> {
        let status = |received: &Received| received.param("Status").unwrap_or_default().to_owned();
        self.received().iter().map(status).collect()
    }

    /// Waits until it has received so many.
    ///
    /// # Panics
    /// When they do not come.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let enough = async {
            loop {
                let arrived = self.shared.arrived.notified();
                if lock(&self.shared.received).len() >= count {
                    return;
                }
                arrived.await;
            }
        };
        let enough = tokio::time::timeout(SOON, enough).await;
        assert!(enough.is_ok(), "{count} callbacks were expected: {:?}", self.received());
        self.received()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let received = read(&mut stream).await?;
    lock(&shared.received).push(received);
    shared.arrived.notify_waiters();
    let manners = lock(&shared.manners).clone();
    match manners {
        Manners::Close => return Ok(()),
        Manners::Hang => std::future::pending::<()>().await,
        Manners::Gibberish => stream.write_all(b"what do you want\r\n\r\n").await?,
        Manners::Answer(status, headers) => {
            let answer = format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await?;
        }
        Manners::EndlessBody => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                stream.write_all(&[b'x'; 4096]).await?;
            }
        }
        Manners::EndlessHead => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                stream.write_all(b"X-More: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n").await?;
            }
        }
    }
    stream.shutdown().await
}

async fn read(stream: &mut TcpStream) -> io::Result<Received> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let target = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    let header =
        |line: &str| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let headers: Vec<_> = lines.filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    while bytes.len() < head_end + 4 + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let form = form_urlencoded::parse(&bytes[head_end + 4..]).into_owned().collect();
    Ok(Received { target, headers, form })
}

/// Names and what each look-up of them says, the last for ever. Other names are not found.
#[derive(Default)]
pub struct Names {
    answers: HashMap<String, Vec<SocketAddr>>,
    asked: Mutex<HashMap<String, usize>>,
}

impl Names {
    /// With a name whose look-ups say one of these after the other.
    #[must_use]
    pub fn with(mut self, name: &str, answers: &[SocketAddr]) -> Self {
        self.answers.insert(name.to_owned(), answers.to_vec());
        self
    }

    /// How often a name was looked up.
    pub fn asked(&self, name: &str) -> usize {
        lock(&self.asked).get(name).copied().unwrap_or(0)
    }
}

impl Resolver for Names {
    fn resolve<'a>(&'a self, host: &'a str, _: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        let mut asked = lock(&self.asked);
        let times = asked.entry(host.to_owned()).or_default();
        let found = self.answers.get(host).map(|answers| answers[(*times).min(answers.len() - 1)]);
        *times += 1;
        Box::pin(ready(found.map(|address| vec![address]).ok_or_else(|| io::ErrorKind::NotFound.into())))
    }
}
