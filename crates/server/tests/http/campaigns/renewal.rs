//! The information update: notice, copy, change, submission, approval, replacement, with callbacks, while a
//! number stays in service (contract section 6).

use std::time::Duration;

use dossier_domain::operator::Role;
use dossier_domain::review::Outcome;
use dossier_testkit::app::{Case, Client, Json, Receiver, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

use super::{IN_FORCE, ONE_MORE, activate, approve, approved, approved_with_phone, at, decide, progress};

on_both_engines! {
    the_information_update_from_notice_to_replacement,
    a_copy_is_measured_by_the_coming_rule_and_others_are_not,
    a_copy_that_does_not_satisfy_the_coming_rule_takes_no_place,
    copies_that_come_to_nothing_are_counted_back,
    a_clone_ends_with_the_others,
}

async fn copy(client: &Client, bundle: &str) -> Json {
    client.post(&v2(&format!("/Bundles/{bundle}/Copies")), &[]).await.created()
}

async fn item(client: &Client, bundle: &str, prefix: &str) -> String {
    let list = client.get(&v2(&format!("/Bundles/{bundle}/ItemAssignments"))).await.ok();
    let objects = list.items("results").iter().map(|item| item["object_sid"].as_str().unwrap().to_owned());
    objects.into_iter().find(|sid| sid.starts_with(prefix)).unwrap()
}

/// Answers the coming question in the end user of a bundle.
async fn answer(client: &Client, bundle: &str) {
    let mut attributes = Case::end_user_attributes();
    attributes["phone_number"] = json!("+493012345678");
    let end_user = item(client, bundle, "IT").await;
    let attributes = attributes.to_string();
    client.post(&v2(&format!("/EndUsers/{end_user}")), &[("Attributes", &attributes)]).await.ok();
}

async fn the_information_update_from_notice_to_replacement(db: TestDb) {
    let receiver = Receiver::start().await;
    let app = TestApp::with(db, |choices| {
        choices.notices.callbacks.allow = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let case = approved(&app, &alice).await;
    let bundle = &case.bundle;
    alice.post(&v2(&format!("/Bundles/{bundle}")), &[("StatusCallback", &*receiver.url("/hook"))]).await.ok();
    let number = json!({ "account_sid": alice.account(), "bundle_sid": bundle, "address_sid": case.address,
        "localities": ["Berlin"] });
    admin.put("/numbers/+493012345678", &number).await.created();

    activate(&app, ONE_MORE).await;
    let notice = receiver.wait_for(1).await.remove(0);
    assert_eq!(notice.param("ValidUntil"), Some(IN_FORCE));
    assert_eq!(notice.param("MissingRequirements"), Some("business_info.phone_number"));
    assert_eq!(progress(&app).await, "notified 1");

    let copy = copy(&alice, bundle).await.sid().to_owned();
    assert_eq!(progress(&app).await, "copied 1");
    let evaluation = alice.evaluate(&copy).await;
    assert_eq!(evaluation["status"], "noncompliant");
    alice.submit(&copy).await.refused(400, 20001);
    answer(&alice, &copy).await;
    assert_eq!(alice.evaluate(&copy).await["status"], "compliant");
    alice.submit(&copy).await.ok();
    assert_eq!(progress(&app).await, "submitted 1");
    approve(&app, &alice, &copy).await;
    app.work_off().await;
    assert_eq!(progress(&app).await, "approved 1");
    assert_eq!(alice.bundle(&copy).await["valid_until"], Value::Null, "it satisfies the coming rule");
    assert_eq!(receiver.statuses(), ["twilio-approved", "pending-review", "twilio-approved"]);

    let replace = v2(&format!("/Bundles/{bundle}/ReplaceItems"));
    let replaced = alice.post(&replace, &[("FromBundleSid", &copy)]).await.created();
    assert_eq!((replaced.sid(), replaced.text("status")), (&**bundle, "twilio-approved"));
    assert_eq!(replaced["valid_until"], Value::Null);
    assert_eq!(progress(&app).await, "replaced 1");
    alice.delete(&v2(&format!("/Bundles/{copy}"))).await.deleted();

    // The day comes, and nothing happens to the bundle or to its number.
    app.clock().set(at("2027-01-02T00:00:00Z"));
    app.work_off().await;
    assert_eq!(alice.bundle(bundle).await["status"], "twilio-approved");
    assert_eq!(alice.evaluate(bundle).await["status"], "compliant");
    assert_eq!(admin.get("/numbers/+493012345678").await.ok()["bundle_status"], "twilio-approved");
    assert_eq!(receiver.received().len(), 3, "a replacement is not told");
    assert_eq!(progress(&app).await, "replaced 1");
}

async fn a_copy_is_measured_by_the_coming_rule_and_others_are_not(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = approved(&app, &alice).await.bundle;
    activate(&app, ONE_MORE).await;
    let copy = copy(&alice, &bundle).await.sid().to_owned();
    let new = alice.prepare_case().await.bundle;
    for (sid, status) in [(&copy, "noncompliant"), (&bundle, "compliant"), (&new, "compliant")] {
        assert_eq!(alice.evaluate(sid).await["status"], status, "{sid}");
    }
    // What was a mistake is measured no more.
    let admin = app.operator(Role::Admin).await;
    let campaign = super::campaign(&admin).await["sid"].as_str().unwrap().to_owned();
    admin.act(&format!("/campaigns/{campaign}/cancel")).await.ok();
    app.work_off().await;
    assert_eq!(alice.evaluate(&copy).await["status"], "compliant");
}

async fn a_copy_that_does_not_satisfy_the_coming_rule_takes_no_place(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let bundle = approved(&app, &alice).await.bundle;
    let end = json!({ "valid_until": "2026-12-01T00:00:00Z" });
    admin.put(&format!("/bundles/{bundle}/valid-until"), &end).await.ok();
    let copy = copy(&alice, &bundle).await.sid().to_owned();
    alice.submit(&copy).await.ok();
    approve(&app, &alice, &copy).await;
    activate(&app, ONE_MORE).await;
    let replace = v2(&format!("/Bundles/{bundle}/ReplaceItems"));
    alice.post(&replace, &[("FromBundleSid", &copy)]).await.refused(400, 22228).saying("revision 2");
}

async fn copies_that_come_to_nothing_are_counted_back(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = approved(&app, &alice).await.bundle;
    activate(&app, ONE_MORE).await;
    let copy = copy(&alice, &bundle).await.sid().to_owned();
    answer(&alice, &copy).await;
    alice.submit(&copy).await.ok();
    decide(&app, &alice, &copy, Outcome::Rejected).await;
    assert_eq!(progress(&app).await, "copied 1");
    alice.submit(&copy).await.ok();
    assert_eq!(progress(&app).await, "submitted 1");
    approve(&app, &alice, &copy).await;
    alice.delete(&v2(&format!("/Bundles/{copy}"))).await.deleted();
    assert_eq!(progress(&app).await, "notified 1");
    app.clock().set(at(IN_FORCE));
    app.clock().advance(Duration::from_secs(1));
    app.work_off().await;
    assert_eq!(progress(&app).await, "overdue 1");
}

async fn a_clone_ends_with_the_others(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let (plain, phone) =
        (approved(&app, &alice).await.bundle, approved_with_phone(&app, &alice).await.bundle);
    activate(&app, ONE_MORE).await;
    for (source, end) in [(plain, json!(IN_FORCE)), (phone, Value::Null)] {
        let clones = v2(&format!("/Bundles/{source}/Clones"));
        let clone = alice.post(&clones, &[("TargetAccountSid", branch.account())]).await.created();
        assert_eq!(branch.bundle(clone.text("bundle_sid")).await["valid_until"], end);
    }
    assert_eq!(progress(&app).await, "affected 2");
}
