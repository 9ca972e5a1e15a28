//! Lists of addresses, with the paging form of the 2010 API.

use super::berlin_but;
use dossier_testkit::app::Json;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

on_both_engines! {
    every_filter_narrows_the_list,
    pages_lead_forth_and_back,
    no_numbers_depend_on_an_address,
}

fn names(list: &Json) -> Vec<&str> {
    list.items("addresses").iter().map(|address| address["customer_name"].as_str().unwrap()).collect()
}

async fn every_filter_narrows_the_list(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let list = alice.v2010("/Addresses.json");
    for changes in [
        [
            ("CustomerName", "one"),
            ("FriendlyName", "Office"),
            ("EmergencyEnabled", "true"),
            ("IsoCountry", "DE"),
        ],
        [
            ("CustomerName", "two"),
            ("FriendlyName", "Home"),
            ("EmergencyEnabled", "false"),
            ("IsoCountry", "DE"),
        ],
        [
            ("CustomerName", "three"),
            ("FriendlyName", "Office"),
            ("EmergencyEnabled", "true"),
            ("IsoCountry", "HK"),
        ],
    ] {
        alice.post(&list, &berlin_but(&changes)).await.created();
        app.clock().advance(Duration::from_secs(1));
    }
    app.bob().create_address().await;
    for (params, expected) in [
        ([].as_slice(), ["three", "two", "one"].as_slice()),
        (&[("CustomerName", "two")], &["two"]),
        (&[("CustomerName", "Two")], &[]),
        (&[("CustomerName", "tw")], &[]),
        (&[("FriendlyName", "Office")], &["three", "one"]),
        (&[("EmergencyEnabled", "TRUE")], &["three", "one"]),
        (&[("EmergencyEnabled", "false")], &["two"]),
        (&[("IsoCountry", "de")], &["two", "one"]),
        (&[("IsoCountry", "HK"), ("FriendlyName", "Office")], &["three"]),
        (&[("IsoCountry", "HK"), ("FriendlyName", "Home")], &[]),
        (&[("CustomerName", ""), ("Unknown", "x")], &["three", "two", "one"]),
    ] {
        assert_eq!(names(&alice.query(&list, params).await.ok()), expected, "{params:?}");
    }
    for params in [("EmergencyEnabled", "yes"), ("IsoCountry", "DEU")] {
        alice.query(&list, &[params]).await.refused(400, 21238).saying(params.0);
    }
}

async fn pages_lead_forth_and_back(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let list = alice.v2010("/Addresses.json");
    for _ in 0..5 {
        alice.create_address().await;
    }
    let first = alice.query(&list, &[("PageSize", "2"), ("IsoCountry", "DE")]).await.ok();
    let begin = format!("{list}?IsoCountry=DE&PageSize=2&Page=");
    assert_eq!(first["uri"], format!("{begin}0"));
    assert_eq!(first["first_page_uri"], format!("{begin}0"));
    assert_eq!(first["previous_page_uri"], Value::Null);
    assert_eq!(
        [&first["page"], &first["page_size"], &first["start"], &first["end"]].map(Value::as_u64),
        [0, 2, 0, 1].map(Some)
    );
    let arrays = first.as_object().unwrap().values().filter(|value| value.is_array()).count();
    assert_eq!(arrays, 1, "clients take the only array for the items");
    let follow = async |page: &Json, link: &str| alice.get(page[link].as_str().unwrap()).await.ok();
    let second = follow(&first, "next_page_uri").await;
    let third = follow(&second, "next_page_uri").await;
    assert_eq!([&third["page"], &third["start"], &third["end"]].map(Value::as_u64), [2, 4, 4].map(Some));
    assert_eq!(third["next_page_uri"], Value::Null);
    let sids =
        |page: &Json| page.items("addresses").iter().map(|item| item["sid"].clone()).collect::<Vec<_>>();
    let all = sids(&alice.get(&list).await.ok());
    assert_eq!([sids(&first), sids(&second), sids(&third)].concat(), all);
    assert_eq!(sids(&follow(&third, "previous_page_uri").await), sids(&second));
    assert_eq!(sids(&follow(&second, "previous_page_uri").await), sids(&first));
    assert_eq!(sids(&alice.query(&list, &[("PageSize", "2"), ("Page", "1")]).await.ok()), sids(&second));
    alice.query(&list, &[("PageToken", "PAx")]).await.refused(400, 21481);
    alice.query(&list, &[("PageSize", "0")]).await.refused(400, 20001);
}

async fn no_numbers_depend_on_an_address(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let address = alice.create_address().await;
    let path = alice.v2010(&format!("/Addresses/{}/DependentPhoneNumbers.json", address.sid()));
    let expected = json!({
        "dependent_phone_numbers": [],
        "first_page_uri": format!("{path}?PageSize=50&Page=0"),
        "previous_page_uri": null,
        "uri": format!("{path}?PageSize=50&Page=0"),
        "next_page_uri": null,
        "page": 0,
        "page_size": 50,
        "start": 0,
        "end": 0,
    });
    assert_eq!(*alice.get(&path).await.ok(), expected);
}
