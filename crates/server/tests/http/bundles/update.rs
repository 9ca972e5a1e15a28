//! Changing bundles: their properties, their status, both at once.

use super::{BUNDLES, DE_LOCAL_BUSINESS};
use dossier_testkit::app::Client;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use std::time::Duration;

on_both_engines! {
    properties_change_and_the_rest_stays,
    properties_change_in_every_status,
    bad_values_change_nothing,
    a_status_is_reached_only_by_its_ways,
    asking_for_the_status_there_is_does_nothing,
    a_refused_submission_keeps_the_properties_too,
    a_rejected_bundle_goes_back_to_draft,
    a_bundle_is_taken_back_only_where_that_is_allowed,
    strict_updates_are_one_thing_at_a_time,
}

async fn update(client: &Client, sid: &str, params: &[(&str, &str)]) -> dossier_testkit::app::Answer {
    client.post(&format!("{BUNDLES}/{sid}"), params).await
}

async fn properties_change_and_the_rest_stays(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let before = alice.create_bundle("Old").await;
    let sid = before.sid();
    app.clock().advance(Duration::from_secs(90));
    let form = [
        ("FriendlyName", "New"),
        ("Email", "new@beispiel.example"),
        ("StatusCallback", "https://beispiel.example/hook"),
        // These two never change.
        ("RegulationSid", "RNbda16e54b024fc1d8a0213f5477dc624"),
        ("IsTest", "true"),
    ];
    let after = update(&alice, sid, &form).await.ok();
    let mut expected = before.0.clone();
    expected["friendly_name"] = "New".into();
    expected["email"] = "new@beispiel.example".into();
    expected["status_callback"] = "https://beispiel.example/hook".into();
    expected["date_updated"] = "2026-01-01T00:01:30Z".into();
    assert_eq!(*after, expected);
    assert_eq!(after.text("regulation_sid"), DE_LOCAL_BUSINESS);

    update(&alice, sid, &[("StatusCallback", "")]).await.ok();
    expected["status_callback"] = serde_json::Value::Null;
    assert_eq!(*alice.bundle(sid).await, expected, "an empty address ends the callbacks");
    app.clock().advance(Duration::from_secs(90));
    update(&alice, sid, &[]).await.ok();
    assert_eq!(*alice.bundle(sid).await, expected, "nothing asked for is nothing done");
}

async fn properties_change_in_every_status(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Old").await;
    for status in [
        "draft",
        "pending-review",
        "in-review",
        "twilio-rejected",
        "twilio-approved",
        "provisionally-approved",
    ] {
        app.set_bundle_status(bundle.sid(), status).await;
        let after = update(&alice, bundle.sid(), &[("FriendlyName", status)]).await.ok();
        assert_eq!((after.text("friendly_name"), after.text("status")), (status, status));
    }
}

async fn bad_values_change_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Old").await;
    let before = app.snapshot().await;
    let long = "x".repeat(256);
    for (params, code) in [
        ([("FriendlyName", long.as_str())].as_slice(), 20002),
        (&[("FriendlyName", "New"), ("Email", "nobody")], 20001),
        (&[("FriendlyName", "New"), ("StatusCallback", "hook")], 20001),
        (&[("FriendlyName", "New"), ("Status", "approved")], 22203),
    ] {
        update(&alice, bundle.sid(), params).await.refused(400, code);
    }
    before.assert_is(&app.snapshot().await);
}

/// Every status × every status that can be asked for. The bundle is empty, so that a submission that is
/// tried is refused as not compliant, with code 20001.
async fn a_status_is_reached_only_by_its_ways(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let sid = bundle.sid();
    let tried = Some((400, 20001));
    let conflict = Some((409, 20409));
    for (from, to_draft, to_pending) in [
        ("draft", None, tried),
        ("pending-review", conflict, None),
        ("in-review", conflict, conflict),
        ("twilio-rejected", None, tried),
        ("twilio-approved", conflict, conflict),
        ("provisionally-approved", conflict, conflict),
    ] {
        for (wanted, refusal) in [("draft", to_draft), ("pending-review", to_pending)] {
            app.set_bundle_status(sid, from).await;
            let answer = update(&alice, sid, &[("Status", wanted)]).await;
            match refusal {
                None => assert_eq!(answer.ok().text("status"), wanted, "{from}"),
                Some((status, code)) => {
                    answer.refused(status, code).saying(sid);
                    assert_eq!(alice.bundle(sid).await.text("status"), from, "{wanted}");
                }
            }
        }
        app.set_bundle_status(sid, from).await;
        let before = app.snapshot().await;
        for (wanted, words) in [
            ("in-review", "`pending-review` or `draft`"),
            ("twilio-approved", "`pending-review` or `draft`"),
            ("TWILIO-REJECTED", "`pending-review` or `draft`"),
            ("provisionally-approved", "`pending-review` or `draft`"),
            ("rejected", "it must be one of"),
        ] {
            update(&alice, sid, &[("Status", wanted)]).await.refused(400, 22203).saying(words);
        }
        before.assert_is(&app.snapshot().await);
    }
}

