//! What ends with an account that is closed.

use super::{account, api_key};
use dossier_domain::operator::Role;
use dossier_testkit::app::{Choices, Receiver, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

on_both_engines! {
    an_operator_closes_an_account_with_those_below,
    numbers_of_a_closed_account_are_released,
    nothing_is_told_about_a_closed_account,
    each_role_closes_what_it_may,
    retention_counts_from_the_closing,
}

async fn an_operator_closes_an_account_with_those_below(db: TestDb) {
    let app = TestApp::start(db).await;
    let (admin, alice, branch) = (app.operator(Role::Admin).await, app.alice(), app.branch());
    let (_, key) = api_key(&alice).await;
    let before = app.snapshot().await;
    let path = format!("/accounts/{}", alice.account());
    let closed = admin.act(&format!("{path}/close")).await.ok();
    assert_eq!((closed.text("status"), closed.text("closed_at")), ("closed", "2026-01-01T00:00:00Z"));
    assert_eq!(*admin.get(&path).await.ok(), *closed);
    for client in [&alice, &branch, &key] {
        client.get(&v2("/Bundles")).await.refused(403, 20403).saying("is closed");
    }
    app.bob().get(&v2("/Bundles")).await.ok();
    let below = admin.get(&format!("/accounts/{}", branch.account())).await.ok();
    assert_eq!((below.text("status"), below.text("closed_at")), ("closed", "2026-01-01T00:00:00Z"));
    let mut events: Vec<_> = app.audited_since(&before).await;
    events.sort();
    let mut expected = [alice.account(), branch.account()];
    expected.sort_unstable();
    assert_eq!(events.len(), 2);
    for (event, sid) in events.iter().zip(expected) {
        assert_eq!((&*event.action, &*event.actor, &*event.target), ("account.close", admin.sid(), sid));
    }
    let before = app.snapshot().await;
    assert_eq!(*admin.act(&format!("{path}/close")).await.ok(), *closed, "again changes nothing");
    for action in ["activate", "suspend"] {
        admin.act(&format!("{path}/{action}")).await.refused(409, 20409);
    }
    let body = json!({ "friendly_name": "x", "parent_sid": alice.account() });
    admin.post("/accounts", &body).await.refused(409, 20409);
    before.assert_is(&app.snapshot().await);
}

async fn numbers_of_a_closed_account_are_released(db: TestDb) {
    let app = TestApp::start(db).await;
    let (admin, alice, branch, bob) = (app.operator(Role::Admin).await, app.alice(), app.branch(), app.bob());
    for (client, number) in [(&branch, "+4930123456"), (&branch, "+4930123457"), (&bob, "+4930123458")] {
        let case = client.prepare_case().await;
        let body = json!({ "account_sid": client.account(), "bundle_sid": case.bundle, "in_service": true });
        admin.put(&format!("/numbers/{number}"), &body).await.created();
    }
    let before = app.snapshot().await;
    alice.post(&account(branch.account()), &[("Status", "closed")]).await.ok();
    let events = app.audited_since(&before).await;
    let released =
        events.iter().filter(|event| event.action == "number.release" && event.target.starts_with("PN"));
    assert_eq!((released.count(), events.len()), (2, 3));
    admin.get("/numbers/+4930123456").await.refused(404, 20404);
    let left = admin.get("/numbers").await.ok();
    assert_eq!(left.items("items").len(), 1, "only Bob's");
}

async fn nothing_is_told_about_a_closed_account(db: TestDb) {
    let app = TestApp::with(db, |choices: &mut Choices| {
        choices.notices.callbacks.allow = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let (admin, alice, branch) = (app.operator(Role::Admin).await, app.alice(), app.branch());
    let receiver = Receiver::start().await;
    let case = branch.prepare_case().await;
    let path = v2(&format!("/Bundles/{}", case.bundle));
    branch.post(&path, &[("StatusCallback", &receiver.url("/"))]).await.ok();
    branch.submit(&case.bundle).await.ok();
    alice.post(&account(branch.account()), &[("Status", "closed")]).await.ok();
    app.work_off().await;
    assert!(receiver.received().is_empty(), "what was waiting was not sent");
    let list = admin.get("/deliveries").await.ok();
    let [one] = &list.items("items")[..] else { panic!("{:?}", list.0) };
    let one = admin.get(&format!("/deliveries/{}", one["sid"].as_str().unwrap())).await.ok();
    assert_eq!(
        (&one["state"], &one["tries"][0]["outcome"]),
        (&json!("dead"), &json!("the account is closed"))
    );

    // Reviewers may still come across the case; nobody is told what became of it.
    let mut claimed = admin.act("/cases/next").await.ok().0;
    let case_path = format!("/cases/{}", claimed["sid"].as_str().unwrap());
    let decision = json!({ "outcome": "rejected", "reasons": [{ "code": 18050 }] });
    claimed = admin.post(&format!("{case_path}/decision"), &decision).await.ok().0;
    assert_eq!(claimed["state"], "decided", "{claimed}");
    app.work_off().await;
    assert!(receiver.received().is_empty());
    assert_eq!(admin.get("/deliveries").await.ok().items("items").len(), 1);
    // Nor by asking for it again.
    let again = format!("/deliveries/{}/redeliver", one.sid());
    admin.post(&again, &Value::Null).await;
    app.work_off().await;
    assert!(receiver.received().is_empty());
}

async fn each_role_closes_what_it_may(db: TestDb) {
    let app = TestApp::start(db).await;
    let path = format!("/accounts/{}/close", app.bob().account());
    for role in Role::ALL {
        let answer = app.operator(role).await.act(&path).await;
        match role {
            Role::Admin => assert_eq!(answer.ok()["status"], "closed"),
            Role::Viewer | Role::Reviewer | Role::Senior | Role::Auditor => {
                answer.refused(403, 20403);
            }
        }
    }
}

async fn retention_counts_from_the_closing(db: TestDb) {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let app = TestApp::start(db).await;
    let (admin, alice, branch) = (app.operator(Role::Admin).await, app.alice(), app.branch());
    branch.prepare_case().await;
    alice.post(&account(branch.account()), &[("Status", "closed")]).await.ok();
    app.clock().advance(29 * DAY);
    // A change at the machine does not start it again.
    app.service().rotate_token(branch.account().parse().unwrap(), true).await.unwrap();
    assert_eq!(app.service().plan_account_erasures().await.unwrap(), 1);
    app.work_off().await;
    assert_eq!(app.files().len(), 1);
    app.clock().advance(DAY);
    app.work_off().await;
    assert!(app.files().is_empty());
    let erased = admin.get(&format!("/accounts/{}", branch.account())).await.ok();
    assert_eq!((erased.text("friendly_name"), erased.text("closed_at")), ("erased", "2026-01-01T00:00:00Z"));
    let seen = alice.get(&account(branch.account())).await.ok();
    assert_eq!((seen.text("friendly_name"), seen.text("status")), ("erased", "closed"));
}
