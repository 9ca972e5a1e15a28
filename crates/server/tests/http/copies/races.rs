//! Requests that arrive at the same time as others that change what they are about.

use super::{approved_copy, copy, document, ending, objects, path};
use dossier_testkit::app::{Answer, JPEG, PDF, Part, Request, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use tokio::task::JoinSet;

on_both_engines! {
    several_replacements_at_once_leave_one_set_of_items,
    copies_at_once_are_all_whole,
    a_source_that_is_deleted_meanwhile_is_copied_whole_or_not_at_all,
    a_file_that_is_replaced_meanwhile_is_copied_as_one_or_the_other,
}

async fn at_once(requests: impl IntoIterator<Item = Request>) -> Vec<Answer> {
    let mut running: JoinSet<Answer> = requests.into_iter().map(Request::send).collect();
    let mut answers = Vec::new();
    while let Some(answer) = running.join_next().await {
        answers.push(answer.unwrap());
    }
    answers
}

async fn several_replacements_at_once_leave_one_set_of_items(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let (first, second) = (approved_copy(&app, &case.bundle).await, approved_copy(&app, &case.bundle).await);
    let target = path(&case.bundle, "ReplaceItems");
    let requests = (0..8).map(|number| {
        let from = if number % 2 == 0 { &first } else { &second };
        alice.request("POST", &target).form(&[("FromBundleSid", from)])
    });
    for answer in at_once(requests).await {
        answer.created();
    }
    let left = objects(&alice, &case.bundle).await;
    assert!(left == objects(&alice, &first).await || left == objects(&alice, &second).await, "{left:?}");
    assert_eq!(alice.evaluate(&case.bundle).await["status"], "compliant");
}

async fn copies_at_once_are_all_whole(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copies = path(&case.bundle, "Copies");
    for answer in at_once((0..8).map(|_| alice.request("POST", &copies).form(&[]))).await {
        let copied = answer.created();
        assert_eq!(alice.evaluate(copied.sid()).await["status"], "compliant");
    }
    assert_eq!(alice.get(&copies).await.ok().sids().len(), 8);
    assert_eq!(app.files().len(), 9);
}

async fn a_source_that_is_deleted_meanwhile_is_copied_whole_or_not_at_all(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for _ in 0..6 {
        let case = ending(&app).await;
        let files = app.files().len();
        let copying = alice.request("POST", &path(&case.bundle, "Copies")).form(&[]);
        let deleting = async {
            alice.delete(&v2(&format!("/Bundles/{}", case.bundle))).await.deleted();
            alice.delete(&v2(&format!("/SupportingDocuments/{}", case.document))).await.deleted();
        };
        let (copied, ()) = tokio::join!(copying.send(), deleting);
        if copied.status == 201 {
            let copied = copied.created();
            alice.submit(copied.sid()).await.ok();
            assert_eq!(app.files().len(), files);
        } else {
            copied.refused(404, 20404);
            assert_eq!(app.files().len(), files - 1, "what was copied in vain is gone");
        }
    }
}

/// A document of an approved bundle can be in draft, when another bundle was rejected with it.
async fn a_file_that_is_replaced_meanwhile_is_copied_as_one_or_the_other(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    app.set_document_status(&case.document, "draft").await;
    let source = v2(&format!("/SupportingDocuments/{}", case.document));
    for round in 0..6 {
        let (kind, content) = if round % 2 == 0 { ("image/jpeg", JPEG) } else { ("application/pdf", PDF) };
        let before = app.files().len();
        let replacing = alice.request("POST", &source).multipart(&[Part::File(kind, content)]);
        let (copied, replaced) = tokio::join!(copy(&alice, &case.bundle), replacing.send());
        replaced.ok();
        let copied = copied.created();
        let mime = document(&alice, copied.sid()).await.text("mime_type").to_owned();
        assert!(["image/jpeg", "application/pdf"].contains(&&*mime), "{mime}");
        assert_eq!(app.files().len(), before + 1);
    }
}
