//! `/operator/v1/accounts`: customers are made, suspended and let in again.

use std::time::Duration;

use dossier_domain::operator::Role;
use dossier_testkit::app::v2;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use tokio::time::Instant;

use crate::nobodys;

on_both_engines! {
    an_account_that_is_made_can_work_at_once,
    a_suspended_account_is_refused_on_every_node,
    states_that_cannot_be_left_stay,
    bad_requests_are_refused,
}

async fn an_account_that_is_made_can_work_at_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let admin = app.operator(Role::Admin).await;
    let before = app.snapshot().await;
    let made = admin.post("/accounts", &json!({ "friendly_name": "Beispiel GmbH" })).await.created();
    let keys: Vec<&str> = made.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "sid",
        "parent_sid",
        "friendly_name",
        "status",
        "created_at",
        "updated_at",
        "closed_at",
        "auth_token",
    ];
    assert_eq!(keys, expected);
    let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of it") };
    assert_eq!((&*event.action, &*event.actor, &*event.target), ("account.create", admin.sid(), made.sid()));
    let customer = app.nobody().with_login(made.sid(), made.text("auth_token"));
    customer.create_bundle("Beispiel").await;

    let body = json!({ "friendly_name": "Branch", "parent_sid": made.sid() });
    let branch = admin.post("/accounts", &body).await.created();
    assert_eq!(branch["parent_sid"], made.sid());
    let fetched = admin.get(&format!("/accounts/{}", branch.sid())).await.ok();
    assert_eq!((fetched.text("friendly_name"), fetched.text("status")), ("Branch", "active"));
    assert!(fetched.get("auth_token").is_none());
    let deeper = json!({ "friendly_name": "x", "parent_sid": branch.sid() });
    admin.post("/accounts", &deeper).await.refused(409, 20409);

    let all = admin.walk("/accounts?limit=2").await;
    assert_eq!(all.len(), 5);
    assert!(all.contains(&made.sid().to_owned()) && all.contains(&branch.sid().to_owned()));
}

async fn a_suspended_account_is_refused_on_every_node(db: TestDb) {
    let app = TestApp::start(db).await;
    let (admin, alice) = (app.operator(Role::Admin).await, app.alice());
    let other_node = app.second_node().await;
    let elsewhere = async || {
        other_node.authenticate(alice.account(), alice.token(), dossier_app::random_sid()).await.is_ok()
    };
    let bundles = v2("/Bundles");
    alice.get(&bundles).await.ok();
    assert!(elsewhere().await);
    let before = app.snapshot().await;
    let path = format!("/accounts/{}", alice.account());
    let suspended = admin.act(&format!("{path}/suspend")).await.ok();
    assert_eq!(suspended["status"], "suspended");
    alice.get(&bundles).await.refused(403, 20403).saying("is suspended");
    let begun = Instant::now();
    while elsewhere().await {
        assert!(begun.elapsed() < Duration::from_secs(2), "the other node still lets it in");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    app.bob().get(&bundles).await.ok();
    assert_eq!(*admin.act(&format!("{path}/suspend")).await.ok(), *suspended, "again changes nothing");
    assert_eq!(admin.act(&format!("{path}/activate")).await.ok()["status"], "active");
    alice.get(&bundles).await.ok();
    let events = app.audited_since(&before).await;
    let mut actions: Vec<_> = events.iter().map(|event| (&*event.action, &*event.actor)).collect();
    actions.sort_unstable();
    assert_eq!(actions, [("account.activate", admin.sid()), ("account.suspend", admin.sid())]);
}

async fn states_that_cannot_be_left_stay(db: TestDb) {
    let app = TestApp::start(db).await;
    let (admin, alice) = (app.operator(Role::Admin).await, app.alice());
    app.set_account_status(alice.account(), "closed").await;
    let before = app.snapshot().await;
    for action in ["suspend", "activate"] {
        let path = format!("/accounts/{}/{action}", alice.account());
        admin.act(&path).await.refused(409, 20409).saying("is closed");
    }
    before.assert_is(&app.snapshot().await);
}

async fn bad_requests_are_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let admin = app.operator(Role::Admin).await;
    let before = app.snapshot().await;
    for (body, status, code) in [
        (json!({}), 400, 20001),
        (json!({ "friendly_name": "" }), 400, 20002),
        (json!({ "friendly_name": "x", "parent_sid": "me" }), 400, 20001),
        (json!({ "friendly_name": "x", "parent_sid": nobodys("AC") }), 404, 20404),
        (json!({ "friendly_name": "x", "auth_token": "mine" }), 400, 20001),
    ] {
        admin.post("/accounts", &body).await.refused(status, code);
    }
    for sid in [nobodys("AC"), nobodys("OP"), "me".to_owned()] {
        admin.get(&format!("/accounts/{sid}")).await.refused(404, 20404);
        admin.act(&format!("/accounts/{sid}/suspend")).await.refused(404, 20404);
        admin.act(&format!("/accounts/{sid}/activate")).await.refused(404, 20404);
    }
    before.assert_is(&app.snapshot().await);
}
