//! Files of copies and clones: the same content, sealed anew, in a place of their own.

use super::{clone, copy, document, ending, file};
use dossier_domain::operator::Role;
use dossier_testkit::app::{Client, PDF, Part, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    files_are_the_same_byte_for_byte,
    large_files_come_whole,
    files_are_sealed_for_their_own_account,
    deleting_one_leaves_the_other,
    a_damaged_file_is_not_copied,
    a_missing_file_ends_in_a_conflict,
    nothing_is_left_behind_by_what_was_refused,
}

/// Brings the document of a bundle to review, so that reviewers can get its file.
async fn to_review(client: &Client, bundle: &str) -> String {
    let document = document(client, bundle).await.sid().to_owned();
    if client.bundle(bundle).await["status"] == "draft" {
        client.submit(bundle).await.ok();
        return document;
    }
    let other = client.create_bundle("Once more").await;
    for object in super::objects(client, bundle).await {
        client.assign(other.sid(), &object).await.created();
    }
    client.submit(other.sid()).await.ok();
    document
}

async fn files_are_the_same_byte_for_byte(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch, reviewer) = (app.alice(), app.branch(), app.operator(Role::Reviewer).await);
    let case = ending(&app).await;
    let copied = copy(&alice, &case.bundle).await.created();
    let cloned = clone(&alice, &case.bundle, branch.account()).await.created();
    let of_copy = to_review(&alice, copied.sid()).await;
    let of_clone = to_review(&branch, cloned.text("bundle_sid")).await;
    for document in [&case.document, &of_copy, &of_clone] {
        assert_eq!(file(&reviewer, document).await, PDF);
    }
    assert_eq!(app.files().len(), 3);
}

/// Several chunks, and a last one that is not full.
async fn large_files_come_whole(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch, reviewer) = (app.alice(), app.branch(), app.operator(Role::Reviewer).await);
    let case = ending(&app).await;
    // A PDF may have anything in front of its last part.
    let (head, tail) = PDF.split_at(9);
    let filling = b"% filling\n".repeat(160_000);
    let large = [head, &filling, tail].concat();
    app.set_document_status(&case.document, "draft").await;
    let path = v2(&format!("/SupportingDocuments/{}", case.document));
    let stored = alice.post_parts(&path, &[Part::File("application/pdf", &large)]).await;
    assert_eq!(stored.status, 200, "{stored}");
    app.set_document_status(&case.document, "approved").await;
    let cloned = clone(&alice, &case.bundle, branch.account()).await.created();
    let of_clone = to_review(&branch, cloned.text("bundle_sid")).await;
    assert!(file(&reviewer, &of_clone).await == large);
}

/// Put into each other's place, sealed files do not open.
async fn files_are_sealed_for_their_own_account(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch, reviewer) = (app.alice(), app.branch(), app.operator(Role::Reviewer).await);
    let case = ending(&app).await;
    let cloned = clone(&alice, &case.bundle, branch.account()).await.created();
    let of_clone = to_review(&branch, cloned.text("bundle_sid")).await;
    let files = app.files();
    let of = |account: &str| files.iter().find(|path| path.display().to_string().contains(account)).unwrap();
    let (original, copied) = (of(alice.account()), of(branch.account()));
    let [one, other] = [original, copied].map(|path| std::fs::read(path).unwrap());
    assert!(one != other && one.len() == other.len());
    std::fs::write(copied, one).unwrap();
    let target = format!("/operator/v1/documents/{of_clone}/file");
    let request = app.nobody().request("GET", &target);
    let request = request.header("Authorization", &format!("Bearer {}", reviewer.token()));
    let answer = request.send_unchecked().await;
    assert!(answer.is_none_or(|answer| answer.status == 500 && answer.body != PDF));
}

async fn deleting_one_leaves_the_other(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, reviewer) = (app.alice(), app.operator(Role::Reviewer).await);
    let case = ending(&app).await;
    let copied = copy(&alice, &case.bundle).await.created();
    let of_copy = document(&alice, copied.sid()).await;
    alice.delete(&v2(&format!("/Bundles/{}", copied.sid()))).await.deleted();
    alice.delete(of_copy.text("url")).await.deleted();
    assert_eq!(app.files().len(), 1);
    assert_eq!(file(&reviewer, &case.document).await, PDF);
}

async fn a_damaged_file_is_not_copied(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let path = app.files().remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let before = app.snapshot().await;
    let request = alice.request("POST", &super::path(&case.bundle, "Copies"));
    let answer = request.send_unchecked().await.unwrap();
    assert_eq!(answer.status, 500, "{answer}");
    before.assert_is(&app.snapshot().await);
}

/// As when it is replaced all the time.
async fn a_missing_file_ends_in_a_conflict(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    std::fs::remove_file(app.files().remove(0)).unwrap();
    let before = app.snapshot().await;
    copy(&alice, &case.bundle).await.refused(409, 20409);
    before.assert_is(&app.snapshot().await);
}

/// What was copied for nothing is deleted at once.
async fn nothing_is_left_behind_by_what_was_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let gone = alice.upload_document("passport", &json!({})).await;
    alice.assign(&case.bundle, gone.sid()).await.created();
    app.set_bundle_status(&case.bundle, "twilio-approved").await;
    app.set_valid_until(&case.bundle, 1_900_000_000).await;
    let of_gone = app.files().into_iter().find(|path| path.display().to_string().contains(gone.sid()));
    std::fs::remove_file(of_gone.unwrap()).unwrap();
    let before = app.snapshot().await;
    copy(&alice, &case.bundle).await.refused(409, 20409);
    before.assert_is(&app.snapshot().await);
}
