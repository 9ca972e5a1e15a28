//! `/EndUsers` (contract section 3.1).

use dossier_testkit::app::v2;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use std::time::Duration;

on_both_engines! {
    an_end_user_comes_back_as_it_was_sent,
    an_end_user_needs_a_name_and_a_type,
    attributes_are_one_object_within_limits,
    an_update_replaces_what_it_names,
    the_status_of_its_bundles_decides_what_may_change,
    an_end_user_in_a_bundle_cannot_be_deleted,
    the_newest_comes_first,
}

const END_USERS: &str = "/v2/RegulatoryCompliance/EndUsers";

async fn an_end_user_comes_back_as_it_was_sent(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let attributes = r#"{"b": 1.10, "a":["x", null, 123456789012345678901234567890], "ß": "\u00e4\/"}"#;
    let form = [("FriendlyName", " Erika "), ("Type", "INDIVIDUAL"), ("Attributes", attributes)];
    let answer = alice.post(END_USERS, &form).await;
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert!(text.contains(&format!(r#""attributes":{attributes},"#)), "to the letter: {text}");
    let created = answer.created();
    let sid = created.sid();
    let expected = json!({
        "sid": sid,
        "account_sid": alice.account(),
        "friendly_name": " Erika ",
        "type": "individual",
        "attributes": created["attributes"],
        "date_created": "2026-01-01T00:00:00Z",
        "date_updated": "2026-01-01T00:00:00Z",
        "url": format!("http://{}{END_USERS}/{sid}", app.address()),
    });
    assert_eq!(*created, expected);
    assert_eq!(*alice.get(created.text("url")).await.ok(), expected);
    for attributes in ["", "null", " {} "] {
        let form = [("FriendlyName", "x"), ("Type", "business"), ("Attributes", attributes)];
        assert_eq!(alice.post(END_USERS, &form).await.created()["attributes"], json!({}));
    }
    let without = alice.post(END_USERS, &[("FriendlyName", "x"), ("Type", "business")]).await;
    assert_eq!(without.created()["attributes"], json!({}));
}

async fn an_end_user_needs_a_name_and_a_type(db: TestDb) {
    let app = TestApp::start(db).await;
    let before = app.snapshot().await;
    let long = "x".repeat(256);
    for (form, code, words) in [
        ([("Type", "business")].as_slice(), 20001, "Missing required parameter FriendlyName"),
        (&[("FriendlyName", "x")], 20001, "Missing required parameter Type"),
        (&[("FriendlyName", " "), ("Type", "business")], 20001, "FriendlyName"),
        (&[("FriendlyName", &long), ("Type", "business")], 20002, "FriendlyName"),
        (&[("FriendlyName", "x"), ("Type", "company")], 22212, "`individual` or `business`"),
    ] {
        app.alice().post(END_USERS, form).await.refused(400, code).saying(words);
    }
    before.assert_is(&app.snapshot().await);
}

/// Attributes that no object accepts, with what is said about them; and some that are just acceptable.
pub(crate) fn attributes_at_the_limits() -> (Vec<(String, &'static str)>, Vec<String>) {
    let nested = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    let sized = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8));
    let refused = vec![
        ("[1]".to_owned(), "not a JSON object"),
        (r#""text""#.to_owned(), "not a JSON object"),
        ("Erika".to_owned(), "not a JSON object"),
        ("{".to_owned(), "not valid JSON"),
        (r#"{"name": Erika}"#.to_owned(), "not valid JSON"),
        (r#"{"name": "Erika"} {}"#.to_owned(), "not valid JSON"),
        (r#"{"name": "Erika", "name": "Erika"}"#.to_owned(), "twice"),
        (r#"{"a": {"n\u0061me": 1, "name": 2}}"#.to_owned(), "twice"),
        (nested(9), "too deep"),
        (nested(5_000), "too deep"),
        (sized(64 * 1024 + 1), "larger than 65536 bytes"),
    ];
    (refused, vec![nested(8), sized(64 * 1024)])
}

async fn attributes_are_one_object_within_limits(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let kept = alice.create_end_user(&json!({ "first_name": "Erika" })).await;
    let path = format!("{END_USERS}/{}", kept.sid());
    let before = app.snapshot().await;
    let (refused, accepted) = attributes_at_the_limits();
    for (attributes, words) in &refused {
        let form = [("FriendlyName", "x"), ("Type", "business"), ("Attributes", attributes)];
        let refusal = alice.post(END_USERS, &form).await.refused(400, 22207).saying(words);
        assert!(!refusal.message.contains("Erika"), "values are not repeated");
        alice.post(&path, &[("FriendlyName", "x"), ("Attributes", attributes)]).await.refused(400, 22207);
    }
    before.assert_is(&app.snapshot().await);
    for attributes in &accepted {
        let form = [("FriendlyName", "x"), ("Type", "business"), ("Attributes", attributes)];
        alice.post(END_USERS, &form).await.created();
    }
}

async fn an_update_replaces_what_it_names(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let before = alice.create_end_user(&json!({ "first_name": "Erika", "last_name": "Mustermann" })).await;
    let path = format!("{END_USERS}/{}", before.sid());
    app.clock().advance(Duration::from_secs(5));
    let mut expected = before.0.clone();
    expected["date_updated"] = "2026-01-01T00:00:05Z".into();
    for (form, key, value) in [
        (("FriendlyName", "New"), "friendly_name", json!("New")),
        (("Attributes", r#"{"first_name":"Max"}"#), "attributes", json!({ "first_name": "Max" })),
        (("Type", "individual"), "type", json!("business")),
        (("FriendlyName", ""), "friendly_name", json!("New")),
        (("Attributes", ""), "attributes", json!({})),
        (("Attributes", r#"{"a":1}"#), "attributes", json!({ "a": 1 })),
        (("Attributes", "null"), "attributes", json!({})),
    ] {
        expected[key] = value;
        assert_eq!(*alice.post(&path, &[form]).await.ok(), expected, "{form:?}");
        assert_eq!(*alice.get(&path).await.ok(), expected, "{form:?}");
    }
}

async fn the_status_of_its_bundles_decides_what_may_change(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let other = alice.create_bundle("A second one, in draft").await;
    alice.assign(other.sid(), &case.end_user).await.created();
    let path = format!("{END_USERS}/{}", case.end_user);
    for (status, editable) in [
        ("draft", true),
        ("pending-review", false),
        ("in-review", false),
        ("twilio-rejected", true),
        ("twilio-approved", false),
        ("provisionally-approved", false),
    ] {
        app.set_bundle_status(&case.bundle, status).await;
        alice.post(&path, &[("FriendlyName", status)]).await.ok();
        let before = app.snapshot().await;
        let answer = alice.post(&path, &[("FriendlyName", "x"), ("Attributes", r#"{"a":"b"}"#)]).await;
        if editable {
            assert_eq!(answer.ok()["attributes"], json!({ "a": "b" }));
        } else {
            answer.refused(409, 20409).saying(status);
            before.assert_is(&app.snapshot().await);
        }
    }
}

async fn an_end_user_in_a_bundle_cannot_be_deleted(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let path = format!("{END_USERS}/{}", case.end_user);
    for status in ["draft", "in-review", "twilio-rejected", "twilio-approved"] {
        app.set_bundle_status(&case.bundle, status).await;
        let before = app.snapshot().await;
        alice.delete(&path).await.refused(400, 21644).saying(&case.end_user);
        before.assert_is(&app.snapshot().await);
    }
    alice.delete(&v2(&format!("/Bundles/{}", case.bundle))).await.deleted();
    alice.delete(&path).await.deleted();
    alice.get(&path).await.refused(404, 20404);
    alice.delete(&path).await.refused(404, 20404);
    alice.post(&path, &[("FriendlyName", "x")]).await.refused(404, 20404);
}

async fn the_newest_comes_first(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let mut sids = Vec::new();
    for _ in 0..3 {
        sids.insert(0, alice.create_end_user(&json!({})).await.sid().to_owned());
        app.clock().advance(Duration::from_secs(1));
    }
    app.bob().create_end_user(&json!({})).await;
    let first = alice.query(END_USERS, &[("PageSize", "2"), ("Type", "no filter")]).await.ok();
    let second = alice.get(first["meta"]["next_page_url"].as_str().unwrap()).await.ok();
    assert_eq!([first.sids(), second.sids()].concat(), sids);
    assert_eq!(second["meta"]["next_page_url"], json!(null));
}
