//! Changing documents, and replacing their files.

use super::DOCUMENTS;
use dossier_testkit::app::{JPEG, PNG, Part};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use std::time::Duration;

on_both_engines! {
    an_update_replaces_what_it_names,
    a_new_file_takes_the_place_of_the_old_one,
    the_status_decides_what_may_change,
    a_customer_sets_no_status,
}

async fn an_update_replaces_what_it_names(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let before = alice.upload_document("passport", &json!({ "first_name": "Erika", "last_name": "x" })).await;
    let url = before.text("url");
    app.clock().advance(Duration::from_secs(5));
    let mut expected = before.0.clone();
    expected["date_updated"] = "2026-01-01T00:00:05Z".into();
    for (form, key, value) in [
        (("FriendlyName", "New"), "friendly_name", json!("New")),
        (("Attributes", r#"{"first_name":"Max"}"#), "attributes", json!({ "first_name": "Max" })),
        (("Type", "utility_bill"), "type", json!("passport")),
        (("Attributes", ""), "attributes", json!({})),
        (("Attributes", "null"), "attributes", json!({})),
        (("FriendlyName", ""), "friendly_name", json!("New")),
    ] {
        expected[key] = value;
        assert_eq!(*alice.post(url, &[form]).await.ok(), expected, "{form:?}");
        assert_eq!(*alice.get(url).await.ok(), expected, "{form:?}");
    }
    alice.post(url, &[("FriendlyName", &"x".repeat(256))]).await.refused(400, 20002);
    let parts = [Part::Text("FriendlyName", "Again"), Part::Text("Attributes", r#"{"a":1}"#)];
    let updated = alice.post_parts(url, &parts).await.ok();
    assert_eq!((updated.text("friendly_name"), &updated["attributes"]), ("Again", &json!({ "a": 1 })));
    assert_eq!(updated.text("mime_type"), "application/pdf", "no file is given, the old one stays");
    assert_eq!(app.files().len(), 1);
}

async fn a_new_file_takes_the_place_of_the_old_one(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let document = alice.create_document("passport", &json!({ "a": 1 })).await;
    for (content, mime_type) in [(JPEG, "image/jpeg"), (PNG, "image/png"), (PNG, "image/png")] {
        let before = app.files();
        let updated = alice.post_parts(document.text("url"), &[Part::File(mime_type, content)]).await.ok();
        assert_eq!(updated.text("mime_type"), mime_type);
        assert_eq!((&updated["attributes"], updated.text("status")), (&json!({ "a": 1 }), "draft"));
        let after = app.files();
        assert_eq!(after.len(), 1);
        assert_ne!(before, after, "the old file is gone");
    }
    let other = alice.upload_document("passport", &json!({})).await;
    assert_eq!(app.files().len(), 2);
    alice.post_parts(other.text("url"), &[Part::File("image/png", PNG)]).await.ok();
    assert_eq!(app.files().len(), 2, "other documents keep theirs");
}

async fn the_status_decides_what_may_change(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let document = alice.upload_document("passport", &json!({})).await;
    let url = document.text("url");
    for (status, editable) in [
        ("draft", true),
        ("rejected", true),
        ("pending-review", false),
        ("approved", false),
        ("provisionally-approved", false),
        ("expired", false),
    ] {
        app.set_document_status(document.sid(), status).await;
        alice.post(url, &[("FriendlyName", status)]).await.ok();
        let before = app.snapshot().await;
        let (name, attributes) = (Part::Text("FriendlyName", "x"), Part::Text("Attributes", r#"{"a":"b"}"#));
        for parts in [
            [name, attributes].as_slice(),
            &[name, Part::File("image/png", PNG)],
            &[Part::File("image/png", PNG), attributes],
        ] {
            let answer = alice.post_parts(url, parts).await;
            if editable {
                let updated = answer.ok();
                assert_eq!(updated.text("status"), status, "it stays until it is submitted again");
            } else {
                answer.refused(409, 20409).saying(status);
                before.assert_is(&app.snapshot().await);
            }
        }
        assert_eq!(app.files().len(), 1);
    }
}

async fn a_customer_sets_no_status(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let document = alice.create_document("passport", &json!({})).await;
    let url = document.text("url");
    let before = app.snapshot().await;
    for (status, code) in [("approved", 22209), ("pending-review", 22209), ("nonsense", 22209)] {
        alice.post(url, &[("FriendlyName", "x"), ("Status", status)]).await.refused(400, code);
    }
    for status in ["draft", "approved"] {
        let form = [("Status", status), ("Attributes", "{}")];
        alice.post(url, &form).await.refused(400, 22208);
        let parts =
            [Part::File("image/png", PNG), Part::Text("Status", status), Part::Text("Attributes", "{}")];
        alice.post_parts(url, &parts).await.refused(400, 22208);
    }
    before.assert_is(&app.snapshot().await);
    alice.post(url, &[("Status", "Draft"), ("FriendlyName", "x")]).await.ok();
    // In a creation it is one of the many parameters nobody knows.
    let form = [("FriendlyName", "x"), ("Type", "passport"), ("Status", "approved")];
    assert_eq!(alice.post(DOCUMENTS, &form).await.created().text("status"), "draft");
}
