//! Cases are claimed, renewed and given back, and claims end by themselves.

use super::{Desk, recorded, status_of, submitted, take_back};
use dossier_domain::operator::Role;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use std::time::Duration;

on_both_engines! {
    a_claim_is_one_operators,
    a_released_case_waits_and_its_bundle_stays_opened,
    a_senior_releases_what_a_colleague_claimed,
    a_claim_ends_by_itself,
    a_renewed_claim_lasts_longer,
    a_claim_that_is_over_decides_nothing,
    a_bundle_is_taken_back_until_it_was_opened,
    a_provisionally_approved_bundle_is_deleted_whoever_is_at_it,
    a_provisional_approval_runs_out_whoever_is_at_it,
}

const MINUTE: Duration = Duration::from_secs(60);

async fn a_claim_is_one_operators(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let (one, other) = (Desk::new(&app, Role::Reviewer).await, Desk::new(&app, Role::Senior).await);
    let claimed = one.claim(&sid).await.ok();
    assert_eq!(claimed.text("claimed_until"), "2026-01-01T00:30:00Z");
    other.claim(&sid).await.refused(409, 20409).saying("another operator");
    other.judge(&sid, &case.document, json!({ "verdict": "approved" })).await.refused(409, 20409);
    other.decide(&sid, json!({ "outcome": "rejected", "message": "x" })).await.refused(409, 20409);
    let third = Desk::new(&app, Role::Reviewer).await;
    third.release(&sid).await.refused(409, 20409).saying("another operator");
    assert_eq!(one.case(&sid).await.text("assignee"), one.sid());
    let nothing = format!("RV{}", "7".repeat(32));
    one.claim(&nothing).await.refused(404, 20404);
}

async fn a_released_case_waits_and_its_bundle_stays_opened(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    desk.release(&sid).await.refused(409, 20409).saying("claim it first");
    desk.claim(&sid).await.ok();
    let released = desk.release(&sid).await.ok();
    assert_eq!((released.text("state"), &released["assignee"]), ("waiting", &json!(null)));
    assert_eq!(status_of(&app, &case.bundle).await, "in-review");
    assert_eq!(desk.operator.act("/cases/next").await.ok().text("sid"), sid);
}

async fn a_senior_releases_what_a_colleague_claimed(db: TestDb) {
    let app = TestApp::start(db).await;
    let (_, sid) = submitted(&app).await;
    let (desk, senior) = (Desk::new(&app, Role::Reviewer).await, Desk::new(&app, Role::Senior).await);
    desk.claim(&sid).await.ok();
    assert_eq!(senior.release(&sid).await.ok().text("state"), "waiting");
}

async fn a_claim_ends_by_itself(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    desk.claim(&sid).await.ok();
    app.clock().advance(30 * MINUTE - Duration::from_secs(1));
    assert_eq!(app.work_off().await, 0);
    assert_eq!(desk.state(&sid).await, "claimed");
    app.clock().advance(Duration::from_secs(1));
    let before = app.snapshot().await;
    assert_eq!(app.work_off().await, 1);
    assert_eq!(recorded(&app, &before).await, [format!("case.end-claim policy {sid}")]);
    assert_eq!(desk.state(&sid).await, "waiting");
    assert_eq!(status_of(&app, &case.bundle).await, "in-review");
    assert_eq!(app.work_off().await, 0);
}

async fn a_renewed_claim_lasts_longer(db: TestDb) {
    let app = TestApp::start(db).await;
    let (_, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    desk.claim(&sid).await.ok();
    app.clock().advance(20 * MINUTE);
    assert_eq!(desk.claim(&sid).await.ok().text("claimed_until"), "2026-01-01T00:50:00Z");
    app.clock().advance(20 * MINUTE);
    assert_eq!(app.work_off().await, 0);
    assert_eq!(desk.state(&sid).await, "claimed");
}

/// Whether or not anybody has written down yet that it is over.
async fn a_claim_that_is_over_decides_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let (case, sid) = submitted(&app).await;
    let (one, other) = (Desk::new(&app, Role::Reviewer).await, Desk::new(&app, Role::Reviewer).await);
    one.claim(&sid).await.ok();
    one.approve(&sid, &case.document).await;
    app.clock().advance(31 * MINUTE);
    one.decide(&sid, json!({ "outcome": "approved" })).await.refused(409, 20409).saying("claim it first");
    other.claim(&sid).await.ok();
    one.claim(&sid).await.refused(409, 20409).saying("another operator");
    app.work_off().await;
    assert_eq!(other.case(&sid).await.text("assignee"), other.sid());
    // The verdict of the colleague is still there.
    other.decide(&sid, json!({ "outcome": "approved" })).await.ok();
    assert_eq!(status_of(&app, &case.bundle).await, "twilio-approved");
}

async fn a_bundle_is_taken_back_until_it_was_opened(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.app.allow_withdraw = true).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let (case, sid) = submitted(&app).await;
    assert_eq!(take_back(&app, &case.bundle).await.ok().text("status"), "draft");
    assert_eq!(desk.state(&sid).await, "withdrawn");
    assert_eq!(desk.operator.act("/cases/next").await.status, 204);
    desk.claim(&sid).await.refused(409, 20409).saying("left review");
    app.alice().submit(&case.bundle).await.ok();
    let again = desk.operator.act("/cases/next").await.ok();
    assert_eq!(again.text("previous_case_sid"), sid);
    take_back(&app, &case.bundle).await.refused(409, 20409);
    desk.release(again.sid()).await.ok();
    take_back(&app, &case.bundle).await.refused(409, 20409);
}

async fn a_provisionally_approved_bundle_is_deleted_whoever_is_at_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let (case, sid) = submitted(&app).await;
    desk.claim(&sid).await.ok();
    desk.decide(&sid, json!({ "outcome": "provisionally_approved", "internal_note": "Hm." })).await.ok();
    desk.claim(&sid).await.ok();
    let version = desk.version(&sid).await;
    app.alice().delete(&dossier_testkit::app::v2(&format!("/Bundles/{}", case.bundle))).await.deleted();
    let file = desk.case(&sid).await;
    assert_eq!((file.text("state"), &file["bundle"]), ("withdrawn", &json!(null)));
    assert_eq!(file["decisions"][0]["outcome"], "provisionally_approved", "who decided what stays");
    assert_eq!(file["decisions"][0]["internal_note"], json!(null), "what was written does not");
    let decision = json!({ "outcome": "approved", "version": version });
    let refusal = desk.operator.post(&format!("/cases/{sid}/decision"), &decision).await;
    refusal.refused(409, 90409);
    desk.claim(&sid).await.refused(409, 20409);
    app.clock().advance(31 * MINUTE);
    assert_eq!(app.work_off().await, 0, "no claim is left to end");
}

async fn a_provisional_approval_runs_out_whoever_is_at_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let (case, sid) = submitted(&app).await;
    desk.claim(&sid).await.ok();
    let decision = json!({ "outcome": "provisionally_approved", "valid_until": "2026-01-01T00:10:00Z" });
    desk.decide(&sid, decision).await.ok();
    desk.claim(&sid).await.ok();
    app.clock().advance(11 * MINUTE);
    app.work_off().await;
    assert_eq!(status_of(&app, &case.bundle).await, "twilio-rejected");
    assert_eq!(desk.state(&sid).await, "withdrawn");
    app.alice().submit(&case.bundle).await.ok();
    assert_eq!(desk.operator.act("/cases/next").await.ok().text("previous_case_sid"), sid);
}
