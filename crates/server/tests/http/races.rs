//! Requests that arrive at the same time: one wins, the others learn it, and nothing is left in between.

use dossier_testkit::app::{Answer, Case, PDF, Part, Request, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use tokio::task::JoinSet;

on_both_engines! {
    one_of_many_end_users_gets_into_a_bundle,
    one_of_many_deletions_finds_something,
    one_of_many_submissions_hands_over,
    one_of_many_files_stays,
    nothing_is_assigned_that_is_deleted,
    nothing_changes_under_a_submission,
}

/// Sends all of these at once.
async fn at_once(requests: impl IntoIterator<Item = Request>) -> Vec<Answer> {
    let mut running: JoinSet<Answer> = requests.into_iter().map(Request::send).collect();
    let mut answers = Vec::new();
    while let Some(answer) = running.join_next().await {
        answers.push(answer.unwrap());
    }
    answers
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

async fn one_of_many_end_users_gets_into_a_bundle(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let path = format!("{}/ItemAssignments", bundle.text("url"));
    let mut requests = Vec::new();
    for _ in 0..8 {
        let end_user = alice.create_end_user(&json!({})).await;
        requests.push(alice.request("POST", &path).form(&[("ObjectSid", end_user.sid())]));
    }
    let answers = at_once(requests).await;
    assert_eq!(count(&answers, 201), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        answer.refused(400, 22214);
    }
    assert_eq!(alice.get(&path).await.ok().sids().len(), 1);
}

async fn one_of_many_deletions_finds_something(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let document = alice.upload_document("passport", &json!({})).await;
    let before = app.snapshot().await;
    let answers = at_once((0..8).map(|_| alice.request("DELETE", document.text("url")))).await;
    assert_eq!((count(&answers, 204), count(&answers, 404)), (1, 7));
    assert_eq!(app.audited_since(&before).await.len(), 1);
    assert!(app.files().is_empty());
}

async fn one_of_many_submissions_hands_over(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let before = app.snapshot().await;
    let path = v2(&format!("/Bundles/{}", case.bundle));
    let submit = || alice.request("POST", &path).form(&[("Status", "pending-review")]);
    let answers = at_once((0..8).map(|_| submit())).await;
    assert_eq!(count(&answers, 200), 8, "asking for the status there is does nothing");
    let events = app.audited_since(&before).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(alice.get(&format!("{path}/Evaluations")).await.ok().sids().len(), 1);
}

async fn one_of_many_files_stays(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let document = alice.upload_document("passport", &json!({})).await;
    let replace = || {
        let request = alice.request("POST", document.text("url"));
        request.multipart(&[Part::File("application/pdf", PDF), Part::Text("FriendlyName", "New")])
    };
    let answers = at_once((0..8).map(|_| replace())).await;
    assert_eq!(count(&answers, 200), 8);
    assert_eq!(app.files().len(), 1, "the others are deleted, not forgotten");
}

/// Whoever comes second finds that the other was first.
async fn nothing_is_assigned_that_is_deleted(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for _ in 0..8 {
        let bundle = alice.create_bundle("Beispiel").await;
        let document = alice.create_document("passport", &json!({})).await;
        let assignments = format!("{}/ItemAssignments", bundle.text("url"));
        let assign = alice.request("POST", &assignments).form(&[("ObjectSid", document.sid())]);
        let delete = alice.request("DELETE", document.text("url"));
        let (assigned, deleted) = tokio::join!(assign.send(), delete.send());
        if assigned.status == 201 {
            deleted.refused(400, 21645);
            alice.document(document.sid()).await;
        } else {
            assigned.refused(400, 22205);
            deleted.deleted();
            assert_eq!(alice.get(&assignments).await.ok().sids(), [""; 0]);
        }
    }
}

/// What reviewers are handed is what was evaluated: an update comes before, and counts, or is refused.
async fn nothing_changes_under_a_submission(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for round in 0..8 {
        let case = alice.prepare_case().await;
        let bundle = v2(&format!("/Bundles/{}", case.bundle));
        let object = match round % 4 {
            0 => v2(&format!("/EndUsers/{}", case.end_user)),
            1 => v2(&format!("/SupportingDocuments/{}", case.document)),
            2 => alice.v2010(&format!("/Addresses/{}.json", case.address)),
            _ => assignment(&app, &case).await,
        };
        let submit = alice.request("POST", &bundle).form(&[("Status", "pending-review")]);
        let spoil = match round % 4 {
            0 | 1 => alice.request("POST", &object).form(&[("Attributes", "{}")]),
            _ => alice.request("DELETE", &object),
        };
        let (submitted, spoilt) = tokio::join!(submit.send(), spoil.send());
        match (submitted.status, spoilt.status) {
            (200, 409) => {}
            (200, 400) => drop(spoilt.refused(400, 21630)),
            (400, 200 | 204) => drop(submitted.refused(400, 20001)),
            _ => panic!("{submitted} and {spoilt}"),
        }
    }
}

async fn assignment(app: &TestApp, case: &Case) -> String {
    let list = app.alice().get(&v2(&format!("/Bundles/{}/ItemAssignments", case.bundle))).await.ok();
    let item = list.items("results").iter().find(|item| item["object_sid"] == *case.end_user).unwrap();
    item["url"].as_str().unwrap().to_owned()
}
