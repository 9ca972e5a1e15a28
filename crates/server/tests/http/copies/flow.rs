//! The information update from notice to clean-up, with everything people are told on the way (contract
//! section 6).

use super::{approve, copy, document, end_user, in_days, objects, path, replace, set_end};
use dossier_domain::operator::Role;
use dossier_testkit::app::{Case, JPEG, Part, Receiver, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! { information_is_updated_while_numbers_stay_in_service }

async fn information_is_updated_while_numbers_stay_in_service(db: TestDb) {
    let allow = |choices: &mut dossier_testkit::app::Choices| {
        choices.notices.callbacks.allow = vec!["127.0.0.1/32".parse().unwrap()];
    };
    let app = TestApp::with(db, allow).await;
    let (alice, reviewer) = (app.alice(), app.operator(Role::Reviewer).await);
    let receiver = Receiver::start().await;
    let case = alice.prepare_case().await;
    let bundle = v2(&format!("/Bundles/{}", case.bundle));
    alice.post(&bundle, &[("StatusCallback", &receiver.url("/hook"))]).await.ok();
    approve(&app, &alice, &case.bundle).await;
    let number =
        json!({ "account_sid": alice.account(), "bundle_sid": case.bundle, "address_sid": case.address });
    reviewer.put("/numbers/+4930123456", &number).await.created();
    app.work_off().await;
    let told_before = receiver.received().len();

    // The rules change, and the owner learns until when the information counts.
    set_end(&app, &case.bundle, json!(in_days(60))).await;
    app.work_off().await;
    let notice = json!([case.bundle, "twilio-approved", in_days(60)]);
    assert_eq!(told(&receiver, told_before), std::slice::from_ref(&notice));

    // A copy is made, changed, submitted and approved.
    let copied = copy(&alice, &case.bundle).await.created().sid().to_owned();
    let mut attributes = Case::end_user_attributes();
    attributes["last_name"] = json!("Musterfrau");
    let item = end_user(&alice, &copied).await;
    alice.post(item.text("url"), &[("Attributes", &attributes.to_string())]).await.ok();
    let excerpt = document(&alice, &copied).await;
    alice.post_parts(excerpt.text("url"), &[Part::File("image/jpeg", JPEG)]).await.ok();
    approve(&app, &alice, &copied).await;
    app.work_off().await;
    let of_copy = |status: &str| json!([copied, status, Value::Null]);
    let all = [notice, of_copy("pending-review"), of_copy("twilio-approved")];
    assert_eq!(told(&receiver, told_before), all);

    // It takes its source's place. Nobody is told, and the end does not come.
    replace(&alice, &case.bundle, &copied).await.created();
    alice.delete(&v2(&format!("/Bundles/{copied}"))).await.deleted();
    app.clock().advance(super::DAY * 61);
    app.work_off().await;
    assert_eq!(told(&receiver, told_before), all);
    let now = alice.bundle(&case.bundle).await;
    assert_eq!((&now["status"], &now["valid_until"]), (&json!("twilio-approved"), &Value::Null));
    let items = objects(&alice, &case.bundle).await;
    assert!(
        items.len() == 2 && [item.sid(), excerpt.sid()].iter().all(|sid| items.contains(&(*sid).to_owned()))
    );
    assert_eq!(end_user(&alice, &case.bundle).await["attributes"], attributes);
    assert_eq!(super::file(&reviewer, excerpt.sid()).await, JPEG);
    assert_eq!(reviewer.get("/numbers/+4930123456").await.ok()["bundle_status"], "twilio-approved");
    assert_eq!(alice.get(&path(&case.bundle, "Copies")).await.ok().sids(), [""; 0]);
    // What was there before is the owner's to delete.
    alice.delete(&v2(&format!("/SupportingDocuments/{}", case.document))).await.deleted();
    alice.delete(&v2(&format!("/EndUsers/{}", case.end_user))).await.deleted();
}

/// What came in behind the first so many: bundle, status and end of the approval.
fn told(receiver: &Receiver, skipped: usize) -> Vec<Value> {
    let told = receiver.received().into_iter().skip(skipped);
    told.map(|received| {
        json!([received.param("BundleSid"), received.param("Status"), received.param("ValidUntil")])
    })
    .collect()
}
