//! Cases are judged and decided, and bundle and documents move at once.

use super::{Desk, case_of, document_status, recorded, status_of, submitted, take_back};
use dossier_domain::operator::Role;
use dossier_testkit::app::{Client, Receiver, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    from_submission_to_approval,
    a_rejection_says_why_where_it_is_read,
    a_rejection_needs_a_reason,
    what_the_reviewer_writes_takes_the_place_of_sentences,
    a_provisional_approval_is_settled_later,
    an_approved_document_stays_so_in_another_bundle,
    a_document_that_waits_in_another_bundle_goes_on_waiting,
    a_document_rejected_elsewhere_is_judged_anew,
    an_approval_may_have_an_end,
    everything_is_recorded_once,
}

async fn from_submission_to_approval(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let next = desk.operator.act("/cases/next").await;
    assert_eq!(next.header("etag"), Some("\"2\""));
    let next = next.ok();
    assert_eq!((next.text("sid"), next.text("state")), (&*sid, "claimed"));
    assert_eq!((next.text("assignee"), &next["version"]), (desk.sid(), &json!(2)));
    assert_eq!(status_of(&app, &case.bundle).await, "in-review");
    assert_eq!(desk.operator.act("/cases/next").await.status, 204, "nothing else waits");

    desk.decide(&sid, json!({ "outcome": "approved" })).await.refused(409, 20409).saying(&case.document);
    desk.approve(&sid, &case.document).await;
    assert_eq!(document_status(&app, &case.document).await, "pending-review");
    let decided = desk.decide(&sid, json!({ "outcome": "approved" })).await.ok();
    assert_eq!((decided.text("state"), decided.text("outcome")), ("decided", "approved"));
    assert_eq!(status_of(&app, &case.bundle).await, "twilio-approved");
    let document = app.alice().document(&case.document).await;
    assert_eq!((document.text("status"), &document["errors"]), ("approved", &Value::Null));
    assert_eq!(case_of(&app, &case.bundle).await, sid);
    desk.claim(&sid).await.refused(409, 20409).saying("decided already");
}

/// A bundle that is told about at this address.
async fn told_at(client: &Client, bundle: &str, url: &str) {
    client.post(&v2(&format!("/Bundles/{bundle}")), &[("StatusCallback", url)]).await.ok();
}

