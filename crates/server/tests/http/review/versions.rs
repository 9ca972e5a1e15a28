//! Versions: whoever changes a case says which one was looked at.

use super::{Desk, submitted};
use dossier_domain::operator::Role;
use dossier_testkit::app::{Answer, operator};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    a_stale_write_is_refused_with_what_changed,
    the_version_goes_in_either_place,
    a_version_may_be_left_out_but_not_in_a_confirmation,
}

async fn post(app: &TestApp, desk: &Desk, path: &str, if_match: &str, body: &Value) -> Answer {
    let request = app.nobody().request("POST", &operator(path)).header("If-Match", if_match);
    let request = request.header("Authorization", &format!("Bearer {}", desk.operator.token()));
    request.body("application/json", body.to_string()).send().await
}

async fn a_stale_write_is_refused_with_what_changed(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    desk.claim(&sid).await.ok();
    desk.approve(&sid, &case.document).await;
    let stale = json!({ "outcome": "approved", "version": 1 });
    let before = app.snapshot().await;
    let refusal = desk.operator.post(&format!("/cases/{sid}/decision"), &stale).await.refused(409, 90409);
    before.assert_is(&app.snapshot().await);
    let details = refusal.details.unwrap();
    assert_eq!(details["version"], 3);
    let changes = details["changes"].as_array().unwrap();
    let changes: Vec<_> =
        changes.iter().map(|one| (&one["version"], &one["action"], &one["actor"])).collect();
    let (me, two, three) = (json!(desk.sid()), json!(2), json!(3));
    assert_eq!(changes, [(&two, &json!("case.claim"), &me), (&three, &json!("document.judge"), &me)]);
    assert_eq!(details["changes"][1]["document_sid"], *case.document);
    for path in ["claim", "release"] {
        let path = format!("/cases/{sid}/{path}");
        desk.operator.post(&path, &json!({ "version": 2 })).await.refused(409, 90409);
    }
    let ahead = json!({ "outcome": "approved", "version": 99 });
    desk.operator.post(&format!("/cases/{sid}/decision"), &ahead).await.refused(400, 20001);
}

async fn the_version_goes_in_either_place(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let claim = format!("/cases/{sid}/claim");
    let claimed = post(&app, &desk, &claim, "\"1\"", &json!({})).await;
    assert_eq!(claimed.header("etag"), Some("\"2\""));
    post(&app, &desk, &claim, "\"1\"", &json!({})).await.refused(409, 90409);
    for (if_match, body) in [("\"2\"", json!({ "version": 3 })), ("two", json!({})), ("*", json!({}))] {
        post(&app, &desk, &claim, if_match, &body).await.refused(400, 20001);
    }
    assert_eq!(desk.operator.get(&format!("/cases/{sid}")).await.header("etag"), Some("\"2\""));
    desk.approve(&sid, &case.document).await;
    let decision = format!("/cases/{sid}/decision");
    post(&app, &desk, &decision, "W/\"3\"", &json!({ "outcome": "approved" })).await.ok();
}

/// Whoever judges and decides has the claim, so nobody else can have changed the case.
async fn a_version_may_be_left_out_but_not_in_a_confirmation(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Senior).await;
    desk.claim(&sid).await.ok();
    let path = |below: &str| format!("/cases/{sid}/{below}");
    let verdict = path(&format!("documents/{}/verdict", case.document));
    desk.operator.put(&verdict, &json!({ "verdict": "approved" })).await.ok();
    let confirmation = json!({ "confirmation": "confirm" });
    let refused = desk.operator.post(&path("confirmation"), &confirmation).await;
    refused.refused(400, 20001).saying("If-Match");
    desk.operator.post(&path("decision"), &json!({ "outcome": "approved" })).await.ok();
}
