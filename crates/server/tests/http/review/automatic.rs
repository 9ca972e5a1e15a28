//! Decisions without a person: test bundles, test installations, and whatever asks for one.

use super::{Desk, case_of, document_status, four_eyes, recorded, status_of, submitted};
use dossier_app::PolicyDecision;
use dossier_domain::operator::Role;
use dossier_domain::review::Outcome;
use dossier_domain::sid::{AccountSid, BundleSid};
use dossier_testkit::app::{Receiver, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use std::time::Duration;

on_both_engines! {
    a_test_bundle_is_rejected_by_itself,
    a_test_bundle_is_rejected_whoever_is_at_it,
    a_test_installation_decides_everything,
    a_rule_decides_what_waits_for_a_second_person,
    a_rule_decides_only_what_is_under_review,
    a_test_bundle_that_is_taken_back_is_left_alone,
}

/// A bundle with `IsTest`, submitted, that is told about at this address.
pub(super) async fn test_bundle(app: &TestApp, url: &str) -> (String, String) {
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let form = [
        ("FriendlyName", "Test"),
        ("Email", "a@beispiel.example"),
        ("IsoCountry", "DE"),
        ("NumberType", "local"),
        ("EndUserType", "business"),
        ("IsTest", "true"),
        ("StatusCallback", url),
    ];
    let bundle = alice.post(&v2("/Bundles"), &form).await.created().sid().to_owned();
    for item in [&case.end_user, &case.document] {
        alice.assign(&bundle, item).await.created();
    }
    alice.submit(&bundle).await.ok();
    (bundle, case.document)
}

async fn a_test_bundle_is_rejected_by_itself(db: TestDb) {
    let app = TestApp::with(db, |choices| {
        choices.notices.callbacks.allow = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let receiver = Receiver::start().await;
    let (bundle, document) = test_bundle(&app, &receiver.url("/")).await;
    app.work_off().await;
    assert_eq!(status_of(&app, &bundle).await, "pending-review", "a moment later");
    app.clock().advance(Duration::from_secs(5));
    let before = app.snapshot().await;
    app.work_off().await;
    assert_eq!(status_of(&app, &bundle).await, "twilio-rejected");
    assert_eq!(recorded(&app, &before).await, [format!("bundle.reject policy {bundle}")]);
    let document = app.alice().document(&document).await;
    assert_eq!((document.text("status"), &document["errors"]), ("rejected", &json!([{ "code": 18099 }])));
    assert!(document.text("failure_reason").contains("This was a test"));
    assert_eq!(receiver.statuses(), ["pending-review", "twilio-rejected"]);
    assert!(receiver.received()[1].param("FailureReason").unwrap().contains("This was a test"));
    let viewer = Desk::new(&app, Role::Viewer).await;
    let case = viewer.case(&case_of(&app, &bundle).await).await;
    assert_eq!((case.text("outcome"), &case["assignee"]), ("rejected", &json!(null)));
    assert_eq!(case["decisions"][0]["reasons"][0]["code"], 18099);
}

async fn a_test_bundle_is_rejected_whoever_is_at_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bundle, _) = test_bundle(&app, "").await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let sid = case_of(&app, &bundle).await;
    desk.claim(&sid).await.ok();
    app.clock().advance(Duration::from_secs(6));
    assert_eq!(app.work_off().await, 1);
    assert_eq!(status_of(&app, &bundle).await, "twilio-rejected");
    desk.decide(&sid, json!({ "outcome": "rejected", "message": "x" })).await.refused(409, 20409);
    app.clock().advance(Duration::from_secs(3600));
    assert_eq!(app.work_off().await, 0, "the claim is gone as well");
}

async fn a_test_installation_decides_everything(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.app.review.automatic = Some(Outcome::Approved)).await;
    let (case, sid) = submitted(&app).await;
    app.clock().advance(Duration::from_secs(5));
    app.work_off().await;
    assert_eq!(status_of(&app, &case.bundle).await, "twilio-approved");
    assert_eq!(document_status(&app, &case.document).await, "approved");
    let viewer = Desk::new(&app, Role::Viewer).await;
    let file = viewer.case(&sid).await;
    assert_eq!((file.text("outcome"), &file["decisions"][0]["by"]), ("approved", &json!(null)));
    let (bundle, _) = test_bundle(&app, "").await;
    app.clock().advance(Duration::from_secs(5));
    app.work_off().await;
    assert_eq!(status_of(&app, &bundle).await, "twilio-rejected", "test bundles are rejected everywhere");
}

fn of(app: &TestApp, bundle: &str) -> (AccountSid, BundleSid) {
    (AccountSid::parse(app.alice().account()).unwrap(), BundleSid::parse(bundle).unwrap())
}

async fn a_rule_decides_what_waits_for_a_second_person(db: TestDb) {
    let app = four_eyes(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    desk.end(&sid, &case.document, "approved").await;
    let (account, bundle) = of(&app, &case.bundle);
    let decision = PolicyDecision::new(Outcome::Rejected, vec![18051]);
    app.service().decide_without_person(account, bundle, decision).await.unwrap();
    assert_eq!(status_of(&app, &case.bundle).await, "twilio-rejected");
    assert_eq!(document_status(&app, &case.document).await, "approved", "its verdict still counts");
    let decisions = desk.case(&sid).await["decisions"].clone();
    assert_eq!((&decisions[0]["state"], &decisions[1]["state"]), (&json!("taken_back"), &json!("settled")));
}

async fn a_rule_decides_only_what_is_under_review(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, _) = submitted(&app).await;
    let (account, bundle) = of(&app, &case.bundle);
    let decide = async |bundle, decision| {
        let decided = app.service().decide_without_person(account, bundle, decision).await;
        decided.map(drop).map_err(|error| error.to_string())
    };
    let rejected = || PolicyDecision::new(Outcome::Rejected, vec![18051]);
    let draft = app.alice().create_bundle("Draft").await;
    let refused = decide(of(&app, draft.sid()).1, rejected()).await.unwrap_err();
    assert!(refused.contains("never submitted"), "{refused}");
    assert!(decide(BundleSid::from_bytes([7; 16]), rejected()).await.is_err());
    assert!(decide(bundle, PolicyDecision::new(Outcome::Rejected, vec![1])).await.is_err());
    assert!(decide(bundle, PolicyDecision::new(Outcome::Rejected, Vec::new())).await.is_err());
    assert_eq!(status_of(&app, &case.bundle).await, "pending-review");
    decide(bundle, rejected()).await.unwrap();
    assert!(decide(bundle, rejected()).await.unwrap_err().contains("decided already"));
}

async fn a_test_bundle_that_is_taken_back_is_left_alone(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.app.allow_withdraw = true).await;
    let (bundle, _) = test_bundle(&app, "").await;
    super::take_back(&app, &bundle).await.ok();
    app.clock().advance(Duration::from_secs(60));
    assert_eq!(app.work_off().await, 0);
    assert_eq!(status_of(&app, &bundle).await, "draft");
}
