//! Files of documents, for reviewers only, and never without a record.

use super::{Desk, recorded, submitted};
use dossier_domain::operator::Role;
use dossier_testkit::app::PDF;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    a_reviewer_gets_the_file_as_an_attachment,
    only_who_may_see_personal_data_gets_it,
    what_never_came_to_review_is_not_found,
    a_file_that_was_altered_is_not_shown,
}

async fn a_reviewer_gets_the_file_as_an_attachment(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, _) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let before = app.snapshot().await;
    let answer = desk.operator.get(&format!("/documents/{}/file", case.document)).await;
    assert_eq!((answer.status, &*answer.body), (200, PDF));
    assert_eq!(answer.header("content-type"), Some("application/pdf"));
    let disposition = format!("attachment; filename=\"{}.pdf\"", case.document);
    assert_eq!(answer.header("content-disposition"), Some(&*disposition));
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    assert_eq!(answer.header("content-length"), Some(&*PDF.len().to_string()));
    let expected = format!("document.view-file {} {}", desk.sid(), case.document);
    assert_eq!(recorded(&app, &before).await, [expected]);
}

async fn only_who_may_see_personal_data_gets_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, _) = submitted(&app).await;
    let path = format!("/documents/{}/file", case.document);
    for (role, status) in [
        (Role::Viewer, 403),
        (Role::Reviewer, 200),
        (Role::Senior, 200),
        (Role::Admin, 200),
        (Role::Auditor, 403),
    ] {
        let operator = app.operator(role).await;
        let before = app.snapshot().await;
        let answer = operator.get(&path).await;
        assert_eq!(answer.status, status, "{role}");
        assert_eq!(recorded(&app, &before).await.len(), usize::from(status == 200), "{role}");
    }
}

async fn what_never_came_to_review_is_not_found(db: TestDb) {
    let app = TestApp::start(db).await;
    let desk = Desk::new(&app, Role::Admin).await;
    let apart = app.alice().upload_document("passport", &json!({})).await;
    let nothing = format!("RD{}", "7".repeat(32));
    for sid in [apart.sid(), &nothing, "RD1", "x"] {
        desk.operator.get(&format!("/documents/{sid}/file")).await.refused(404, 20404);
    }
}

/// The answer breaks off, or never begins: what does not verify is not given out.
async fn a_file_that_was_altered_is_not_shown(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, _) = submitted(&app).await;
    let path = app.files().remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let desk = Desk::new(&app, Role::Reviewer).await;
    let target = format!("/operator/v1/documents/{}/file", case.document);
    let request = app.nobody().request("GET", &target);
    let request = request.header("Authorization", &format!("Bearer {}", desk.operator.token()));
    let answer = request.send_unchecked().await;
    assert!(answer.is_none_or(|answer| answer.status == 500 && answer.body != PDF));
}
