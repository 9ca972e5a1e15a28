//! Documents without a file.

use super::DOCUMENTS;
use crate::end_users::attributes_at_the_limits;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use std::time::Duration;

on_both_engines! {
    a_document_comes_back_as_it_was_sent,
    a_document_needs_a_name_and_a_known_type,
    attributes_are_one_object_within_limits,
    a_file_in_a_form_is_no_file,
    the_newest_comes_first,
    a_rejected_document_says_why,
}

async fn a_document_comes_back_as_it_was_sent(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let attributes = r#"{"address_sids": ["AD00000000000000000000000000000000"], "n": 1.10}"#;
    let form = [("FriendlyName", "Office"), ("Type", "Business_Address"), ("Attributes", attributes)];
    let answer = alice.post(DOCUMENTS, &form).await;
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert!(text.contains(&format!(r#""attributes":{attributes},"#)), "to the letter: {text}");
    let created = answer.created();
    let sid = created.sid();
    let expected = json!({
        "sid": sid,
        "account_sid": alice.account(),
        "friendly_name": "Office",
        "mime_type": null,
        "status": "draft",
        "failure_reason": null,
        "errors": null,
        "type": "business_address",
        "attributes": created["attributes"],
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": format!("http://{}{DOCUMENTS}/{sid}", app.address()),
    });
    assert_eq!(*created, expected);
    assert_eq!(*alice.get(created.text("url")).await.ok(), expected);
}

async fn a_document_needs_a_name_and_a_known_type(db: TestDb) {
    let app = TestApp::start(db).await;
    let before = app.snapshot().await;
    let long = "x".repeat(256);
    for (form, code) in [
        ([("Type", "passport")].as_slice(), 22211),
        (&[("FriendlyName", ""), ("Type", "passport")], 22211),
        (&[("FriendlyName", "x")], 22210),
        (&[("FriendlyName", "x"), ("Type", " ")], 22210),
        (&[("FriendlyName", "x"), ("Type", "library_card")], 22210),
        (&[("FriendlyName", &long), ("Type", "passport")], 20002),
        (&[("FriendlyName", "a\tb"), ("Type", "passport")], 20002),
    ] {
        app.alice().post(DOCUMENTS, form).await.refused(400, code);
    }
    before.assert_is(&app.snapshot().await);
}

async fn attributes_are_one_object_within_limits(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let kept = alice.create_document("passport", &json!({ "first_name": "Erika" })).await;
    let before = app.snapshot().await;
    let (refused, accepted) = attributes_at_the_limits();
    for (attributes, words) in &refused {
        let form = [("FriendlyName", "x"), ("Type", "passport"), ("Attributes", attributes)];
        let refusal = alice.post(DOCUMENTS, &form).await.refused(400, 22207).saying(words);
        assert!(!refusal.message.contains("Erika"), "values are not repeated");
        let form = [("FriendlyName", "x"), ("Attributes", attributes.as_str())];
        alice.post(kept.text("url"), &form).await.refused(400, 22207);
    }
    before.assert_is(&app.snapshot().await);
    for attributes in &accepted {
        let form = [("FriendlyName", "x"), ("Type", "passport"), ("Attributes", attributes)];
        alice.post(DOCUMENTS, &form).await.created();
    }
}

async fn a_file_in_a_form_is_no_file(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let form = [("FriendlyName", "x"), ("Type", "passport"), ("File", "%PDF-1.4"), ("MimeType", "image/png")];
    let created = alice.post(DOCUMENTS, &form).await.created();
    assert_eq!(created["mime_type"], json!(null));
    let updated = alice.post(created.text("url"), &[("File", "%PDF-1.4")]).await.ok();
    assert_eq!(updated["mime_type"], json!(null));
    assert!(app.files().is_empty());
}

async fn the_newest_comes_first(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let mut sids = Vec::new();
    for _ in 0..3 {
        sids.insert(0, alice.create_document("passport", &json!({})).await.sid().to_owned());
        app.clock().advance(Duration::from_secs(1));
    }
    app.bob().create_document("passport", &json!({})).await;
    let first = alice.query(DOCUMENTS, &[("PageSize", "2"), ("Status", "no filter")]).await.ok();
    let second = alice.get(first["meta"]["next_page_url"].as_str().unwrap()).await.ok();
    assert_eq!([first.sids(), second.sids()].concat(), sids);
    let back = alice.get(second["meta"]["previous_page_url"].as_str().unwrap()).await.ok();
    assert_eq!(back.sids(), first.sids());
}

async fn a_rejected_document_says_why(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let document = alice.create_document("passport", &json!({})).await;
    app.reject_document(document.sid(), "The scan is blurry.", "18002,18007").await;
    let rejected = alice.document(document.sid()).await;
    assert_eq!(rejected.text("status"), "rejected");
    assert_eq!(rejected.text("failure_reason"), "The scan is blurry.");
    assert_eq!(rejected["errors"], json!([{ "code": 18002 }, { "code": 18007 }]));
}
