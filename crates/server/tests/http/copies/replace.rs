//! `POST /Bundles/{BundleSid}/ReplaceItems`.

use super::{
    approve, approved_copy, clone, copy, document, end_user, ending, in_days, objects, path, replace, set_end,
};
use crate::nobodys;
use dossier_testkit::app::v2;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    a_copy_takes_its_sources_place,
    the_end_of_the_approval_does_not_come_any_more,
    an_end_of_the_copys_approval_comes_along,
    errors_come_in_their_order,
    both_must_be_approved,
    only_a_copy_of_the_bundle_takes_its_place,
    the_regulation_must_be_the_same,
    the_addresses_must_be_the_same,
    a_number_stays_in_service,
    what_was_replaced_is_free,
    what_was_replaced_is_recorded,
    nobody_is_told,
    it_can_be_done_again,
}

async fn a_copy_takes_its_sources_place(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copied = copy(&alice, &case.bundle).await.created().sid().to_owned();
    let attributes = json!({ "business_name": "Neue Beispiel GmbH", "business_registration_number": "HRB 999",
        "business_website": "https://neu.example", "first_name": "Max", "last_name": "Neu",
        "email": "max@neu.example" });
    let item = end_user(&alice, &copied).await;
    alice.post(item.text("url"), &[("Attributes", &attributes.to_string())]).await.ok();
    let excerpt = document(&alice, &copied).await;
    let said = json!({ "business_name": "Neue Beispiel GmbH", "business_registration_number": "HRB 999",
        "address_sids": [case.address] });
    alice.post(excerpt.text("url"), &[("Attributes", &said.to_string())]).await.ok();
    approve(&app, &alice, &copied).await;
    app.clock().advance(super::DAY);
    let replaced = replace(&alice, &case.bundle, &copied).await.created();
    let expected = json!({
        "sid": case.bundle,
        "account_sid": alice.account(),
        "regulation_sid": alice.bundle(&copied).await["regulation_sid"],
        "friendly_name": "Beispiel GmbH, Berlin",
        "status": "twilio-approved",
        "valid_until": null,
        "email": "compliance@beispiel.example",
        "status_callback": null,
        "date_created": in_days(0),
        "date_updated": in_days(1),
    });
    assert_eq!(*replaced, expected);
    assert_eq!(alice.bundle(&case.bundle).await["valid_until"], Value::Null);
    // The items are shared, not moved, and in the same order.
    assert_eq!(objects(&alice, &case.bundle).await, objects(&alice, &copied).await);
    assert_eq!(end_user(&alice, &case.bundle).await["attributes"], attributes);
    assert_eq!(alice.evaluate(&case.bundle).await["status"], "compliant");
}

async fn the_end_of_the_approval_does_not_come_any_more(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copied = approved_copy(&app, &case.bundle).await;
    replace(&alice, &case.bundle, &copied).await.created();
    app.clock().advance(super::DAY * 100);
    app.work_off().await;
    assert_eq!(alice.bundle(&case.bundle).await["status"], "twilio-approved");
}

/// Otherwise an approval that ends would become one that never does.
async fn an_end_of_the_copys_approval_comes_along(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copied = approved_copy(&app, &case.bundle).await;
    set_end(&app, &copied, json!(in_days(200))).await;
    let replaced = replace(&alice, &case.bundle, &copied).await.created();
    assert_eq!(replaced["valid_until"], in_days(200));
    app.clock().advance(super::DAY * 100);
    app.work_off().await;
    assert_eq!(alice.bundle(&case.bundle).await["status"], "twilio-approved");
    app.clock().advance(super::DAY * 101);
    app.work_off().await;
    assert_eq!(alice.bundle(&case.bundle).await["status"], "twilio-rejected");
}

