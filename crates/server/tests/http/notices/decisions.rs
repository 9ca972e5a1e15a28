//! What is told when a reviewer decides.

use dossier_app::{MailOptions, MailServer};
use dossier_domain::operator::Role;
use dossier_testkit::app::{Choices, Receiver, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

use super::allow_loopback;

on_both_engines! {
    a_rejection_is_told_with_the_reviewers_words,
    an_approval_is_told_with_its_end,
    opening_a_bundle_is_told_on_request,
}

/// A service that calls loopback addresses and keeps its mail.
fn telling(choices: &mut Choices) {
    allow_loopback(choices);
    let from = "compliance@example.com".to_owned();
    choices.notices.mail = Some(MailOptions { server: MailServer::Kept, from, templates: None });
}

/// Submits a bundle that is told about at this receiver, and lets a reviewer judge its document and decide.
async fn decide(app: &TestApp, receiver: &Receiver, verdict: Value, decision: Value) {
    let alice = app.alice();
    let case = alice.prepare_case().await;
    alice
        .post(&v2(&format!("/Bundles/{}", case.bundle)), &[("StatusCallback", &receiver.url("/"))])
        .await
        .ok();
    alice.submit(&case.bundle).await.ok();
    let reviewer = app.operator(Role::Reviewer).await;
    let path = format!("/cases/{}", reviewer.act("/cases/next").await.ok().sid());
    let documents = format!("{path}/documents/{}/verdict", case.document);
    reviewer.put(&documents, &versioned(verdict, &reviewer.get(&path).await.ok())).await.ok();
    let decided = versioned(decision, &reviewer.get(&path).await.ok());
    reviewer.post(&format!("{path}/decision"), &decided).await.ok();
    app.work_off().await;
}

fn versioned(mut body: Value, case: &Value) -> Value {
    body["version"] = case["version"].clone();
    body
}

async fn a_rejection_is_told_with_the_reviewers_words(db: TestDb) {
    let (app, receiver) = (TestApp::with(db, telling).await, Receiver::start().await);
    let verdict = json!({ "verdict": "rejected", "reasons": [{ "code": 18_002 }] });
    let words = "The excerpt is for <another> company & city.";
    decide(&app, &receiver, verdict, json!({ "outcome": "rejected", "message": words })).await;

    assert_eq!(receiver.statuses(), ["pending-review", "twilio-rejected"]);
    let callback = &receiver.received()[1];
    assert_eq!(callback.param("FailureReason"), Some(words));
    assert_eq!(callback.param("ValidUntil"), None);
    let [kept] = &app.service().rehearsal_mail().await.unwrap()[..] else { panic!("one mail") };
    assert_eq!(kept.mail.subject, "Your regulatory bundle for Germany needs a change");
    assert!(kept.mail.text.contains(words), "{}", kept.mail.text);
    assert!(kept.mail.html.contains("&lt;another&gt; company &amp; city."), "{}", kept.mail.html);
}

async fn an_approval_is_told_with_its_end(db: TestDb) {
    let (app, receiver) = (TestApp::with(db, telling).await, Receiver::start().await);
    let decision = json!({ "outcome": "approved", "valid_until": "2027-06-01T12:00:00Z" });
    decide(&app, &receiver, json!({ "verdict": "approved" }), decision).await;

    assert_eq!(receiver.statuses(), ["pending-review", "twilio-approved"]);
    let callback = &receiver.received()[1];
    assert_eq!(callback.param("ValidUntil"), Some("2027-06-01T12:00:00Z"));
    assert_eq!(callback.param("FailureReason"), None);
    let [kept] = &app.service().rehearsal_mail().await.unwrap()[..] else { panic!("one mail") };
    assert_eq!(kept.mail.subject, "Your regulatory bundle for Germany is approved");
    assert!(kept.mail.text.contains("1 June 2027, 12:00 UTC"), "{}", kept.mail.text);
}

async fn opening_a_bundle_is_told_on_request(db: TestDb) {
    let receiver = Receiver::start().await;
    let app = TestApp::with(db, |choices| {
        telling(choices);
        choices.notices.callbacks.include_in_review = true;
    })
    .await;
    decide(&app, &receiver, json!({ "verdict": "approved" }), json!({ "outcome": "approved" })).await;
    assert_eq!(receiver.statuses(), ["pending-review", "in-review", "twilio-approved"]);
}
