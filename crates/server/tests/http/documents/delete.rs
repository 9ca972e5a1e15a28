//! Deleting documents.

use super::DOCUMENTS;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    a_document_goes_with_its_file,
    a_document_in_a_bundle_stays,
}

async fn a_document_goes_with_its_file(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for (status, deletable) in [
        ("draft", true),
        ("rejected", true),
        ("approved", true),
        ("provisionally-approved", true),
        ("expired", true),
        ("pending-review", false),
    ] {
        let document = alice.upload_document("passport", &json!({})).await;
        let path = format!("{DOCUMENTS}/{}", document.sid());
        app.set_document_status(document.sid(), status).await;
        let before = app.snapshot().await;
        if deletable {
            alice.delete(&path).await.deleted();
            alice.get(&path).await.refused(404, 20404);
            alice.delete(&path).await.refused(404, 20404);
            assert!(app.files().is_empty(), "{status}");
        } else {
            alice.delete(&path).await.refused(400, 21646).saying(document.sid());
            before.assert_is(&app.snapshot().await);
        }
    }
    let without_file = alice.create_document("passport", &json!({})).await;
    alice.delete(without_file.text("url")).await.deleted();
}

async fn a_document_in_a_bundle_stays(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let document = alice.upload_document("passport", &json!({})).await;
    let bundle = alice.create_bundle("Beispiel").await;
    let assignment = alice.assign(bundle.sid(), document.sid()).await.created();
    for status in ["draft", "pending-review", "approved"] {
        // That it is in a bundle comes before that it is under review.
        app.set_document_status(document.sid(), status).await;
        let before = app.snapshot().await;
        alice.delete(document.text("url")).await.refused(400, 21645).saying(document.sid());
        before.assert_is(&app.snapshot().await);
    }
    alice.delete(assignment.text("url")).await.deleted();
    alice.delete(document.text("url")).await.deleted();
    assert!(app.files().is_empty());
}
