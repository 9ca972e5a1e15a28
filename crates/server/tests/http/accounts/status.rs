//! Suspending, letting in again, closing: who may, and what follows (contract 14.1 row 16, section 15).

use super::{account, api_key, soon};
use dossier_domain::operator::Role;
use dossier_testkit::app::{Client, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};

on_both_engines! {
    a_parent_decides_whether_its_sub_account_may_act,
    closing_is_final,
    nobody_changes_their_own_status,
    nobody_acts_below_an_account_that_may_not,
    bad_statuses_are_refused,
}

async fn set(client: &Client, sid: &str, status: &str) {
    assert_eq!(client.post(&account(sid), &[("Status", status)]).await.ok()["status"], status);
}

async fn a_parent_decides_whether_its_sub_account_may_act(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let (_, key) = api_key(&branch).await;
    let (sid, addresses) = (branch.account(), branch.v2010("/Addresses.json"));
    let before = app.snapshot().await;
    for status in ["suspended", "active", "suspended", "suspended", "closed"] {
        set(&alice, sid, status).await;
        if status == "active" {
            branch.get(&v2("/Bundles")).await.ok();
            key.get(&v2("/Bundles")).await.ok();
            alice.get(&addresses).await.ok();
            continue;
        }
        let words = format!("Account {sid} is {status}");
        branch.get(&v2("/Bundles")).await.refused(403, 20403).saying(&words);
        branch.get(&account(sid)).await.refused(403, 20403).saying(&words);
        key.get(&v2("/Bundles")).await.refused(403, 20403).saying(&words);
        alice.get(&addresses).await.refused(403, 20403).saying(&words);
        alice.post(&branch.v2010("/Keys.json"), &[]).await.refused(403, 20403).saying(&words);
        // The parent still sees it, and the rest of its own.
        assert_eq!(alice.get(&account(sid)).await.ok()["status"], status);
        alice.get(&v2("/Bundles")).await.ok();
    }
    let mut actions: Vec<_> =
        app.audited_since(&before).await.into_iter().map(|event| (event.action, event.actor)).collect();
    actions.sort();
    let alice = alice.account().to_owned();
    let expected = ["account.activate", "account.close", "account.suspend", "account.suspend"];
    assert_eq!(actions, expected.map(|action| (action.to_owned(), alice.clone())));
}

async fn closing_is_final(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let path = account(branch.account());
    set(&alice, branch.account(), "closed").await;
    let closed = alice.get(&path).await.ok();
    assert_eq!(closed["auth_token"], serde_json::Value::Null, "it has none that works");
    let before = app.snapshot().await;
    for form in [("Status", "active"), ("Status", "suspended"), ("FriendlyName", "x")] {
        alice.post(&path, &[form]).await.refused(409, 20409).saying("is closed");
    }
    assert_eq!(*alice.post(&path, &[("Status", "closed")]).await.ok(), *closed, "again changes nothing");
    before.assert_is(&app.snapshot().await);
}

async fn nobody_changes_their_own_status(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let before = app.snapshot().await;
    for client in [alice, branch] {
        let path = account(client.account());
        for status in ["suspended", "closed"] {
            let form = [("FriendlyName", "Changed"), ("Status", status)];
            client.post(&path, &form).await.refused(403, 20403).saying("its own status");
        }
        client.post(&path, &[("Status", "active")]).await.ok();
    }
    before.assert_is(&app.snapshot().await);
}

/// As in the original: with the main account, its sub-accounts are suspended.
async fn nobody_acts_below_an_account_that_may_not(db: TestDb) {
    let app = TestApp::start(db).await;
    let (admin, alice, branch) = (app.operator(Role::Admin).await, app.alice(), app.branch());
    let (_, key) = api_key(&branch).await;
    let other_node = app.second_node().await;
    let elsewhere = async |client: &Client| {
        let user = client.login_user().unwrap();
        other_node.authenticate(user, client.token(), dossier_app::random_sid()).await.is_ok()
    };
    assert!(elsewhere(&branch).await && elsewhere(&key).await);
    let path = format!("/accounts/{}", alice.account());
    admin.act(&format!("{path}/suspend")).await.ok();
    let words = format!("Account {} is suspended", alice.account());
    for client in [&alice, &branch, &key] {
        client.get(&v2("/Bundles")).await.refused(403, 20403).saying(&words);
    }
    soon("the other node refuses the sub-account", async || !elsewhere(&branch).await).await;
    soon("and its key", async || !elsewhere(&key).await).await;
    let shown = admin.get(&format!("/accounts/{}", branch.account())).await.ok();
    assert_eq!(shown["status"], "active", "its own status is what it was");
    admin.act(&format!("{path}/activate")).await.ok();
    for client in [&alice, &branch, &key] {
        client.get(&v2("/Bundles")).await.ok();
    }
}

async fn bad_statuses_are_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let before = app.snapshot().await;
    for status in ["gone", "1", "active suspended"] {
        alice.post(&account(branch.account()), &[("Status", status)]).await.refused(400, 20001);
    }
    before.assert_is(&app.snapshot().await);
    set(&alice, branch.account(), "suspended").await;
    let any_case = alice.post(&account(branch.account()), &[("Status", "ACTIVE")]).await.ok();
    assert_eq!(any_case["status"], "active");
}
