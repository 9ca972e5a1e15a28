//! What goes with what.

use dossier_domain::operator::Role;
use dossier_testkit::app::{Case, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

use super::{erase, exists, made_from, objects, sorted};

on_both_engines! {
    an_end_user_goes_with_what_is_about_nobody_else,
    what_is_about_somebody_else_stays,
    a_document_goes_alone,
    an_address_goes_alone,
    copies_go_wherever_they_are,
    real_copies_and_clones_go_with_their_files,
    what_was_handed_over_once_goes_too,
    another_account_is_not_touched,
    what_is_in_use_is_not_erased_by_mistake,
}

async fn an_end_user_goes_with_what_is_about_nobody_else(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let before = app.snapshot().await;
    let done = erase(&app, &case.end_user).await;
    let expected = sorted([&case.bundle, &case.end_user, &case.document, &case.address]);
    assert_eq!(objects(&done), expected);
    assert_eq!(done["erased_objects"], 4);
    assert_eq!(exists(&alice, &case).await, [true, false, false, false]);
    assert_eq!(app.files(), [""; 0].map(std::path::PathBuf::from));
    let mut audited = app.audited_since(&before).await;
    audited.retain(|line| line.action.starts_with("erasure."));
    audited.sort();
    let shown: Vec<_> = audited.iter().map(|line| (&*line.action, &*line.target)).collect();
    let mut expected: Vec<_> = expected.iter().map(|sid| ("erasure.erase", &**sid)).collect();
    expected.extend([("erasure.finish", done.sid()), ("erasure.request", &*case.end_user)]);
    assert_eq!(shown, expected);
}

async fn what_is_about_somebody_else_stays(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    // Another end user's bundle has the same document, and a document of its own names the same address.
    let other = alice.create_bundle("Another").await;
    let somebody = alice.create_end_user(&Case::end_user_attributes()).await;
    for item in [somebody.sid(), &case.document] {
        alice.assign(other.sid(), item).await.created();
    }
    let done = erase(&app, &case.end_user).await;
    assert_eq!(objects(&done), sorted([&case.bundle, &case.end_user]));
    assert_eq!(exists(&alice, &case).await, [true, false, true, true]);
    assert_eq!(alice.bundle(other.sid()).await.text("friendly_name"), "Another");

    let done = erase(&app, somebody.sid()).await;
    let expected = sorted([other.sid(), somebody.sid(), &case.document, &case.address]);
    assert_eq!(objects(&done), expected, "now they are about nobody else");
}

async fn a_document_goes_alone(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    assert_eq!(objects(&erase(&app, &case.document).await), sorted([&case.document]));
    assert_eq!(exists(&alice, &case).await, [true, true, false, true]);
    assert!(app.files().is_empty());
    assert_eq!(alice.bundle(&case.bundle).await.text("friendly_name"), "Beispiel GmbH, Berlin");
}

async fn an_address_goes_alone(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    assert_eq!(objects(&erase(&app, &case.address).await), sorted([&case.address]));
    assert_eq!(exists(&alice, &case).await, [true, true, true, false]);
}

async fn copies_go_wherever_they_are(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = alice.prepare_case().await;
    let (copy, second) = (branch.prepare_case().await, branch.prepare_case().await);
    let (hers, its) = (alice.account(), branch.account());
    made_from(&app, (its, &copy.end_user), (hers, &case.end_user)).await;
    made_from(&app, (its, &second.end_user), (its, &copy.end_user)).await;
    // A copy of a document whose bundle is somebody else's by now.
    let other = branch.prepare_case().await;
    made_from(&app, (its, &other.document), (hers, &case.document)).await;
    let done = erase(&app, &case.end_user).await;
    let expected = sorted([
        &case.bundle,
        &case.end_user,
        &case.document,
        &case.address,
        &copy.bundle,
        &copy.end_user,
        &copy.document,
        &copy.address,
        &second.bundle,
        &second.end_user,
        &second.document,
        &second.address,
        &other.document,
        &other.address,
    ]);
    assert_eq!(objects(&done), expected);
    assert_eq!(exists(&branch, &copy).await, [true, false, false, false]);
    assert_eq!(exists(&branch, &other).await, [true, true, false, false]);
    assert_eq!(branch.bundle(&other.bundle).await.text("friendly_name"), "Beispiel GmbH, Berlin");

    // Never from a copy to what it was made of.
    let (source, made) = (alice.prepare_case().await, branch.prepare_case().await);
    made_from(&app, (its, &made.end_user), (hers, &source.end_user)).await;
    erase(&app, &made.end_user).await;
    assert_eq!(exists(&alice, &source).await, [true; 4]);
}

async fn real_copies_and_clones_go_with_their_files(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = app.case_in("twilio-approved").await;
    app.set_valid_until(&case.bundle, 4_000_000_000).await;
    let copy = alice.post(&v2(&format!("/Bundles/{}/Copies", case.bundle)), &[]).await.created();
    let form = [("TargetAccountSid", branch.account()), ("FriendlyName", "Clone for Erika")];
    let clone = alice.post(&v2(&format!("/Bundles/{}/Clones", case.bundle)), &form).await.created();
    assert_eq!(app.files().len(), 3);
    let done = erase(&app, &case.end_user).await;
    let gone = objects(&done);
    assert_eq!(gone.len(), 11, "three bundles, end users and documents, and two addresses: {gone:?}");
    for bundle in [&*case.bundle, copy.text("sid"), clone.text("bundle_sid")] {
        assert!(gone.iter().any(|sid| sid == bundle), "{bundle}");
    }
    assert!(app.files().is_empty());
    let rows = format!("{:?}", app.snapshot().await);
    assert!(!rows.contains("Clone for Erika") && !rows.contains("Beispiel GmbH"), "{rows}");
    let copies = v2(&format!("/Bundles/{}/Copies", case.bundle));
    alice.get(&copies).await.ok();
    alice.post(&copies, &[]).await.refused(409, 20409);
    let replace = v2(&format!("/Bundles/{}/ReplaceItems", case.bundle));
    alice.post(&replace, &[("FromBundleSid", copy.text("sid"))]).await.refused(409, 20409);
}

async fn what_was_handed_over_once_goes_too(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    alice.submit(&case.bundle).await.ok();
    app.set_bundle_status(&case.bundle, "twilio-rejected").await;
    app.set_document_status(&case.document, "draft").await;
    // The customer puts another end user in the place of the first.
    let path = v2(&format!("/Bundles/{}/ItemAssignments", case.bundle));
    for item in alice.get(&path).await.ok().items("results") {
        if item["object_sid"] == case.end_user.as_str() {
            alice.delete(&format!("{path}/{}", item["sid"].as_str().unwrap())).await.deleted();
        }
    }
    let somebody = alice.create_end_user(&Case::end_user_attributes()).await;
    alice.assign(&case.bundle, somebody.sid()).await.created();
    let done = erase(&app, &case.end_user).await;
    assert_eq!(objects(&done), sorted([&case.end_user]), "the bundle is another's by now");
    let rows = app.snapshot().await;
    assert_eq!(rows.count("case_contents"), 0, "what was handed over with the first one is gone");
    assert_eq!(alice.bundle(&case.bundle).await.text("friendly_name"), "Beispiel GmbH, Berlin");
}

async fn another_account_is_not_touched(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, bob) = (app.alice(), app.bob());
    let (case, his) = (alice.prepare_case().await, bob.prepare_case().await);
    bob.submit(&his.bundle).await.ok();
    let before = app.snapshot().await.with_account(bob.account());
    erase(&app, &case.end_user).await;
    let after = app.snapshot().await.with_account(bob.account());
    before.assert_is(&after);
    assert_eq!(exists(&bob, &his).await, [true; 4]);
}

