//! Cases are claimed, judged and decided, and bundle and documents move at once.

use super::{Desk, case_of, submitted};
use dossier_domain::operator::Role;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    from_submission_to_approval,
}

async fn from_submission_to_approval(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let next = desk.operator.act("/cases/next").await;
    assert_eq!(next.header("etag"), Some("\"2\""));
    let next = next.ok();
    assert_eq!((next.text("sid"), next.text("state")), (&*sid, "claimed"));
    assert_eq!((next.text("assignee"), &next["version"]), (desk.sid(), &json!(2)));
    assert_eq!(app.alice().bundle(&case.bundle).await.text("status"), "in-review");
    assert_eq!(desk.operator.act("/cases/next").await.status, 204, "nothing else waits");

    desk.decide(&sid, json!({ "outcome": "approved" })).await.refused(409, 20409).saying(&case.document);
    desk.approve(&sid, &case.document).await;
    assert_eq!(app.alice().document(&case.document).await.text("status"), "pending-review");
    let decided = desk.decide(&sid, json!({ "outcome": "approved" })).await.ok();
    assert_eq!((decided.text("state"), decided.text("outcome")), ("decided", "approved"));
    assert_eq!(app.alice().bundle(&case.bundle).await.text("status"), "twilio-approved");
    let document = app.alice().document(&case.document).await;
    assert_eq!((document.text("status"), &document["errors"]), ("approved", &Value::Null));
    assert_eq!(case_of(&app, &case.bundle).await, sid);
}
