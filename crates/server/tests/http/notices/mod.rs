//! What the people behind a bundle are told: callbacks, mail, and the log of both.

mod callbacks;
mod decisions;
mod guard;
mod lanes;
mod log;
mod mail;
mod receivers;

use dossier_testkit::app::{Choices, Client, v2};
use dossier_testkit::{TestApp, TestDb};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// A service that may call loopback addresses.
async fn calling(db: TestDb) -> TestApp {
    TestApp::with(db, allow_loopback).await
}

fn allow_loopback(choices: &mut Choices) {
    choices.notices.callbacks.allow = vec!["127.0.0.1/32".parse().unwrap()];
}

/// A new bundle that is told about at this address.
async fn bundle_with(client: &Client, url: &str) -> String {
    let form = [
        ("FriendlyName", "Beispiel GmbH"),
        ("Email", "compliance@beispiel.example"),
        ("IsoCountry", "DE"),
        ("NumberType", "local"),
        ("EndUserType", "business"),
        ("StatusCallback", url),
    ];
    client.post(&v2("/Bundles"), &form).await.created().sid().to_owned()
}

/// Brings it about that a bundle is told to be in draft, which needs no more than that it was rejected.
async fn reopen(app: &TestApp, bundle: &str) {
    app.set_bundle_status(bundle, "twilio-rejected").await;
    app.alice().post(&v2(&format!("/Bundles/{bundle}")), &[("Status", "draft")]).await.ok();
}

/// A bundle that is told about at this address, with one callback to be sent.
async fn told(app: &TestApp, url: &str) -> String {
    let bundle = bundle_with(&app.alice(), url).await;
    reopen(app, &bundle).await;
    bundle
}

/// Where every delivery stands, the oldest first, as `state/attempts/last outcome`.
async fn log_of(app: &TestApp) -> Vec<String> {
    use dossier_domain::operator::Role;
    let reviewer = app.operator(Role::Reviewer).await;
    let list = reviewer.get("/deliveries?limit=1000").await.ok();
    let mut lines = Vec::new();
    for item in list.items("items").iter().rev() {
        let one = reviewer.get(&format!("/deliveries/{}", item["sid"].as_str().unwrap())).await.ok();
        let outcome = one["tries"][0]["outcome"].as_str().unwrap_or("never tried").to_owned();
        lines.push(format!("{}/{}/{outcome}", one.text("state"), one["attempts"]));
    }
    lines
}
