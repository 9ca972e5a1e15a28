//! Changing and deleting addresses, linked ones too (contract 14.7 rows 106 and 109).

use dossier_testkit::app::v2;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

on_both_engines! {
    an_update_replaces_what_it_names,
    a_bad_update_changes_nothing,
    an_address_that_was_shown_to_reviewers_stays,
    an_address_is_verified_while_a_document_with_it_is_approved,
    a_deleted_address_is_gone,
}

async fn an_update_replaces_what_it_names(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let before = alice.create_address().await;
    let uri = before.text("uri");
    app.clock().advance(Duration::from_secs(5));
    let mut expected = before.0.clone();
    expected["date_updated"] = "Thu, 01 Jan 2026 00:00:05 +0000".into();
    for (form, key, value) in [
        (("FriendlyName", "Office"), "friendly_name", json!("Office")),
        (("CustomerName", "Muster AG"), "customer_name", json!("Muster AG")),
        (("Street", "Am Markt 2"), "street", json!("Am Markt 2")),
        (("StreetSecondary", "Hof"), "street_secondary", json!("Hof")),
        (("City", "Potsdam"), "city", json!("Potsdam")),
        (("Region", "brandenburg"), "region", json!("Brandenburg")),
        (("PostalCode", "d 14467"), "postal_code", json!("14467")),
        (("EmergencyEnabled", "True"), "emergency_enabled", json!(true)),
        (("IsoCountry", "FR"), "iso_country", json!("DE")),
        (("Street", ""), "street", json!("Am Markt 2")),
        (("StreetSecondary", ""), "street_secondary", Value::Null),
        (("FriendlyName", ""), "friendly_name", Value::Null),
    ] {
        expected[key] = value;
        assert_eq!(*alice.post(uri, &[form]).await.ok(), expected, "{form:?}");
        assert_eq!(*alice.get(uri).await.ok(), expected, "{form:?}");
    }
}

async fn a_bad_update_changes_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let address = alice.create_address().await;
    let before = app.snapshot().await;
    let long = "x".repeat(256);
    for (form, code) in [
        ([("City", "Potsdam"), ("PostalCode", "1")], 21628),
        ([("City", "Potsdam"), ("Region", "Texas")], 21628),
        ([("City", "Potsdam"), ("Street", long.as_str())], 21238),
        ([("City", "Potsdam"), ("FriendlyName", &long)], 20002),
        ([("City", "Potsdam"), ("EmergencyEnabled", "maybe")], 21238),
        ([("PostalCode", "D-10117"), ("AutoCorrectAddress", "false")], 21629),
    ] {
        alice.post(address.text("uri"), &form).await.refused(400, code);
    }
    before.assert_is(&app.snapshot().await);
}

async fn an_address_that_was_shown_to_reviewers_stays(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let uri = alice.v2010(&format!("/Addresses/{}.json", case.address));
    for (status, linked) in [
        ("draft", false),
        ("rejected", false),
        ("expired", false),
        ("pending-review", true),
        ("approved", true),
        ("provisionally-approved", true),
    ] {
        app.set_document_status(&case.document, status).await;
        alice.post(&uri, &[("FriendlyName", status), ("EmergencyEnabled", "true")]).await.ok();
        let before = app.snapshot().await;
        for line in ["Street", "CustomerName", "StreetSecondary"] {
            let answer = alice.post(&uri, &[(line, status)]).await;
            if linked {
                answer.refused(400, 21630);
            } else {
                answer.ok();
            }
        }
        if linked {
            alice.delete(&uri).await.refused(400, 21630);
            before.assert_is(&app.snapshot().await);
        }
    }
    // What another account's documents name is no link, whoever's address it is.
    app.set_document_status(&case.document, "draft").await;
    let bobs = app.bob().create_document("business_address", &json!({ "address_sids": case.address })).await;
    app.set_document_status(bobs.sid(), "approved").await;
    alice.post(&uri, &[("Street", "Am Markt 3")]).await.ok();
    alice.delete(&uri).await.deleted();
}

async fn an_address_is_verified_while_a_document_with_it_is_approved(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for form in ["array", "text", "list"] {
        let address = alice.create_address().await;
        let sids = match form {
            "array" => json!([crate::nobodys("AD"), address.sid()]),
            "text" => json!(address.sid()),
            _ => json!(format!("{}, {}", crate::nobodys("AD"), address.sid())),
        };
        let document = alice.create_document("business_address", &json!({ "address_sids": sids })).await;
        let verified = async || alice.get(address.text("uri")).await.ok()["verified"].clone();
        for (status, expected) in [
            ("draft", false),
            ("pending-review", false),
            ("rejected", false),
            ("provisionally-approved", false),
            ("approved", true),
            ("expired", false),
        ] {
            app.set_document_status(document.sid(), status).await;
            assert_eq!(verified().await, expected, "{form} {status}");
        }
        // A document that names it no longer verifies it no longer.
        app.set_document_status(document.sid(), "draft").await;
        alice.post(document.text("url"), &[("Attributes", "{}")]).await.ok();
        app.set_document_status(document.sid(), "approved").await;
        assert_eq!(verified().await, false, "{form}");
    }
}

async fn a_deleted_address_is_gone(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let uri = alice.v2010(&format!("/Addresses/{}.json", case.address));
    assert_eq!(alice.evaluate(&case.bundle).await.text("status"), "compliant");
    alice.delete(&uri).await.deleted();
    alice.get(&uri).await.refused(404, 20404);
    alice.delete(&uri).await.refused(404, 20404);
    alice.post(&uri, &[("FriendlyName", "x")]).await.refused(404, 20404);
    let evaluation = alice.evaluate(&case.bundle).await;
    assert_eq!(evaluation.text("status"), "noncompliant");
    assert!(evaluation.to_string().contains("22219"), "{}", evaluation.0);
    alice.submit(&case.bundle).await.refused(400, 20001);
    alice.delete(&v2(&format!("/Bundles/{}", case.bundle))).await.deleted();
}
