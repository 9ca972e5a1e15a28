//! What customers and operators see of what was erased.

use dossier_domain::operator::Role;
use dossier_testkit::app::v2;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

use super::{DAY, erase, telling};

on_both_engines! {
    a_bundle_that_was_erased_shows_nobody_and_stays_as_it_is,
    what_was_erased_is_not_found_and_not_listed,
    an_address_that_was_erased_counts_as_missing,
    operators_see_that_it_is_gone,
    a_bundle_under_review_leaves_it,
    nobody_is_told_about_an_erased_bundle,
}

async fn a_bundle_that_was_erased_shows_nobody_and_stays_as_it_is(db: TestDb) {
    let app = telling(db).await;
    let alice = app.alice();
    let case = app.case_in("twilio-approved").await;
    let before = alice.bundle(&case.bundle).await;
    erase(&app, &case.end_user).await;
    let after = alice.bundle(&case.bundle).await;
    for (key, value) in before.as_object().unwrap() {
        let expected = match key.as_str() {
            "friendly_name" => json!("erased"),
            "email" => json!(""),
            "status_callback" => Value::Null,
            _ => value.clone(),
        };
        assert_eq!(after[key], expected, "{key}");
    }
    let bundle = v2(&format!("/Bundles/{}", case.bundle));
    alice.post(&bundle, &[("FriendlyName", "x")]).await.refused(409, 20409);
    alice.post(&bundle, &[("Email", "a@example.com")]).await.refused(409, 20409);
    let mut listed = alice.get(&v2("/Bundles")).await.ok().sids();
    listed.retain(|sid| *sid == case.bundle);
    assert_eq!(listed.len(), 1);

    let draft = alice.prepare_case().await;
    erase(&app, &draft.end_user).await;
    let path = v2(&format!("/Bundles/{}", draft.bundle));
    alice.submit(&draft.bundle).await.refused(409, 20409);
    let document = alice.create_document("passport", &json!({})).await;
    alice.assign(&draft.bundle, document.sid()).await.refused(409, 20409);
    let evaluation = alice.evaluate(&draft.bundle).await;
    assert_eq!(evaluation.text("status"), "noncompliant");
    alice.delete(&path).await.deleted();
}

async fn what_was_erased_is_not_found_and_not_listed(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    erase(&app, &case.end_user).await;
    let collections = [v2("/EndUsers"), v2("/SupportingDocuments"), alice.v2010("/Addresses.json")];
    for (collection, key) in collections.iter().zip(["results", "results", "addresses"]) {
        assert_eq!(alice.get(collection).await.ok().items(key).len(), 0, "{collection}");
    }
    let address = alice.v2010(&format!("/Addresses/{}.json", case.address));
    let paths = [
        v2(&format!("/EndUsers/{}", case.end_user)),
        v2(&format!("/SupportingDocuments/{}", case.document)),
        address,
    ];
    for path in paths {
        alice.get(&path).await.refused(404, 20404);
        alice.post(&path, &[("FriendlyName", "x")]).await.refused(404, 20404);
        alice.delete(&path).await.refused(404, 20404);
    }
    let bundle = alice.create_bundle("Another").await;
    for item in [&case.end_user, &case.document] {
        alice.assign(bundle.sid(), item).await.refused(400, 22205);
    }
    let named = alice.query(&alice.v2010("/Addresses.json"), &[("CustomerName", "Beispiel GmbH")]).await.ok();
    assert_eq!(named.items("addresses").len(), 0);
}

async fn an_address_that_was_erased_counts_as_missing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    assert_eq!(alice.evaluate(&case.bundle).await.text("status"), "compliant");
    erase(&app, &case.address).await;
    let evaluation = alice.evaluate(&case.bundle).await;
    let codes: Vec<_> =
        evaluation.items("results").iter().map(|result| result["error_code"].clone()).collect();
    let fields: Vec<_> = evaluation
        .items("results")
        .iter()
        .flat_map(|result| {
            result["invalid"].as_array().unwrap().iter().map(|field| field["error_code"].clone())
        })
        .collect();
    assert!(codes.contains(&json!(22219)) || fields.contains(&json!(22219)), "{codes:?} {fields:?}");
    assert_eq!(alice.submit(&case.bundle).await.status, 400);
}

