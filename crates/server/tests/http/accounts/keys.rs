//! `/Accounts/{AC}/Keys.json`: API keys, and what they are good for (contract section 15.2).

use super::{ACCOUNTS, account, api_key, soon};
use crate::nobodys;
use dossier_testkit::app::{Client, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

on_both_engines! {
    a_key_works_wherever_the_token_does,
    a_key_reaches_neither_accounts_nor_keys,
    a_key_reaches_no_other_account,
    a_deleted_key_works_on_no_node,
    a_parent_makes_keys_for_its_sub_account,
    keys_are_renamed_and_listed,
    secrets_are_kept_nowhere,
    there_is_an_end_to_keys,
}

async fn a_key_works_wherever_the_token_does(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let before = app.snapshot().await;
    let made = alice.post(&alice.v2010("/Keys.json"), &[("FriendlyName", "Import")]).await.created();
    let sid = made.sid();
    let expected = json!({
        "sid": sid,
        "friendly_name": "Import",
        "date_created": "Thu, 01 Jan 2026 00:00:00 +0000",
        "date_updated": "Thu, 01 Jan 2026 00:00:00 +0000",
        "secret": made["secret"],
    });
    assert_eq!(*made, expected);
    let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of it") };
    assert_eq!((&*event.action, &*event.actor, &*event.target), ("api-key.create", alice.account(), sid));

    let key = alice.with_login(sid, made.text("secret"));
    let before = app.snapshot().await;
    let bundle = key.create_bundle("By key").await;
    assert_eq!(bundle["account_sid"], alice.account());
    let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of it") };
    assert_eq!(event.actor, sid, "it is known which key it was");
    assert_eq!(*alice.bundle(bundle.sid()).await, *bundle);
    let address = alice.create_address().await;
    key.get(address.text("uri")).await.ok();
    let upper = alice.with_login(&format!("SK{}", sid[2..].to_uppercase()), made.text("secret"));
    upper.get(&v2("/Bundles")).await.ok();
    for wrong in ["", "0", alice.token(), &made.text("secret")[1..]] {
        key.with_login(sid, wrong).get(&v2("/Bundles")).await.refused(401, 20003);
    }
    for user in [alice.account(), &nobodys("SK"), &sid.replace("SK", "AC")] {
        key.with_login(user, made.text("secret")).get(&v2("/Bundles")).await.refused(401, 20003);
    }
}

async fn a_key_reaches_neither_accounts_nor_keys(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let (made, key) = api_key(&alice).await;
    let before = app.snapshot().await;
    let one = alice.v2010(&format!("/Keys/{}.json", made.sid()));
    for (method, path) in [
        ("GET", ACCOUNTS),
        ("POST", ACCOUNTS),
        ("GET", &account(alice.account())),
        ("POST", &account(alice.account())),
        ("GET", &account(branch.account())),
        ("POST", &account(branch.account())),
        ("GET", &account(&nobodys("AC"))),
        ("GET", &alice.v2010("/Keys.json")),
        ("POST", &alice.v2010("/Keys.json")),
        ("GET", &one),
        ("POST", &one),
        ("DELETE", &one),
    ] {
        let refusal = key.request(method, path).send().await.refused(401, 20003);
        assert_eq!(refusal.message, "Authenticate", "{method} {path}");
        assert_eq!(refusal.header("www-authenticate"), Some("Basic realm=\"Twilio API\""));
    }
    before.assert_is(&app.snapshot().await);
}

/// Whatever is asked for, the answer tells nothing about whether it is there.
async fn a_key_reaches_no_other_account(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch, bob) = (app.alice(), app.branch(), app.bob());
    let (_, key) = api_key(&alice).await;
    for other in [branch.account(), bob.account(), &nobodys("AC")] {
        for below in ["Addresses.json", "Keys.json"] {
            let path = format!("/2010-04-01/Accounts/{other}/{below}");
            key.get(&path).await.refused(401, 20003).saying("Authenticate");
        }
    }
    let (_, key) = api_key(&branch).await;
    key.get(&alice.v2010("/Addresses.json")).await.refused(401, 20003);
}

