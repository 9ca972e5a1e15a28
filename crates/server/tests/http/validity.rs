//! The end of a bundle's validity: set, cleared, reminded of, and come.

use std::sync::Arc;
use std::time::Duration;

use dossier_domain::operator::Role;
use dossier_testkit::app::{AuditLine, OperatorClient, v2};
use dossier_testkit::{ManualClock, TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    an_approved_bundle_gets_an_end,
    a_day_means_all_of_it,
    only_approved_bundles_have_an_end,
    the_approval_ends_on_time_and_once,
    an_end_that_was_moved_or_cleared_does_not_come,
    a_deleted_bundle_is_forgotten,
    two_nodes_end_each_approval_once,
    a_clock_that_jumps_back_ends_nothing_early,
    reviewers_set_it_and_others_do_not,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn approved(app: &TestApp) -> String {
    let bundle = app.alice().create_bundle("Beispiel").await.sid().to_owned();
    app.set_bundle_status(&bundle, "twilio-approved").await;
    bundle
}

async fn set(operator: &OperatorClient, bundle: &str, valid_until: Value) -> Value {
    let body = json!({ "valid_until": valid_until });
    operator.put(&format!("/bundles/{bundle}/valid-until"), &body).await.ok().0
}

async fn refused(operator: &OperatorClient, bundle: &str, body: Value, status: u16, code: u64) {
    operator.put(&format!("/bundles/{bundle}/valid-until"), &body).await.refused(status, code);
}

fn in_days(days: u32) -> String {
    ManualClock::START.plus(DAY * days).to_string()
}

fn actions(lines: &[AuditLine]) -> Vec<(&str, &str)> {
    lines.iter().map(|line| (line.action.as_str(), line.actor.as_str())).collect()
}

async fn an_approved_bundle_gets_an_end(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bundle, operator) = (approved(&app).await, app.operator(Role::Reviewer).await);
    let before = app.snapshot().await;
    let end = in_days(90);
    let answer = set(&operator, &bundle, json!(end)).await;
    assert_eq!(answer["valid_until"], end);
    assert_eq!((&answer["sid"], &answer["status"]), (&json!(bundle), &json!("twilio-approved")));
    assert_eq!(app.alice().bundle(&bundle).await["valid_until"], end);
    let audited = app.audited_since(&before).await;
    assert_eq!(actions(&audited), [("bundle.set-valid-until", operator.sid())]);

    let before = app.snapshot().await;
    set(&operator, &bundle, json!(end)).await;
    app.snapshot().await.assert_is(&before);
    assert_eq!(set(&operator, &bundle, Value::Null).await["valid_until"], Value::Null);
    assert_eq!(app.alice().bundle(&bundle).await["valid_until"], Value::Null);
}

async fn a_day_means_all_of_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bundle, operator) = (approved(&app).await, app.operator(Role::Admin).await);
    assert_eq!(set(&operator, &bundle, json!("2026-01-31")).await["valid_until"], "2026-01-31T23:59:59Z");
}

async fn only_approved_bundles_have_an_end(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bundle, operator) = (approved(&app).await, app.operator(Role::Reviewer).await);
    let body = json!({ "valid_until": in_days(1) });
    for (status, fine) in [
        ("draft", false),
        ("pending-review", false),
        ("in-review", false),
        ("twilio-rejected", false),
        ("provisionally-approved", true),
    ] {
        app.set_bundle_status(&bundle, status).await;
        if fine {
            set(&operator, &bundle, json!(in_days(1))).await;
        } else {
            refused(&operator, &bundle, body.clone(), 409, 20409).await;
        }
    }
    let nowhere = format!("BU{}", "9".repeat(32));
    refused(&operator, &nowhere, body, 404, 20404).await;
    for bad in [
        json!({}),
        json!({ "valid_until": 5 }),
        json!({ "valid_until": "soon" }),
        json!({ "valid_until": "2026-01-01T00:00:00Z" }),
        json!({ "valid_until": "2020-01-01" }),
        json!({ "valid_until": in_days(3), "bundle": 1 }),
    ] {
        refused(&operator, &bundle, bad, 400, 20001).await;
    }
}

