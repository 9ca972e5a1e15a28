//! `POST /Bundles/{BundleSid}/Copies`.

use super::{approved, copy, document, end_user, ending, in_days, objects, path};
use crate::nobodys;
use dossier_testkit::app::{Case, Part, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    a_copy_is_a_draft_with_items_of_its_own,
    a_copy_can_be_named,
    equal_requests_make_several_copies,
    what_is_in_the_source_keeps_its_order,
    only_what_is_approved_can_be_copied,
    an_approval_without_an_end_is_copied_where_that_is_allowed,
    a_deleted_address_forbids_the_copy,
    a_test_bundle_has_copies_that_are_none,
    a_copy_goes_its_own_way,
    every_part_of_a_copy_is_recorded,
    a_rejected_document_becomes_a_draft_without_reasons,
}

async fn a_copy_is_a_draft_with_items_of_its_own(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let bundle = v2(&format!("/Bundles/{}", case.bundle));
    alice.post(&bundle, &[("StatusCallback", "https://beispiel.example/hook?a=1#rc=2")]).await.ok();
    app.clock().advance(super::DAY);
    let source = alice.bundle(&case.bundle).await;
    let made = copy(&alice, &case.bundle).await.created();
    let expected = json!({
        "sid": made.sid(),
        "account_sid": alice.account(),
        "regulation_sid": source["regulation_sid"],
        "friendly_name": "Beispiel GmbH, Berlin",
        "status": "draft",
        "valid_until": null,
        "email": "compliance@beispiel.example",
        "status_callback": "https://beispiel.example/hook?a=1#rc=2",
        "date_created": in_days(1),
        "date_updated": in_days(1),
    });
    assert_eq!(*made, expected);
    assert_ne!(made.sid(), case.bundle);
    // It is a bundle like any other, and its source stays as it was.
    let fetched = alice.bundle(made.sid()).await;
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&fetched[key], value, "{key}");
    }
    assert_eq!(*alice.bundle(&case.bundle).await, *source);

    let items = objects(&alice, made.sid()).await;
    assert_eq!(items.len(), 2);
    assert!(!items.contains(&case.end_user) && !items.contains(&case.document));
    let end_user = end_user(&alice, made.sid()).await;
    assert_eq!(end_user["attributes"], Case::end_user_attributes());
    assert_eq!(
        (&end_user["friendly_name"], &end_user["type"]),
        (&json!("Beispiel GmbH"), &json!("business"))
    );
    let document = document(&alice, made.sid()).await;
    assert_eq!(document["attributes"], Case::document_attributes(&case.address));
    for (key, value) in [
        ("status", json!("draft")),
        ("type", json!("commercial_registrar_excerpt")),
        ("friendly_name", json!("A document")),
        ("mime_type", json!("application/pdf")),
        ("failure_reason", Value::Null),
        ("errors", Value::Null),
        ("date_created", json!(in_days(1))),
    ] {
        assert_eq!(document[key], value, "{key}");
    }
    assert_eq!(app.files().len(), 2, "each document has a file of its own");
    assert_eq!(alice.evaluate(made.sid()).await["status"], "compliant");
}

async fn a_copy_can_be_named(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copies = path(&case.bundle, "Copies");
    for (given, name) in [("Neu", "Neu"), ("", "Beispiel GmbH, Berlin"), ("  ", "Beispiel GmbH, Berlin")] {
        let made = alice.post(&copies, &[("FriendlyName", given)]).await.created();
        assert_eq!(made["friendly_name"], name);
    }
    let long = "x".repeat(256);
    let before = app.snapshot().await;
    alice.post(&copies, &[("FriendlyName", &long)]).await.refused(400, 20002);
    before.assert_is(&app.snapshot().await);
}

async fn equal_requests_make_several_copies(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let first = copy(&alice, &case.bundle).await.created();
    let second = copy(&alice, &case.bundle).await.created();
    assert_ne!(first.sid(), second.sid());
    let (one, other) = (objects(&alice, first.sid()).await, objects(&alice, second.sid()).await);
    assert!(one.iter().all(|sid| !other.contains(sid)));
    assert_eq!(app.files().len(), 3);
}

async fn what_is_in_the_source_keeps_its_order(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    for kind in ["passport", "utility_bill", "tax_document", "government_issued_document"] {
        app.clock().advance(super::DAY);
        let more = alice.create_document(kind, &json!({ "kind": kind })).await;
        alice.assign(&case.bundle, more.sid()).await.created();
    }
    app.set_bundle_status(&case.bundle, "twilio-approved").await;
    app.set_valid_until(&case.bundle, 1_900_000_000).await;
    let kinds = async |bundle: &str| {
        let mut kinds = Vec::new();
        for sid in objects(&alice, bundle).await {
            let is_document = sid.starts_with("RD");
            kinds.push(if is_document { alice.document(&sid).await.text("type").to_owned() } else { sid });
        }
        kinds.retain(|kind| !kind.starts_with("IT"));
        kinds
    };
    let made = copy(&alice, &case.bundle).await.created();
    let expected = [
        "commercial_registrar_excerpt",
        "passport",
        "utility_bill",
        "tax_document",
        "government_issued_document",
    ];
    assert_eq!(kinds(&case.bundle).await, expected);
    assert_eq!(kinds(made.sid()).await, expected);
}

