//! Which bundles a list shows, and in which order.

use super::{BUNDLES, DE_LOCAL_BUSINESS};
use dossier_testkit::app::{Client, Json};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::Value;
use std::time::Duration;

on_both_engines! {
    every_filter_narrows_the_list,
    every_order_is_kept,
    bundles_can_be_named,
    a_filter_that_cannot_be_read_is_refused,
    the_addresses_of_pages_keep_the_filters,
}

fn names(list: &Json) -> Vec<&str> {
    list.items("results").iter().map(|bundle| bundle["friendly_name"].as_str().unwrap()).collect()
}

/// Five bundles, one second apart, and what has become of them.
async fn five_bundles(app: &TestApp) -> Vec<String> {
    let alice = app.alice();
    let mut sids = Vec::new();
    for (name, combination) in [
        ("one", ["DE", "local", "business"]),
        ("two", ["GB", "mobile", "individual"]),
        ("three", ["DE", "mobile", "business"]),
        ("four", ["DE", "toll-free", "business"]),
        ("five", ["DE", "local", "business"]),
    ] {
        sids.push(alice.create_bundle_for(name, combination).await.sid().to_owned());
        app.clock().advance(Duration::from_secs(1));
    }
    app.set_bundle_status(&sids[1], "pending-review").await;
    app.set_bundle_status(&sids[2], "twilio-approved").await;
    app.set_bundle_status(&sids[3], "twilio-approved").await;
    // 2026-06-01T00:00:00Z and 2026-11-29T23:59:59Z.
    app.set_valid_until(&sids[2], 1_780_272_000).await;
    app.set_valid_until(&sids[3], 1_795_996_799).await;
    sids
}

async fn every_filter_narrows_the_list(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    five_bundles(&app).await;
    app.bob().create_bundle("one").await;
    let all = ["five", "four", "three", "two", "one"].as_slice();
    for (params, expected) in [
        ([].as_slice(), all),
        (&[("Unknown", "ignored"), ("Status", "")], all),
        (&[("Status", "draft")], &["five", "one"]),
        (&[("Status", "TWILIO-Approved")], &["four", "three"]),
        (&[("Status", "in-review")], &[]),
        (&[("FriendlyName", "one")], &["one"]),
        (&[("FriendlyName", "One")], &[]),
        (&[("FriendlyName", "on")], &[]),
        (&[("RegulationSid", DE_LOCAL_BUSINESS)], &["five", "one"]),
        (&[("RegulationSid", &DE_LOCAL_BUSINESS.replace('f', "F"))], &["five", "one"]),
        (&[("IsoCountry", "gb")], &["two"]),
        (&[("IsoCountry", "FR")], &[]),
        (&[("NumberType", "tollfree")], &["four"]),
        (&[("NumberType", "Mobile")], &["three", "two"]),
        (&[("EndUserType", "INDIVIDUAL")], &["two"]),
        (&[("HasValidUntilDate", "true")], &["four", "three"]),
        (&[("HasValidUntilDate", "False")], &["five", "two", "one"]),
        (&[("ValidUntilDate", "2026-11-29T23:59:59Z")], &["four"]),
        (&[("ValidUntilDate", "2026-11-29")], &["four"]),
        (&[("ValidUntilDate", "2026-11-29T23:59:58Z")], &[]),
        (&[("ValidUntilDate", "2026-06-01")], &["three"]),
        (&[("ValidUntilDate", "2026-05-31")], &[]),
        (&[("ValidUntilDate<", "2026-06-01T00:00:00Z")], &["three"]),
        (&[("ValidUntilDate<", "2026-05-31T23:59:59Z")], &[]),
        (&[("ValidUntilDate>", "2026-06-01T00:00:00Z")], &["four", "three"]),
        (&[("ValidUntilDate>", "2026-06-01T00:00:01Z")], &["four"]),
        (&[("ValidUntilDate>", "2026-06-02"), ("ValidUntilDate<", "2026-12-31")], &["four"]),
        (&[("HasValidUntilDate", "false"), ("ValidUntilDate>", "2026-01-01")], &[]),
        (
            &[("Status", "twilio-approved"), ("NumberType", "mobile"), ("HasValidUntilDate", "true")],
            &["three"],
        ),
        (&[("IsoCountry", "DE"), ("EndUserType", "business"), ("Status", "draft")], &["five", "one"]),
        (&[("IsoCountry", "DE"), ("FriendlyName", "two")], &[]),
    ] {
        let list = alice.query(BUNDLES, params).await.ok();
        assert_eq!(names(&list), expected, "{params:?}");
    }
}

