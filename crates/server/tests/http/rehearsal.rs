//! `/dev/v1`, which only rehearsal mode has.

use std::time::Duration;

use dossier_domain::operator::Role;
use dossier_testkit::app::{Answer, Case, Client, v2};
use dossier_testkit::{ManualClock, TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    without_rehearsal_mode_it_is_not_there,
    the_clock_goes_forward,
    what_is_due_on_the_way_is_done,
    everything_begins_anew,
    a_review_is_simulated,
    reviews_of_one_instant_are_told_apart,
    a_simulated_review_has_its_rules,
    the_name_of_a_bundle_says_what_becomes_of_it,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn rehearsal(db: TestDb) -> TestApp {
    TestApp::with(db, |choices| {
        choices.app.rehearsal = true;
        choices.app.review.magic_words = true;
        choices.web.rehearsal = true;
    })
    .await
}

async fn post(client: &Client, path: &str, body: &Value) -> Answer {
    let request = client.request("POST", &format!("/dev/v1{path}"));
    request.body("application/json", body.to_string()).send().await
}

async fn without_rehearsal_mode_it_is_not_there(db: TestDb) {
    let app = TestApp::start(db).await;
    for (method, path) in dossier_web::REHEARSAL_ROUTES {
        app.alice().request(method, path).send().await.refused(404, 20404);
    }
}

async fn the_clock_goes_forward(db: TestDb) {
    let app = rehearsal(db).await;
    let nobody = app.nobody();
    assert_eq!(nobody.get("/dev/v1/clock").await.ok().0, json!({ "now": "2026-01-01T00:00:00Z" }));
    let moved = post(&nobody, "/clock", &json!({ "advance_seconds": 90 })).await.ok().0;
    assert_eq!(moved, json!({ "now": "2026-01-01T00:01:30Z" }));
    let set = post(&nobody, "/clock", &json!({ "set": "2027-05-01T12:00:00Z" })).await.ok().0;
    assert_eq!(set, json!({ "now": "2027-05-01T12:00:00Z" }));
    for bad in [
        json!({}),
        json!({ "set": "2027-05-02", "advance_seconds": 1 }),
        json!({ "set": "2027-04-30" }),
        json!({ "set": "later" }),
        json!({ "advance_seconds": -1 }),
        json!({ "advance_seconds": u64::MAX }),
    ] {
        post(&nobody, "/clock", &bad).await.refused(400, 20001);
    }
    assert_eq!(app.alice().create_bundle("x").await["date_created"], "2027-05-01T12:00:00Z");
}

async fn what_is_due_on_the_way_is_done(db: TestDb) {
    let app = rehearsal(db).await;
    let bundle = app.alice().create_bundle("x").await.sid().to_owned();
    app.set_bundle_status(&bundle, "twilio-approved").await;
    let operator = app.operator(Role::Reviewer).await;
    let end = ManualClock::START.plus(DAY * 40).to_string();
    operator.put(&format!("/bundles/{bundle}/valid-until"), &json!({ "valid_until": end })).await.ok();
    post(&app.nobody(), "/clock", &json!({ "advance_seconds": 41 * DAY.as_secs() })).await.ok();
    let ended = app.alice().bundle(&bundle).await;
    assert_eq!((&ended["status"], &ended["date_updated"]), (&json!("twilio-rejected"), &json!(end)));
}

async fn everything_begins_anew(db: TestDb) {
    let app = rehearsal(db).await;
    let alice = app.alice();
    let fresh = app.snapshot().await;
    let case = alice.prepare_case().await;
    app.set_bundle_status(&case.bundle, "twilio-approved").await;
    post(&app.nobody(), "/clock", &json!({ "advance_seconds": 5 })).await.ok();
    post(&app.nobody(), "/reset", &json!({})).await.deleted();
    assert_eq!(app.clock().now(), ManualClock::START);
    assert!(app.files().is_empty());
    // Of what there was, only the making of accounts is gone from the audit.
    let now = app.snapshot().await;
    assert!(app.audited_since(&fresh).await.is_empty());
    assert_ne!(now, fresh);
    let bundles = alice.get("/v2/RegulatoryCompliance/Bundles").await.ok();
    assert!(bundles.items("results").is_empty());
    alice.prepare_case().await;
}

async fn submitted(app: &TestApp) -> Case {
    let case = app.alice().prepare_case().await;
    app.alice().submit(&case.bundle).await.ok();
    case
}

async fn simulate(app: &TestApp, body: Value) -> Answer {
    post(&app.nobody(), "/simulate/review", &body).await
}

async fn a_review_is_simulated(db: TestDb) {
    let app = rehearsal(db).await;
    let case = submitted(&app).await;
    let reasons = json!({ &case.document: [18002, { "code": 18003 }] });
    let rejected = json!({ "bundle_sid": case.bundle, "outcome": "rejected", "document_reasons": reasons });
    assert_eq!(simulate(&app, rejected).await.ok()["status"], "twilio-rejected");
    let document = app.alice().get(&v2(&format!("/SupportingDocuments/{}", case.document))).await.ok();
    assert_eq!(document["status"], "rejected");
    assert_eq!(document["errors"], json!([{ "code": 18002 }, { "code": 18003 }]));

    app.alice().submit(&case.bundle).await.ok();
    let approved = json!({ "bundle_sid": case.bundle, "outcome": "approved", "valid_until": "2026-06-30" });
    let approved = simulate(&app, approved).await.ok();
    assert_eq!(approved["status"], "twilio-approved");
    assert_eq!(approved["valid_until"], "2026-06-30T23:59:59Z");
}

async fn reviews_of_one_instant_are_told_apart(db: TestDb) {
    let app = rehearsal(db).await;
    let case = submitted(&app).await;
    for _ in 0..6 {
        let rejected = json!({ "bundle_sid": case.bundle, "outcome": "rejected", "reasons": [18050] });
        simulate(&app, rejected).await.ok();
        app.alice().submit(&case.bundle).await.ok();
    }
    simulate(&app, json!({ "bundle_sid": case.bundle, "outcome": "approved" })).await.ok();
}

async fn a_simulated_review_has_its_rules(db: TestDb) {
    let app = rehearsal(db).await;
    let draft = app.alice().prepare_case().await;
    let approve = |bundle: &str| json!({ "bundle_sid": bundle, "outcome": "approved" });
    simulate(&app, approve(&draft.bundle)).await.refused(409, 20409);
    simulate(&app, approve(&format!("BU{}", "9".repeat(32)))).await.refused(404, 20404);
    let case = submitted(&app).await;
    let before = app.snapshot().await;
    for bad in [
        json!({ "bundle_sid": "BU", "outcome": "approved" }),
        json!({ "bundle_sid": case.bundle, "outcome": "maybe" }),
        json!({ "bundle_sid": case.bundle, "outcome": "rejected" }),
        json!({ "bundle_sid": case.bundle, "outcome": "rejected", "reasons": [1] }),
        json!({ "bundle_sid": case.bundle, "outcome": "approved", "valid_until": "2020-01-01" }),
        json!({ "bundle_sid": case.bundle, "outcome": "rejected", "document_reasons": { &draft.document: [18002] } }),
        json!({ "bundle_sid": case.bundle, "outcome": "approved", "colour": "red" }),
    ] {
        simulate(&app, bad).await.refused(400, 20001);
    }
    app.snapshot().await.assert_is(&before);
}

async fn the_name_of_a_bundle_says_what_becomes_of_it(db: TestDb) {
    let app = rehearsal(db).await;
    for (name, status, document) in [
        ("dossier:approve@30s", "twilio-approved", "approved"),
        ("Beispiel dossier:provisional@30s", "provisionally-approved", "provisionally-approved"),
        ("dossier:reject:18002@30s", "twilio-rejected", "rejected"),
        ("dossier:reject:1@30s", "pending-review", "pending-review"),
        ("dossier:unheard-of", "pending-review", "pending-review"),
    ] {
        let case = app.alice().prepare_case().await;
        let bundle = v2(&format!("/Bundles/{}", case.bundle));
        app.alice().post(&bundle, &[("FriendlyName", name)]).await.ok();
        app.alice().submit(&case.bundle).await.ok();
        post(&app.nobody(), "/clock", &json!({ "advance_seconds": 29 })).await.ok();
        assert_eq!(app.alice().bundle(&case.bundle).await["status"], "pending-review", "{name}");
        post(&app.nobody(), "/clock", &json!({ "advance_seconds": 1 })).await.ok();
        assert_eq!(app.alice().bundle(&case.bundle).await["status"], status, "{name}");
        let found = app.alice().get(&v2(&format!("/SupportingDocuments/{}", case.document))).await.ok();
        assert_eq!(found["status"], document, "{name}");
    }
}
