//! Who may ask (contract section 9.2, 14.1 rows 15 and 16).

use crate::nobodys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_testkit::app::{Refusal, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use std::time::{Duration, Instant};

on_both_engines! {
    whoever_cannot_prove_who_they_are_is_turned_away,
    credentials_are_read_as_http_says,
    a_suspended_account_is_turned_away_within_two_seconds,
    a_replaced_token_works_until_it_is_revoked,
}

#[track_caller]
fn turned_away(refusal: &Refusal) {
    assert_eq!(refusal.header("www-authenticate"), Some("Basic realm=\"Twilio API\""));
}

async fn whoever_cannot_prove_who_they_are_is_turned_away(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, path) = (app.alice(), v2("/Bundles"));
    let before = app.snapshot().await;
    let (account, token) = (alice.account(), alice.token());
    for (user, password) in [
        (account, ""),
        (account, "0"),
        (account, &token.to_uppercase()),
        (account, &token[..31]),
        (account, app.bob().token()),
        ("", token),
        ("alice", token),
        (&nobodys("AC"), token),
        (&nobodys("SK"), token),
        (&account.replace("AC", "SK"), token),
        (&format!("{account} "), token),
        ("AC", token),
        ("AC'; DROP TABLE accounts; --", token),
        ("\0", "\0"),
    ] {
        let stranger = alice.with_login(user, password);
        turned_away(&stranger.get(&path).await.refused(401, 20003));
        turned_away(&stranger.post(&path, &[("FriendlyName", "x")]).await.refused(401, 20003));
    }
    turned_away(&app.nobody().get(&path).await.refused(401, 20003));
    before.assert_is(&app.snapshot().await);
}

async fn credentials_are_read_as_http_says(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, path) = (app.alice(), v2("/Bundles"));
    let header = |text: &str| alice.request("GET", &path).header("Authorization", text);
    let basic = |scheme: &str| {
        let login = format!("{}:{}", alice.account(), alice.token());
        format!("{scheme} {}", STANDARD.encode(login))
    };
    for good in [basic("Basic"), basic("basic"), basic("BASIC")] {
        header(&good).send().await.ok();
    }
    let no_colon = "Basic QUM3Nzc3Nzc3Nzc3Nzc3";
    for bad in [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic ====",
        "Basic /w==",
        no_colon,
        &basic("Bearer"),
        &basic("Digest"),
    ] {
        turned_away(&header(bad).send().await.refused(401, 20003));
    }
    let upper = alice.with_login(&format!("AC{}", alice.account()[2..].to_uppercase()), alice.token());
    upper.get(&path).await.ok();
}

async fn a_suspended_account_is_turned_away_within_two_seconds(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let (path, addresses) = (v2("/Bundles"), branch.v2010("/Addresses.json"));
    for status in ["suspended", "closed"] {
        branch.get(&path).await.ok();
        alice.get(&addresses).await.ok();
        app.set_account_status(branch.account(), status).await;
        let changed = Instant::now();
        while branch.get(&path).await.status == 200 {
            assert!(changed.elapsed() < Duration::from_secs(2), "{status} and still served");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        branch.get(&path).await.refused(403, 20403).saying(branch.account());
        branch.post(&path, &[("FriendlyName", "x")]).await.refused(403, 20403);
        alice.get(&addresses).await.refused(403, 20403);
        alice.get(&path).await.ok();
        // With a wrong token nobody learns that the account is suspended.
        branch.with_login(branch.account(), "wrong").get(&path).await.refused(401, 20003);
        app.set_account_status(branch.account(), "active").await;
        let changed = Instant::now();
        while branch.get(&path).await.status != 200 {
            assert!(changed.elapsed() < Duration::from_secs(2), "active and still turned away");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn a_replaced_token_works_until_it_is_revoked(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, path) = (app.alice(), v2("/Bundles"));
    let sid = alice.account().parse().unwrap();
    let second = app.service().rotate_token(sid, false).await.unwrap();
    let renewed = alice.with_login(alice.account(), &second);
    for client in [&alice, &renewed] {
        client.get(&path).await.ok();
    }
    let third = app.service().rotate_token(sid, true).await.unwrap();
    alice.with_login(alice.account(), &third).get(&path).await.ok();
    for client in [alice, renewed] {
        client.get(&path).await.refused(401, 20003);
    }
}
