//! A rejected bundle is handed over again: a new case, which shows what changed.

use super::{Desk, case_of, submitted};
use dossier_domain::operator::Role;
use dossier_testkit::app::{Case, PNG, Part, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    a_new_case_shows_what_changed,
    nothing_changed_is_shown_as_well,
    a_document_that_was_deleted_leaves_its_verdict,
}

/// A case that was rejected because of its document.
async fn rejected(app: &TestApp, desk: &Desk) -> (Case, String) {
    let (case, sid) = submitted(app).await;
    desk.claim(&sid).await.ok();
    desk.flag(&sid, &case.document, 18002).await;
    desk.decide(&sid, json!({ "outcome": "rejected" })).await.ok();
    (case, sid)
}

async fn a_new_case_shows_what_changed(db: TestDb) {
    let app = TestApp::start(db).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let (case, first) = rejected(&app, &desk).await;
    assert_eq!(desk.case(&first).await["changes"], Value::Null, "there was nothing before");
    let alice = app.alice();
    let mut attributes = Case::end_user_attributes();
    attributes["business_website"] = json!("https://neu.beispiel.example");
    let end_user = v2(&format!("/EndUsers/{}", case.end_user));
    alice.post(&end_user, &[("Attributes", &attributes.to_string())]).await.ok();
    let document = v2(&format!("/SupportingDocuments/{}", case.document));
    let parts = [Part::File("image/png", PNG)];
    alice.post_parts(&document, &parts).await.ok();
    alice.submit(&case.bundle).await.ok();

    let second = case_of(&app, &case.bundle).await;
    let file = desk.case(&second).await;
    assert_eq!((file.text("previous_case_sid"), file.text("state")), (&*first, "waiting"));
    assert_eq!(file["documents"][0]["verdict"], Value::Null, "the verdict was on what was before");
    let changes = file["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert_eq!(changes[0]["field"], "business_website");
    assert_eq!(changes[0]["before"], "https://beispiel.example");
    assert_eq!(changes[0]["after"], "https://neu.beispiel.example");
    assert_eq!((&changes[1]["change"], &changes[1]["object_sid"]), (&json!("file"), &json!(case.document)));
    assert_ne!(changes[1]["sha256_before"], changes[1]["sha256_after"]);
    assert_eq!(changes[1]["sha256_after"], file["documents"][0]["file"]["sha256"]);
    // A viewer learns which field it is, and no more.
    let viewer = Desk::new(&app, Role::Viewer).await;
    let changes = viewer.case(&second).await["changes"].clone();
    assert_eq!(changes[0]["field"], "business_website");
    assert_eq!((changes[0].get("before"), changes[0].get("after")), (None, None));
}

async fn nothing_changed_is_shown_as_well(db: TestDb) {
    let app = TestApp::start(db).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let (case, first) = rejected(&app, &desk).await;
    app.alice().submit(&case.bundle).await.ok();
    let second = case_of(&app, &case.bundle).await;
    assert_ne!(first, second, "also when the clock stands still");
    assert_eq!(desk.case(&second).await["changes"], json!([]));
}

async fn a_document_that_was_deleted_leaves_its_verdict(db: TestDb) {
    let app = TestApp::start(db).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let (case, first) = rejected(&app, &desk).await;
    let alice = app.alice();
    let list = alice.get(&v2(&format!("/Bundles/{}/ItemAssignments", case.bundle))).await.ok();
    let item = list.items("results").iter().find(|item| item["object_sid"] == *case.document).unwrap();
    alice.delete(item["url"].as_str().unwrap()).await.deleted();
    alice.delete(&v2(&format!("/SupportingDocuments/{}", case.document))).await.deleted();
    let attributes = Case::document_attributes(&case.address);
    let other = alice.upload_document("commercial_registrar_excerpt", &attributes).await;
    alice.assign(&case.bundle, other.sid()).await.created();
    alice.submit(&case.bundle).await.ok();
    let document = desk.case(&first).await["documents"][0].clone();
    assert_eq!((&document["sid"], &document["deleted"]), (&json!(case.document), &json!(true)));
    assert_eq!(document["verdict"]["reasons"], json!([{ "code": 18002, "name": "Document not legible" }]));
    let second = desk.case(&case_of(&app, &case.bundle).await).await;
    let change = &second["changes"][0];
    assert_eq!((&change["change"], &change["replaced_sid"]), (&json!("replaced"), &json!(case.document)));
    assert_eq!(change["object_sid"], other.sid());
}
