//! `/operator/v1/operators`: the people on our side, looked after by those who administer.

use dossier_domain::operator::Role;
use dossier_testkit::app::OperatorClient;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

use crate::nobodys;

on_both_engines! {
    an_operator_is_made_listed_and_revoked,
    the_last_admin_stays,
    admins_who_revoke_each_other_leave_one,
    only_admins_administer,
    bad_requests_are_refused,
    operators_are_listed_in_pages,
}

async fn an_operator_is_made_listed_and_revoked(db: TestDb) {
    let app = TestApp::start(db).await;
    let admin = app.operator(Role::Admin).await;
    let before = app.snapshot().await;
    let made =
        admin.post("/operators", &json!({ "name": "Jane at the desk", "role": "auditor" })).await.created();
    let keys: Vec<&str> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["sid", "name", "role", "created_at", "revoked_at", "token"]);
    let jane = admin.with_token(made.text("token"));
    jane.get("/audit-events").await.ok();
    let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of it") };
    assert_eq!((&*event.action, &*event.actor), ("operator.create", admin.sid()));
    assert_eq!(event.target, made.sid());

    let path = format!("/operators/{}", made.sid());
    let fetched = admin.get(&path).await.ok();
    assert_eq!((fetched.text("name"), fetched.text("role")), ("Jane at the desk", "auditor"));
    assert!(fetched["revoked_at"].is_null() && fetched.get("token").is_none(), "{fetched:?}");

    let before = app.snapshot().await;
    app.clock().advance(std::time::Duration::from_secs(5));
    let revoked = admin.act(&format!("{path}/revoke")).await.ok();
    assert_eq!(revoked["revoked_at"], app.clock().now().to_string());
    jane.get("/audit-events").await.refused(401, 20003);
    assert_eq!(*admin.act(&format!("{path}/revoke")).await.ok(), *revoked, "again changes nothing");
    let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of it") };
    assert_eq!((&*event.action, &*event.actor, &*event.target), ("operator.revoke", admin.sid(), made.sid()));
}

async fn the_last_admin_stays(db: TestDb) {
    let app = TestApp::start(db).await;
    let (admin, other) = (app.operator(Role::Admin).await, app.operator(Role::Admin).await);
    app.operator(Role::Senior).await;
    let revoke = async |by: &OperatorClient, whom: &OperatorClient| {
        by.act(&format!("/operators/{}/revoke", whom.sid())).await
    };
    revoke(&admin, &other).await.ok();
    let before = app.snapshot().await;
    revoke(&admin, &admin).await.refused(409, 20409).saying("is the last admin");
    before.assert_is(&app.snapshot().await);
    // With a successor it may go.
    app.operator(Role::Admin).await;
    revoke(&admin, &admin).await.ok();
    admin.get("/operators").await.refused(401, 20003);
}

async fn admins_who_revoke_each_other_leave_one(db: TestDb) {
    let app = TestApp::start(db).await;
    for _ in 0..10 {
        let (one, two) = (app.operator(Role::Admin).await, app.operator(Role::Admin).await);
        let (of_two, of_one) =
            (format!("/operators/{}/revoke", two.sid()), format!("/operators/{}/revoke", one.sid()));
        let answers = tokio::join!(one.act(&of_two), two.act(&of_one));
        let left = if one.get("/operators").await.status == 200 { one } else { two };
        let list = left.get("/operators").await.ok();
        let active = list.items("items").iter().filter(|item| item["revoked_at"].is_null()).count();
        assert_eq!(active, 1, "{} and {}", answers.0.status, answers.1.status);
        // Room for the next two: it goes at the command line, where the last one can.
        app.service().revoke_operator(left.sid().parse().unwrap()).await.unwrap();
    }
}

async fn only_admins_administer(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let body = json!({ "name": "x", "role": "viewer", "friendly_name": "x" });
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Admin) {
        let operator = app.operator(role).await;
        let before = app.snapshot().await;
        let own = format!("/operators/{}", operator.sid());
        let account = format!("/accounts/{}", alice.account());
        for path in ["/operators", &own] {
            operator.get(path).await.refused(403, 20403).saying("may not");
        }
        operator.act(&format!("{own}/revoke")).await.refused(403, 20403);
        operator.act(&format!("{account}/suspend")).await.refused(403, 20403);
        operator.act(&format!("{account}/activate")).await.refused(403, 20403);
        for (path, body) in [
            ("/operators", json!({ "name": "x", "role": "viewer" })),
            ("/accounts", json!({ "friendly_name": "x" })),
        ] {
            operator.post(path, &body).await.refused(403, 20403);
        }
        for path in ["/accounts", &account] {
            let answer = operator.get(path).await;
            assert_eq!(answer.status, if role == Role::Auditor { 403 } else { 200 }, "{role} {path}");
        }
        before.assert_is(&app.snapshot().await);
    }
    app.operator(Role::Admin).await.post("/operators", &body).await.refused(400, 20001);
}

async fn bad_requests_are_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let admin = app.operator(Role::Admin).await;
    let before = app.snapshot().await;
    for (body, code) in [
        (json!({ "name": "x" }), 20001),
        (json!({ "role": "viewer" }), 20001),
        (json!({ "name": "x", "role": "king" }), 20001),
        (json!({ "name": " ", "role": "viewer" }), 20002),
        (json!({ "name": "x", "role": "viewer", "token": "mine" }), 20001),
    ] {
        admin.post("/operators", &body).await.refused(400, code);
    }
    for sid in [nobodys("OP"), nobodys("AC"), "me".to_owned()] {
        admin.get(&format!("/operators/{sid}")).await.refused(404, 20404);
        admin.act(&format!("/operators/{sid}/revoke")).await.refused(404, 20404);
    }
    for query in ["limit=0", "after=x", "role=viewer"] {
        admin
            .get(&format!("/operators?{query}"))
            .await
            .refused(400, if query == "after=x" { 21481 } else { 20001 });
    }
    before.assert_is(&app.snapshot().await);
}

async fn operators_are_listed_in_pages(db: TestDb) {
    let app = TestApp::start(db).await;
    let admin = app.operator(Role::Admin).await;
    let mut made = vec![admin.sid().to_owned()];
    for _ in 0..6 {
        app.clock().advance(std::time::Duration::from_secs(1));
        made.push(app.operator(Role::Viewer).await.sid().to_owned());
    }
    for limit in [1, 3, 7, 8] {
        assert_eq!(admin.walk(&format!("/operators?limit={limit}")).await, made, "{limit}");
    }
}
