//! The loop against plain sockets, with handlers that wait until the test lets them go.

use super::*;
use axum::body::Bytes;
use axum::routing::{get, post};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

/// Bound of every wait; reached only when something is broken.
const SOON: Duration = Duration::from_secs(20);
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n";

/// A loop on a port of its own.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    drained: JoinHandle<()>,
}

impl Running {
    async fn start(router: Router, options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let drained = tokio::spawn(async move {
            let acceptor = Acceptor::new(router, options);
            acceptor.accept_until(listener, async { stopped.await.unwrap_or_default() }).await;
            acceptor.drain().await;
        });
        Self { address, stop, drained }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

fn options() -> Options {
    Options { connections_max: 100, header_read_timeout: SOON, patience: SOON, tls: None }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// A handler that says when it began and waits to be let go.
fn gated() -> (Router, Arc<Notify>, Arc<Notify>) {
    let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, goes) = (Arc::clone(&began), Arc::clone(&go));
    let handler = move || async move {
        begins.notify_one();
        goes.notified().await;
        "done"
    };
    (Router::new().route("/", get(handler)), began, go)
}

/// Everything up to the end of the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    timeout(SOON, stream.read_to_string(&mut text)).await.expect("the server closes").unwrap();
    text
}

/// One answer of a connection that is kept.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"hello") {
        bytes.push(timeout(SOON, stream.read_u8()).await.expect("an answer comes").unwrap());
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_request_under_way_is_finished_and_its_connection_closed() {
    let (router, began, go) = gated();
    let server = Running::start(router, options()).await;
    let mut client = server.connect().await;
    client.write_all(REQUEST).await.unwrap();
    began.notified().await;
    server.stop.send(()).unwrap();
    // The listener is gone before the request is done.
    let refused = async { while TcpStream::connect(server.address).await.is_ok() {} };
    timeout(SOON, refused).await.expect("new clients are refused");
    assert!(!server.drained.is_finished());
    go.notify_one();
    let answer = rest(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("done"), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
    timeout(SOON, server.drained).await.expect("drained").unwrap();
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let server = Running::start(hello(), options()).await;
    let mut never_used = server.connect().await;
    let mut kept = server.connect().await;
    kept.write_all(REQUEST).await.unwrap();
    answer(&mut kept).await;
    server.stop.send(()).unwrap();
    timeout(SOON, server.drained).await.expect("drained").unwrap();
    assert_eq!((rest(&mut kept).await, rest(&mut never_used).await), (String::new(), String::new()));
}

#[tokio::test]
async fn a_head_that_does_not_come_is_given_up() {
    let options = Options { header_read_timeout: Duration::from_millis(50), ..options() };
    let server = Running::start(hello(), options).await;
    for begin in [&b""[..], b"G", b"GET / HTTP/1.1\r\nHost: test\r\nX: "] {
        let mut client = server.connect().await;
        client.write_all(begin).await.unwrap();
        let answer = rest(&mut client).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_their_turn() {
    let server = Running::start(hello(), Options { connections_max: 1, ..options() }).await;
    let mut first = server.connect().await;
    first.write_all(REQUEST).await.unwrap();
    answer(&mut first).await;
    let mut second = server.connect().await;
    second.write_all(REQUEST).await.unwrap();
    // The first is served again while the second waits, so the second is not merely slow.
    first.write_all(REQUEST).await.unwrap();
    answer(&mut first).await;
    let mut byte = [0];
    assert!(second.try_read(&mut byte).is_err());
    drop(first);
    answer(&mut second).await;
}

/// A trickle keeps to any limit on the pause between two bytes, but not to a pace.
#[tokio::test]
async fn a_body_that_trickles_is_given_up() {
    let read = |body: Bytes| async move { format!("read {}", body.len()) };
    let router = Router::new().route("/", post(read));
    let patience = Duration::from_millis(200);
    let server = Running::start(router, Options { patience, ..options() }).await;
    let (mut client, mut trickle) = server.connect().await.into_split();
    trickle.write_all(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n").await.unwrap();
    let sender = tokio::spawn(async move {
        while trickle.write_all(b"x").await.is_ok() {
            sleep(patience / 10).await;
        }
    });
    let mut answer = Vec::new();
    let _ = timeout(SOON, client.read_to_end(&mut answer)).await.expect("the server gives up");
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
    sender.await.unwrap();
}

#[tokio::test]
async fn a_large_body_that_keeps_coming_is_read_whole() {
    let router = Router::new().route("/", post(|body: Bytes| async move { format!("read {}", body.len()) }));
    let server = Running::start(router, Options { patience: Duration::from_secs(1), ..options() }).await;
    let mut client = server.connect().await;
    let head = "POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    client.write_all(&vec![b'x'; 1_000_000]).await.unwrap();
    assert!(rest(&mut client).await.ends_with("read 1000000"));
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_given_up() {
    // More than the buffers of both ends hold.
    let large = Router::new().route("/", get(|| async { vec![b'x'; 64 << 20] }));
    let options = Options { patience: Duration::from_millis(100), connections_max: 1, ..options() };
    let server = Running::start(large, options).await;
    let mut client = server.connect().await;
    client.write_all(REQUEST).await.unwrap();
    // The only permit comes back although the first client neither reads nor closes.
    let mut other = server.connect().await;
    other.write_all(REQUEST).await.unwrap();
    timeout(SOON, other.readable()).await.expect("the first is given up").unwrap();
    drop(client);
}

#[tokio::test]
async fn garbage_and_endless_heads_are_refused() {
    let server = Running::start(hello(), options()).await;
    let mut client = server.connect().await;
    client.write_all(b"\x16\x03\x01\x02\x00 not http\r\n\r\n").await.unwrap();
    assert!(rest(&mut client).await.starts_with("HTTP/1.1 400"));

    let mut client = server.connect().await;
    client.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
    let endless = vec![b'x'; 2 * BUFFER_BYTES_MAX];
    // The server may close before it has read everything, which the client sees as a reset.
    let _ = client.write_all(&endless).await;
    let mut bytes = Vec::new();
    let _ = timeout(SOON, client.read_to_end(&mut bytes)).await.expect("the server closes");
    assert!(bytes.is_empty() || bytes.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&bytes));
}

#[tokio::test]
async fn a_handler_that_panics_costs_its_connection_only() {
    let router = hello().route("/panic", get(|| async { assert!(REQUEST.is_empty(), "on purpose") }));
    let server = Running::start(router, Options { connections_max: 1, ..options() }).await;
    let mut client = server.connect().await;
    client.write_all(b"GET /panic HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut client).await, "");
    let mut client = server.connect().await;
    client.write_all(REQUEST).await.unwrap();
    answer(&mut client).await;
}

#[test]
fn only_faults_of_one_connection_are_passed_over() {
    for (kind, passed_over) in [
        (io::ErrorKind::ConnectionAborted, true),
        (io::ErrorKind::ConnectionReset, true),
        (io::ErrorKind::Interrupted, true),
        (io::ErrorKind::OutOfMemory, false),
        (io::ErrorKind::PermissionDenied, false),
        (io::ErrorKind::Other, false),
    ] {
        assert_eq!(is_of_the_connection(&io::Error::from(kind)), passed_over, "{kind:?}");
    }
}
