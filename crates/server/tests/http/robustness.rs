//! Requests that nobody would send. Each gets an answer, none an error of ours, and afterwards the
//! service works as before.

use dossier_domain::sid::kinds;
use dossier_testkit::app::{JPEG, PDF, PNG, Part, Request, v2};
use dossier_testkit::{Seeded, TestApp, TestDb, on_both_engines};
use dossier_web::ROUTES;
use std::fmt::Write as _;

on_both_engines! {
    no_request_however_odd_does_harm,
    what_is_no_http_does_no_harm,
}

/// How many odd requests are sent.
const REQUESTS: u64 = 600;

const NAMES: [&str; 34] = [
    "FriendlyName",
    "Email",
    "StatusCallback",
    "RegulationSid",
    "IsoCountry",
    "NumberType",
    "EndUserType",
    "IsTest",
    "Status",
    "Type",
    "Attributes",
    "ObjectSid",
    "File",
    "MimeType",
    "PageSize",
    "Page",
    "PageToken",
    "BundleSids",
    "SortBy",
    "SortDirection",
    "HasValidUntilDate",
    "ValidUntilDate",
    "ValidUntilDate<",
    "ValidUntilDate>",
    "IncludeConstraints",
    "CustomerName",
    "Street",
    "StreetSecondary",
    "City",
    "Region",
    "PostalCode",
    "EmergencyEnabled",
    "AutoCorrectAddress",
    "",
];

const VALUES: [&str; 62] = [
    "",
    " ",
    "x",
    "0",
    "1",
    "-1",
    "1000",
    "99999999999999999999",
    "1e309",
    "NaN",
    "null",
    "true",
    "FALSE",
    "undefined",
    "\0",
    "\r\n",
    "\u{202e}x",
    "\u{feff}",
    "ä",
    "😀",
    "%",
    "%00",
    "%zz",
    "a=b&c=d",
    "'",
    "\"",
    "'; DROP TABLE bundles; --",
    "\\",
    "${x}",
    "{{x}}",
    "../../etc/passwd",
    "<script>",
    "{}",
    "[]",
    "{",
    "[[[[",
    r#"{"a":1}"#,
    r#"{"a":1,"a":2}"#,
    r#"{"address_sids":["AD00000000000000000000000000000000"]}"#,
    r#"{"address_sids":{"a":[[[]]]}}"#,
    r#"{"a":"\ud800"}"#,
    r#"{"\u0000":"\u0000"}"#,
    "a@b.c",
    "@",
    "DE",
    "de",
    "ZZ",
    "GB",
    "local",
    "toll free",
    "business",
    "INDIVIDUAL",
    "passport",
    "business_address",
    "draft",
    "pending-review",
    "twilio-approved",
    "2026-02-30",
    "2026-01-01T00:00:00Z",
    "-9999-01-01",
    "date-updated",
    "https://user:pass@[::1]:99999/#x",
];

/// Makes odd requests; the same ones for the same seed.
struct Odd<'a> {
    random: Seeded,
    app: &'a TestApp,
    sids: Vec<String>,
}

