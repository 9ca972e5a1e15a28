//! What happens to cases at the same time: one wins, the others learn it, and nothing is left in between.

use super::automatic::test_bundle;
use super::{Desk, document_status, four_eyes, status_of, submitted};
use dossier_domain::operator::Role;
use dossier_testkit::app::{Answer, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::task::JoinSet;

on_both_engines! {
    many_who_ask_for_the_next_case_get_different_ones,
    one_of_many_claims_wins,
    a_case_is_decided_once,
    a_decision_is_confirmed_or_taken_back,
    a_claim_ends_or_decides,
    a_bundle_is_taken_back_or_opened,
    a_deleted_bundle_is_not_decided,
    a_bundle_is_renamed_while_it_is_decided,
    two_decisions_on_a_shared_document_leave_what_one_after_the_other_would,
    two_nodes_reject_a_test_bundle_once,
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

async fn many_who_ask_for_the_next_case_get_different_ones(db: TestDb) {
    let app = TestApp::start(db).await;
    let mut waiting = BTreeSet::new();
    for _ in 0..12 {
        waiting.insert(submitted(&app).await.1);
    }
    let mut running = JoinSet::new();
    for _ in 0..16 {
        let operator = app.operator(Role::Reviewer).await;
        running.spawn(async move { operator.act("/cases/next").await });
    }
    let answers = running.join_all().await;
    assert_eq!((count(&answers, 200), count(&answers, 204)), (12, 4));
    let claimed: BTreeSet<_> = answers
        .into_iter()
        .filter(|answer| answer.status == 200)
        .map(|answer| answer.ok().text("sid").to_owned())
        .collect();
    assert_eq!(claimed, waiting);
}

async fn one_of_many_claims_wins(db: TestDb) {
    let app = TestApp::start(db).await;
    let (_, sid) = submitted(&app).await;
    let mut running = JoinSet::new();
    for _ in 0..8 {
        let (operator, path) = (app.operator(Role::Reviewer).await, format!("/cases/{sid}/claim"));
        running.spawn(async move { operator.act(&path).await });
    }
    let answers = running.join_all().await;
    assert_eq!((count(&answers, 200), count(&answers, 409)), (1, 7));
}

/// Also by one operator in two windows: the version of the second is stale.
async fn a_case_is_decided_once(db: TestDb) {
    let app = TestApp::start(db).await;
    for _ in 0..4 {
        let (case, sid) = submitted(&app).await;
        let desk = Desk::new(&app, Role::Reviewer).await;
        desk.claim(&sid).await.ok();
        desk.approve(&sid, &case.document).await;
        let path = format!("/cases/{sid}/decision");
        let approve = json!({ "outcome": "approved", "version": 3 });
        let reject = json!({ "outcome": "rejected", "message": "x", "version": 3 });
        let (approved, rejected) =
            tokio::join!(desk.operator.post(&path, &approve), desk.operator.post(&path, &reject));
        let (winner, loser, expected) = if approved.status == 200 {
            (approved, rejected, "twilio-approved")
        } else {
            (rejected, approved, "twilio-rejected")
        };
        assert_eq!(winner.ok()["version"], 4);
        loser.refused(409, 90409);
        assert_eq!(status_of(&app, &case.bundle).await, expected);
        assert_eq!(desk.case(&sid).await["decisions"].as_array().unwrap().len(), 1);
    }
}

async fn a_decision_is_confirmed_or_taken_back(db: TestDb) {
    let app = four_eyes(db).await;
    for _ in 0..4 {
        let (case, sid) = submitted(&app).await;
        let (desk, senior) = (Desk::new(&app, Role::Reviewer).await, Desk::new(&app, Role::Senior).await);
        desk.end(&sid, &case.document, "approved").await;
        let (confirmed, released) = tokio::join!(senior.confirm(&sid, "confirm"), desk.release(&sid));
        let status = status_of(&app, &case.bundle).await;
        match (confirmed.status, released.status) {
            (200, 409) => assert_eq!(status, "twilio-approved"),
            (409, 200) => assert_eq!(status, "in-review"),
            statuses => panic!("{statuses:?}"),
        }
    }
}

async fn a_claim_ends_or_decides(db: TestDb) {
    let app = TestApp::start(db).await;
    for _ in 0..4 {
        let (case, sid) = submitted(&app).await;
        let desk = Desk::new(&app, Role::Reviewer).await;
        desk.claim(&sid).await.ok();
        app.clock().advance(Duration::from_secs(29 * 60));
        let late = async {
            app.clock().advance(Duration::from_secs(60));
            app.work_off().await
        };
        let decision = json!({ "outcome": "rejected", "message": "x", "version": 2 });
        let path = format!("/cases/{sid}/decision");
        let (answer, _) = tokio::join!(desk.operator.post(&path, &decision), late);
        let (state, status) = (desk.state(&sid).await, status_of(&app, &case.bundle).await);
        match answer.status {
            200 => assert_eq!((&*state, &*status), ("decided", "twilio-rejected")),
            409 => assert_eq!((&*state, &*status), ("waiting", "in-review")),
            _ => panic!("{answer}"),
        }
    }
}

async fn a_bundle_is_taken_back_or_opened(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.app.allow_withdraw = true).await;
    for _ in 0..6 {
        let (case, sid) = submitted(&app).await;
        let desk = Desk::new(&app, Role::Reviewer).await;
        let (claimed, back) = tokio::join!(desk.claim(&sid), super::take_back(&app, &case.bundle));
        let (state, status) = (desk.state(&sid).await, status_of(&app, &case.bundle).await);
        match (claimed.status, back.status) {
            (200, 409) => assert_eq!((&*state, &*status), ("claimed", "in-review")),
            (409, 200) => assert_eq!((&*state, &*status), ("withdrawn", "draft")),
            statuses => panic!("{statuses:?}"),
        }
    }
}

async fn a_deleted_bundle_is_not_decided(db: TestDb) {
    let app = TestApp::start(db).await;
    for _ in 0..4 {
        let (case, sid) = submitted(&app).await;
        let desk = Desk::new(&app, Role::Reviewer).await;
        desk.claim(&sid).await.ok();
        desk.decide(&sid, json!({ "outcome": "provisionally_approved" })).await.ok();
        desk.claim(&sid).await.ok();
        let decision = json!({ "outcome": "rejected", "message": "x", "version": 4 });
        let (path, bundle) = (format!("/cases/{sid}/decision"), v2(&format!("/Bundles/{}", case.bundle)));
        let alice = app.alice();
        let (decided, deleted) = tokio::join!(desk.operator.post(&path, &decision), alice.delete(&bundle));
        deleted.deleted();
        match decided.status {
            200 => assert_eq!(desk.state(&sid).await, "decided"),
            409 => assert_eq!(desk.state(&sid).await, "withdrawn"),
            _ => panic!("{decided}"),
        }
    }
}

async fn a_bundle_is_renamed_while_it_is_decided(db: TestDb) {
    let app = TestApp::start(db).await;
    for round in 0..4 {
        let (case, sid) = submitted(&app).await;
        let desk = Desk::new(&app, Role::Reviewer).await;
        desk.claim(&sid).await.ok();
        desk.approve(&sid, &case.document).await;
        let (alice, name) = (app.alice(), format!("Round {round}"));
        let bundle = v2(&format!("/Bundles/{}", case.bundle));
        let document = v2(&format!("/SupportingDocuments/{}", case.document));
        let form = [("FriendlyName", name.as_str())];
        let (decided, renamed, document) = tokio::join!(
            desk.decide(&sid, json!({ "outcome": "approved" })),
            alice.post(&bundle, &form),
            alice.post(&document, &form)
        );
        decided.ok();
        renamed.ok();
        document.ok();
        let bundle = app.alice().bundle(&case.bundle).await;
        assert_eq!((bundle.text("status"), bundle.text("friendly_name")), ("twilio-approved", &*name));
        let document = app.alice().document(&case.document).await;
        assert_eq!((document.text("status"), document.text("friendly_name")), ("approved", &*name));
    }
}

async fn two_decisions_on_a_shared_document_leave_what_one_after_the_other_would(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for _ in 0..4 {
        let case = alice.prepare_case().await;
        let other = alice.create_bundle("Other").await.sid().to_owned();
        for item in [&case.end_user, &case.document] {
            alice.assign(&other, item).await.created();
        }
        let desk = Desk::new(&app, Role::Reviewer).await;
        let mut cases = Vec::new();
        for bundle in [&case.bundle, &other] {
            alice.submit(bundle).await.ok();
            let sid = super::case_of(&app, bundle).await;
            desk.claim(&sid).await.ok();
            cases.push(sid);
        }
        desk.approve(&cases[0], &case.document).await;
        desk.flag(&cases[1], &case.document, 18002).await;
        let (approved, rejected) = tokio::join!(
            desk.decide(&cases[0], json!({ "outcome": "approved" })),
            desk.decide(&cases[1], json!({ "outcome": "rejected" }))
        );
        rejected.ok();
        let document = document_status(&app, &case.document).await;
        match approved.status {
            // Approved first, and not downgraded by the other.
            200 => assert_eq!(document, "approved"),
            // Rejected first, which asks for another look.
            409 => assert_eq!(document, "rejected"),
            _ => panic!("{approved}"),
        }
    }
}

async fn two_nodes_reject_a_test_bundle_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let other = std::sync::Arc::new(app.second_node().await);
    for _ in 0..4 {
        let (bundle, _) = test_bundle(&app, "").await;
        app.clock().advance(Duration::from_secs(5));
        let (one, two) = tokio::join!(app.work_off(), other.work_off());
        assert_eq!(one + two.unwrap(), 1);
        assert_eq!(status_of(&app, &bundle).await, "twilio-rejected");
        let sid = super::case_of(&app, &bundle).await;
        let viewer = Desk::new(&app, Role::Viewer).await;
        assert_eq!(viewer.case(&sid).await["decisions"].as_array().unwrap().len(), 1);
    }
}
