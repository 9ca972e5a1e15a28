//! What operators do with campaigns, and what survives what.

use std::sync::Arc;

use dossier_domain::operator::Role;
use dossier_testkit::app::OperatorClient;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

use super::{IN_FORCE, ONE_MORE, activate, approved, at, campaign, german, progress};
use crate::nobodys;

on_both_engines! {
    a_campaign_is_paused_and_resumed,
    a_mistake_is_taken_back,
    a_change_that_somebody_made_since_is_not_taken_back,
    what_is_over_stays_as_it_is,
    admins_operate_campaigns_and_others_look,
    two_workers_carry_a_campaign_once,
    a_campaign_waits_for_a_catalogue_with_its_revision,
    lists_of_bundles_are_walked_page_by_page,
    a_rehearsal_that_begins_anew_keeps_the_coming_change,
}

async fn sid(operator: &OperatorClient) -> String {
    campaign(operator).await["sid"].as_str().unwrap().to_owned()
}

async fn a_campaign_is_paused_and_resumed(db: TestDb) {
    let app = TestApp::start(db).await;
    let bundle = approved(&app, &app.alice()).await.bundle;
    let admin = app.operator(Role::Admin).await;
    // It is opened, and paused before a worker comes to it.
    app.service().replace_catalogue(german(ONE_MORE)).await.unwrap();
    let sid = sid(&admin).await;
    let before = app.snapshot().await;
    let paused = admin.act(&format!("/campaigns/{sid}/pause")).await.ok();
    assert_eq!((paused.text("state"), paused["paused_at"].is_string()), ("walking", true));
    assert_eq!(app.audited_since(&before).await[0].action, "campaign.pause");
    admin.act(&format!("/campaigns/{sid}/pause")).await.refused(409, 20409);
    app.work_off().await;
    assert_eq!(app.alice().bundle(&bundle).await["valid_until"], Value::Null);

    let resumed = admin.act(&format!("/campaigns/{sid}/resume")).await.ok();
    assert_eq!((resumed.text("state"), &resumed["paused_at"]), ("walking", &Value::Null));
    admin.act(&format!("/campaigns/{sid}/resume")).await.refused(409, 20409);
    app.work_off().await;
    assert_eq!(app.alice().bundle(&bundle).await["valid_until"], IN_FORCE);
    assert_eq!(campaign(&admin).await["state"], "open");
}

async fn a_mistake_is_taken_back(db: TestDb) {
    let app = TestApp::start(db).await;
    let admin = app.operator(Role::Admin).await;
    let mut bundles = Vec::new();
    for number in 0..45 {
        let bundle = approved(&app, &if number % 2 == 0 { app.alice() } else { app.bob() }).await.bundle;
        if number == 0 {
            let later = json!({ "valid_until": "2028-06-01T00:00:00Z" });
            admin.put(&format!("/bundles/{bundle}/valid-until"), &later).await.ok();
        }
        bundles.push(bundle);
    }
    activate(&app, ONE_MORE).await;
    assert_eq!(progress(&app).await, "affected 45");
    let sid = sid(&admin).await;
    let cancelled = admin.act(&format!("/campaigns/{sid}/cancel")).await.ok();
    assert_eq!(cancelled.text("state"), "cancelling");
    app.work_off().await;
    assert_eq!(campaign(&admin).await["state"], "cancelled");
    for (number, bundle) in bundles.iter().enumerate() {
        let client = if number % 2 == 0 { app.alice() } else { app.bob() };
        let expected = if number == 0 { json!("2028-06-01T00:00:00Z") } else { Value::Null };
        assert_eq!(client.bundle(bundle).await["valid_until"], expected);
    }
    // It concerns nobody any more.
    let new = approved(&app, &app.alice()).await.bundle;
    assert_eq!(app.alice().bundle(&new).await["valid_until"], Value::Null);
}

async fn a_change_that_somebody_made_since_is_not_taken_back(db: TestDb) {
    let app = TestApp::start(db).await;
    let admin = app.operator(Role::Admin).await;
    let bundle = approved(&app, &app.alice()).await.bundle;
    activate(&app, ONE_MORE).await;
    let sooner = "2026-05-01T00:00:00Z";
    admin.put(&format!("/bundles/{bundle}/valid-until"), &json!({ "valid_until": sooner })).await.ok();
    admin.act(&format!("/campaigns/{}/cancel", sid(&admin).await)).await.ok();
    app.work_off().await;
    assert_eq!(app.alice().bundle(&bundle).await["valid_until"], sooner);
}

