//! Who may do what with cases, call by call.

use super::{Desk, four_eyes, submitted};
use dossier_domain::operator::Role;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    each_role_does_what_it_may,
    a_refused_role_leaves_nothing,
    a_revoked_operator_does_nothing,
}

/// The statuses of every call, one after the other, in a service of its own.
async fn tried(app: &TestApp, role: Role) -> Vec<u16> {
    let (case, sid) = submitted(app).await;
    let operator = app.operator(role).await;
    let maker = Desk::new(app, Role::Reviewer).await;
    let path = |below: &str| format!("/cases/{sid}{below}");
    let verdict = path(&format!("/documents/{}/verdict", case.document));
    let mut statuses = vec![
        operator.get("/reasons").await.status,
        operator.get("/cases").await.status,
        operator.get(&path("")).await.status,
        operator.act("/cases/next").await.status,
        operator.act(&path("/release")).await.status,
        operator.act(&path("/claim")).await.status,
        operator.put(&verdict, &json!({ "verdict": "approved", "version": 4 })).await.status,
        operator.post(&path("/decision"), &json!({ "outcome": "approved", "version": 5 })).await.status,
    ];
    // Somebody else's decision, for those who may confirm one.
    let (case, sid) = submitted(app).await;
    maker.end(&sid, &case.document, "approved").await;
    let version = maker.version(&sid).await;
    let body = json!({ "confirmation": "confirm", "version": version });
    statuses.push(operator.post(&format!("/cases/{sid}/confirmation"), &body).await.status);
    statuses
}

async fn each_role_does_what_it_may(db: TestDb) {
    let app = four_eyes(db).await;
    for (role, expected) in [
        // The last in line waits for whoever may, so each role finds its own case first.
        (Role::Reviewer, [200, 200, 200, 200, 200, 200, 200, 200, 403]),
        (Role::Senior, [200, 200, 200, 200, 200, 200, 200, 200, 200]),
        (Role::Admin, [200, 200, 200, 200, 200, 200, 200, 200, 200]),
        (Role::Viewer, [200, 200, 200, 403, 403, 403, 403, 403, 403]),
        (Role::Auditor, [403, 403, 403, 403, 403, 403, 403, 403, 403]),
    ] {
        assert_eq!(tried(&app, role).await, expected, "{role}");
    }
}

async fn a_refused_role_leaves_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    for role in [Role::Viewer, Role::Auditor] {
        let operator = app.operator(role).await;
        let before = app.snapshot().await;
        operator.act("/cases/next").await.refused(403, 20403);
        operator.act(&format!("/cases/{sid}/claim")).await.refused(403, 20403);
        let body = json!({ "verdict": "approved", "version": 1 });
        let verdict = format!("/cases/{sid}/documents/{}/verdict", case.document);
        operator.put(&verdict, &body).await.refused(403, 20403);
        before.assert_is(&app.snapshot().await);
    }
}

async fn a_revoked_operator_does_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let (_, sid) = submitted(&app).await;
    let (desk, admin) = (Desk::new(&app, Role::Reviewer).await, app.operator(Role::Admin).await);
    desk.claim(&sid).await.ok();
    admin.act(&format!("/operators/{}/revoke", desk.sid())).await.ok();
    desk.release(&sid).await.refused(401, 20003);
    // Nobody has to wait for the claim to end.
    Desk::new(&app, Role::Senior).await.release(&sid).await.ok();
}
