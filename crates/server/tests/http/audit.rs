//! Every change is recorded, once, with who made it; what is refused leaves nothing but the record of a
//! submission.

use dossier_testkit::app::{Answer, AuditLine, PDF, Part, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use std::collections::BTreeSet;

on_both_engines! {
    every_change_is_recorded_once,
    a_refused_submission_is_recorded,
    looking_is_not_recorded,
}

/// Sends a request and says that it was recorded as this action on this target, by Alice.
async fn recorded(app: &TestApp, action: &str, answer: impl Future<Output = Answer>) -> Option<String> {
    let before = app.snapshot().await;
    let answer = answer.await;
    assert!((200..300).contains(&answer.status), "{answer}");
    let made =
        (answer.status != 204).then(|| serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap());
    let made = made.map(|json| json["sid"].as_str().unwrap().to_owned());
    let events = app.audited_since(&before).await;
    let [event] = &events[..] else { panic!("{action}: {events:?}") };
    assert_eq!((&*event.action, &*event.actor, &*event.outcome), (action, app.alice().account(), "done"));
    if let Some(sid) = &made {
        assert_eq!(&event.target, sid, "{action}");
    }
    made
}

async fn every_change_is_recorded_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let bundle = v2(&format!("/Bundles/{}", case.bundle));
    let name = [("FriendlyName", "x")];

    let form =
        [("FriendlyName", "x"), ("Email", "a@b.c"), ("RegulationSid", "RNfd11dde5d4b7252abf96139766f68034")];
    let other = recorded(&app, "bundle.create", alice.post(&v2("/Bundles"), &form)).await.unwrap();
    let other = v2(&format!("/Bundles/{other}"));
    recorded(&app, "bundle.update", alice.post(&bundle, &name)).await;
    recorded(&app, "bundle.evaluate", alice.post(&format!("{bundle}/Evaluations"), &[])).await;

    let form = [("FriendlyName", "x"), ("Type", "business")];
    let end_user = recorded(&app, "end-user.create", alice.post(&v2("/EndUsers"), &form)).await.unwrap();
    let path = v2(&format!("/EndUsers/{end_user}"));
    recorded(&app, "end-user.update", alice.post(&path, &name)).await;
    let assignments = format!("{other}/ItemAssignments");
    let item = [("ObjectSid", end_user.as_str())];
    let assignment = recorded(&app, "bundle.assign-item", alice.post(&assignments, &item)).await.unwrap();
    let assignment = format!("{assignments}/{assignment}");
    recorded(&app, "bundle.remove-item", alice.delete(&assignment)).await;
    recorded(&app, "end-user.delete", alice.delete(&path)).await;
    recorded(&app, "bundle.delete", alice.delete(&other)).await;

    let parts = [Part::Text("FriendlyName", "x"), Part::Text("Type", "passport"), Part::File("", PDF)];
    let documents = v2("/SupportingDocuments");
    let document = recorded(&app, "document.create", alice.post_parts(&documents, &parts)).await.unwrap();
    let document = format!("{documents}/{document}");
    recorded(&app, "document.update", alice.post_parts(&document, &parts[2..])).await;
    recorded(&app, "document.delete", alice.delete(&document)).await;

    let addresses = alice.v2010("/Addresses.json");
    let address = recorded(&app, "address.create", alice.post(&addresses, &crate::addresses::BERLIN)).await;
    let address = alice.v2010(&format!("/Addresses/{}.json", address.unwrap()));
    recorded(&app, "address.update", alice.post(&address, &name)).await;
    recorded(&app, "address.delete", alice.delete(&address)).await;

    recorded(&app, "bundle.submit", alice.submit(&case.bundle)).await;
    app.set_bundle_status(&case.bundle, "twilio-rejected").await;
    recorded(&app, "bundle.reopen", alice.post(&bundle, &[("Status", "draft")])).await;
}

async fn a_refused_submission_is_recorded(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let before = app.snapshot().await;
    alice.submit(bundle.sid()).await.refused(400, 20001);
    let expected = AuditLine {
        action: "bundle.submit".to_owned(),
        actor: alice.account().to_owned(),
        target: bundle.sid().to_owned(),
        outcome: "refused".to_owned(),
    };
    assert_eq!(app.audited_since(&before).await, [expected]);
}

/// All that was read, and all that was refused elsewhere in these tests, is compared with the whole
/// database, records included. Here is that reading leaves nothing either.
async fn looking_is_not_recorded(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let before = app.snapshot().await;
    let paths: BTreeSet<String> = dossier_web::ROUTES
        .iter()
        .filter(|(method, _)| *method == "GET")
        .map(|(_, template)| {
            let template = template.replace("/Bundles/{sid}", &format!("/Bundles/{}", case.bundle));
            let template =
                template.replace("{bundle_sid}", &case.bundle).replace("{account_sid}", alice.account());
            template.replace("{sid}", &case.document)
        })
        .collect();
    for path in paths {
        alice.get(&path).await;
    }
    before.assert_is(&app.snapshot().await);
}
