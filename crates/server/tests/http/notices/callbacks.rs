//! What a callback looks like (contract section 7, 14.6 rows 97-101).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_domain::operator::Role;
use dossier_testkit::app::{Received, Receiver, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

use super::{HOUR, allow_loopback, bundle_with, calling, reopen, told};

on_both_engines! {
    a_submission_is_told_and_signed,
    the_end_of_an_approval_is_told_with_its_reason,
    parameters_can_have_the_documented_names,
    nothing_is_told_where_nobody_asked,
    the_primary_token_signs,
    a_deleted_bundle_is_not_told_about,
}

/// What a receiver computes, written down apart from the service.
fn signature(token: &str, url: &str, callback: &Received) -> String {
    let mut form = callback.form.clone();
    form.sort();
    let text: String = form.iter().fold(url.to_owned(), |text, (name, value)| text + name + value);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

async fn a_submission_is_told_and_signed(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let url = receiver.url("/hook?shop=7&x=%20y");
    let with_fragment = format!("{url}#ct=2000&rc=0");
    alice.post(&v2(&format!("/Bundles/{}", case.bundle)), &[("StatusCallback", &with_fragment)]).await.ok();
    assert_eq!(app.work_off().await, 0, "another address is nothing to tell");
    alice.submit(&case.bundle).await.ok();
    assert_eq!(app.work_off().await, 1);

    let [callback] = &receiver.received()[..] else { panic!("one callback: {:?}", receiver.received()) };
    assert_eq!(callback.target, "/hook?shop=7&x=%20y");
    let expected = [
        ("AccountSid".to_owned(), alice.account().to_owned()),
        ("BundleSid".to_owned(), case.bundle.clone()),
        ("Status".to_owned(), "pending-review".to_owned()),
    ];
    assert_eq!(callback.form, expected);
    assert_eq!(callback.header("host"), receiver.address().to_string());
    assert_eq!(callback.header("content-type"), "application/x-www-form-urlencoded");
    assert!(callback.header("user-agent").starts_with("Dossier/"));
    assert!(callback.delivery().starts_with("WD"));
    assert_eq!(callback.header("x-twilio-signature"), signature(alice.token(), &url, callback));
    assert_eq!(app.work_off().await, 0, "once");
}

async fn the_end_of_an_approval_is_told_with_its_reason(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    let bundle = bundle_with(&app.alice(), &receiver.url("/")).await;
    app.set_bundle_status(&bundle, "twilio-approved").await;
    let path = format!("/bundles/{bundle}/valid-until");
    let end = json!({ "valid_until": "2026-01-01T01:00:00Z" });
    app.operator(Role::Reviewer).await.put(&path, &end).await.ok();
    app.work_off().await;
    assert_eq!(receiver.statuses(), ["twilio-approved"], "it has an end now");
    assert_eq!(receiver.received()[0].param("ValidUntil"), Some("2026-01-01T01:00:00Z"));
    app.clock().advance(2 * HOUR);
    app.work_off().await;

    assert_eq!(receiver.statuses(), ["twilio-approved", "twilio-rejected"]);
    let callback = &receiver.received()[1];
    assert_eq!(callback.param("ValidUntil"), Some("2026-01-01T01:00:00Z"));
    assert!(callback.param("FailureReason").unwrap().contains("valid until"), "{callback:?}");
    let signed = signature(app.alice().token(), &receiver.url("/"), callback);
    assert_eq!(callback.header("x-twilio-signature"), signed);
}

async fn parameters_can_have_the_documented_names(db: TestDb) {
    let receiver = Receiver::start().await;
    let app = TestApp::with(db, |choices| {
        allow_loopback(choices);
        choices.notices.callbacks.documented_names = true;
    })
    .await;
    let bundle = told(&app, &receiver.url("/")).await;
    app.work_off().await;
    let callback = &receiver.received()[0];
    assert_eq!(callback.param("AccountSID"), Some(app.alice().account()));
    assert_eq!(callback.param("BundleSID"), Some(&*bundle));
    assert_eq!((callback.param("AccountSid"), callback.param("BundleSid")), (None, None));
}

async fn nothing_is_told_where_nobody_asked(db: TestDb) {
    let app = calling(db).await;
    let bundle = app.alice().create_bundle("Beispiel").await;
    reopen(&app, bundle.sid()).await;
    assert_eq!(app.work_off().await, 0);
    assert_eq!(super::log_of(&app).await, [""; 0]);
}

async fn the_primary_token_signs(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    let account = app.alice().account().parse().unwrap();
    told(&app, &receiver.url("/")).await;
    let new = app.service().rotate_token(account, false).await.unwrap();
    app.work_off().await;
    let callback = &receiver.received()[0];
    let signed = signature(&new, &receiver.url("/"), callback);
    assert_eq!(callback.header("x-twilio-signature"), signed);
}

async fn a_deleted_bundle_is_not_told_about(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    let bundle = told(&app, &receiver.url("/")).await;
    app.alice().delete(&v2(&format!("/Bundles/{bundle}"))).await.deleted();
    assert_eq!(app.work_off().await, 0);
    assert_eq!(receiver.received(), []);
    assert_eq!(super::log_of(&app).await, [""; 0], "what was to be told names people");
}
