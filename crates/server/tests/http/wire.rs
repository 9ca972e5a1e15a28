//! What is the same on all paths: methods, unknown paths, headers, odd targets, limits on requests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_testkit::app::{V2, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

on_both_engines! {
    unknown_paths_are_not_found,
    paths_are_read_to_the_letter,
    answers_have_their_headers,
    head_is_get_without_a_body,
    odd_queries_do_no_harm,
    requests_have_a_bounded_size,
    too_many_requests_at_once_are_told_to_come_back,
    who_watches_the_service_needs_no_account,
}

async fn unknown_paths_are_not_found(db: TestDb) {
    let app = TestApp::start(db).await;
    let bundle = app.alice().create_bundle("Beispiel").await;
    let below = |name: &str| v2(&format!("/Bundles/{}/{name}", bundle.sid()));
    for path in [
        "/".to_owned(),
        "/v2".to_owned(),
        V2.to_owned(),
        v2("/"),
        v2("/Bundle"),
        v2("/bundles"),
        "/v1/RegulatoryCompliance/Bundles".to_owned(),
        "/2010-04-01/Accounts".to_owned(),
        "/admin".to_owned(),
        below("Copy"),
        below("Copies/x"),
        below("Evaluations/x/y"),
    ] {
        for method in ["GET", "POST", "DELETE", "PATCH"] {
            for client in [app.alice(), app.nobody()] {
                let refusal = client.request(method, &path).send().await.refused(404, 20404);
                assert_eq!(refusal.message, format!("The requested resource {path} was not found"));
            }
        }
    }
}

async fn paths_are_read_to_the_letter(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let path = v2(&format!("/Bundles/{}", bundle.sid()));
    for odd in [
        v2("/Bundles/"),
        format!("{path}/"),
        format!("{path}.json"),
        path.replace("/Bundles/", "//Bundles/"),
        path.replace("/Bundles/", "/./Bundles/"),
        path.replace("/v2/", "/v2/../v2/"),
        path.replace("/v2/", "/V2/"),
        path.replace("/Bundles/", "%2FBundles%2F"),
        format!("{path}%00"),
        format!("{path}%0d%0aX:%20y"),
        format!("{path};x=1"),
    ] {
        alice.get(&odd).await.refused(404, 20404);
    }
    alice.get(&format!("{path}?")).await.ok();
    alice.get(&format!("{path}?x=1&x=2#fragment")).await.ok();
    let encoded = path.replace("BU", "%42%55");
    assert_eq!(alice.get(&encoded).await.ok().sid(), bundle.sid(), "letters may be encoded");
}

async fn answers_have_their_headers(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    // What is true of every answer is checked at each one; see `Answer::check`.
    let (one, two) = (alice.get(&v2("/Bundles")).await, alice.get(&v2("/Bundles")).await);
    assert_eq!(one.header("content-type"), Some("application/json"));
    assert_eq!(one.header("twilio-concurrent-requests"), Some("1"));
    assert_ne!(one.header("twilio-request-id"), two.header("twilio-request-id"));
    let duration: f64 = one.header("twilio-request-duration").unwrap().parse().unwrap();
    assert!((0.0..10.0).contains(&duration));
    for absent in ["access-control-allow-origin", "server", "set-cookie", "location"] {
        assert_eq!(one.header(absent), None, "{absent}");
    }
}