async fn the_approval_ends_on_time_and_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bundle, operator) = (approved(&app).await, app.operator(Role::Reviewer).await);
    set(&operator, &bundle, json!(in_days(40))).await;
    let before = app.snapshot().await;
    // 30, 7 and 1 days before, each a job that only reminds.
    for (days, jobs) in [(9, 0), (1, 1), (22, 0), (1, 1), (5, 0), (1, 1)] {
        app.clock().advance(DAY * days);
        assert_eq!(app.work_off().await, jobs, "{}", app.clock().now());
        assert_eq!(app.alice().bundle(&bundle).await["status"], "twilio-approved");
    }
    app.clock().advance(DAY);
    assert_eq!(app.work_off().await, 1);
    let ended = app.alice().bundle(&bundle).await;
    assert_eq!(ended["status"], "twilio-rejected");
    assert_eq!(ended["valid_until"], in_days(40));
    assert_eq!(actions(&app.audited_since(&before).await), [("bundle.expire", "policy")]);
    app.clock().advance(DAY * 100);
    assert_eq!(app.work_off().await, 0);
}

async fn an_end_that_was_moved_or_cleared_does_not_come(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bundle, operator) = (approved(&app).await, app.operator(Role::Reviewer).await);
    set(&operator, &bundle, json!(in_days(1))).await;
    set(&operator, &bundle, json!(in_days(3))).await;
    app.clock().advance(DAY * 2);
    app.work_off().await;
    assert_eq!(app.alice().bundle(&bundle).await["status"], "twilio-approved");
    set(&operator, &bundle, Value::Null).await;
    app.clock().advance(DAY * 2);
    assert_eq!(app.work_off().await, 0);
    assert_eq!(app.alice().bundle(&bundle).await["status"], "twilio-approved");
}

async fn a_deleted_bundle_is_forgotten(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bundle, operator) = (approved(&app).await, app.operator(Role::Reviewer).await);
    set(&operator, &bundle, json!(in_days(1))).await;
    app.alice().delete(&v2(&format!("/Bundles/{bundle}"))).await.deleted();
    app.clock().advance(DAY * 2);
    assert_eq!(app.work_off().await, 0);
}

/// Both look for jobs at the same moment; each bundle ends once, and its people are told once.
async fn two_nodes_end_each_approval_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, operator) = (app.alice(), app.operator(Role::Reviewer).await);
    let mut bundles = Vec::new();
    for _ in 0..20 {
        let bundle = approved(&app).await;
        let path = v2(&format!("/Bundles/{bundle}"));
        // Nobody listens there; what counts is how often it would be told.
        alice.post(&path, &[("StatusCallback", "http://127.0.0.1:9/ended")]).await.ok();
        set(&operator, &bundle, json!(in_days(1))).await;
        bundles.push(bundle);
    }
    let other = Arc::new(app.second_node().await);
    let before = app.snapshot().await;
    app.clock().advance(DAY * 2);
    let (_, theirs) = tokio::join!(app.work_off(), other.work_off());
    theirs.expect("the second node works");
    let audited = app.audited_since(&before).await;
    assert_eq!(actions(&audited), [("bundle.expire", "policy"); 20]);
    for bundle in bundles {
        assert_eq!(alice.bundle(&bundle).await["status"], "twilio-rejected");
        let told = operator
            .get(&format!("/deliveries?account_sid={}&bundle_sid={bundle}", alice.account()))
            .await
            .ok();
        let ended =
            told["items"].as_array().unwrap().iter().filter(|item| item["event"] == "valid-until-passed");
        assert_eq!(ended.count(), 1, "{told:?}");
    }
}

async fn a_clock_that_jumps_back_ends_nothing_early(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bundle, operator) = (approved(&app).await, app.operator(Role::Reviewer).await);
    app.clock().advance(DAY * 10);
    set(&operator, &bundle, json!(in_days(12))).await;
    app.clock().set(ManualClock::START);
    assert_eq!(app.work_off().await, 0);
    app.clock().advance(DAY * 11);
    app.work_off().await;
    assert_eq!(app.alice().bundle(&bundle).await["status"], "twilio-approved", "a reminder, no more");
    app.clock().advance(DAY);
    app.work_off().await;
    assert_eq!(app.alice().bundle(&bundle).await["status"], "twilio-rejected");
}

async fn reviewers_set_it_and_others_do_not(db: TestDb) {
    let app = TestApp::start(db).await;
    let bundle = approved(&app).await;
    for role in Role::ALL {
        let operator = app.operator(role).await;
        match role {
            Role::Reviewer | Role::Senior | Role::Admin => {
                set(&operator, &bundle, json!(in_days(1))).await;
            }
            Role::Viewer | Role::Auditor => {
                refused(&operator, &bundle, json!({ "valid_until": null }), 403, 20403).await;
            }
        }
    }
}
