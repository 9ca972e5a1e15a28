//! Making sub-accounts, fetching, listing and renaming them.

use super::{ACCOUNTS, account, sub_account};
use crate::nobodys;
use dossier_testkit::app::{Client, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

on_both_engines! {
    a_sub_account_has_credentials_of_its_own,
    names_are_checked_and_have_a_default,
    sub_accounts_have_none_themselves,
    an_account_sees_itself_and_those_below,
    lists_are_filtered_and_paged,
    an_account_is_renamed,
    there_is_an_end_to_sub_accounts,
}

async fn a_sub_account_has_credentials_of_its_own(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let before = app.snapshot().await;
    let (made, client) = sub_account(&alice, "Beispiel GmbH").await;
    let (sid, uri) = (made.sid(), account(made.sid()));
    let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of it") };
    assert_eq!((&*event.action, &*event.actor, &*event.target), ("account.create", alice.account(), sid));
    let expected = json!({
        "auth_token": made["auth_token"],
        "date_created": "Thu, 01 Jan 2026 00:00:00 +0000",
        "date_updated": "Thu, 01 Jan 2026 00:00:00 +0000",
        "friendly_name": "Beispiel GmbH",
        "owner_account_sid": alice.account(),
        "sid": sid,
        "status": "active",
        "subresource_uris": {
            "addresses": format!("/2010-04-01/Accounts/{sid}/Addresses.json"),
            "incoming_phone_numbers": format!("/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json"),
            "keys": format!("/2010-04-01/Accounts/{sid}/Keys.json"),
        },
        "type": "Full",
        "uri": uri,
    });
    assert_eq!(*made, expected);
    // Both see it alike, its token included; what it makes is its own.
    assert_eq!(*alice.get(&uri).await.ok(), expected);
    assert_eq!(*client.get(&uri).await.ok(), expected);
    let bundle = client.create_bundle("Of the sub-account").await;
    assert_eq!(bundle["account_sid"], sid);
    alice.get(&v2(&format!("/Bundles/{}", bundle.sid()))).await.refused(404, 20404);
    let address = alice.post(&client.v2010("/Addresses.json"), &BERLIN).await.created();
    client.get(address.text("uri")).await.ok();
}

const BERLIN: [(&str, &str); 6] = [
    ("CustomerName", "Beispiel GmbH"),
    ("Street", "Musterstraße 1"),
    ("City", "Berlin"),
    ("Region", "Berlin"),
    ("PostalCode", "10115"),
    ("IsoCountry", "DE"),
];

async fn names_are_checked_and_have_a_default(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    app.clock().advance(Duration::from_secs(13 * 60 * 60 + 5 * 60));
    for form in [&[][..], &[("FriendlyName", " ")], &[("Name", "x")]] {
        let made = alice.post(ACCOUNTS, form).await.created();
        assert_eq!(made["friendly_name"], "SubAccount Created at 2026-01-01 01:05 pm");
    }
    let longest = "ä".repeat(64);
    let made = alice.post(ACCOUNTS, &[("FriendlyName", &longest)]).await.created();
    assert_eq!(made["friendly_name"], longest.as_str());
    let before = app.snapshot().await;
    for bad in ["x".repeat(65), "a\nb".to_owned()] {
        alice.post(ACCOUNTS, &[("FriendlyName", &bad)]).await.refused(400, 20002);
        let own = account(alice.account());
        alice.post(&own, &[("FriendlyName", &bad)]).await.refused(400, 20002);
    }
    before.assert_is(&app.snapshot().await);
}

async fn sub_accounts_have_none_themselves(db: TestDb) {
    let app = TestApp::start(db).await;
    let branch = app.branch();
    let before = app.snapshot().await;
    branch.post(ACCOUNTS, &[]).await.refused(409, 20409).saying("is a sub-account itself");
    before.assert_is(&app.snapshot().await);
}

async fn an_account_sees_itself_and_those_below(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, bob, branch) = (app.alice(), app.bob(), app.branch());
    let own = alice.get(&account(alice.account())).await.ok();
    assert_eq!(own["owner_account_sid"], alice.account());
    assert_eq!(own["auth_token"], alice.token());
    assert_eq!(alice.get(&account(branch.account())).await.ok()["auth_token"], branch.token());
    for (client, stranger) in [
        (&bob, alice.account()),
        (&bob, branch.account()),
        (&branch, alice.account()),
        (&alice, bob.account()),
        (&alice, &*nobodys("AC")),
        (&alice, "me"),
    ] {
        let path = account(stranger);
        client.get(&path).await.refused(404, 20404).saying(&path);
        client.post(&path, &[("Status", "closed")]).await.refused(404, 20404).saying(&path);
    }
    // Only with the ending.
    alice.get(&format!("/2010-04-01/Accounts/{}", alice.account())).await.refused(404, 20404);
    alice.get("/2010-04-01/Accounts").await.refused(404, 20404);
    assert_eq!(names(&branch, "").await, ["Alice's branch"]);
    assert_eq!(names(&bob, "").await, ["Bob"]);
}