async fn what_is_over_stays_as_it_is(db: TestDb) {
    let app = TestApp::start(db).await;
    let admin = app.operator(Role::Admin).await;
    approved(&app, &app.alice()).await;
    activate(&app, ONE_MORE).await;
    let sid = sid(&admin).await;
    app.clock().set(at(IN_FORCE));
    app.work_off().await;
    for (action, words) in [("pause", "closed"), ("resume", "not paused"), ("cancel", "closed")] {
        admin.act(&format!("/campaigns/{sid}/{action}")).await.refused(409, 20409).saying(words);
    }
}

async fn admins_operate_campaigns_and_others_look(db: TestDb) {
    let app = TestApp::start(db).await;
    activate(&app, ONE_MORE).await;
    let sid = sid(&app.operator(Role::Admin).await).await;
    for role in Role::ALL {
        let operator = app.operator(role).await;
        let may_look = role != Role::Auditor;
        for path in
            ["/campaigns".to_owned(), format!("/campaigns/{sid}"), format!("/campaigns/{sid}/bundles")]
        {
            let answer = operator.get(&path).await;
            if may_look { drop(answer.ok()) } else { drop(answer.refused(403, 20403)) }
        }
        if role != Role::Admin {
            for action in ["pause", "resume", "cancel"] {
                operator.act(&format!("/campaigns/{sid}/{action}")).await.refused(403, 20403);
            }
        }
    }
    let admin = app.operator(Role::Admin).await;
    let nowhere = nobodys("CP");
    for path in ["", "/bundles"] {
        admin.get(&format!("/campaigns/{nowhere}{path}")).await.refused(404, 20404);
    }
    for action in ["pause", "resume", "cancel"] {
        admin.act(&format!("/campaigns/{nowhere}/{action}")).await.refused(404, 20404);
    }
    admin.get(&format!("/campaigns/{sid}/bundles?standing=lost")).await.refused(400, 20001);
    admin.get("/campaigns?state=open").await.refused(400, 20001);
}

async fn two_workers_carry_a_campaign_once(db: TestDb) {
    let app = TestApp::start(db).await;
    for number in 0..30 {
        approved(&app, &if number % 3 == 0 { app.bob() } else { app.alice() }).await;
    }
    let other = Arc::new(app.second_node().await);
    other.replace_catalogue(german(ONE_MORE)).await.unwrap();
    app.service().replace_catalogue(german(ONE_MORE)).await.unwrap();
    let before = app.snapshot().await;
    let (here, there) = tokio::join!(app.work_off(), other.work_off());
    assert!(here + there.unwrap() > 0);
    // Whoever came second has found nothing, or left the rest to the first.
    app.work_off().await;
    let ends = app.audited_since(&before).await;
    assert_eq!(ends.iter().filter(|line| line.action == "bundle.set-valid-until").count(), 30);
    assert_eq!(progress(&app).await, "affected 30");
    assert_eq!(campaign(&app.operator(Role::Viewer).await).await["looked_at"], 30);
}

async fn a_campaign_waits_for_a_catalogue_with_its_revision(db: TestDb) {
    let app = TestApp::start(db).await;
    let bundle = approved(&app, &app.alice()).await.bundle;
    app.service().replace_catalogue(german(ONE_MORE)).await.unwrap();
    // The change was withdrawn, or this node has not got it yet.
    app.service().replace_catalogue(german("")).await.unwrap();
    app.work_off().await;
    assert_eq!(app.alice().bundle(&bundle).await["valid_until"], Value::Null);
    app.service().replace_catalogue(german(ONE_MORE)).await.unwrap();
    app.clock().advance(std::time::Duration::from_secs(60));
    app.work_off().await;
    assert_eq!(app.alice().bundle(&bundle).await["valid_until"], IN_FORCE);
}

async fn lists_of_bundles_are_walked_page_by_page(db: TestDb) {
    let app = TestApp::start(db).await;
    let mut bundles = Vec::new();
    for _ in 0..7 {
        bundles.push(approved(&app, &app.alice()).await.bundle);
    }
    activate(&app, ONE_MORE).await;
    let viewer = app.operator(Role::Viewer).await;
    let path = format!("/campaigns/{}/bundles?limit=2", sid(&viewer).await);
    let (mut met, mut page) = (Vec::new(), viewer.get(&path).await.ok());
    loop {
        met.extend(page.items("items").iter().map(|item| item["bundle_sid"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        page = viewer.get(&format!("{path}&after={next}")).await.ok();
    }
    met.sort();
    bundles.sort();
    assert_eq!(met, bundles);
}

async fn a_rehearsal_that_begins_anew_keeps_the_coming_change(db: TestDb) {
    let app = TestApp::start(db).await;
    approved(&app, &app.alice()).await;
    activate(&app, ONE_MORE).await;
    app.service().reset().await.unwrap();
    app.work_off().await;
    assert_eq!(progress(&app).await, "");
    let bundle = approved(&app, &app.alice()).await.bundle;
    assert_eq!(app.alice().bundle(&bundle).await["valid_until"], IN_FORCE);
}