impl Odd<'_> {
    fn request(&mut self) -> Request {
        let client = match self.random.below(10) {
            0 => self.app.nobody(),
            1 => self.app.bob(),
            2 => self.app.branch(),
            _ => self.app.alice(),
        };
        let (mut method, template) = self.random.pick(ROUTES);
        if self.random.below(8) == 0 {
            method = self.random.pick(&["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD", "BREW"]);
        }
        let mut target = self.path(template, client.login_user().unwrap_or("AC0"));
        if self.random.flip() {
            let _ = write!(target, "?{}", self.form());
        }
        let request = client.request(method, &target);
        match self.random.below(8) {
            0 => request,
            1 => self.with_bytes(request),
            2 | 3 => self.with_parts(request),
            _ => {
                let form = self.form();
                request.body("application/x-www-form-urlencoded", form)
            }
        }
    }

    /// A path of a route: mostly with things that are there, sometimes with anything.
    fn path(&mut self, template: &str, account: &str) -> String {
        let mut path = String::new();
        for segment in template.split('/').skip(1) {
            let written = match segment {
                "{account_sid}" if self.random.below(6) != 0 => account.to_owned(),
                "{sid}" if template.contains("Addresses") && self.random.flip() => {
                    format!("{}.json", self.sid())
                }
                _ if segment.starts_with('{') => self.sid(),
                _ if self.random.below(40) == 0 => self.encoded_value(),
                _ => segment.to_owned(),
            };
            let _ = write!(path, "/{written}");
        }
        path
    }

    fn sid(&mut self) -> String {
        match self.random.below(6) {
            0 => self.encoded_value(),
            1 => self.random.sid::<kinds::Bundle>().to_string(),
            _ => self.random.pick(&self.sids),
        }
    }

    fn value(&mut self) -> String {
        match self.random.below(12) {
            0 => self.random.pick(&self.sids),
            1 => "x".repeat(usize::try_from(self.random.below(3_000)).unwrap()),
            2 => (0..self.random.below(20)).map(|_| self.random.pick(&VALUES)).collect(),
            3 => r#"{"a":["#.repeat(usize::try_from(self.random.below(600)).unwrap()),
            _ => self.random.pick(&VALUES).to_owned(),
        }
    }

    fn encoded_value(&mut self) -> String {
        let value = self.value();
        value.bytes().take(300).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "%{byte:02X}");
            text
        })
    }

    fn form(&mut self) -> String {
        let mut form = String::new();
        for _ in 0..self.random.below(12) {
            let _ = match self.random.below(12) {
                0 => write!(
                    form,
                    "{}&",
                    self.random.pick(&["%", "=", "&&", "%f", "a=%zz", "+", ";", "%80=%80"])
                ),
                _ => write!(form, "{}={}&", encoded(self.random.pick(&NAMES)), self.encoded_value()),
            };
        }
        form
    }

    fn with_parts(&mut self, request: Request) -> Request {
        let texts: Vec<(&str, String)> =
            (0..self.random.below(6)).map(|_| (self.random.pick(&NAMES), self.value())).collect();
        let mut parts: Vec<Part<'_>> = texts.iter().map(|(name, value)| Part::Text(name, value)).collect();
        let file = self.random.pick(&[PDF, JPEG, PNG, b"hello", b"", b"%PDF-1.4\n", &PDF[..500], &PNG[..90]]);
        let declared = self.random.pick(&["application/pdf", "image/png", "", "x", "multipart/mixed"]);
        let headers =
            self.random.pick(&["", "x\r\n", ":\r\n", "Content-Disposition: form-data; name=\"\"\r\n"]);
        for part in [Part::File(declared, file), Part::Raw(headers, file)] {
            if self.random.below(3) == 0 {
                let place = self.random.below(parts.len() as u64 + 1);
                parts.insert(usize::try_from(place).unwrap(), part);
            }
        }
        let request = request.multipart(&parts);
        // Sometimes the end is missing, or the boundary is another one.
        match self.random.below(6) {
            0 => request.truncated(usize::try_from(self.random.below(400)).unwrap()),
            1 => request.header("Content-Type", "multipart/form-data; boundary=other"),
            2 => request.header("Content-Type", "multipart/form-data"),
            _ => request,
        }
    }

    fn with_bytes(&mut self, request: Request) -> Request {
        let length = self.random.below(2_000);
        let bytes: Vec<u8> = (0..length).map(|_| self.random.bits().to_be_bytes()[0]).collect();
        let kinds = [
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json",
            "",
            "/",
        ];
        request.body(self.random.pick(&kinds), bytes)
    }
}

fn encoded(name: &str) -> String {
    name.replace('<', "%3C").replace('>', "%3E")
}

async fn no_request_however_odd_does_harm(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let evaluation = alice.evaluate(&case.bundle).await;
    let sids = vec![
        case.bundle.clone(),
        case.end_user.clone(),
        case.document.clone(),
        case.address.clone(),
        evaluation.sid().to_owned(),
        "RNfd11dde5d4b7252abf96139766f68034".to_owned(),
        "passport".to_owned(),
    ];
    let mut refused = 0;
    for seed in 0..REQUESTS {
        let request = Odd { random: Seeded::new(seed), app: &app, sids: sids.clone() }.request();
        // What must be true of every answer is checked there: it comes, it is no error of ours, and a
        // refusal has its body. The seed of a failure is that of the last line.
        println!("seed {seed}: {}", request.title());
        let answer = request.send().await;
        refused += u32::from(answer.status >= 400);
    }
    assert!(refused > 200, "most were odd: {refused}");
    let case = alice.prepare_case().await;
    alice.submit(&case.bundle).await.ok();
    assert_eq!(app.nobody().get("/health").await.status, 200);
}

async fn what_is_no_http_does_no_harm(db: TestDb) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = TestApp::start(db).await;
    let path = v2("/Bundles");
    for bytes in [
        b"\r\n\r\n".to_vec(),
        b"hello\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        format!("GET {path}\r\n\r\n").into_bytes(),
        format!("GET {path} HTTP/9.9\r\n\r\n").into_bytes(),
        format!("GET {path} HTTP/1.1\r\n\r\n").into_bytes(),
        format!("GET {path} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").into_bytes(),
        format!("GET {path}\u{7f} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes(),
        format!("GET {path}ä HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes(),
        format!("GET {path} HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n").into_bytes(),
        format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n").into_bytes(),
        format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            .into_bytes(),
        format!("POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").into_bytes(),
        format!("GET http://other.example{path} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes(),
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"CONNECT other.example:443 HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
    ] {
        let mut stream = tokio::net::TcpStream::connect(app.address()).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // The connection may be reset, which is an answer too.
        let _ = stream.read_to_end(&mut answer).await;
        let first = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
        let refused = ["400", "401", "404", "405", "415", "431", "505"];
        let status = first.split(' ').nth(1).unwrap_or("400");
        assert!(refused.contains(&status), "{}: {first}", bytes.escape_ascii());
    }
    app.alice().get(&path).await.ok();
}
