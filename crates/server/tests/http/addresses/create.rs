//! Making addresses: what is checked, what is corrected (contract 14.7 rows 104, 105, 107, 108).

use super::{BERLIN, berlin_but};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    an_address_comes_back_in_the_form_of_its_country,
    what_is_missing_or_malformed_is_refused,
    a_place_that_cannot_be_is_refused,
    a_correction_can_be_refused_and_is_suggested_then,
}

async fn an_address_comes_back_in_the_form_of_its_country(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let changes = [
        ("FriendlyName", "Office"),
        ("StreetSecondary", "4. Stock"),
        ("EmergencyEnabled", "true"),
        ("Street", "  Unter den   Linden 1 "),
        ("PostalCode", "D-10117"),
        ("IsoCountry", "de"),
        ("Unknown", "ignored"),
    ];
    let created = alice.post(&alice.v2010("/Addresses.json"), &berlin_but(&changes)).await.created();
    let (account, sid) = (alice.account(), created.sid());
    let expected = json!({
        "account_sid": account,
        "city": "Berlin",
        "customer_name": "Beispiel GmbH",
        "date_created": "Thu, 01 Jan 2026 00:00:00 +0000",
        "date_updated": "Thu, 01 Jan 2026 00:00:00 +0000",
        "emergency_enabled": true,
        "friendly_name": "Office",
        "iso_country": "DE",
        "postal_code": "10117",
        "region": "Berlin",
        "sid": sid,
        "street": "Unter den Linden 1",
        "street_secondary": "4. Stock",
        "validated": true,
        "verified": false,
        "uri": format!("/2010-04-01/Accounts/{account}/Addresses/{sid}.json"),
    });
    assert_eq!(*created, expected);
    assert_eq!(*alice.get(created.text("uri")).await.ok(), expected);
    let plain = alice.post(&alice.v2010("/Addresses.json"), &BERLIN).await.created();
    for (key, value) in [
        ("friendly_name", json!(null)),
        ("street_secondary", json!(null)),
        ("emergency_enabled", json!(false)),
    ] {
        assert_eq!(plain[key], value, "{key}");
    }
    for (changes, region, postal_code, validated) in [
        (
            [("IsoCountry", "GB"), ("Region", "England"), ("PostalCode", "sw1a1aa")],
            "England",
            "SW1A 1AA",
            true,
        ),
        ([("IsoCountry", "US"), ("Region", "California"), ("PostalCode", "94019")], "CA", "94019", true),
        ([("IsoCountry", "HK"), ("Region", "Kowloon"), ("PostalCode", "n/a")], "Kowloon", "N/A", false),
    ] {
        let created = alice.post(&alice.v2010("/Addresses.json"), &berlin_but(&changes)).await.created();
        assert_eq!((created.text("region"), created.text("postal_code")), (region, postal_code));
        assert_eq!(created["validated"], validated, "{region}");
    }
}

async fn what_is_missing_or_malformed_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let path = alice.v2010("/Addresses.json");
    let before = app.snapshot().await;
    for (name, _) in BERLIN {
        for form in
            [BERLIN.into_iter().filter(|(other, _)| *other != name).collect(), berlin_but(&[(name, " ")])]
        {
            let refusal = alice.post(&path, &form).await.refused(400, 20001);
            assert_eq!(refusal.message, format!("Missing required parameter {name} in the post body"));
        }
    }
    let (long, longer) = ("ß".repeat(255), "ß".repeat(256));
    for (changes, code, words) in [
        (("CustomerName", longer.as_str()), 21238, "CustomerName"),
        (("Street", &longer), 21238, "Street"),
        (("City", "Ber\nlin"), 21238, "City"),
        (("City", "Ber\u{202e}lin"), 21238, "City"),
        (("FriendlyName", &longer[..130]), 20002, "64"),
        (("IsoCountry", "Germany"), 21238, "IsoCountry"),
        (("IsoCountry", "ZZ"), 21238, "IsoCountry"),
        (("EmergencyEnabled", "yes"), 21238, "EmergencyEnabled"),
        (("AutoCorrectAddress", "1"), 21238, "AutoCorrectAddress"),
    ] {
        alice.post(&path, &berlin_but(&[changes])).await.refused(400, code).saying(words);
    }
    before.assert_is(&app.snapshot().await);
    alice
        .post(&path, &berlin_but(&[("CustomerName", &long), ("FriendlyName", &long[..128])]))
        .await
        .created();
}

async fn a_place_that_cannot_be_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let path = alice.v2010("/Addresses.json");
    let before = app.snapshot().await;
    for (changes, words) in [
        ([("PostalCode", "1011"), ("Region", "Berlin"), ("IsoCountry", "DE")], "PostalCode"),
        ([("PostalCode", "10117"), ("Region", "Ontario"), ("IsoCountry", "DE")], "Region"),
        ([("PostalCode", "10117"), ("Region", "England"), ("IsoCountry", "GB")], "PostalCode"),
        ([("PostalCode", "94019"), ("Region", "Ontario"), ("IsoCountry", "US")], "Region"),
        ([("PostalCode", "8"), ("Region", "Dublin"), ("IsoCountry", "IE")], "PostalCode"),
        ([("PostalCode", "K1A 0B"), ("Region", "ON"), ("IsoCountry", "CA")], "PostalCode"),
        ([("PostalCode", "750011"), ("Region", "Paris"), ("IsoCountry", "FR")], "PostalCode"),
    ] {
        let refusal = alice.post(&path, &berlin_but(&changes)).await.refused(400, 21628).saying(words);
        assert!(!refusal.message.contains("Linden"), "{}", refusal.message);
    }
    before.assert_is(&app.snapshot().await);
}

async fn a_correction_can_be_refused_and_is_suggested_then(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let path = alice.v2010("/Addresses.json");
    let strict = ("AutoCorrectAddress", "false");
    for (name, given, corrected) in [
        ("PostalCode", "D-10117", "10117"),
        ("Region", "berlin", "Berlin"),
        ("Street", "Unter  den Linden 1", "Unter den Linden 1"),
        ("City", " Berlin", "Berlin"),
    ] {
        let before = app.snapshot().await;
        let refusal = alice.post(&path, &berlin_but(&[strict, (name, given)])).await.refused(400, 21629);
        refusal.saying(&format!("{name}: {corrected}"));
        before.assert_is(&app.snapshot().await);
        alice.post(&path, &berlin_but(&[("AutoCorrectAddress", "TRUE"), (name, given)])).await.created();
        alice.post(&path, &berlin_but(&[strict, (name, corrected)])).await.created();
    }
}
