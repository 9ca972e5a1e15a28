//! Certificates: right when they are, wrong when anything in them was altered.

use dossier_app::{CertificateFault, ErasureCertificate, verify_certificate};
use dossier_domain::operator::Role;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use dossier_web::parse_certificate;
use serde_json::{Value, json};

use super::{erase, request};

on_both_engines! {
    a_certificate_is_proven_by_the_audit,
    whatever_is_altered_shows,
    there_is_none_before_it_is_done,
}

async fn certificate(app: &TestApp, sid: &str) -> Value {
    app.operator(Role::Auditor).await.get(&format!("/erasures/{sid}/certificate")).await.ok().0
}

async fn faults(app: &TestApp, json: &Value) -> Vec<CertificateFault> {
    let parts = [parse_certificate(&json.to_string()).unwrap()];
    verify_certificate(app.database(), &app.master_key(), &parts).await.unwrap()
}

async fn a_certificate_is_proven_by_the_audit(db: TestDb) {
    let app = TestApp::start(db).await;
    // Events around it, so that the checkpoint has more than those of the erasure.
    let case = app.alice().prepare_case().await;
    app.alice().prepare_case().await;
    let done = erase(&app, &case.end_user).await;
    let json = certificate(&app, done.sid()).await;
    assert_eq!(json["erasure"]["subject"], case.end_user.as_str());
    assert_eq!(json["objects"].as_array().unwrap().len(), 4);
    let kinds: std::collections::BTreeSet<_> =
        json["objects"].as_array().unwrap().iter().map(|object| object["kind"].as_str().unwrap()).collect();
    let expected = ["address", "bundle", "end user", "supporting document"];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(faults(&app, &json).await, []);
    // Later checkpoints change nothing about it, nor does a wrong one elsewhere.
    app.alice().prepare_case().await;
    app.service().seal_audit().await.unwrap();
    assert_eq!(faults(&app, &json).await, []);
    assert_eq!(certificate(&app, done.sid()).await, json);
    // Another installation does not have these checkpoints.
    let other = TestApp::start(TestDb::new(app.database().which()).await).await;
    other.alice().prepare_case().await;
    other.service().seal_audit().await.unwrap();
    let parts = [parse_certificate(&json.to_string()).unwrap()];
    let wrong = verify_certificate(other.database(), &other.master_key(), &parts).await.unwrap();
    assert!(matches!(wrong[..], [CertificateFault::CheckpointUnknown(_)]), "{wrong:?}");
}

/// Every place of a certificate at which a value stands.
fn places(json: &Value, place: &str, places: &mut Vec<String>) {
    match json {
        Value::Object(object) => {
            object.iter().for_each(|(key, value)| self::places(value, &format!("{place}/{key}"), places));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(at, item)| self::places(item, &format!("{place}/{at}"), places));
        }
        _ => places.push(place.to_owned()),
    }
}

/// The same kind of value, and another one.
fn altered(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_i64().unwrap() + 1),
        Value::String(text) => {
            let last = text.chars().last().unwrap();
            let other = if last == '0' { '1' } else { '0' };
            json!(format!("{}{other}", &text[..text.len() - last.len_utf8()]))
        }
        _ => json!(7),
    }
}

async fn whatever_is_altered_shows(db: TestDb) {
    let app = TestApp::start(db).await;
    let case = app.alice().prepare_case().await;
    let done = erase(&app, &case.end_user).await;
    let json = certificate(&app, done.sid()).await;
    let mut all = Vec::new();
    places(&json, "", &mut all);
    assert!(all.len() > 100, "{all:?}");
    for place in all {
        let mut wrong = json.clone();
        let value = wrong.pointer_mut(&place).unwrap();
        *value = altered(value);
        let Ok(parsed) = parse_certificate(&wrong.to_string()) else { continue };
        // Where the next part begins is no part of the proof, and by itself nobody is told how many there are.
        let parts = [parsed];
        let faults = verify_certificate(app.database(), &app.master_key(), &parts).await.unwrap();
        assert!(!faults.is_empty() || place == "/next", "{place} was altered, and nobody noticed");
    }
    for (name, alter) in [
        (
            "an object left out",
            (|json| drop(json["objects"].as_array_mut().unwrap().pop())) as fn(&mut Value),
        ),
        ("an object twice", |json| {
            let twice = json["objects"][0].clone();
            json["objects"].as_array_mut().unwrap().push(twice);
        }),
        ("no checkpoints", |json| json["checkpoints"] = json!([])),
        ("another event of the same time", |json| {
            json["objects"][0]["erased"] = json["erasure"]["finished"].clone();
            json["objects"][0]["sid"] = json["erasure"]["sid"].clone();
            json["objects"][0]["kind"] = json!("erasure");
        }),
        ("all made up", |json| {
            json["checkpoints"][0]["merkle_root"] = json!("00".repeat(32));
        }),
    ] {
        let mut wrong = json.clone();
        alter(&mut wrong);
        let parts = [parse_certificate(&wrong.to_string()).unwrap()];
        assert!(!ErasureCertificate::faults(&parts).is_empty(), "{name}");
    }
    // Of another erasure, with everything else in order.
    let other = app.alice().prepare_case().await;
    let other = certificate(&app, erase(&app, &other.end_user).await.sid()).await;
    let parts = [&json, &other].map(|json| parse_certificate(&json.to_string()).unwrap());
    assert!(!ErasureCertificate::faults(&parts).is_empty());
    let mut mixed = json.clone();
    mixed["objects"][0] = other["objects"][0].clone();
    mixed["checkpoints"] =
        [&json, &other].map(|json| json["checkpoints"].as_array().unwrap().clone()).concat().into();
    let parts = [parse_certificate(&mixed.to_string()).unwrap()];
    let faults = ErasureCertificate::faults(&parts);
    assert!(faults.iter().any(|fault| matches!(fault, CertificateFault::EventForeign(_))), "{faults:?}");
    for text in ["", "{}", "[]", &json.to_string().replace("erasure 1", "erasure 2")] {
        assert!(parse_certificate(text).is_err(), "{text}");
    }
}

async fn there_is_none_before_it_is_done(db: TestDb) {
    let app = TestApp::start(db).await;
    let admin = app.operator(Role::Admin).await;
    let case = app.alice().prepare_case().await;
    let wanted = request(&admin, &case.end_user).await;
    let path = format!("/erasures/{}/certificate", wanted.sid());
    admin.get(&path).await.refused(409, 20409).saying("waiting");
    app.work_off().await;
    admin.get(&path).await.ok();
    // An audit that was tampered with proves nothing.
    app.database().script("DELETE FROM audit_events WHERE action = 'erasure.erase'").await;
    admin.get(&path).await.refused(409, 20409);
}
