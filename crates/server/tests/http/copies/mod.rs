//! Bundles made from bundles: copies, clones, and copies that take their source's place (contract section
//! 6, 14.5).

mod clones;
mod create;
mod files;
mod flow;
mod lineage;
mod lists;
mod races;
mod replace;

use dossier_domain::operator::Role;
use dossier_testkit::app::{Answer, Case, Client, Json, OperatorClient, v2};
use dossier_testkit::{ManualClock, TestApp};
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn path(bundle: &str, below: &str) -> String {
    v2(&format!("/Bundles/{bundle}/{below}"))
}

async fn copy(client: &Client, bundle: &str) -> Answer {
    client.post(&path(bundle, "Copies"), &[]).await
}

async fn clone(client: &Client, bundle: &str, target: &str) -> Answer {
    client.post(&path(bundle, "Clones"), &[("TargetAccountSid", target)]).await
}

async fn replace(client: &Client, bundle: &str, from: &str) -> Answer {
    client.post(&path(bundle, "ReplaceItems"), &[("FromBundleSid", from)]).await
}

/// An approved bundle of Alice's with approved documents.
async fn approved(app: &TestApp) -> Case {
    let case = app.case_in("twilio-approved").await;
    app.set_document_status(&case.document, "approved").await;
    case
}

/// As [`approved`], with an approval that ends in 90 days.
async fn ending(app: &TestApp) -> Case {
    let case = approved(app).await;
    set_end(app, &case.bundle, json!(in_days(90))).await;
    case
}

async fn set_end(app: &TestApp, bundle: &str, valid_until: Value) {
    let body = json!({ "valid_until": valid_until });
    let reviewer = app.operator(Role::Reviewer).await;
    reviewer.put(&format!("/bundles/{bundle}/valid-until"), &body).await.ok();
}

fn in_days(days: u32) -> String {
    ManualClock::START.plus(DAY * days).to_string()
}

/// A copy of the bundle that was submitted and approved.
async fn approved_copy(app: &TestApp, bundle: &str) -> String {
    let alice = app.alice();
    let copied = copy(&alice, bundle).await.created().sid().to_owned();
    approve(app, &alice, &copied).await;
    copied
}

/// Submits a bundle and has it approved, as a reviewer would.
async fn approve(app: &TestApp, client: &Client, bundle: &str) {
    client.submit(bundle).await.ok();
    let reviewer = app.operator(Role::Reviewer).await;
    let cases = reviewer.get("/cases?state=waiting&limit=1000").await.ok();
    let case = cases.items("items").iter().find(|case| case["bundle_sid"] == bundle).unwrap();
    let case = format!("/cases/{}", case["sid"].as_str().unwrap());
    reviewer.act(&format!("{case}/claim")).await.ok();
    for document in reviewer.get(&case).await.ok().items("documents") {
        let verdict = format!("{case}/documents/{}/verdict", document["sid"].as_str().unwrap());
        reviewer.put(&verdict, &json!({ "verdict": "approved" })).await.ok();
    }
    let decision = json!({ "outcome": "approved" });
    assert!(reviewer.post(&format!("{case}/decision"), &decision).await.status < 300);
    assert_eq!(client.bundle(bundle).await["status"], "twilio-approved");
}

/// What is in a bundle, in the order in which it was put there.
async fn objects(client: &Client, bundle: &str) -> Vec<String> {
    let list = client.get(&path(bundle, "ItemAssignments")).await.ok();
    let objects = list.items("results").iter().map(|item| item["object_sid"].as_str().unwrap().to_owned());
    objects.rev().collect()
}

async fn end_user(client: &Client, bundle: &str) -> Json {
    let sid = objects(client, bundle).await.into_iter().find(|sid| sid.starts_with("IT")).unwrap();
    client.get(&v2(&format!("/EndUsers/{sid}"))).await.ok()
}

async fn document(client: &Client, bundle: &str) -> Json {
    let sid = objects(client, bundle).await.into_iter().find(|sid| sid.starts_with("RD")).unwrap();
    client.document(&sid).await
}

/// The file of a document, as a reviewer gets it. It must have come to review.
async fn file(reviewer: &OperatorClient, document: &str) -> Vec<u8> {
    let answer = reviewer.get(&format!("/documents/{document}/file")).await;
    assert_eq!(answer.status, 200, "{answer}");
    answer.body
}