/// Contract 14.5 row 92.
async fn errors_come_in_their_order(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copied = approved_copy(&app, &case.bundle).await;
    let foreign = app.bob().create_bundle("Bob's").await;
    let before = app.snapshot().await;
    let target = path(&case.bundle, "ReplaceItems");
    alice.post(&target, &[]).await.refused(400, 20001).saying("FromBundleSid");
    // The bundle itself is asked for first, then the copy.
    replace(&alice, &nobodys("BU"), &nobodys("BU")).await.refused(404, 20404);
    replace(&alice, foreign.sid(), &copied).await.refused(404, 20404);
    for missing in [nobodys("BU").as_str(), foreign.sid(), "BU12", "x", &case.end_user] {
        replace(&alice, &case.bundle, missing).await.refused(400, 22225);
    }
    replace(&alice, &case.bundle, &case.bundle).await.refused(400, 22226);
    before.assert_is(&app.snapshot().await);

    // Everything is wrong, and is put right one by one.
    let other = alice.create_address().await;
    let address = format!(r#"{{"address_sids":["{}"]}}"#, other.sid());
    let named = document(&alice, &copied).await;
    app.set_document_status(named.sid(), "draft").await;
    alice.post(named.text("url"), &[("Attributes", &address)]).await.ok();
    let regulation = format!("UPDATE bundles SET regulation_sid = 'RN{}'", "1".repeat(32));
    app.database().script(&format!("{regulation} WHERE sid = '{copied}'")).await;
    app.set_bundle_status(&copied, "twilio-rejected").await;
    replace(&alice, &case.bundle, &copied).await.refused(400, 22224);
    app.set_bundle_status(&copied, "twilio-approved").await;
    replace(&alice, &case.bundle, &copied).await.refused(400, 22228);
    app.database().script(&format!("{regulation} WHERE sid = '{}'", case.bundle)).await;
    replace(&alice, &case.bundle, &copied).await.refused(400, 22229);
    let back = json!({ "address_sids": [case.address] }).to_string();
    alice.post(named.text("url"), &[("Attributes", &back)]).await.ok();
    replace(&alice, &case.bundle, &copied).await.created();
}

async fn both_must_be_approved(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copied = approved_copy(&app, &case.bundle).await;
    for bundle in [&case.bundle, &copied] {
        for status in ["draft", "pending-review", "in-review", "twilio-rejected", "provisionally-approved"] {
            app.set_bundle_status(bundle, status).await;
            let before = app.snapshot().await;
            let refusal = replace(&alice, &case.bundle, &copied).await.refused(400, 22224);
            assert!(refusal.message.contains(status) && refusal.message.contains(bundle), "{refusal:?}");
            before.assert_is(&app.snapshot().await);
        }
        app.set_bundle_status(bundle, "twilio-approved").await;
    }
}

async fn only_a_copy_of_the_bundle_takes_its_place(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copied = approved_copy(&app, &case.bundle).await;
    set_end(&app, &copied, json!(in_days(50))).await;
    let of_copy = approved_copy(&app, &copied).await;
    let cloned = clone(&alice, &case.bundle, alice.account()).await.created();
    let other = ending(&app).await;
    let before = app.snapshot().await;
    for (bundle, from) in [
        (&case.bundle, cloned.text("bundle_sid")),
        (&case.bundle, &of_copy),
        (&case.bundle, &other.bundle),
        // A source is no copy of its copy.
        (&copied, &case.bundle),
        (&other.bundle, &copied),
    ] {
        replace(&alice, bundle, from).await.refused(400, 22224);
    }
    before.assert_is(&app.snapshot().await);
}

async fn the_regulation_must_be_the_same(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copied = approved_copy(&app, &case.bundle).await;
    let sql = format!("UPDATE bundles SET regulation_sid = 'RN{}' WHERE sid = '{copied}'", "1".repeat(32));
    app.database().script(&sql).await;
    let before = app.snapshot().await;
    replace(&alice, &case.bundle, &copied).await.refused(400, 22228);
    before.assert_is(&app.snapshot().await);
}

async fn the_addresses_must_be_the_same(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let (other, both) = (alice.create_address().await, case.address.as_str());
    for (named, status) in [
        (json!([other.sid()]), 400),
        (json!([both, other.sid()]), 400),
        (json!([]), 400),
        // Another form of the same.
        (json!(both), 201),
    ] {
        let copied = copy(&alice, &case.bundle).await.created();
        let excerpt = document(&alice, copied.sid()).await;
        let attributes = json!({ "address_sids": named }).to_string();
        alice.post(excerpt.text("url"), &[("Attributes", &attributes)]).await.ok();
        app.set_bundle_status(copied.sid(), "twilio-approved").await;
        let before = app.snapshot().await;
        let answer = replace(&alice, &case.bundle, copied.sid()).await;
        if status == 201 {
            answer.created();
        } else {
            answer.refused(400, 22229);
            before.assert_is(&app.snapshot().await);
        }
    }
}

async fn a_number_stays_in_service(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let reviewer = app.operator(dossier_domain::operator::Role::Reviewer).await;
    let body =
        json!({ "account_sid": alice.account(), "bundle_sid": case.bundle, "address_sid": case.address });
    reviewer.put("/numbers/+4930123456", &body).await.created();
    let copied = approved_copy(&app, &case.bundle).await;
    replace(&alice, &case.bundle, &copied).await.created();
    let number = reviewer.get("/numbers/+4930123456").await.ok();
    assert_eq!((&number["bundle_sid"], &number["valid_until"]), (&json!(case.bundle), &Value::Null));
    alice.delete(&v2(&format!("/Bundles/{}", case.bundle))).await.refused(400, 21648);
    alice.delete(&v2(&format!("/Bundles/{copied}"))).await.deleted();
    let asked = json!({ "account_sid": alice.account(), "iso_country": "DE", "number_type": "local",
        "bundle_sid": case.bundle, "address_sid": case.address });
    assert_eq!(reviewer.post("/eligibility", &asked).await.ok()["allowed"], true);
}

/// What the bundle had before can be deleted; what it has now cannot, when the copy is gone.
async fn what_was_replaced_is_free(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copied = approved_copy(&app, &case.bundle).await;
    let end_user_path = v2(&format!("/EndUsers/{}", case.end_user));
    let document_path = v2(&format!("/SupportingDocuments/{}", case.document));
    alice.delete(&document_path).await.refused(400, 21645);
    alice.delete(&end_user_path).await.refused(400, 21644);
    replace(&alice, &case.bundle, &copied).await.created();
    assert_eq!(alice.document(&case.document).await["status"], "approved");
    alice.delete(&document_path).await.deleted();
    alice.delete(&end_user_path).await.deleted();
    assert_eq!(app.files().len(), 1);
    alice.delete(&v2(&format!("/Bundles/{copied}"))).await.deleted();
    let (item, excerpt) = (end_user(&alice, &case.bundle).await, document(&alice, &case.bundle).await);
    alice.delete(item.text("url")).await.refused(400, 21644);
    alice.delete(excerpt.text("url")).await.refused(400, 21645);
    // What was taken out of the bundle must not change behind the reviewers' back either.
    alice.post(item.text("url"), &[("Attributes", "{}")]).await.refused(409, 20409);
    alice.delete(&v2(&format!("/Bundles/{}", case.bundle))).await.deleted();
    alice.delete(item.text("url")).await.deleted();
    alice.delete(excerpt.text("url")).await.deleted();
    assert_eq!(app.files(), [""; 0].map(std::path::PathBuf::from));
}

async fn what_was_replaced_is_recorded(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copied = approved_copy(&app, &case.bundle).await;
    let assignments = path(&case.bundle, "ItemAssignments");
    let old = alice.get(&assignments).await.ok().sids();
    let before = app.snapshot().await;
    replace(&alice, &case.bundle, &copied).await.created();
    let events = app.audited_since(&before).await;
    assert!(events.iter().all(|event| event.actor == alice.account() && event.outcome == "done"));
    let mut found: Vec<_> =
        events.iter().map(|event| (event.action.as_str(), event.target.as_str())).collect();
    let new = alice.get(&assignments).await.ok().sids();
    let mut expected = vec![("bundle.replace-items", case.bundle.as_str())];
    expected.extend(old.iter().map(|sid| ("bundle.remove-item", sid.as_str())));
    expected.extend(new.iter().map(|sid| ("bundle.assign-item", sid.as_str())));
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

async fn nobody_is_told(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copied = approved_copy(&app, &case.bundle).await;
    let bundle = v2(&format!("/Bundles/{}", case.bundle));
    alice.post(&bundle, &[("StatusCallback", "https://beispiel.example/hook")]).await.ok();
    let admin = app.operator(dossier_domain::operator::Role::Admin).await;
    let before = admin.get("/deliveries?limit=1000").await.ok();
    replace(&alice, &case.bundle, &copied).await.created();
    assert_eq!(*admin.get("/deliveries?limit=1000").await.ok(), *before);
}

async fn it_can_be_done_again(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let (first, second) = (approved_copy(&app, &case.bundle).await, approved_copy(&app, &case.bundle).await);
    for from in [&first, &first, &second, &first] {
        replace(&alice, &case.bundle, from).await.created();
        assert_eq!(objects(&alice, &case.bundle).await, objects(&alice, from).await);
    }
}
