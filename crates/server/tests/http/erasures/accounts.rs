//! Whole accounts: with everything in them, and their keys.

use dossier_domain::operator::Role;
use dossier_testkit::app::v2;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

use super::{erase, telling};

on_both_engines! {
    an_open_account_is_erased_only_on_purpose,
    nothing_fails_on_an_account_without_its_key,
    clones_of_another_account_stay,
    a_sub_account_keeps_its_parent,
    keys_and_settings_of_numbers_go_with_their_account,
}

async fn an_open_account_is_erased_only_on_purpose(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bob, admin) = (app.bob(), app.operator(Role::Admin).await);
    bob.prepare_case().await;
    let mut body = json!({ "subject": bob.account(), "reason": "x", "undo_seconds": 0 });
    let refused = admin.post("/erasures", &body).await.refused(409, 20409);
    refused.saying("is not closed").saying("even_if_in_use");
    body["even_if_in_use"] = true.into();
    let wanted = admin.post("/erasures", &body).await.created();
    assert_eq!(wanted.items("objects").len(), 0, "they are found on the way");
    app.work_off().await;
    // Whoever was let in a moment ago may finish.
    let path = format!("/erasures/{}", wanted.sid());
    assert_eq!(admin.get(&path).await.ok().text("state"), "running");
    assert_eq!(admin.get(&format!("/accounts/{}", bob.account())).await.ok().text("status"), "closed");
    app.clock().advance(std::time::Duration::from_secs(10));
    app.work_off().await;
    let done = admin.get(&path).await.ok();
    assert_eq!((done.text("state"), done["erased_objects"].as_u64()), ("done", Some(5)));
    let account = admin.get(&format!("/accounts/{}", bob.account())).await.ok();
    assert_eq!((account.text("friendly_name"), account.text("status")), ("erased", "closed"));
    let answer = bob.get(&v2("/Bundles")).await;
    assert!(matches!(answer.status, 401 | 403), "{answer:?}");
    assert!(app.files().is_empty());
    admin.post("/erasures", &body).await.refused(404, 20404);
    let hold = json!({ "subject": bob.account(), "reason": "x" });
    admin.post("/legal-holds", &hold).await.refused(404, 20404);
    app.alice().prepare_case().await;
}

async fn nothing_fails_on_an_account_without_its_key(db: TestDb) {
    let app = telling(db).await;
    let (bob, admin) = (app.bob(), app.operator(Role::Admin).await);
    let case = bob.prepare_case().await;
    bob.submit(&case.bundle).await.ok();
    let review = admin.act("/cases/next").await.ok().sid().to_owned();
    let verdict = json!({ "verdict": "approved" });
    admin.put(&format!("/cases/{review}/documents/{}/verdict", case.document), &verdict).await.ok();
    let decision = json!({ "outcome": "approved", "message": "Welcome", "valid_until": "2030-01-01" });
    admin.post(&format!("/cases/{review}/decision"), &decision).await.ok();
    let number =
        json!({ "account_sid": bob.account(), "bundle_sid": case.bundle, "address_sid": case.address });
    admin.put("/numbers/+4930123456", &number).await.created();
    let draft = bob.prepare_case().await;
    bob.submit(&draft.bundle).await.ok();
    app.work_off().await;
    app.set_account_status(bob.account(), "closed").await;
    let body = json!({ "subject": bob.account(), "reason": "x", "undo_seconds": 0 });
    admin.post("/erasures", &body).await.refused(409, 20409).saying("in service");
    admin.delete("/numbers/+4930123456").await.deleted();
    let done = erase(&app, bob.account()).await;
    let other = app.second_node().await;
    other.forget_destroyed_keys().await.unwrap();

    let delivery = admin.get("/deliveries?limit=1000").await.ok();
    for item in delivery.items("items") {
        let one = admin.get(&format!("/deliveries/{}", item["sid"].as_str().unwrap())).await.ok();
        assert!(one["message"].is_null(), "{:?}", one.0);
    }
    for case in admin.get("/cases?limit=1000").await.ok().items("items") {
        let file = admin.get(&format!("/cases/{}", case["sid"].as_str().unwrap())).await.ok();
        assert_eq!(file["bundle"]["friendly_name"], "erased");
        assert_ne!(file["state"], "waiting");
    }
    for path in ["/accounts", "/numbers", "/erasures", "/legal-holds", "/audit-events?limit=1000"] {
        admin.get(path).await.ok();
    }
    admin.get(&format!("/erasures/{}", done.sid())).await.ok();
    admin.get(&format!("/documents/{}/file", case.document)).await.refused(404, 20404);
    let number = json!({
        "account_sid": bob.account(), "bundle_sid": case.bundle, "address_sid": null, "in_service": true,
    });
    admin.put("/numbers/+4930123456", &number).await.created();
    let question = json!({ "account_sid": bob.account(), "iso_country": "DE", "number_type": "local" });
    assert_eq!(admin.post("/eligibility", &question).await.ok()["code"], 21472);
    // What its jobs have left to do does no harm: ends of claims, reminders, the end of the approval.
    for _ in 0..40 {
        app.clock().advance(30 * super::DAY);
        app.work_off().await;
    }
    assert_eq!(app.service().sweep_files().await.unwrap(), 0);
    let impact = admin.get("/cases?limit=1000").await.ok();
    assert_eq!(impact.items("items").len(), 2);
}