async fn every_order_is_kept(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let sids = five_bundles(&app).await;
    alice.post(&format!("{BUNDLES}/{}", sids[1]), &[("Email", "a@b.c")]).await.ok();
    for (sort_by, ascending) in [
        ("date-created", ["one", "two", "three", "four", "five"]),
        ("date-updated", ["one", "three", "four", "five", "two"]),
        ("DATE-UPDATED", ["one", "three", "four", "five", "two"]),
    ] {
        let mut descending = ascending;
        descending.reverse();
        for (direction, expected) in [("ASC", ascending), ("desc", descending), ("", descending)] {
            let params = [("SortBy", sort_by), ("SortDirection", direction)];
            let list = alice.query(BUNDLES, &params).await.ok();
            assert_eq!(names(&list), expected, "{params:?}");
        }
    }
    // Among those without an end nothing is promised but that the order is the same each time.
    let by_end = async |direction| {
        let params = [("SortBy", "valid-until"), ("SortDirection", direction)];
        names(&alice.query(BUNDLES, &params).await.ok()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let (ascending, mut descending) = (by_end("ASC").await, by_end("DESC").await);
    assert_eq!(ascending[..2], ["three", "four"]);
    descending.reverse();
    assert_eq!(ascending, descending);
}

async fn bundles_can_be_named(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let sids = five_bundles(&app).await;
    let list = async |sids: &[String]| alice.query(BUNDLES, &[("BundleSids", &sids.join(","))]).await;
    assert_eq!(names(&list(&sids[..1]).await.ok()), ["one"]);
    let strange = [sids[4].clone(), crate::nobodys("BU"), sids[0].to_uppercase(), sids[0].clone()];
    assert_eq!(names(&list(&strange).await.ok()), ["five", "one"], "unknown and repeated ones do no harm");
    let bobs = app.bob().create_bundle("six").await;
    assert_eq!(names(&list(&[bobs.sid().to_owned()]).await.ok()), [""; 0]);
    let both = [("BundleSids", sids.join(", ")), ("IsoCountry", "GB".to_owned())];
    let both = both.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(names(&alice.query(BUNDLES, &both).await.ok()), ["two"]);
    let twenty: Vec<String> = sids.iter().cycle().take(20).cloned().collect();
    assert_eq!(list(&twenty).await.ok().sids().len(), 5);
    let twenty_one: Vec<String> = sids.iter().cycle().take(21).cloned().collect();
    list(&twenty_one).await.refused(400, 20001).saying("1 to 20");
}

async fn a_filter_that_cannot_be_read_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    for (name, value, code) in [
        ("Status", "approved", 22203),
        ("BundleSids", "BU1", 20001),
        ("BundleSids", ",", 20001),
        ("RegulationSid", "RN1", 20001),
        ("IsoCountry", "DEU", 20001),
        ("NumberType", "satellite", 22213),
        ("EndUserType", "company", 22212),
        ("HasValidUntilDate", "yes", 20001),
        ("SortBy", "friendly-name", 20001),
        ("SortDirection", "up", 20001),
        ("ValidUntilDate", "tomorrow", 20001),
        ("ValidUntilDate<", "2026-13-01", 20001),
        ("ValidUntilDate>", "2026-11-29T23:59:59", 20001),
    ] {
        let refusal = app.alice().query(BUNDLES, &[(name, value)]).await.refused(400, code);
        assert!(refusal.message.starts_with(&format!("Invalid {name}")), "{}", refusal.message);
    }
}

async fn the_addresses_of_pages_keep_the_filters(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    five_bundles(&app).await;
    // Sent in another order than they come back in, with one that is no filter and one that is empty.
    let query = "?ValidUntilDate%3E=2026-01-01&PageSize=1&Foo=bar&SortBy=valid-until&IsoCountry=&Status=twilio-approved";
    let first = alice.get(&format!("{BUNDLES}{query}")).await.ok();
    let echoed = "Status=twilio-approved&SortBy=valid-until&ValidUntilDate%3E=2026-01-01&PageSize=1&Page=";
    let url = |page: &str| format!("http://{}{BUNDLES}?{echoed}{page}", app.address());
    let meta = &first["meta"];
    assert_eq!(meta["url"], url("0"));
    assert_eq!(meta["first_page_url"], url("0"));
    assert_eq!(meta["previous_page_url"], Value::Null);
    assert_eq!(meta["key"], "results");
    assert_eq!((&meta["page"], &meta["page_size"]), (&Value::from(0), &Value::from(1)));
    let next = meta["next_page_url"].as_str().unwrap();
    assert!(next.starts_with(&format!("{}&PageToken=PA", url("1"))), "{next}");
    assert_eq!(names(&first), ["four"]);

    let second = follow(&alice, &first, "next_page_url").await;
    assert_eq!(names(&second), ["three"]);
    assert_eq!(second["meta"]["url"], next);
    assert_eq!(second["meta"]["next_page_url"], Value::Null);
    assert_eq!(names(&follow(&alice, &second, "previous_page_url").await), ["four"]);
    assert_eq!(names(&follow(&alice, &second, "first_page_url").await), ["four"]);
    assert_eq!(names(&follow(&alice, &second, "url").await), ["three"]);
}

async fn follow(client: &Client, list: &Json, address: &str) -> Json {
    client.get(list["meta"][address].as_str().unwrap()).await.ok()
}
