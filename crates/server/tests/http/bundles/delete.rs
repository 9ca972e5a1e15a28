//! Deleting bundles.

use super::BUNDLES;
use dossier_testkit::{TestApp, TestDb, on_both_engines};

on_both_engines! {
    the_status_decides_whether_a_bundle_can_be_deleted,
    a_bundle_goes_with_its_assignments_and_evaluations_and_the_items_stay,
}

async fn the_status_decides_whether_a_bundle_can_be_deleted(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for (status, deletable) in [
        ("draft", true),
        ("twilio-rejected", true),
        ("twilio-approved", true),
        ("provisionally-approved", true),
        ("pending-review", false),
        ("in-review", false),
    ] {
        let bundle = alice.create_bundle(status).await;
        app.set_bundle_status(bundle.sid(), status).await;
        let path = format!("{BUNDLES}/{}", bundle.sid());
        let before = app.snapshot().await;
        if deletable {
            alice.delete(&path).await.deleted();
            alice.get(&path).await.refused(404, 20404);
            alice.delete(&path).await.refused(404, 20404);
        } else {
            alice.delete(&path).await.refused(400, 21647).saying(bundle.sid());
            before.assert_is(&app.snapshot().await);
        }
    }
    assert_eq!(alice.get(BUNDLES).await.ok().sids().len(), 2);
}

async fn a_bundle_goes_with_its_assignments_and_evaluations_and_the_items_stay(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let evaluation = alice.evaluate(&case.bundle).await;
    alice.delete(&format!("{BUNDLES}/{}", case.bundle)).await.deleted();
    alice.get(evaluation.text("url")).await.refused(404, 20404);
    alice.get(&format!("{BUNDLES}/{}/ItemAssignments", case.bundle)).await.refused(404, 20404);
    alice.get(&format!("{BUNDLES}/{}/Evaluations", case.bundle)).await.refused(404, 20404);
    // What was in it is free now.
    assert_eq!(alice.document(&case.document).await.text("status"), "draft");
    alice.delete(&format!("/v2/RegulatoryCompliance/SupportingDocuments/{}", case.document)).await.deleted();
    alice.delete(&format!("/v2/RegulatoryCompliance/EndUsers/{}", case.end_user)).await.deleted();
    alice.delete(&alice.v2010(&format!("/Addresses/{}.json", case.address))).await.deleted();
    assert_eq!(app.files(), [""; 0].map(std::path::PathBuf::from));
}
