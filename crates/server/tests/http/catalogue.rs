//! `/Regulations`, `/EndUserTypes` and `/SupportingDocumentTypes` (contract sections 3.3, 5.1, 5.2).

use crate::nobodys;
use dossier_testkit::app::{Json, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    regulations_are_found_by_what_they_are_for,
    constraints_are_there_when_asked_for,
    types_answer_to_their_names_and_identifiers,
    lists_of_the_catalogue_have_pages,
}

/// The regulation for local German numbers of a business.
const DE_LOCAL_BUSINESS: &str = "RNfd11dde5d4b7252abf96139766f68034";

fn regulation(list: &Json) -> Vec<&str> {
    list.items("results").iter().map(|item| item["friendly_name"].as_str().unwrap()).collect()
}

async fn regulations_are_found_by_what_they_are_for(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let path = v2("/Regulations");
    let germany = alice.query(&path, &[("IsoCountry", "de")]).await.ok();
    let names = regulation(&germany);
    assert!(names.is_sorted() && names.contains(&"Germany: Local - Business"), "{names:?}");
    for (params, expected) in [
        (
            [("IsoCountry", "DE"), ("NumberType", "local"), ("EndUserType", "business")],
            vec!["Germany: Local - Business"],
        ),
        (
            [("IsoCountry", "de"), ("NumberType", "LOCAL"), ("EndUserType", "Business")],
            vec!["Germany: Local - Business"],
        ),
        ([("IsoCountry", "DE"), ("NumberType", "local"), ("EndUserType", "individual")], vec![]),
        ([("IsoCountry", "US"), ("NumberType", "local"), ("EndUserType", "business")], vec![]),
    ] {
        assert_eq!(regulation(&alice.query(&path, &params).await.ok()), expected, "{params:?}");
    }
    for spelling in ["toll-free", "tollfree", "toll free", "Toll_Free"] {
        let list = alice.query(&path, &[("IsoCountry", "DE"), ("NumberType", spelling)]).await.ok();
        assert!(list.items("results").iter().all(|item| item["number_type"] == "toll-free"));
        assert_eq!(list.items("results").len(), 1, "{spelling}");
    }
    for (name, value, code) in [
        ("EndUserType", "company", 22212),
        ("NumberType", "satellite", 22213),
        ("IsoCountry", "DEU", 20001),
        ("IncludeConstraints", "maybe", 20001),
    ] {
        alice.query(&path, &[(name, value)]).await.refused(400, code).saying(name);
    }
    for sid in [nobodys("RN"), DE_LOCAL_BUSINESS.replace("RN", "BU"), "germany".to_owned()] {
        alice.get(&format!("{path}/{sid}")).await.refused(404, 20404);
    }
    // The catalogue is the same for everybody.
    let fetched = alice.get(&format!("{path}/{DE_LOCAL_BUSINESS}")).await.ok();
    assert_eq!(*app.bob().get(fetched.text("url")).await.ok(), *fetched);
}

/// Every value under `constraint`, however deep.
fn constraints(json: &Value) -> Vec<&Value> {
    match json {
        Value::Array(items) => items.iter().flat_map(constraints).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| if key == "constraint" { vec![value] } else { constraints(value) })
            .collect(),
        _ => Vec::new(),
    }
}