async fn only_what_is_approved_can_be_copied(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    for status in ["draft", "pending-review", "in-review", "twilio-rejected", "provisionally-approved"] {
        app.set_bundle_status(&case.bundle, status).await;
        let before = app.snapshot().await;
        let refusal = copy(&alice, &case.bundle).await.refused(400, 22223);
        assert!(refusal.message.contains(status) && refusal.message.contains(&case.bundle), "{refusal:?}");
        before.assert_is(&app.snapshot().await);
    }
    app.set_bundle_status(&case.bundle, "twilio-approved").await;
    super::set_end(&app, &case.bundle, Value::Null).await;
    let before = app.snapshot().await;
    let refusal = copy(&alice, &case.bundle).await.refused(400, 22223);
    assert!(refusal.message.contains("valid_until"), "{refusal:?}");
    copy(&alice, &nobodys("BU")).await.refused(404, 20404);
    before.assert_is(&app.snapshot().await);
}

async fn an_approval_without_an_end_is_copied_where_that_is_allowed(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.app.copy_without_end = true).await;
    let alice = app.alice();
    let case = approved(&app).await;
    assert_eq!(copy(&alice, &case.bundle).await.created()["status"], "draft");
    app.set_bundle_status(&case.bundle, "twilio-rejected").await;
    copy(&alice, &case.bundle).await.refused(400, 22223);
}

/// The service refuses to delete it, so it goes behind its back, as erasure takes it.
async fn a_deleted_address_forbids_the_copy(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    app.database().script(&format!("DELETE FROM addresses WHERE sid = '{}'", case.address)).await;
    let before = app.snapshot().await;
    let refusal = copy(&alice, &case.bundle).await.refused(400, 22230);
    assert!(refusal.message.contains(&case.address), "{refusal:?}");
    before.assert_is(&app.snapshot().await);
    // What is not approved is not approved, whatever else is wrong with it.
    app.set_bundle_status(&case.bundle, "twilio-rejected").await;
    copy(&alice, &case.bundle).await.refused(400, 22223);
}

/// `IsTest` is not inherited: the copy waits for a reviewer (contract 14.2 row 39).
async fn a_test_bundle_has_copies_that_are_none(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    app.database().script("UPDATE bundles SET is_test = 1 = 1").await;
    let made = copy(&alice, &case.bundle).await.created();
    alice.submit(made.sid()).await.ok();
    app.clock().advance(super::DAY);
    app.work_off().await;
    assert_eq!(alice.bundle(made.sid()).await["status"], "pending-review");
}

/// Neither end depends on the other.
async fn a_copy_goes_its_own_way(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let made = copy(&alice, &case.bundle).await.created();
    let [end_user, copied] = [end_user(&alice, made.sid()).await, document(&alice, made.sid()).await];
    alice.post(end_user.text("url"), &[("Attributes", r#"{"business_name":"Neu GmbH"}"#)]).await.ok();
    let parts = [Part::File("image/png", dossier_testkit::app::PNG)];
    let changed = alice.post_parts(copied.text("url"), &parts).await.ok();
    assert_eq!(changed["mime_type"], "image/png");
    let source = alice.get(&v2(&format!("/EndUsers/{}", case.end_user))).await.ok();
    assert_eq!(source["attributes"], Case::end_user_attributes());
    assert_eq!(alice.document(&case.document).await["mime_type"], "application/pdf");

    // The source goes, and the copy has all it needs.
    alice.delete(&v2(&format!("/Bundles/{}", case.bundle))).await.deleted();
    alice.delete(&v2(&format!("/SupportingDocuments/{}", case.document))).await.deleted();
    alice.delete(&v2(&format!("/EndUsers/{}", case.end_user))).await.deleted();
    assert_eq!(app.files().len(), 1);
    alice.post(end_user.text("url"), &[("Attributes", &Case::end_user_attributes().to_string())]).await.ok();
    alice.submit(made.sid()).await.ok();
}

async fn every_part_of_a_copy_is_recorded(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let before = app.snapshot().await;
    let made = copy(&alice, &case.bundle).await.created();
    let events = app.audited_since(&before).await;
    assert!(events.iter().all(|event| event.actor == alice.account() && event.outcome == "done"));
    let mut found: Vec<_> =
        events.iter().map(|event| (event.action.as_str(), event.target.as_str())).collect();
    let (end_user, document) = (end_user(&alice, made.sid()).await, document(&alice, made.sid()).await);
    let assignments = alice.get(&path(made.sid(), "ItemAssignments")).await.ok().sids();
    let mut expected = vec![
        ("bundle.copy", case.bundle.as_str()),
        ("bundle.create", made.sid()),
        ("document.create", document.sid()),
        ("end-user.create", end_user.sid()),
        ("bundle.assign-item", &assignments[0]),
        ("bundle.assign-item", &assignments[1]),
    ];
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}

/// It may have been rejected with another bundle.
async fn a_rejected_document_becomes_a_draft_without_reasons(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    app.reject_document(&case.document, "Unreadable.", "18001").await;
    let made = copy(&alice, &case.bundle).await.created();
    let document = document(&alice, made.sid()).await;
    assert_eq!((&document["status"], &document["errors"]), (&json!("draft"), &Value::Null));
    assert_eq!(document["failure_reason"], Value::Null);
}