/// The names in a list, page by page.
async fn names(client: &Client, query: &str) -> Vec<String> {
    let (mut names, mut path) = (Vec::new(), format!("{ACCOUNTS}?{query}"));
    loop {
        let page = client.get(&path).await.ok();
        let name = |item: &Value| item["friendly_name"].as_str().unwrap().to_owned();
        names.extend(page.items("accounts").iter().map(name));
        let Some(next) = page["next_page_uri"].as_str() else { return names };
        path = next.to_owned();
    }
}

async fn lists_are_filtered_and_paged(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for name in ["one", "two", "two", "three"] {
        app.clock().advance(Duration::from_secs(1));
        let (made, _) = sub_account(&alice, name).await;
        if name == "three" {
            alice.post(&account(made.sid()), &[("Status", "suspended")]).await.ok();
        }
    }
    let all = names(&alice, "").await;
    assert_eq!(all[..4], ["three", "two", "two", "one"], "the newest comes first");
    let mut oldest = all[4..].to_vec();
    oldest.sort_unstable();
    assert_eq!(oldest, ["Alice", "Alice's branch"]);
    for size in 1..=6 {
        assert_eq!(names(&alice, &format!("PageSize={size}")).await, all, "{size}");
    }
    assert_eq!(names(&alice, "FriendlyName=two&PageSize=1").await, ["two", "two"]);
    assert_eq!(names(&alice, "Status=suspended").await, ["three"]);
    assert_eq!(names(&alice, "Status=Active&FriendlyName=three").await, [""; 0]);
    assert_eq!(names(&alice, "Page=1&PageSize=4").await, all[4..]);
    let page = alice.get(&format!("{ACCOUNTS}?FriendlyName=two&PageSize=1")).await.ok();
    assert_eq!(page["uri"], format!("{ACCOUNTS}?FriendlyName=two&PageSize=1&Page=0"));
    let first = &page.items("accounts")[0];
    assert_eq!(*first, *alice.get(first["uri"].as_str().unwrap()).await.ok());
    alice.get(&format!("{ACCOUNTS}?Status=gone")).await.refused(400, 20001);
    alice.get(&format!("{ACCOUNTS}?PageToken=PAx")).await.refused(400, 21481);
}

async fn an_account_is_renamed(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    app.clock().advance(Duration::from_secs(60));
    for (client, sid, name) in [
        (&alice, alice.account(), "Mine"),
        (&alice, branch.account(), "My branch"),
        (&branch, branch.account(), "Me"),
    ] {
        let before = app.snapshot().await;
        let renamed = client.post(&account(sid), &[("FriendlyName", name)]).await.ok();
        assert_eq!(renamed["friendly_name"], name);
        assert_eq!(renamed["date_updated"], "Thu, 01 Jan 2026 00:01:00 +0000");
        assert_eq!(*client.get(&account(sid)).await.ok(), *renamed);
        let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of it") };
        assert_eq!(
            (&*event.action, &*event.actor, &*event.target),
            ("account.update", client.account(), sid)
        );
        // Nothing else, and nothing new, changes nothing.
        let before = app.snapshot().await;
        for form in [&[][..], &[("FriendlyName", name), ("Status", "active")], &[("FriendlyName", "")]] {
            assert_eq!(*client.post(&account(sid), form).await.ok(), *renamed);
        }
        before.assert_is(&app.snapshot().await);
    }
}

async fn there_is_an_end_to_sub_accounts(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let rows: Vec<_> = (0..999)
        .map(|number| format!("('AC{number:032}', '{0}', '{0}', 'x', 'active', 1, 1)", alice.account()))
        .collect();
    let sql = "INSERT INTO accounts (account_sid, parent_sid, owner_sid, friendly_name, status, created_at, updated_at) VALUES ";
    app.database().script(&format!("{sql}{}", rows.join(", "))).await;
    alice.post(ACCOUNTS, &[]).await.refused(409, 20409).saying("1000 sub-accounts");
    alice.post(&account(branch.account()), &[("Status", "closed")]).await.ok();
    alice.post(ACCOUNTS, &[]).await.created();
}