/// What was transferred to somebody else is somebody else's by now.
async fn clones_of_another_account_stay(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bob, branch) = (app.bob(), app.branch());
    let (source, clone) = (bob.prepare_case().await, branch.prepare_case().await);
    super::made_from(&app, (branch.account(), &clone.end_user), (bob.account(), &source.end_user)).await;
    app.set_account_status(bob.account(), "closed").await;
    erase(&app, bob.account()).await;
    assert_eq!(super::exists(&branch, &clone).await, [true; 4]);
}

async fn a_sub_account_keeps_its_parent(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let admin = app.operator(Role::Admin).await;
    app.set_account_status(alice.account(), "closed").await;
    let body = json!({ "subject": alice.account(), "reason": "x", "even_if_in_use": true });
    admin.post("/erasures", &body).await.refused(409, 20409).saying(branch.account());
    app.set_account_status(branch.account(), "closed").await;
    erase(&app, alice.account()).await;
    let branch = admin.get(&format!("/accounts/{}", branch.account())).await.ok();
    assert_eq!(branch.text("friendly_name"), "Alice's branch", "each is erased by itself");
}

async fn keys_and_settings_of_numbers_go_with_their_account(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bob, admin) = (app.bob(), app.operator(Role::Admin).await);
    let key = bob.post(&bob.v2010("/Keys.json"), &[("FriendlyName", "Erika")]).await.created();
    let form = [("PhoneNumber", "+12025550123"), ("VoiceUrl", "https://erika.example")];
    bob.post(&bob.v2010("/IncomingPhoneNumbers.json"), &form).await.created();
    let mut body = json!({ "subject": bob.account(), "reason": "x", "undo_seconds": 0 });
    admin.post("/erasures", &body).await.refused(409, 20409).saying("is not closed");
    body["even_if_in_use"] = true.into();
    admin.post("/erasures", &body).await.created();
    app.work_off().await;
    app.clock().advance(std::time::Duration::from_secs(10));
    app.work_off().await;
    let everything = format!("{:?}", app.snapshot().await);
    assert!(!everything.contains("Erika"));
    let login = bob.with_login(key.sid(), key.text("secret")).get(&v2("/Bundles")).await;
    assert!(matches!(login.status, 401 | 403), "{login:?}");
    // Its numbers were released when it was closed.
    admin.get("/numbers/+12025550123").await.refused(404, 20404);
    let account = admin.get(&format!("/accounts/{}", bob.account())).await.ok();
    assert_eq!(account["closed_at"], "2026-01-01T00:00:00Z");
}
