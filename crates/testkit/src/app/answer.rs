//! An answer, and what tests say about it.

use std::ops::Deref;

use serde_json::Value;

use super::openapi;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Method and target of the request, for messages.
    request: String,
    /// The HTTP status.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The body as it was sent.
    pub body: Vec<u8>,
}

impl Answer {
    pub(super) fn parse(request: String, bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).expect("heads are ASCII");
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let header =
            |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Self {
            request,
            status,
            headers: lines.filter_map(header).collect(),
            body: bytes[end + 4..].to_vec(),
        })
    }

    /// What is true of every answer of the router, whatever was asked.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub(super) fn check(&self) {
        assert!(self.status < 500, "{self}");
        let id = self.header("twilio-request-id").unwrap_or_else(|| panic!("no request id: {self}"));
        let digits = id.strip_prefix("RQ").unwrap_or_default();
        assert!(digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}: {self}");
        assert!(self.header("twilio-request-duration").is_some(), "{self}");
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{self}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{self}");
        if let Some(length) = self.header("content-length")
            && !self.request.starts_with("HEAD ")
        {
            assert_eq!(length, self.body.len().to_string(), "a whole body: {self}");
        }
        if self.status >= 400 && !self.request.starts_with("HEAD ") {
            self.refusal();
        }
    }

    /// That the answer is as the OpenAPI document of its path says.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub(super) fn is_as_described(&self, method: &str, target: &str) {
        if let Err(flaw) = openapi::check(method, target, self) {
            panic!("not as the OpenAPI document says: {flaw}\n{self}");
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body of an answer of status 200.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn ok(self) -> Json {
        self.json_of(200)
    }

    /// The body of an answer of status 201.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn created(self) -> Json {
        self.json_of(201)
    }

    /// Status 204 without a body.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn deleted(self) {
        assert!(self.status == 204 && self.body.is_empty(), "{self}");
    }

    /// A refusal of this status and code.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn refused(self, status: u16, code: u64) -> Refusal {
        assert_eq!(self.status, status, "{self}");
        let refusal = self.refusal();
        assert_eq!(refusal.code, code, "{self}");
        refusal
    }

    /// An error body: exactly the keys of contract section 9.1, or a problem of the operator surface.
    #[track_caller]
    fn refusal(&self) -> Refusal {
        let is_problem = self.header("content-type") == Some("application/problem+json");
        let body = self.json();
        let object = body.as_object().unwrap_or_else(|| panic!("no object: {self}"));
        let keys: Vec<&str> = object.keys().map(String::as_str).filter(|key| *key != "details").collect();
        let code = body["code"].as_u64().unwrap_or_else(|| panic!("no code: {self}"));
        assert_eq!(body["status"], self.status, "{self}");
        if is_problem {
            assert_eq!(keys, ["type", "title", "status", "detail", "code", "request_id"], "{self}");
            assert_eq!(body["type"], format!("urn:dossier:error:{code}"), "{self}");
        } else {
            assert_eq!(keys, ["code", "message", "more_info", "status"], "{self}");
            assert_eq!(body["more_info"], format!("https://www.twilio.com/docs/errors/{code}"), "{self}");
        }
        let message = &body[if is_problem { "detail" } else { "message" }];
        let message = message.as_str().unwrap_or_else(|| panic!("no message: {self}")).to_owned();
        Refusal { code, message, details: object.get("details").cloned(), answer: self.clone() }
    }

    #[track_caller]
    fn json_of(self, status: u16) -> Json {
        assert_eq!(self.status, status, "{self}");
        Json(self.json())
    }

    #[track_caller]
    fn json(&self) -> Value {
        let content_type = self.header("content-type");
        let is_json = matches!(content_type, Some("application/json" | "application/problem+json"));
        assert!(is_json, "{self}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { request, status, headers, body } = self;
        write!(f, "{request} -> {status} {headers:?} {}", String::from_utf8_lossy(body))
    }
}

/// A refusal.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// For programs.
    pub code: u64,
    /// For people.
    pub message: String,
    /// More for programs, with some codes.
    pub details: Option<Value>,
    answer: Answer,
}

impl Refusal {
    /// Says that the message has these words in it.
    ///
    /// # Panics
    /// When it has not.
    #[track_caller]
    pub fn saying(self, words: &str) -> Self {
        assert!(self.message.contains(words), "{words:?} is not in: {}", self.answer);
        self
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer.header(name)
    }
}

/// An object of the service, as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(pub Value);

impl Json {
    /// Its identifier.
    ///
    /// # Panics
    /// When it has none.
    #[track_caller]
    pub fn sid(&self) -> &str {
        self.text("sid")
    }

    /// A text in it.
    ///
    /// # Panics
    /// When there is no such text.
    #[track_caller]
    pub fn text(&self, key: &str) -> &str {
        self[key].as_str().unwrap_or_else(|| panic!("no text {key:?} in {}", self.0))
    }

    /// The items of a list.
    ///
    /// # Panics
    /// When there is no such list.
    #[track_caller]
    pub fn items(&self, key: &str) -> &Vec<Value> {
        self[key].as_array().unwrap_or_else(|| panic!("no list {key:?} in {}", self.0))
    }

    /// The identifiers of the items of a list.
    ///
    /// # Panics
    /// When there is no list `results`.
    #[track_caller]
    pub fn sids(&self) -> Vec<String> {
        let sid = |item: &Value| item["sid"].as_str().expect("items have identifiers").to_owned();
        self.items("results").iter().map(sid).collect()
    }
}

impl Deref for Json {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}
