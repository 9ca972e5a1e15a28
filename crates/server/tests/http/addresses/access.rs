//! Who may act for which account on the 2010 API (contract 14.1 row 15), and in which format.

use super::BERLIN;
use crate::nobodys;
use dossier_testkit::app::v2;
use dossier_testkit::{TestApp, TestDb, on_both_engines};

on_both_engines! {
    a_parent_acts_for_its_sub_account_here_only,
    nobody_acts_for_strangers,
    without_json_in_the_path_there_is_nothing,
}

async fn a_parent_acts_for_its_sub_account_here_only(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let list = branch.v2010("/Addresses.json");
    let before = app.snapshot().await;
    let address = alice.post(&list, &BERLIN).await.created();
    assert_eq!(address.text("account_sid"), branch.account());
    let events = app.audited_since(&before).await;
    assert_eq!((events.len(), &*events[0].actor), (1, alice.account()), "the parent did it");
    for client in [&alice, &branch] {
        assert_eq!(*client.get(address.text("uri")).await.ok(), *address);
        assert_eq!(client.get(&list).await.ok().items("addresses").len(), 1);
    }
    alice.post(address.text("uri"), &[("City", "Potsdam")]).await.ok();
    assert!(alice.get(&alice.v2010("/Addresses.json")).await.ok().items("addresses").is_empty());
    // With its own path the parent does not find it, and not on v2 either.
    alice.get(&alice.v2010(&format!("/Addresses/{}.json", address.sid()))).await.refused(404, 20404);
    let bundle = branch.create_bundle("Of the branch").await;
    alice.get(&v2(&format!("/Bundles/{}", bundle.sid()))).await.refused(404, 20404);
    alice.delete(address.text("uri")).await.deleted();
    branch.get(address.text("uri")).await.refused(404, 20404);
}

async fn nobody_acts_for_strangers(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch, bob) = (app.alice(), app.branch(), app.bob());
    let address = alice.create_address().await;
    let before = app.snapshot().await;
    let somebody = nobodys("AC");
    for (client, account) in [
        (&bob, alice.account()),
        (&bob, branch.account()),
        (&branch, alice.account()),
        (&alice, bob.account()),
        (&alice, &*somebody),
        (&alice, "AC1"),
        (&alice, "me"),
    ] {
        for below in ["Addresses.json", &format!("Addresses/{}.json", address.sid())] {
            let path = format!("/2010-04-01/Accounts/{account}/{below}");
            client.get(&path).await.refused(404, 20404).saying(&path);
            client.post(&path, &BERLIN).await.refused(404, 20404);
        }
    }
    app.nobody().get(address.text("uri")).await.refused(401, 20003);
    before.assert_is(&app.snapshot().await);
}

async fn without_json_in_the_path_there_is_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let address = alice.create_address().await;
    let sid = address.sid();
    for below in [
        "/Addresses".to_owned(),
        "/Addresses.xml".to_owned(),
        "/Addresses.csv".to_owned(),
        format!("/Addresses/{sid}"),
        format!("/Addresses/{sid}.xml"),
        format!("/Addresses/{sid}.JSON"),
        format!("/Addresses/{sid}.json.json"),
        format!("/Addresses/{sid}/DependentPhoneNumbers"),
        format!("/Addresses/{sid}.json/DependentPhoneNumbers.json"),
    ] {
        let path = alice.v2010(&below);
        alice.get(&path).await.refused(404, 20404).saying(&path);
    }
    let upper = format!("AD{}", sid[2..].to_uppercase());
    alice.get(&alice.v2010(&format!("/Addresses/{upper}.json"))).await.ok();
}