async fn a_rejection_says_why_where_it_is_read(db: TestDb) {
    let app = TestApp::with(db, |choices| {
        choices.notices.callbacks.allow = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let receiver = Receiver::start().await;
    let (case, sid) = submitted(&app).await;
    told_at(&app.alice(), &case.bundle, &receiver.url("/")).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    desk.claim(&sid).await.ok();
    let verdict = json!({ "verdict": "rejected", "reasons": [{ "code": 18002 }, { "code": 18007 }] });
    desk.judge(&sid, &case.document, verdict).await.ok();
    desk.decide(&sid, json!({ "outcome": "rejected", "reasons": [{ "code": 18050 }] })).await.ok();
    assert_eq!(status_of(&app, &case.bundle).await, "twilio-rejected");
    let document = app.alice().document(&case.document).await;
    assert_eq!(document.text("status"), "rejected");
    assert_eq!(document["errors"], json!([{ "code": 18002 }, { "code": 18007 }]));
    let reason = document.text("failure_reason");
    assert!(reason.contains("cannot be read") && reason.contains("incomplete"), "{reason}");
    app.work_off().await;
    assert_eq!(receiver.statuses(), ["twilio-rejected"], "nobody is told that it was opened");
    let told = receiver.received()[0].param("FailureReason").unwrap().to_owned();
    assert!(told.contains("problem with the documents") && told.contains("cannot be read"), "{told}");
}

async fn a_rejection_needs_a_reason(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    desk.claim(&sid).await.ok();
    for (decision, words) in [
        (json!({ "outcome": "rejected" }), "says why"),
        (json!({ "outcome": "rejected", "reasons": [{ "code": 1 }] }), "1 is no reason"),
        (json!({ "outcome": "rejected", "reasons": [{ "code": 18051 }, { "code": 18051 }] }), "twice"),
        (json!({ "outcome": "approved", "reasons": [{ "code": 18051 }] }), "has none"),
        (json!({ "outcome": "rejected", "message": "  " }), "blank"),
        (json!({ "outcome": "rejected", "message": "x", "valid_until": "2030-01-01" }), "valid_until"),
        (json!({ "outcome": "approved", "valid_until": "2020-01-01" }), "future"),
        (json!({ "outcome": "done" }), "expected"),
        (json!({ "result": "approved" }), "expected"),
        (json!({}), "missing field `outcome`"),
    ] {
        desk.decide(&sid, decision).await.refused(400, 20001).saying(words);
    }
    for (verdict, words) in [
        (json!({ "verdict": "rejected" }), "at least one"),
        (json!({ "verdict": "approved", "reasons": [{ "code": 18002 }] }), "has none"),
        (json!({ "verdict": "approved", "message": "x" }), "has none"),
        (json!({ "verdict": "rejected", "reasons": [{ "code": 18002, "why": "x" }] }), "expected `code`"),
    ] {
        desk.judge(&sid, &case.document, verdict).await.refused(400, 20001).saying(words);
    }
    let strange = format!("RD{}", "7".repeat(32));
    desk.judge(&sid, &strange, json!({ "verdict": "approved" })).await.refused(404, 20404);
    assert_eq!(status_of(&app, &case.bundle).await, "in-review");
}

async fn what_the_reviewer_writes_takes_the_place_of_sentences(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    desk.claim(&sid).await.ok();
    let verdict = json!({
        "verdict": "rejected", "reasons": [{ "code": 18002 }],
        "message": "Page two is missing.", "note": "Looks forged.",
    });
    desk.judge(&sid, &case.document, verdict).await.ok();
    desk.decide(&sid, json!({ "outcome": "rejected", "internal_note": "Watch this one." })).await.ok();
    let document = app.alice().document(&case.document).await;
    assert_eq!(document.text("failure_reason"), "Page two is missing.");
    assert_eq!(document["errors"], json!([{ "code": 18002 }]));
    let file = desk.case(&sid).await;
    assert_eq!(file["documents"][0]["verdict"]["note"], "Looks forged.");
    assert_eq!(file["decisions"][0]["internal_note"], "Watch this one.");
    let stored = format!("{:?}", app.snapshot().await);
    for text in ["Page two", "Looks forged", "Watch this"] {
        assert!(!stored.contains(text), "{text} is sealed at rest");
    }
}

async fn a_provisional_approval_is_settled_later(db: TestDb) {
    let app = TestApp::start(db).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    for (outcome, bundle_becomes, document_becomes) in [
        ("approved", "twilio-approved", "approved"),
        ("rejected", "twilio-rejected", "draft"),
        ("provisionally_approved", "provisionally-approved", "provisionally-approved"),
    ] {
        let (case, sid) = submitted(&app).await;
        desk.claim(&sid).await.ok();
        desk.decide(&sid, json!({ "outcome": "provisionally_approved" })).await.ok();
        assert_eq!(status_of(&app, &case.bundle).await, "provisionally-approved");
        assert_eq!(document_status(&app, &case.document).await, "provisionally-approved");
        // Somebody has another look and leaves it at that: the approval stands all the while.
        let again = desk.claim(&sid).await.ok();
        assert_eq!((again.text("state"), again.text("outcome")), ("claimed", "provisionally_approved"));
        assert_eq!(status_of(&app, &case.bundle).await, "provisionally-approved");
        let released = desk.release(&sid).await.ok();
        assert_eq!((released.text("state"), released.text("outcome")), ("decided", "provisionally_approved"));
        assert_eq!(desk.operator.act("/cases/next").await.status, 204, "it does not wait");
        desk.claim(&sid).await.ok();
        if outcome == "approved" {
            desk.approve(&sid, &case.document).await;
        }
        let decision = json!({ "outcome": outcome, "message": "Settled." });
        desk.decide(&sid, decision).await.ok();
        assert_eq!(status_of(&app, &case.bundle).await, bundle_becomes);
        assert_eq!(document_status(&app, &case.document).await, document_becomes);
    }
}

/// Two bundles with the same document, both submitted.
async fn sharing(app: &TestApp) -> [(String, String); 2] {
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let other = alice.create_bundle("Beispiel GmbH, Köln").await.sid().to_owned();
    for item in [&case.end_user, &case.document] {
        alice.assign(&other, item).await.created();
    }
    let mut both = Vec::new();
    for bundle in [case.bundle, other] {
        alice.submit(&bundle).await.ok();
        both.push((case_of(app, &bundle).await, case.document.clone()));
    }
    both.try_into().unwrap()
}

async fn an_approved_document_stays_so_in_another_bundle(db: TestDb) {
    let app = TestApp::start(db).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let [(first, document), (second, _)] = sharing(&app).await;
    desk.end(&first, &document, "approved").await;
    desk.claim(&second).await.ok();
    desk.flag(&second, &document, 18016).await;
    desk.decide(&second, json!({ "outcome": "rejected" })).await.ok();
    assert_eq!(document_status(&app, &document).await, "approved");
    assert_eq!(app.alice().document(&document).await["errors"], Value::Null);
}

async fn a_document_that_waits_in_another_bundle_goes_on_waiting(db: TestDb) {
    let app = TestApp::start(db).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let [(first, document), (second, _)] = sharing(&app).await;
    desk.claim(&first).await.ok();
    desk.decide(&first, json!({ "outcome": "rejected", "message": "No." })).await.ok();
    assert_eq!(document_status(&app, &document).await, "pending-review");
    desk.end(&second, &document, "approved").await;
    assert_eq!(document_status(&app, &document).await, "approved");
}

async fn a_document_rejected_elsewhere_is_judged_anew(db: TestDb) {
    let app = TestApp::start(db).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let [(first, document), (second, _)] = sharing(&app).await;
    desk.claim(&second).await.ok();
    desk.approve(&second, &document).await;
    app.clock().advance(std::time::Duration::from_secs(1));
    desk.claim(&first).await.ok();
    desk.flag(&first, &document, 18003).await;
    desk.decide(&first, json!({ "outcome": "rejected" })).await.ok();
    assert_eq!(document_status(&app, &document).await, "rejected");
    // It lies before reviewers still, so it stays what it is.
    let path = v2(&format!("/SupportingDocuments/{document}"));
    app.alice().post(&path, &[("Attributes", "{}")]).await.refused(409, 20409).saying("under review");
    desk.decide(&second, json!({ "outcome": "approved" })).await.refused(409, 20409).saying("anew");
    app.clock().advance(std::time::Duration::from_secs(1));
    desk.approve(&second, &document).await;
    desk.decide(&second, json!({ "outcome": "approved" })).await.ok();
    let document = app.alice().document(&document).await;
    assert_eq!((document.text("status"), &document["failure_reason"]), ("approved", &Value::Null));
}

async fn an_approval_may_have_an_end(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    desk.claim(&sid).await.ok();
    desk.approve(&sid, &case.document).await;
    let decision = json!({ "outcome": "approved", "valid_until": "2026-02-01T00:00:00Z" });
    desk.decide(&sid, decision).await.ok();
    assert_eq!(app.alice().bundle(&case.bundle).await.text("valid_until"), "2026-02-01T00:00:00Z");
    app.clock().advance(std::time::Duration::from_secs(32 * 24 * 60 * 60));
    app.work_off().await;
    assert_eq!(status_of(&app, &case.bundle).await, "twilio-rejected");
    assert_eq!(take_back(&app, &case.bundle).await.ok().text("status"), "draft");
    app.alice().submit(&case.bundle).await.ok();
    assert_ne!(case_of(&app, &case.bundle).await, sid);
}

async fn everything_is_recorded_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let me = desk.sid().to_owned();
    let version = |version: u32| json!({ "version": version });
    let path = |below: &str| format!("/cases/{sid}{below}");
    let verdict = path(&format!("/documents/{}/verdict", case.document));

    let before = app.snapshot().await;
    desk.claim(&sid).await.ok();
    assert_eq!(recorded(&app, &before).await, [format!("case.claim {me} {sid}")]);
    let before = app.snapshot().await;
    desk.release(&sid).await.ok();
    assert_eq!(recorded(&app, &before).await, [format!("case.release {me} {sid}")]);
    let before = app.snapshot().await;
    desk.operator.act("/cases/next").await.ok();
    assert_eq!(recorded(&app, &before).await, [format!("case.claim {me} {sid}")]);
    let before = app.snapshot().await;
    desk.operator.put(&verdict, &json!({ "verdict": "approved", "version": 4 })).await.ok();
    assert_eq!(recorded(&app, &before).await, [format!("document.judge {me} {}", case.document)]);
    let before = app.snapshot().await;
    let decision = json!({ "outcome": "provisionally_approved", "version": 5 });
    desk.operator.post(&path("/decision"), &decision).await.ok();
    let event = format!("bundle.approve-provisionally {me} {}", case.bundle);
    assert_eq!(recorded(&app, &before).await, [event]);
    desk.operator.post(&path("/claim"), &version(6)).await.ok();
    let before = app.snapshot().await;
    let decision = json!({ "outcome": "approved", "version": 7 });
    desk.operator.post(&path("/decision"), &decision).await.ok();
    assert_eq!(recorded(&app, &before).await, [format!("bundle.approve {me} {}", case.bundle)]);
    let before = app.snapshot().await;
    let history = desk.case(&sid).await["history"].as_array().unwrap().clone();
    assert_eq!(recorded(&app, &before).await, [format!("case.view {me} {sid}")]);
    let history: Vec<_> = history.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(
        history,
        [
            "bundle.submit",
            "case.claim",
            "case.release",
            "case.claim",
            "document.judge",
            "bundle.approve-provisionally",
            "case.claim",
            "bundle.approve"
        ]
    );
}
