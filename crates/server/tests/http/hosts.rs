//! What the addresses in answers begin with.

use dossier_testkit::app::{Json, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::Value;

on_both_engines! {
    addresses_name_the_host_of_the_request,
    the_public_address_wins_over_any_host,
    a_listener_with_tls_says_https,
}

/// Every text of an answer that is an address of the service.
fn addresses(json: &Value) -> Vec<String> {
    match json {
        Value::String(text) if text.contains("/v2/") => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(addresses).collect(),
        Value::Object(fields) => fields.values().flat_map(addresses).collect(),
        _ => Vec::new(),
    }
}

async fn one_of_everything(app: &TestApp) -> Vec<String> {
    let alice = app.alice();
    let case = alice.prepare_case().await;
    alice.evaluate(&case.bundle).await;
    ["", "/ItemAssignments", "/Evaluations"]
        .into_iter()
        .map(|below| format!("/Bundles/{}{below}", case.bundle))
        .chain(["/Bundles", "/EndUsers", "/SupportingDocuments", "/EndUserTypes"].map(str::to_owned))
        .chain(["/SupportingDocumentTypes", "/Regulations?IsoCountry=DE"].map(str::to_owned))
        .map(|path| v2(&path))
        .collect()
}

async fn addresses_name_the_host_of_the_request(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for path in one_of_everything(&app).await {
        for (host, begin) in [
            ("api.beispiel.example", "http://api.beispiel.example/v2/"),
            ("localhost:8080", "http://localhost:8080/v2/"),
            ("[::1]:8080", "http://[::1]:8080/v2/"),
            ("user@evil.example", "http://localhost/v2/"),
            ("evil.example/path?x=", "http://localhost/v2/"),
            ("\"><script>", "http://localhost/v2/"),
            ("", "http://localhost/v2/"),
        ] {
            let request = alice.request("GET", &path).header("Host", host);
            // Only the host of the request counts: these can be sent by anybody.
            let forwarded =
                request.header("X-Forwarded-Host", "evil.example").header("X-Forwarded-Proto", "https");
            let found = addresses(&forwarded.send().await.ok());
            assert!(!found.is_empty(), "{path}");
            assert!(found.iter().all(|address| address.starts_with(begin)), "{host}: {found:?}");
        }
    }
}

async fn the_public_address_wins_over_any_host(db: TestDb) {
    let public = "https://compliance.beispiel.example/twilio";
    let app = TestApp::with(db, |choices| choices.web.public_url = Some(public.to_owned())).await;
    let alice = app.alice();
    let begin = format!("{public}/v2/");
    for path in one_of_everything(&app).await {
        let found = addresses(&alice.request("GET", &path).header("Host", "other.example").send().await.ok());
        assert!(!found.is_empty() && found.iter().all(|address| address.starts_with(&begin)), "{found:?}");
    }
    let refusal = alice.submit(alice.create_bundle("Beispiel").await.sid()).await.refused(400, 20001);
    assert!(refusal.message.contains(&begin), "{}", refusal.message);
}

async fn a_listener_with_tls_says_https(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.web.tls = true).await;
    let bundle: Json = app.alice().create_bundle("Beispiel").await;
    assert!(bundle.text("url").starts_with(&format!("https://{}/v2/", app.address())));
}
