//! `/Bundles/{BundleSid}/ItemAssignments` (contract section 4).

use crate::nobodys;
use dossier_testkit::app::v2;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    items_are_put_into_a_bundle_and_taken_out,
    what_is_no_item_is_refused,
    every_place_in_a_bundle_is_taken_once,
    what_the_regulation_does_not_ask_for_may_be_in_the_bundle,
    the_status_decides_whether_items_move,
    an_assignment_belongs_to_its_bundle,
}

fn assignments(bundle: &str) -> String {
    v2(&format!("/Bundles/{bundle}/ItemAssignments"))
}

async fn items_are_put_into_a_bundle_and_taken_out(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let end_user = alice.create_end_user(&json!({})).await;
    let document = alice.create_document("passport", &json!({})).await;
    let path = assignments(bundle.sid());
    let mut made = Vec::new();
    for item in [&end_user, &document] {
        let (kind, digits) = item.sid().split_at(2);
        let created = alice.assign(bundle.sid(), &format!("{kind}{}", digits.to_uppercase())).await.created();
        let expected = json!({
            "sid": created.sid(),
            "bundle_sid": bundle.sid(),
            "account_sid": alice.account(),
            "object_sid": item.sid(),
            "date_created": "2026-01-01T00:00:00Z",
            "url": format!("http://{}{path}/{}", app.address(), created.sid()),
        });
        assert_eq!(*created, expected);
        assert_eq!(*alice.get(created.text("url")).await.ok(), expected);
        made.push(created.sid().to_owned());
    }
    let mut listed = alice.get(&path).await.ok().sids();
    listed.sort();
    made.sort();
    assert_eq!(listed, made);
    for sid in &made {
        let path = format!("{path}/{sid}");
        // There is nothing to change about an assignment.
        alice.post(&path, &[("ObjectSid", end_user.sid())]).await.refused(405, 20004);
        alice.delete(&path).await.deleted();
        alice.get(&path).await.refused(404, 20404);
        alice.delete(&path).await.refused(404, 20404);
    }
    assert_eq!(alice.get(&path).await.ok().sids(), [""; 0]);
    alice.assign(bundle.sid(), end_user.sid()).await.created();
}

async fn what_is_no_item_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let address = alice.create_address().await;
    let foreign = app.bob().create_end_user(&json!({})).await;
    let of_the_branch = app.branch().create_document("passport", &json!({})).await;
    let before = app.snapshot().await;
    for (object, code) in [
        (foreign.sid(), 22205),
        (of_the_branch.sid(), 22205),
        (&*nobodys("IT"), 22205),
        (&nobodys("RD"), 22205),
        ("IT1", 22205),
        ("passport", 22205),
        (address.sid(), 22206),
        (bundle.sid(), 22206),
        (&nobodys("PN"), 22206),
        (alice.account(), 22206),
        ("", 20001),
    ] {
        alice.assign(bundle.sid(), object).await.refused(400, code).saying("ObjectSid");
    }
    alice.post(&assignments(bundle.sid()), &[]).await.refused(400, 20001).saying("ObjectSid");
    alice.assign(&nobodys("BU"), &nobodys("IT")).await.refused(404, 20404);
    before.assert_is(&app.snapshot().await);
}

async fn every_place_in_a_bundle_is_taken_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let [one, two] = [alice.create_end_user(&json!({})).await, alice.create_end_user(&json!({})).await];
    let [passport, other] = [
        alice.create_document("passport", &json!({})).await,
        alice.create_document("passport", &json!({})).await,
    ];
    alice.assign(bundle.sid(), one.sid()).await.created();
    let first = alice.assign(bundle.sid(), passport.sid()).await.created();
    let before = app.snapshot().await;
    for end_user in [&one, &two] {
        let refusal = alice.assign(bundle.sid(), end_user.sid()).await.refused(400, 22214);
        assert_eq!(refusal.message, "EndUser already exists on bundle");
    }
    for document in [&passport, &other] {
        alice.assign(bundle.sid(), document.sid()).await.refused(400, 70002).saying("passport");
    }
    before.assert_is(&app.snapshot().await);
    // Items may be in several bundles, and a place that was left is free.
    let second = alice.create_bundle("Beispiel").await;
    alice.assign(second.sid(), one.sid()).await.created();
    alice.assign(second.sid(), passport.sid()).await.created();
    alice.delete(first.text("url")).await.deleted();
    alice.assign(bundle.sid(), other.sid()).await.created();
}

async fn what_the_regulation_does_not_ask_for_may_be_in_the_bundle(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("For a business").await;
    let form = [("FriendlyName", "Erika"), ("Type", "individual")];
    let individual = alice.post(&v2("/EndUsers"), &form).await.created();
    alice.assign(bundle.sid(), individual.sid()).await.created();
    let passport = alice.create_document("passport", &json!({})).await;
    alice.assign(bundle.sid(), passport.sid()).await.created();
    let evaluation = alice.evaluate(bundle.sid()).await;
    assert_eq!(evaluation["results"][0]["error_code"], 22214, "the end user is of the wrong type");
    assert!(!evaluation.to_string().contains("passport"), "nobody asks for it");
}

async fn the_status_decides_whether_items_move(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let end_user = alice.create_end_user(&json!({})).await;
    let document = alice.create_document("passport", &json!({})).await;
    for (status, movable) in [
        ("draft", true),
        ("twilio-rejected", true),
        ("pending-review", false),
        ("in-review", false),
        ("twilio-approved", false),
        ("provisionally-approved", false),
    ] {
        app.set_bundle_status(bundle.sid(), "draft").await;
        let assignment = alice.assign(bundle.sid(), end_user.sid()).await.created();
        app.set_bundle_status(bundle.sid(), status).await;
        if movable {
            let other = alice.assign(bundle.sid(), document.sid()).await.created();
            alice.delete(other.text("url")).await.deleted();
        } else {
            let before = app.snapshot().await;
            alice.assign(bundle.sid(), document.sid()).await.refused(409, 20409).saying(bundle.sid());
            alice.delete(assignment.text("url")).await.refused(409, 20409).saying(bundle.sid());
            before.assert_is(&app.snapshot().await);
        }
        app.set_bundle_status(bundle.sid(), "draft").await;
        alice.delete(assignment.text("url")).await.deleted();
    }
}

async fn an_assignment_belongs_to_its_bundle(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let [bundle, other] = [alice.create_bundle("One").await, alice.create_bundle("Two").await];
    let end_user = alice.create_end_user(&json!({})).await;
    let assignment = alice.assign(bundle.sid(), end_user.sid()).await.created();
    let before = app.snapshot().await;
    let elsewhere = format!("{}/{}", assignments(other.sid()), assignment.sid());
    alice.get(&elsewhere).await.refused(404, 20404).saying(&elsewhere);
    alice.delete(&elsewhere).await.refused(404, 20404);
    alice.get(&format!("{}/{}", assignments(bundle.sid()), end_user.sid())).await.refused(404, 20404);
    before.assert_is(&app.snapshot().await);
}
