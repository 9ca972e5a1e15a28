//! What ends by itself.

use dossier_domain::operator::Role;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

use super::{DAY, telling};

on_both_engines! {
    a_closed_account_is_erased_after_its_term,
    an_operator_may_be_faster_or_call_it_off,
    old_messages_are_removed_and_their_lines_stay,
}

async fn a_closed_account_is_erased_after_its_term(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bob, admin) = (app.bob(), app.operator(Role::Admin).await);
    let case = bob.prepare_case().await;
    bob.submit(&case.bundle).await.ok();
    assert_eq!(app.service().plan_account_erasures().await.unwrap(), 0, "nothing is closed");
    app.set_account_status(bob.account(), "closed").await;
    assert_eq!(app.service().plan_account_erasures().await.unwrap(), 1);
    assert_eq!(app.service().plan_account_erasures().await.unwrap(), 0, "once is enough");
    let planned = admin.get("/erasures").await.ok().items("items")[0].clone();
    assert_eq!((&planned["subject"], &planned["requested_by"]), (&json!(bob.account()), &json!("policy")));
    app.clock().advance(29 * DAY);
    app.work_off().await;
    assert_eq!(app.files().len(), 1);
    app.clock().advance(DAY);
    app.work_off().await;
    assert!(app.files().is_empty());
    let sid = planned["sid"].as_str().unwrap();
    let done = admin.get(&format!("/erasures/{sid}")).await.ok();
    assert_eq!((done.text("state"), done["erased_objects"].as_u64()), ("done", Some(5)));
    assert_eq!(app.service().plan_account_erasures().await.unwrap(), 0, "it is erased");
    let events = admin.get(&format!("/audit-events?actor=policy&account_sid={}", bob.account())).await.ok();
    assert!(events.items("items").iter().any(|event| event["action"] == "erasure.finish"));
}

async fn an_operator_may_be_faster_or_call_it_off(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bob, admin) = (app.bob(), app.operator(Role::Admin).await);
    app.set_account_status(bob.account(), "closed").await;
    app.service().plan_account_erasures().await.unwrap();
    let planned = admin.walk("/erasures").await.remove(0);
    let body = json!({ "subject": bob.account(), "reason": "x", "undo_seconds": 3600 });
    let wanted = admin.post("/erasures", &body).await.created();
    assert_eq!(admin.get(&format!("/erasures/{planned}")).await.ok().text("state"), "undone");
    admin.act(&format!("/erasures/{}/undo", wanted.sid())).await.ok();
    assert_eq!(app.service().plan_account_erasures().await.unwrap(), 0, "what was called off stays so");
    app.clock().advance(100 * DAY);
    app.work_off().await;
    let account = admin.get(&format!("/accounts/{}", bob.account())).await.ok();
    assert_eq!(account.text("friendly_name"), "Bob");
}

async fn old_messages_are_removed_and_their_lines_stay(db: TestDb) {
    let app = telling(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let mut bundles = Vec::new();
    for _ in 0..2 {
        let bundle = alice.create_bundle("Beispiel").await.sid().to_owned();
        app.set_bundle_status(&bundle, "twilio-approved").await;
        let until = json!({ "valid_until": "2035-01-01" });
        admin.put(&format!("/bundles/{bundle}/valid-until"), &until).await.ok();
        bundles.push(bundle);
    }
    app.work_off().await;
    let hold = json!({ "subject": bundles[0], "reason": "x" });
    let hold = admin.post("/legal-holds", &hold).await.created();
    let emptied = async || {
        let items = admin.get("/deliveries").await.ok().items("items").clone();
        assert_eq!(items.len(), 2);
        items
            .iter()
            .filter(|item| item["emptied_at"].is_string())
            .map(|item| item["bundle_sid"].clone())
            .collect()
    };
    app.clock().advance(89 * DAY);
    assert_eq!(app.service().sweep_deliveries().await.unwrap(), 0);
    app.clock().advance(2 * DAY);
    assert_eq!(app.service().sweep_deliveries().await.unwrap(), 1);
    let which: Vec<_> = emptied().await;
    assert_eq!(which, [json!(bundles[1])], "the other is held");
    assert_eq!(app.service().sweep_deliveries().await.unwrap(), 0);
    admin.act(&format!("/legal-holds/{}/release", hold.sid())).await.ok();
    assert_eq!(app.service().sweep_deliveries().await.unwrap(), 1);
    for item in admin.get("/deliveries").await.ok().items("items") {
        let one = admin.get(&format!("/deliveries/{}", item["sid"].as_str().unwrap())).await.ok();
        assert!(one["message"].is_null());
        assert_eq!((one.text("state"), one.items("tries").len()), ("delivered", 1));
    }
    assert_eq!(app.service().rehearsal_mail().await.unwrap().len(), 0);
}