async fn head_is_get_without_a_body(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    for (path, status) in [
        (v2("/Bundles"), 200),
        (v2(&format!("/Bundles/{}", bundle.sid())), 200),
        (v2(&format!("/Bundles/{}", crate::nobodys("BU"))), 404),
        (v2("/Unknown"), 404),
    ] {
        let get = alice.get(&path).await;
        let head = alice.request("HEAD", &path).send().await;
        assert_eq!((get.status, head.status), (status, status), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(head.header("content-length"), get.header("content-length"), "{path}");
        assert!(head.body.is_empty());
    }
    let head = app.nobody().request("HEAD", &v2("/Bundles")).send().await;
    assert_eq!((head.status, head.header("www-authenticate").is_some()), (401, true));
}

async fn odd_queries_do_no_harm(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    alice.create_bundle("100%").await;
    let list = async |query: &str| alice.get(&v2(&format!("/Bundles?{query}"))).await;
    for (query, found) in [
        // What is no percent encoding is meant literally, as in forms of browsers.
        ("FriendlyName=100%", 1),
        ("FriendlyName=100%25", 1),
        ("FriendlyName=100%2", 0),
        ("FriendlyName=%zz", 0),
        ("FriendlyName=%FF%FE", 0),
        ("FriendlyName=%F0%9F%98%80", 0),
        ("FriendlyName='%20OR%20'1'='1", 0),
        ("FriendlyName=%25", 0),
        ("&&=&=x&", 1),
        ("PageSize", 1),
        ("friendlyname=other", 1),
        ("a%00b=x", 1),
        // The first of several counts.
        ("FriendlyName=100%25&FriendlyName=other", 1),
        ("FriendlyName=other&FriendlyName=100%25", 0),
        ("PageSize=1&PageSize=nonsense", 1),
    ] {
        assert_eq!(list(query).await.ok().sids().len(), found, "{query}");
    }
    list("FriendlyName=a%00b").await.refused(400, 20001).saying("NUL");
    list(&"a=b&".repeat(200)).await.ok();
    list(&"a=b&".repeat(201)).await.refused(400, 20001).saying("200");
}

async fn requests_have_a_bounded_size(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let long = "x".repeat(8_000);
    alice.query(&v2("/Bundles"), &[("FriendlyName", &long)]).await.ok();
    alice.get(&v2(&format!("/Bundles/{long}"))).await.refused(404, 20404);
    // Beyond, the protocol layer answers, or closes the connection; nobody waits for ever.
    for bytes in [65_000, 200_000] {
        let target = format!("{}?x={}", v2("/Bundles"), "x".repeat(bytes));
        if let Some(answer) = alice.request("GET", &target).send_unchecked().await {
            assert!(matches!(answer.status, 200 | 400 | 414 | 431), "{answer}");
        }
        let padded = alice.request("GET", &v2("/Bundles")).header("X-Padding", &"x".repeat(bytes));
        if let Some(answer) = padded.send_unchecked().await {
            assert!(matches!(answer.status, 200 | 400 | 431), "{answer}");
        }
    }
    alice.get(&v2("/Bundles")).await.ok();
}

async fn too_many_requests_at_once_are_told_to_come_back(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.web.requests_per_account_max = 2).await;
    let (alice, path) = (app.alice(), v2("/EndUsers"));
    let first = begun_request(&app, &path).await;
    let second = alice.get(&path).await;
    assert_eq!(second.header("twilio-concurrent-requests"), Some("2"));
    let other = begun_request(&app, &path).await;
    let refusal = alice.get(&path).await.refused(429, 20429);
    assert_eq!(refusal.header("retry-after"), Some("1"));
    alice.post(&path, &[("FriendlyName", "x"), ("Type", "business")]).await.refused(429, 20429);
    app.bob().get(&path).await.ok();
    drop((first, other));
    let gone = Instant::now();
    while alice.get(&path).await.status == 429 {
        assert!(gone.elapsed() < Duration::from_secs(10), "the places are not given back");
    }
    assert_eq!(alice.get(&path).await.ok()["results"], json!([]), "what was refused was not done");
}

/// A request of Alice's that holds its place: the service has asked for its body, which does not come.
async fn begun_request(app: &TestApp, path: &str) -> TcpStream {
    let alice = app.alice();
    let login = STANDARD.encode(format!("{}:{}", alice.account(), alice.token()));
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\nContent-Length: 10\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n"
    );
    let mut stream = TcpStream::connect(app.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

async fn who_watches_the_service_needs_no_account(db: TestDb) {
    let app = TestApp::start(db).await;
    app.alice().create_bundle("Beispiel").await;
    let nobody = app.nobody();
    assert_eq!(*nobody.get("/health").await.ok(), json!({ "status": "ok" }));
    assert_eq!(*nobody.get("/live").await.ok(), json!({ "status": "live" }));
    let metrics = String::from_utf8(nobody.get("/metrics").await.body).unwrap();
    let counted = r#"method="POST",route="/v2/RegulatoryCompliance/Bundles",status="201"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert!(!metrics.contains(app.alice().account()), "nobody is named");
}
