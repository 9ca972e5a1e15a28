//! Making bundles: by a regulation, or by what it is for.

use super::{BUNDLES, DE_LOCAL_BUSINESS};
use crate::nobodys;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    a_bundle_is_made_for_a_regulation,
    a_combination_is_as_good_in_any_spelling,
    equal_requests_make_several,
    what_cannot_be_is_refused_and_nothing_is_made,
}

/// What every bundle needs besides its regulation.
const NAMED: [(&str, &str); 2] = [("FriendlyName", "Beispiel"), ("Email", "a@beispiel.example")];

fn with<'a>(params: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [NAMED.as_slice(), params].concat()
}

async fn a_bundle_is_made_for_a_regulation(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let form = with(&[
        ("RegulationSid", DE_LOCAL_BUSINESS),
        ("StatusCallback", "https://beispiel.example/hook?x=1"),
        ("IsTest", "true"),
        ("Unknown", "is ignored"),
    ]);
    let bundle = alice.post(BUNDLES, &form).await.created();
    let sid = bundle.sid();
    let url = format!("http://{}{BUNDLES}/{sid}", app.address());
    let expected = json!({
        "sid": sid,
        "account_sid": alice.account(),
        "regulation_sid": DE_LOCAL_BUSINESS,
        "friendly_name": "Beispiel",
        "status": "draft",
        "valid_until": null,
        "email": "a@beispiel.example",
        "status_callback": "https://beispiel.example/hook?x=1",
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": url,
        "links": {
            "evaluations": format!("{url}/Evaluations"),
            "item_assignments": format!("{url}/ItemAssignments"),
            "bundle_copies": format!("{url}/Copies"),
            "replace_items": format!("{url}/ReplaceItems"),
        },
    });
    assert_eq!(*bundle, expected);
    assert_eq!(*alice.get(&url).await.ok(), expected);
    let upper = format!("BU{}", sid[2..].to_uppercase());
    assert_eq!(*alice.bundle(&upper).await, expected, "digits are read in either case");
}

async fn a_combination_is_as_good_in_any_spelling(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let by_sid = alice.post(BUNDLES, &with(&[("RegulationSid", DE_LOCAL_BUSINESS)])).await.created();
    for [country, number_type, end_user_type] in
        [["DE", "local", "business"], ["de", "LOCAL", "Business"], [" De ", "Local", "BUSINESS"]]
    {
        let bundle = alice.create_bundle_for("Beispiel", [country, number_type, end_user_type]).await;
        assert_eq!(bundle.text("regulation_sid"), by_sid.text("regulation_sid"), "{country} {number_type}");
    }
    let toll_free = alice.create_bundle_for("Beispiel", ["DE", "toll-free", "business"]).await;
    for spelling in ["tollfree", "toll_free", "toll free", "TOLL-FREE"] {
        let bundle = alice.create_bundle_for("Beispiel", ["DE", spelling, "business"]).await;
        assert_eq!(bundle.text("regulation_sid"), toll_free.text("regulation_sid"), "{spelling}");
    }
    // Beside the identifier, a combination may be given if it agrees, and half of one says nothing.
    for rest in [
        [("IsoCountry", "DE"), ("NumberType", "local"), ("EndUserType", "business")].as_slice(),
        &[("IsoCountry", "FR")],
    ] {
        let form = with(&[&[("RegulationSid", DE_LOCAL_BUSINESS)], rest].concat());
        alice.post(BUNDLES, &form).await.created();
    }
}

async fn equal_requests_make_several(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let (one, other) = (alice.create_bundle("Beispiel").await, alice.create_bundle("Beispiel").await);
    assert_ne!(one.sid(), other.sid());
    assert_eq!(alice.get(BUNDLES).await.ok().sids().len(), 2);
    assert_eq!(app.bob().get(BUNDLES).await.ok().sids(), [""; 0]);
    assert_eq!(app.branch().get(BUNDLES).await.ok().sids(), [""; 0]);
}

async fn what_cannot_be_is_refused_and_nothing_is_made(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let before = app.snapshot().await;
    let unknown = nobodys("RN");
    let (country, local, business) =
        (("IsoCountry", "DE"), ("NumberType", "local"), ("EndUserType", "business"));
    let sid = ("RegulationSid", DE_LOCAL_BUSINESS);
    for (params, code) in [
        ([].as_slice(), 22202),
        (&[country], 22202),
        (&[country, local], 22202),
        (&[country, business], 22202),
        (&[local, business], 22202),
        (&[country, local, ("EndUserType", "company")], 22200),
        (&[country, ("NumberType", "satellite"), business], 22200),
        (&[("NumberType", "satellite")], 22200),
        (&[("IsoCountry", "Germany"), local, business], 20001),
        (&[("IsoCountry", "ZZ"), local, business], 22201),
        (&[("IsoCountry", "US"), local, business], 22201),
        (&[country, local, ("EndUserType", "individual")], 22201),
        (&[("RegulationSid", &unknown)], 22201),
        (&[("RegulationSid", "RN1")], 20001),
        (&[("RegulationSid", &nobodys("BU"))], 20001),
        (&[sid, country, ("NumberType", "mobile"), business], 22201),
        (&[sid, ("IsoCountry", "FR"), local, business], 22201),
        (&[sid, ("StatusCallback", "/hook")], 20001),
        (&[sid, ("StatusCallback", "ftp://beispiel.example")], 20001),
        (&[sid, ("IsTest", "maybe")], 20001),
    ] {
        alice.post(BUNDLES, &with(params)).await.refused(400, code);
    }
    let long = "ä".repeat(256);
    for (params, code, words) in [
        (
            [sid, ("Email", "a@b.c")].as_slice(),
            20001,
            "Missing required parameter FriendlyName in the post body",
        ),
        (&[sid, ("FriendlyName", "x")], 20001, "Missing required parameter Email in the post body"),
        (&[sid, ("FriendlyName", " "), ("Email", "a@b.c")], 20001, "FriendlyName"),
        (&[sid, ("FriendlyName", "x"), ("Email", "nobody")], 20001, "Invalid Email"),
        (&[sid, ("FriendlyName", &long), ("Email", "a@b.c")], 20002, "Invalid FriendlyName"),
        (&[sid, ("FriendlyName", "a\nb"), ("Email", "a@b.c")], 20002, "Invalid FriendlyName"),
    ] {
        alice.post(BUNDLES, params).await.refused(400, code).saying(words);
    }
    before.assert_is(&app.snapshot().await);
}
