//! Four eyes: a second person confirms what the first decided.

use super::{Desk, document_status, four_eyes, recorded, status_of, submitted};
use dossier_domain::operator::Role;
use dossier_domain::{IsoCountry, NumberType};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    a_second_person_confirms,
    nobody_confirms_their_own_decision,
    a_decision_that_is_sent_back_is_made_again,
    whoever_decided_takes_it_back,
    a_decision_is_confirmed_as_it_was_read,
    each_rule_applies_to_its_own,
    the_first_approvals_of_a_revision_are_confirmed,
    a_confirmation_is_recorded_with_both_people,
}

async fn proposed(app: &TestApp, desk: &Desk) -> (dossier_testkit::app::Case, String) {
    let (case, sid) = submitted(app).await;
    let proposed = desk.end(&sid, &case.document, "approved").await;
    assert_eq!((proposed.text("state"), proposed.text("proposed_outcome")), ("confirming", "approved"));
    assert_eq!(proposed["outcome"], json!(null));
    (case, sid)
}

async fn a_second_person_confirms(db: TestDb) {
    let app = four_eyes(db).await;
    let (desk, senior) = (Desk::new(&app, Role::Reviewer).await, Desk::new(&app, Role::Senior).await);
    let (case, sid) = proposed(&app, &desk).await;
    assert_eq!(status_of(&app, &case.bundle).await, "in-review");
    assert_eq!(document_status(&app, &case.document).await, "pending-review");
    let waiting = senior.case(&sid).await;
    let expected = json!({ "required": true, "rule": "share", "by": null });
    assert_eq!(waiting["confirmation"], expected);
    assert_eq!(waiting["decisions"][0]["state"], "proposed");
    let confirmed = senior.confirm(&sid, "confirm").await.ok();
    assert_eq!((confirmed.text("state"), confirmed.text("outcome")), ("decided", "approved"));
    assert_eq!(confirmed.text("assignee"), desk.sid(), "it is the decision of whoever made it");
    assert_eq!(status_of(&app, &case.bundle).await, "twilio-approved");
    assert_eq!(document_status(&app, &case.document).await, "approved");
    let file = senior.case(&sid).await;
    assert_eq!(file["confirmation"], json!({ "required": true, "rule": "share", "by": senior.sid() }));
    assert_eq!(file["decisions"][0]["checked_by"], senior.sid());
    senior.confirm(&sid, "confirm").await.refused(409, 20409).saying("no decision");
}

async fn nobody_confirms_their_own_decision(db: TestDb) {
    let app = four_eyes(db).await;
    let senior = Desk::new(&app, Role::Senior).await;
    let (case, sid) = proposed(&app, &senior).await;
    senior.confirm(&sid, "confirm").await.refused(409, 20409).saying("decided by you");
    senior.confirm(&sid, "send_back").await.refused(409, 20409).saying("decided by you");
    senior.decide(&sid, json!({ "outcome": "approved" })).await.refused(409, 20409);
    for role in [Role::Viewer, Role::Reviewer] {
        let desk = Desk::new(&app, role).await;
        desk.confirm(&sid, "confirm").await.refused(403, 20403);
    }
    assert_eq!(status_of(&app, &case.bundle).await, "in-review");
    Desk::new(&app, Role::Admin).await.confirm(&sid, "confirm").await.ok();
}

async fn a_decision_that_is_sent_back_is_made_again(db: TestDb) {
    let app = four_eyes(db).await;
    let (desk, senior) = (Desk::new(&app, Role::Reviewer).await, Desk::new(&app, Role::Senior).await);
    let (case, sid) = proposed(&app, &desk).await;
    let back = senior.confirm(&sid, "send_back").await.ok();
    assert_eq!((back.text("state"), back.text("assignee")), ("claimed", desk.sid()));
    desk.flag(&sid, &case.document, 18003).await;
    desk.decide(&sid, json!({ "outcome": "rejected" })).await.ok();
    assert_eq!(status_of(&app, &case.bundle).await, "in-review", "rejections are confirmed as well");
    senior.confirm(&sid, "confirm").await.ok();
    assert_eq!(status_of(&app, &case.bundle).await, "twilio-rejected");
    assert_eq!(document_status(&app, &case.document).await, "rejected");
    let decisions = senior.case(&sid).await["decisions"].clone();
    let states: Vec<_> = decisions.as_array().unwrap().iter().map(|one| one["state"].clone()).collect();
    assert_eq!(states, [json!("sent_back"), json!("settled")]);
}