async fn asking_for_the_status_there_is_does_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    for status in ["draft", "pending-review"] {
        app.set_bundle_status(bundle.sid(), status).await;
        let before = app.snapshot().await;
        app.clock().advance(Duration::from_secs(1));
        let after = update(&alice, bundle.sid(), &[("Status", status)]).await.ok();
        assert_eq!(after.text("date_updated"), bundle.text("date_updated"));
        before.assert_is(&app.snapshot().await);
    }
    let renamed =
        update(&alice, bundle.sid(), &[("Status", "pending-review"), ("FriendlyName", "New")]).await.ok();
    assert_eq!(renamed.text("friendly_name"), "New", "the rest of the request counts");
}

async fn a_refused_submission_keeps_the_properties_too(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let empty = alice.create_bundle("Old").await;
    let form = [("Status", "pending-review"), ("FriendlyName", "New")];
    update(&alice, empty.sid(), &form).await.refused(400, 20001);
    assert_eq!(*alice.bundle(empty.sid()).await, *empty);

    let case = alice.prepare_case().await;
    let submitted = update(&alice, &case.bundle, &form).await.ok();
    assert_eq!((submitted.text("friendly_name"), submitted.text("status")), ("New", "pending-review"));
}

async fn a_rejected_bundle_goes_back_to_draft(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = app.case_in("twilio-rejected").await;
    app.reject_document(&case.document, "Blurry.", "18002").await;
    let reopened = update(&alice, &case.bundle, &[("Status", "draft")]).await.ok();
    assert_eq!(reopened.text("status"), "draft");
    assert_eq!(alice.document(&case.document).await.text("status"), "rejected", "a verdict stays");
    assert_eq!(alice.submit(&case.bundle).await.ok().text("status"), "pending-review");
    assert_eq!(alice.document(&case.document).await.text("status"), "pending-review");
}

async fn a_bundle_is_taken_back_only_where_that_is_allowed(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.app.allow_withdraw = true).await;
    let alice = app.alice();
    let case = app.case_in("pending-review").await;
    let other = alice.create_bundle("With the same document").await;
    alice.assign(other.sid(), &case.document).await.created();

    app.set_bundle_status(other.sid(), "in-review").await;
    assert_eq!(update(&alice, &case.bundle, &[("Status", "draft")]).await.ok().text("status"), "draft");
    let status = alice.document(&case.document).await;
    assert_eq!(status.text("status"), "pending-review", "another bundle waits with it");
    update(&alice, other.sid(), &[("Status", "draft")]).await.refused(409, 20409);

    alice.submit(&case.bundle).await.ok();
    app.set_bundle_status(other.sid(), "twilio-rejected").await;
    update(&alice, &case.bundle, &[("Status", "draft")]).await.ok();
    assert_eq!(alice.document(&case.document).await.text("status"), "draft");
}

async fn strict_updates_are_one_thing_at_a_time(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.app.strict_updates = true).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let before = app.snapshot().await;
    for property in [("FriendlyName", "New"), ("Email", "a@b.c"), ("StatusCallback", "")] {
        let form = [("Status", "pending-review"), property];
        update(&alice, &case.bundle, &form).await.refused(400, 22204);
    }
    before.assert_is(&app.snapshot().await);
    update(&alice, &case.bundle, &[("FriendlyName", "New")]).await.ok();
    update(&alice, &case.bundle, &[("Status", "pending-review")]).await.ok();
}
