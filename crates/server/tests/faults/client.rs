//! A client of the customer surface, as plain as can be: what it sends it sends once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::installation::{ACCOUNT, SOON, TOKEN};

/// Where the resources are.
pub(crate) const V2: &str = "/v2/RegulatoryCompliance";
const BOUNDARY: &str = "boundary-of-the-faults-test";

/// An account's connection to one service. It is made again after an error, but nothing is repeated.
pub(crate) struct Client {
    address: SocketAddr,
    authorization: String,
    stream: Option<BufReader<TcpStream>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The JSON of the body; null when it is none.
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Client {
    /// The account of the rehearsal mode.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self::of(address, ACCOUNT, TOKEN)
    }

    /// Any account.
    pub(crate) fn of(address: SocketAddr, account: &str, token: &str) -> Self {
        let authorization = format!("Basic {}", STANDARD.encode(format!("{account}:{token}")));
        Self { address, authorization, stream: None }
    }

    /// An operator.
    pub(crate) fn operator(address: SocketAddr, token: &str) -> Self {
        Self { address, authorization: format!("Bearer {token}"), stream: None }
    }

    pub(crate) fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send("GET", path, None, &[])
    }

    pub(crate) fn delete(&mut self, path: &str) -> io::Result<Answer> {
        self.send("DELETE", path, None, &[])
    }

    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> io::Result<Answer> {
        let form: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.send("POST", path, Some("application/x-www-form-urlencoded"), form.join("&").as_bytes())
    }

    pub(crate) fn post_json(&mut self, path: &str, json: &str) -> io::Result<Answer> {
        self.send("POST", path, Some("application/json"), json.as_bytes())
    }

    /// A form with a file.
    pub(crate) fn upload(&mut self, path: &str, fields: &[(&str, &str)], pdf: &[u8]) -> io::Result<Answer> {
        let mut body = Vec::new();
        for (name, value) in fields {
            let disposition = format!("Content-Disposition: form-data; name=\"{name}\"");
            write!(body, "--{BOUNDARY}\r\n{disposition}\r\n\r\n{value}\r\n")?;
        }
        let disposition = "Content-Disposition: form-data; name=\"File\"; filename=\"zq7filename.pdf\"";
        write!(body, "--{BOUNDARY}\r\n{disposition}\r\nContent-Type: application/pdf\r\n\r\n")?;
        body.extend_from_slice(pdf);
        write!(body, "\r\n--{BOUNDARY}--\r\n")?;
        self.send("POST", path, Some(&format!("multipart/form-data; boundary={BOUNDARY}")), &body)
    }

    fn send(&mut self, method: &str, path: &str, kind: Option<&str>, body: &[u8]) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: dossier.test\r\n");
        let _ = write!(head, "Authorization: {}\r\n", self.authorization);
        if let Some(kind) = kind {
            let _ = write!(head, "Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
        }
        head.push_str("\r\n");
        stream.get_mut().write_all(&[head.as_bytes(), body].concat())?;
        let (answer, kept) = read(&mut stream)?;
        self.stream = kept.then_some(stream);
        Ok(answer)
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect_timeout(&self.address, SOON)?;
        stream.set_read_timeout(Some(SOON))?;
        stream.set_write_timeout(Some(SOON))?;
        stream.set_nodelay(true)?;
        Ok(BufReader::new(stream))
    }
}

/// Reads an answer, and says whether the connection can be used again.
fn read(stream: &mut BufReader<TcpStream>) -> io::Result<(Answer, bool)> {
    let status = line(stream)?;
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(cut_off)?;
    let (mut length, mut kept) = (0, true);
    loop {
        let header = line(stream)?.to_ascii_lowercase();
        match header.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().map_err(|_| cut_off())?,
            Some(("connection", "close")) => kept = false,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let text = String::from_utf8(body).map_err(|_| cut_off())?;
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok((Answer { status, body, text }, kept))
}

fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    line.strip_suffix("\r\n").map(str::to_owned).ok_or_else(cut_off)
}

fn cut_off() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

impl Answer {
    /// The body of an answer that must have this status.
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// The SID of what was made.
    pub(crate) fn sid(&self) -> String {
        self.body["sid"].as_str().unwrap_or_else(|| panic!("{} {}", self.status, self.text)).to_owned()
    }

    /// Whether it is an error of ours with the body that every error has.
    pub(crate) fn is_our_failure(&self) -> bool {
        let body = &self.body;
        let has_form = body["code"].is_u64() && body["message"].is_string() && body["more_info"].is_string();
        matches!(self.status, 500 | 503) && body["status"] == self.status && has_form
    }
}

/// A PDF of about this many bytes, different for each `mark`.
pub(crate) fn pdf(mark: &str, bytes: usize) -> Vec<u8> {
    let mut content = format!("% {mark}\n").into_bytes();
    let mut next = mark.len() as u8;
    content.resize_with(content.len() + bytes, || {
        next = next.wrapping_mul(5).wrapping_add(17);
        next
    });
    let object = format!("1 0 obj\n<< /Length {} >>\nstream\n", content.len());
    [b"%PDF-1.7\n", object.as_bytes(), &content, b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"].concat()
}