async fn a_deleted_key_works_on_no_node(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let (made, key) = api_key(&alice).await;
    let (_, other_key) = api_key(&alice).await;
    let other_node = app.second_node().await;
    let elsewhere =
        async || other_node.authenticate(made.sid(), key.token(), dossier_app::random_sid()).await.is_ok();
    key.get(&v2("/Bundles")).await.ok();
    assert!(elsewhere().await);
    let path = alice.v2010(&format!("/Keys/{}.json", made.sid()));
    let before = app.snapshot().await;
    alice.delete(&path).await.deleted();
    let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of it") };
    assert_eq!((&*event.action, &*event.target), ("api-key.delete", made.sid()));
    key.get(&v2("/Bundles")).await.refused(401, 20003);
    soon("the other node refuses the key", async || !elsewhere().await).await;
    other_key.get(&v2("/Bundles")).await.ok();
    alice.get(&path).await.refused(404, 20404);
    alice.post(&path, &[("FriendlyName", "x")]).await.refused(404, 20404);
    alice.delete(&path).await.refused(404, 20404);
}

async fn a_parent_makes_keys_for_its_sub_account(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let made = alice.post(&branch.v2010("/Keys.json"), &[]).await.created();
    assert_eq!(made["friendly_name"], Value::Null);
    let key = alice.with_login(made.sid(), made.text("secret"));
    assert_eq!(key.create_bundle("By key").await["account_sid"], branch.account());
    let path = format!("/Keys/{}.json", made.sid());
    alice.get(&alice.v2010(&path)).await.refused(404, 20404);
    branch.get(&branch.v2010(&path)).await.ok();
    alice.delete(&branch.v2010(&path)).await.deleted();
}

/// The identifiers in a list, page by page.
async fn listed(client: &Client, query: &str) -> Vec<String> {
    let (mut sids, mut path) = (Vec::new(), format!("{}?{query}", client.v2010("/Keys.json")));
    loop {
        let page = client.get(&path).await.ok();
        sids.extend(page.items("keys").iter().map(|item| item["sid"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_page_uri"].as_str() else { return sids };
        path = next.to_owned();
    }
}

async fn keys_are_renamed_and_listed(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let mut expected = Vec::new();
    for _ in 0..5 {
        let (made, _) = api_key(&alice).await;
        expected.insert(0, made.sid().to_owned());
        app.clock().advance(Duration::from_secs(1));
    }
    api_key(&app.branch()).await;
    for size in [1, 2, 5, 50] {
        assert_eq!(listed(&alice, &format!("PageSize={size}")).await, expected, "{size}");
    }
    let path = alice.v2010(&format!("/Keys/{}.json", expected[0]));
    let before = app.snapshot().await;
    let renamed = alice.post(&path, &[("FriendlyName", "Import")]).await.ok();
    assert_eq!(renamed["friendly_name"], "Import");
    assert_eq!(renamed["date_updated"], "Thu, 01 Jan 2026 00:00:05 +0000");
    assert!(renamed.get("secret").is_none());
    assert_eq!(app.audited_since(&before).await[0].action, "api-key.update");
    assert_eq!(*alice.get(&path).await.ok(), *renamed);
    assert_eq!(*alice.post(&path, &[]).await.ok(), *renamed);
    let list = alice.get(&alice.v2010("/Keys.json")).await.ok();
    assert_eq!(list.items("keys")[0], *renamed);
    for bad in ["x".repeat(65), "a\nb".to_owned()] {
        alice.post(&path, &[("FriendlyName", &bad)]).await.refused(400, 20002);
        alice.post(&alice.v2010("/Keys.json"), &[("FriendlyName", &bad)]).await.refused(400, 20002);
    }
    alice.get(&path.replace(".json", "")).await.refused(404, 20404);
}

async fn secrets_are_kept_nowhere(db: TestDb) {
    let app = TestApp::start(db).await;
    let (made, _) = api_key(&app.alice()).await;
    let everything = format!("{:?}", app.snapshot().await);
    assert!(everything.contains(made.sid()) && !everything.contains(made.text("secret")));
}

async fn there_is_an_end_to_keys(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let (first, _) = api_key(&alice).await;
    for _ in 1..100 {
        api_key(&alice).await;
    }
    let path = alice.v2010("/Keys.json");
    alice.post(&path, &[]).await.refused(409, 20409).saying("100 API keys");
    alice.delete(&alice.v2010(&format!("/Keys/{}.json", first.sid()))).await.deleted();
    alice.post(&path, &[]).await.created();
}