async fn what_is_in_use_is_not_erased_by_mistake(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let case = alice.prepare_case().await;
    alice.submit(&case.bundle).await.ok();
    let body = |subject: &str| json!({ "subject": subject, "reason": "x", "undo_seconds": 0 });
    for subject in [&case.end_user, &case.document, &case.address] {
        let refused = admin.post("/erasures", &body(subject)).await.refused(409, 20409);
        refused.saying(&case.bundle).saying("under review").saying("even_if_in_use");
    }
    app.set_bundle_status(&case.bundle, "twilio-approved").await;
    let number = json!({
        "account_sid": alice.account(), "bundle_sid": case.bundle, "address_sid": case.address, "in_service": true,
    });
    admin.put("/numbers/+4930123456", &number).await.created();
    for subject in [&case.end_user, &case.document, &case.address] {
        let refused = admin.post("/erasures", &body(subject)).await.refused(409, 20409);
        refused.saying(&case.bundle).saying("in service");
    }
    let address = alice.create_address().await;
    let sql = format!("UPDATE numbers SET address_sid = '{}'", address.sid());
    app.database().script(&sql).await;
    let refused = admin.post("/erasures", &body(address.sid())).await.refused(409, 20409);
    refused.saying(address.sid()).saying("in service");
    let mut forced = body(&case.end_user);
    forced["even_if_in_use"] = true.into();
    let wanted = admin.post("/erasures", &forced).await.created();
    app.work_off().await;
    assert_eq!(admin.get(&format!("/erasures/{}", wanted.sid())).await.ok().text("state"), "done");
    let number = admin.get("/numbers/+4930123456").await.ok();
    assert_eq!(number.text("bundle_status"), "twilio-approved", "the register keeps what was true");
    let question = json!({
        "account_sid": alice.account(), "iso_country": "DE", "number_type": "local",
        "bundle_sid": case.bundle, "address_sid": alice.create_address().await.sid(),
    });
    let answer = admin.post("/eligibility", &question).await.ok();
    assert_eq!(answer["code"], 21649, "an erased bundle opens no gate");

    // It came under review after it was wanted.
    let case = alice.prepare_case().await;
    let wanted = request_later(&admin, &case.end_user).await;
    alice.submit(&case.bundle).await.ok();
    app.clock().advance(super::HOUR);
    app.work_off().await;
    let blocked = admin.get(&format!("/erasures/{wanted}")).await.ok();
    assert_eq!((blocked.text("state"), blocked.text("blocked_by")), ("blocked", &*case.bundle));
    app.set_bundle_status(&case.bundle, "twilio-rejected").await;
    app.clock().advance(super::HOUR);
    app.work_off().await;
    assert_eq!(admin.get(&format!("/erasures/{wanted}")).await.ok().text("state"), "done");
    let again = admin.post("/erasures", &body(&case.end_user)).await;
    again.refused(404, 20404);
    for subject in [&*case.bundle, "RV1", &crate::nobodys("RV")] {
        assert_eq!(admin.post("/erasures", &body(subject)).await.status, 400, "{subject}");
    }
    admin.post("/erasures", &body(&crate::nobodys("IT"))).await.refused(404, 20404);
}

async fn request_later(admin: &dossier_testkit::app::OperatorClient, subject: &str) -> String {
    let body = json!({ "subject": subject, "reason": "x", "undo_seconds": 3600 });
    admin.post("/erasures", &body).await.created().sid().to_owned()
}