async fn constraints_are_there_when_asked_for(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let path = v2(&format!("/Regulations/{DE_LOCAL_BUSINESS}"));
    let plain = alice.get(&path).await.ok();
    let full = alice.get(&format!("{path}?IncludeConstraints=True")).await.ok();
    assert!(constraints(&plain).len() > 10);
    assert!(constraints(&plain).iter().all(|constraint| constraint.is_null()), "their keys are there");
    assert_eq!(constraints(&plain).len(), constraints(&full).len());
    assert!(constraints(&full).iter().all(|constraint| constraint.is_string()));
    let business = &full["requirements"]["end_user"][0];
    assert_eq!(business["constraint"], "business != null");
    let of = |name: &str| {
        let fields = business["detailed_fields"].as_array().unwrap();
        fields.iter().find(|field| field["machine_name"] == name).unwrap()["constraint"].clone()
    };
    assert_eq!(of("business_name"), "business['business_name'] != null");
    assert_eq!(of("email"), r"business['email'] =~ '^\S+@\S+\.\S+$'");
    assert_eq!(of("comments"), "");
    let params = [("IsoCountry", "DE"), ("NumberType", "local"), ("IncludeConstraints", "true")];
    let listed = alice.query(&v2("/Regulations"), &params).await.ok();
    assert_eq!(listed["results"][0], *full);
    assert!(listed["meta"]["url"].as_str().unwrap().contains("IncludeConstraints=true"));
    // Every address in it leads somewhere.
    for accepted in full["requirements"]["supporting_document"][0].as_array().unwrap() {
        for document in accepted["accepted_documents"].as_array().unwrap() {
            let kind = alice.get(document["url"].as_str().unwrap()).await.ok();
            assert_eq!(kind["machine_name"], document["type"]);
        }
    }
    assert_eq!(alice.get(business["url"].as_str().unwrap()).await.ok()["machine_name"], "business");
}

async fn types_answer_to_their_names_and_identifiers(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for (collection, key, name) in [
        ("/EndUserTypes", "end_user_types", "individual"),
        ("/SupportingDocumentTypes", "supporting_document_types", "passport"),
    ] {
        let path = v2(collection);
        let list = alice.query(&path, &[("PageSize", "1000")]).await.ok();
        assert_eq!(list["meta"]["key"], key);
        let names: Vec<_> =
            list.items(key).iter().map(|item| item["friendly_name"].as_str().unwrap()).collect();
        assert!(names.is_sorted(), "{names:?}");
        let by_name = alice.get(&format!("{path}/{name}")).await.ok();
        assert_eq!(by_name["machine_name"], name);
        assert!(list.items(key).contains(&by_name.0));
        assert_eq!(*alice.get(by_name.text("url")).await.ok(), *by_name, "the address has the identifier");
        assert!(by_name.text("url").ends_with(by_name.sid()));
        assert_eq!(*alice.get(&format!("{path}/{}", name.to_uppercase())).await.ok(), *by_name);
        for odd in ["unknown", &nobodys("OY"), &by_name.sid().replace("OY", "RN"), "%00", "ä"] {
            alice.get(&format!("{path}/{odd}")).await.refused(404, 20404);
        }
    }
    let passport = alice.get(&v2("/SupportingDocumentTypes/passport")).await.ok();
    assert_eq!(passport["fields"][0].as_object().unwrap().len(), 3);
    let address = alice.get(&v2("/SupportingDocumentTypes/business_address")).await.ok();
    let sids = address.items("fields").iter().find(|field| field["machine_name"] == "address_sids").unwrap();
    assert_eq!(sids["constraint"], "List");
}

async fn lists_of_the_catalogue_have_pages(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for (path, key, size) in [
        ("/Regulations", "results", "100"),
        ("/SupportingDocumentTypes", "supporting_document_types", "9"),
        ("/EndUserTypes", "end_user_types", "1"),
    ] {
        let whole = alice.query(&v2(path), &[("PageSize", "1000")]).await.ok();
        assert_eq!(whole["meta"]["next_page_url"], json!(null));
        let mut pages = vec![alice.query(&v2(path), &[("PageSize", size)]).await.ok()];
        while let Some(next) = pages.last().unwrap()["meta"]["next_page_url"].as_str() {
            pages.push(alice.get(next).await.ok());
        }
        assert!(pages.len() > 1, "{path}");
        let items: Vec<Value> = pages.iter().flat_map(|page| page.items(key).clone()).collect();
        assert_eq!(items, *whole.items(key), "{path}");
        for pair in pages.windows(2) {
            let back = alice.get(pair[1]["meta"]["previous_page_url"].as_str().unwrap()).await.ok();
            assert_eq!(back.items(key), pair[0].items(key), "{path}");
        }
        let second = alice.query(&v2(path), &[("PageSize", size), ("Page", "1")]).await.ok();
        assert_eq!(second.items(key), pages[1].items(key), "{path}");
    }
}