async fn operators_see_that_it_is_gone(db: TestDb) {
    let app = telling(db).await;
    let admin = app.operator(Role::Admin).await;
    let case = app.case_in("twilio-approved").await;
    let path = format!("/bundles/{}/valid-until", case.bundle);
    admin.put(&path, &json!({ "valid_until": "2030-01-01" })).await.ok();
    app.work_off().await;
    let delivery = admin.get("/deliveries").await.ok().items("items")[0]["sid"].as_str().unwrap().to_owned();
    let before = admin.get(&format!("/deliveries/{delivery}")).await.ok();
    assert_eq!(before["message"]["to"], "compliance@beispiel.example");
    erase(&app, &case.end_user).await;

    let review =
        admin.get("/cases?limit=10").await.ok().items("items")[0]["sid"].as_str().unwrap().to_owned();
    let file = admin.get(&format!("/cases/{review}")).await.ok();
    let shown = file.to_string();
    for gone in ["Erika", "Mustermann", "Beispiel GmbH", "beispiel.example", "Linden"] {
        assert!(!shown.contains(gone), "{gone} is in {shown}");
    }
    assert_eq!(file["bundle"]["friendly_name"], "erased");
    assert!(file["end_user"].is_null());
    admin.get(&format!("/documents/{}/file", case.document)).await.refused(404, 20404);
    let after = admin.get(&format!("/deliveries/{delivery}")).await.ok();
    assert!(after["message"].is_null() && after["emptied_at"].is_string());
    for key in ["event", "state", "attempts", "created_at", "finished_at", "tries"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    admin.act(&format!("/deliveries/{delivery}/redeliver")).await.refused(409, 20409);
    let all = json!({ "account_sid": app.alice().account() });
    assert_eq!(admin.post("/deliveries/redeliver", &all).await.ok()["redelivered"], 0);
    admin.get(&format!("/audit-events?target={}", case.end_user)).await.ok();
}

async fn a_bundle_under_review_leaves_it(db: TestDb) {
    let app = telling(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let case = alice.prepare_case().await;
    // A document that stays, because it is somebody else's too.
    let other = alice.prepare_case().await;
    alice.submit(&case.bundle).await.ok();
    let claimed = admin.act("/cases/next").await.ok();
    assert_eq!(claimed.text("bundle_sid"), case.bundle);
    let body = json!({ "subject": case.end_user, "reason": "x", "undo_seconds": 0, "even_if_in_use": true });
    admin.post("/erasures", &body).await.created();
    app.work_off().await;
    let file = admin.get(&format!("/cases/{}", claimed.sid())).await.ok();
    assert_eq!(file.text("state"), "withdrawn");
    assert_eq!(alice.bundle(&case.bundle).await.text("status"), "draft");
    assert_eq!(admin.act("/cases/next").await.status, 204, "nothing is left to decide");
    app.clock().advance(DAY);
    app.work_off().await;
    alice.submit(&other.bundle).await.ok();
    assert_eq!(admin.act("/cases/next").await.ok().text("bundle_sid"), other.bundle);
}

async fn nobody_is_told_about_an_erased_bundle(db: TestDb) {
    let app = telling(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let case = app.case_in("twilio-approved").await;
    let until = |at: &str| json!({ "valid_until": at });
    let path = format!("/bundles/{}/valid-until", case.bundle);
    let end = app.clock().now().plus(60 * DAY).to_string();
    admin.put(&path, &until(&end)).await.ok();
    app.work_off().await;
    let told = admin.get("/deliveries?limit=1000").await.ok().items("items").len();
    erase(&app, &case.end_user).await;
    for _ in 0..61 {
        app.clock().advance(DAY);
        app.work_off().await;
    }
    assert_eq!(alice.bundle(&case.bundle).await.text("status"), "twilio-rejected", "time goes on");
    assert_eq!(admin.get("/deliveries?limit=1000").await.ok().items("items").len(), told);
    assert_eq!(alice.bundle(&case.bundle).await.text("email"), "");
}