async fn whoever_decided_takes_it_back(db: TestDb) {
    let app = four_eyes(db).await;
    let (desk, senior) = (Desk::new(&app, Role::Reviewer).await, Desk::new(&app, Role::Senior).await);
    let (_, sid) = proposed(&app, &desk).await;
    senior.release(&sid).await.refused(409, 20409);
    senior.claim(&sid).await.refused(409, 20409).saying("second person");
    assert_eq!(desk.release(&sid).await.ok().text("state"), "waiting");
    senior.confirm(&sid, "confirm").await.refused(409, 20409).saying("no decision");
    assert_eq!(senior.case(&sid).await["decisions"][0]["state"], "taken_back");
    assert_eq!(senior.claim(&sid).await.ok().text("assignee"), senior.sid());
}

async fn a_decision_is_confirmed_as_it_was_read(db: TestDb) {
    let app = four_eyes(db).await;
    let (desk, senior) = (Desk::new(&app, Role::Reviewer).await, Desk::new(&app, Role::Senior).await);
    let (case, sid) = proposed(&app, &desk).await;
    let read = senior.version(&sid).await;
    desk.release(&sid).await.ok();
    desk.claim(&sid).await.ok();
    desk.decide(&sid, json!({ "outcome": "rejected", "message": "No." })).await.ok();
    let path = format!("/cases/{sid}/confirmation");
    let stale = json!({ "confirmation": "confirm", "version": read });
    let refusal = senior.operator.post(&path, &stale).await.refused(409, 90409);
    let changes = refusal.details.unwrap()["changes"].clone();
    assert_eq!(changes.as_array().unwrap().last().unwrap()["outcome"], "rejected");
    assert_eq!(status_of(&app, &case.bundle).await, "in-review");
    senior.operator.post(&path, &json!({ "confirmation": "confirm" })).await.refused(400, 20001);
}

async fn each_rule_applies_to_its_own(db: TestDb) {
    let app = TestApp::with(db, |choices| {
        choices.app.review.four_eyes.countries = vec![IsoCountry::parse("FR").unwrap()];
        choices.app.review.four_eyes.number_types = vec![NumberType::Local];
    })
    .await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    let (case, sid) = submitted(&app).await;
    let expected = json!({ "required": true, "rule": "number_type", "by": null });
    assert_eq!(desk.case(&sid).await["confirmation"], expected, "it shows before anything is decided");
    assert_eq!(desk.end(&sid, &case.document, "approved").await.text("state"), "confirming");
}

async fn the_first_approvals_of_a_revision_are_confirmed(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.app.review.four_eyes.first_approvals = 2).await;
    let (desk, senior) = (Desk::new(&app, Role::Reviewer).await, Desk::new(&app, Role::Senior).await);
    for _ in 0..2 {
        let (_, sid) = proposed(&app, &desk).await;
        assert_eq!(senior.case(&sid).await["confirmation"]["rule"], "first_approvals");
        senior.confirm(&sid, "confirm").await.ok();
    }
    let (case, sid) = submitted(&app).await;
    assert_eq!(senior.case(&sid).await["confirmation"]["required"], false);
    assert_eq!(desk.end(&sid, &case.document, "approved").await.text("state"), "decided");
}

async fn a_confirmation_is_recorded_with_both_people(db: TestDb) {
    let app = four_eyes(db).await;
    let (desk, senior) = (Desk::new(&app, Role::Reviewer).await, Desk::new(&app, Role::Senior).await);
    let (case, sid) = submitted(&app).await;
    desk.claim(&sid).await.ok();
    desk.approve(&sid, &case.document).await;
    let (me, other) = (desk.sid(), senior.sid());
    let version = desk.version(&sid).await;
    let before = app.snapshot().await;
    let body = json!({ "outcome": "approved", "version": version });
    desk.operator.post(&format!("/cases/{sid}/decision"), &body).await.ok();
    assert_eq!(recorded(&app, &before).await, [format!("case.propose {me} {sid}")]);
    let before = app.snapshot().await;
    let body = json!({ "confirmation": "confirm", "version": version + 1 });
    senior.operator.post(&format!("/cases/{sid}/confirmation"), &body).await.ok();
    let expected = [format!("bundle.approve {other} {}", case.bundle), format!("case.confirm {other} {sid}")];
    assert_eq!(recorded(&app, &before).await, expected);
    let next = submitted(&app).await.1;
    desk.end(&next, &case_document(&desk, &next).await, "rejected").await;
    let version = desk.version(&next).await;
    let before = app.snapshot().await;
    let body = json!({ "confirmation": "send_back", "version": version });
    senior.operator.post(&format!("/cases/{next}/confirmation"), &body).await.ok();
    assert_eq!(recorded(&app, &before).await, [format!("case.send-back {other} {next}")]);
}

async fn case_document(desk: &Desk, case: &str) -> String {
    desk.case(case).await["documents"][0]["sid"].as_str().unwrap().to_owned()
}
