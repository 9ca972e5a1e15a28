//! A request, written byte by byte, so that odd ones can be sent as well.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::form_urlencoded;

use super::answer::Answer;
use super::multipart::{self, Part};

/// No answer takes this long; a service that needs it hangs.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// A request that has not been sent yet.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    address: SocketAddr,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub(super) fn new(address: SocketAddr, method: &str, target: &str) -> Self {
        // Addresses in answers are absolute; they are followed to the letter.
        let target = target.strip_prefix(&format!("http://{address}")).unwrap_or(target);
        let request = Self {
            address,
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        request.header("Host", &address.to_string())
    }

    /// Sets a header, in the place of one of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(given, _)| !given.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a header out.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(given, _)| !given.eq_ignore_ascii_case(name));
        self
    }

    /// Gives it a form as body.
    pub fn form(self, params: &[(&str, &str)]) -> Self {
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        self.body("application/x-www-form-urlencoded", encoded)
    }

    /// Gives it a multipart body.
    pub fn multipart(self, parts: &[Part<'_>]) -> Self {
        self.body(&multipart::content_type(), multipart::encode(parts))
    }

    /// Gives it any body.
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        let length = self.body.len().to_string();
        self.header("Content-Type", content_type).header("Content-Length", &length)
    }

    /// Leaves out the end of the body, and does not say so before.
    pub fn truncated(mut self, bytes: usize) -> Self {
        self.body.truncate(self.body.len().saturating_sub(bytes));
        let length = self.body.len().to_string();
        self.header("Content-Length", &length)
    }

    /// Method and the beginning of the target, for messages.
    pub fn title(&self) -> String {
        let target: String = self.target.chars().take(200).collect();
        format!("{} {target}", self.method)
    }

    /// Sends it and checks what is true of every answer.
    ///
    /// # Panics
    /// When there is no answer, or it breaks a rule that all follow.
    pub async fn send(self) -> Answer {
        let (method, target) = (self.method.clone(), self.target.clone());
        let answer =
            self.send_unchecked().await.expect("the service answers before it closes the connection");
        answer.check();
        answer.is_as_described(&method, &target);
        answer
    }

    /// Sends it and takes whatever comes back, also from below the router; `None` when the connection was
    /// closed without an answer.
    ///
    /// # Panics
    /// When nothing comes back for a long time.
    pub async fn send_unchecked(self) -> Option<Answer> {
        let bytes = self.clone().into_bytes();
        let received = tokio::time::timeout(ANSWER_MAX, exchange(self.address, &bytes)).await;
        let received = received.unwrap_or_else(|_| panic!("{}: no answer", self.title()));
        Answer::parse(self.title(), &received)
    }

    /// The request as it goes over the wire, for whoever sends it by hand.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes =
            format!("{} {} HTTP/1.1\r\nConnection: close\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// Sends and receives at the same time: a refusal may come before everything is sent.
async fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("the service accepts connections");
    let (mut receiver, mut sender) = stream.split();
    let mut received = Vec::new();
    // Either may fail when the service closes early; what was received by then is the answer.
    let (_, _) = tokio::join!(sender.write_all(request), receiver.read_to_end(&mut received));
    received
}
