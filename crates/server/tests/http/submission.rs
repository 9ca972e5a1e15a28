//! Handing a bundle over to review (contract section 1.4, 14.2 rows 24-36).

use dossier_testkit::app::v2;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use std::time::Duration;

on_both_engines! {
    a_bundle_that_is_not_compliant_is_told_why,
    a_compliant_bundle_and_its_documents_wait_for_review,
    what_was_handed_over_is_frozen,
    a_verdict_is_not_taken_back_by_another_submission,
    a_rejected_bundle_is_handed_over_again,
}

async fn a_bundle_that_is_not_compliant_is_told_why(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let document = alice.upload_document("commercial_registrar_excerpt", &json!({})).await;
    alice.assign(bundle.sid(), document.sid()).await.created();
    app.clock().advance(Duration::from_secs(1));

    let refusal = alice.submit(bundle.sid()).await.refused(400, 20001).saying(bundle.sid());
    let details = refusal.details.clone().unwrap();
    let url = details["evaluation_url"].as_str().unwrap();
    let sid = details["evaluation_sid"].as_str().unwrap();
    assert_eq!(details.as_object().unwrap().len(), 2);
    assert_eq!(url, format!("{}/Evaluations/{sid}", bundle.text("url")));
    assert!(refusal.message.ends_with(url), "clients look for it: {}", refusal.message);

    let evaluation = alice.get(url).await.ok();
    assert_eq!((evaluation.sid(), evaluation.text("status")), (sid, "noncompliant"));
    assert_eq!(alice.get(&format!("{}/Evaluations", bundle.text("url"))).await.ok().sids(), [sid]);
    assert_eq!(*alice.bundle(bundle.sid()).await, *bundle, "nothing about the bundle has changed");
    assert_eq!(*alice.document(document.sid()).await, *document);
    // Each attempt is evaluated anew.
    let again = alice.submit(bundle.sid()).await.refused(400, 20001);
    assert_ne!(again.details.unwrap()["evaluation_sid"], sid);
}

async fn a_compliant_bundle_and_its_documents_wait_for_review(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let extra = alice.create_document("passport", &json!({})).await;
    alice.assign(&case.bundle, extra.sid()).await.created();
    let apart = alice.create_document("passport", &json!({})).await;
    app.clock().advance(Duration::from_secs(7));

    let submitted = alice.submit(&case.bundle).await.ok();
    assert_eq!(submitted.text("status"), "pending-review");
    assert_eq!(submitted.text("date_updated"), "2026-01-01T00:00:07Z");
    assert_eq!(*alice.bundle(&case.bundle).await, *submitted);
    for sid in [&*case.document, extra.sid()] {
        let document = alice.document(sid).await;
        assert_eq!(document.text("status"), "pending-review");
        assert_eq!(document.text("date_updated"), "2026-01-01T00:00:07Z");
    }
    assert_eq!(*alice.document(apart.sid()).await, *apart, "what is not in the bundle does not wait");
    let evaluations = alice.get(&v2(&format!("/Bundles/{}/Evaluations", case.bundle))).await.ok();
    assert_eq!(evaluations.items("results").len(), 1);
    assert_eq!(evaluations["results"][0]["status"], "compliant");
}

async fn what_was_handed_over_is_frozen(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = app.case_in("pending-review").await;
    let other = alice.create_end_user(&json!({})).await;
    let before = app.snapshot().await;
    let end_user = v2(&format!("/EndUsers/{}", case.end_user));
    let document = v2(&format!("/SupportingDocuments/{}", case.document));
    let bundle = v2(&format!("/Bundles/{}", case.bundle));
    let address = alice.v2010(&format!("/Addresses/{}.json", case.address));
    alice.post(&end_user, &[("Attributes", "{}")]).await.refused(409, 20409);
    alice.post(&document, &[("Attributes", "{}")]).await.refused(409, 20409);
    alice.post(&address, &[("City", "Potsdam")]).await.refused(400, 21630);
    alice.delete(&address).await.refused(400, 21630);
    alice.delete(&end_user).await.refused(400, 21644);
    alice.delete(&document).await.refused(400, 21645);
    alice.delete(&bundle).await.refused(400, 21647);
    alice.assign(&case.bundle, other.sid()).await.refused(409, 20409);
    alice.post(&bundle, &[("Status", "draft")]).await.refused(409, 20409);
    before.assert_is(&app.snapshot().await);
    for path in [&end_user, &document, &bundle, &address] {
        alice.post(path, &[("FriendlyName", "Names are free")]).await.ok();
    }
}

async fn a_verdict_is_not_taken_back_by_another_submission(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for (verdict, after) in [
        ("approved", "approved"),
        ("provisionally-approved", "provisionally-approved"),
        ("expired", "expired"),
        ("rejected", "pending-review"),
        ("pending-review", "pending-review"),
    ] {
        let case = alice.prepare_case().await;
        app.set_document_status(&case.document, verdict).await;
        alice.submit(&case.bundle).await.ok();
        assert_eq!(alice.document(&case.document).await.text("status"), after, "{verdict}");
    }
}

async fn a_rejected_bundle_is_handed_over_again(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = app.case_in("twilio-rejected").await;
    app.reject_document(&case.document, "Blurry.", "18002").await;
    // The document is replaced by a better one.
    let list = v2(&format!("/Bundles/{}/ItemAssignments", case.bundle));
    let assignments = alice.get(&list).await.ok();
    let old = assignments.items("results").iter().find(|item| item["object_sid"] == *case.document).unwrap();
    alice.delete(old["url"].as_str().unwrap()).await.deleted();
    alice.submit(&case.bundle).await.refused(400, 20001);
    let attributes = dossier_testkit::app::Case::document_attributes(&case.address);
    let better = alice.upload_document("commercial_registrar_excerpt", &attributes).await;
    alice.assign(&case.bundle, better.sid()).await.created();
    assert_eq!(alice.submit(&case.bundle).await.ok().text("status"), "pending-review");
    assert_eq!(alice.document(better.sid()).await.text("status"), "pending-review");
    assert_eq!(alice.document(&case.document).await.text("status"), "rejected");
}
