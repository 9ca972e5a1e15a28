//! `POST /operator/v1/evaluations/dry-run`: what an evaluation would say, without storing it.

use dossier_domain::operator::Role;
use dossier_testkit::app::{AuditLine, Case, OperatorClient};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    a_bundle_is_told_what_an_evaluation_would_say,
    a_bundle_can_be_measured_by_another_regulation,
    what_is_described_is_evaluated_like_what_is_there,
    what_makes_no_sense_is_refused,
    only_some_roles_may_try,
}

const DRY_RUN: &str = "/evaluations/dry-run";
const DE_LOCAL_BUSINESS: &str = "RNfd11dde5d4b7252abf96139766f68034";

async fn dry_run(operator: &OperatorClient, body: Value) -> Value {
    operator.post(DRY_RUN, &body).await.ok().0
}

async fn a_bundle_is_told_what_an_evaluation_would_say(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, operator) = (app.alice(), app.operator(Role::Reviewer).await);
    let case = alice.prepare_case().await;
    let empty = alice.create_bundle("Nothing in it").await;
    for (bundle, status) in [(case.bundle.as_str(), "compliant"), (empty.sid(), "noncompliant")] {
        let before = app.snapshot().await;
        let tried = dry_run(&operator, json!({ "account_sid": alice.account(), "bundle_sid": bundle })).await;
        // Only that somebody looked is stored.
        let looked = AuditLine {
            action: "bundle.dry-run".to_owned(),
            actor: operator.sid().to_owned(),
            target: bundle.to_owned(),
            outcome: "done".to_owned(),
        };
        assert_eq!(app.audited_since(&before).await, [looked]);
        let evaluations =
            alice.get(&dossier_testkit::app::v2(&format!("/Bundles/{bundle}/Evaluations"))).await;
        assert_eq!(evaluations.ok().items("results").len(), 0);

        let evaluated = alice.evaluate(bundle).await;
        assert_eq!((&tried["status"], &evaluated["status"]), (&json!(status), &json!(status)));
        assert_eq!(tried["results"], evaluated["results"]);
        assert_eq!(tried["regulation_sid"], DE_LOCAL_BUSINESS);
        assert_eq!(tried["regulation_revision"], 1);
    }
}

async fn a_bundle_can_be_measured_by_another_regulation(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, operator) = (app.alice(), app.operator(Role::Admin).await);
    let case = alice.prepare_case().await;
    let other = json!({ "iso_country": "AU", "number_type": "mobile", "end_user_type": "business" });
    let body = json!({ "account_sid": alice.account(), "bundle_sid": case.bundle, "regulation": other });
    let tried = dry_run(&operator, body).await;
    assert_eq!(tried["status"], "noncompliant");
    assert_ne!(tried["regulation_sid"], DE_LOCAL_BUSINESS);
}

/// What [`Case`] has, in words.
fn described(documents: &Value, addresses: &Value) -> Value {
    json!({
        "regulation": { "sid": DE_LOCAL_BUSINESS },
        "end_user": { "type": "business", "attributes": Case::end_user_attributes() },
        "documents": documents,
        "addresses": addresses,
    })
}

async fn what_is_described_is_evaluated_like_what_is_there(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, operator) = (app.alice(), app.operator(Role::Reviewer).await);
    let case = alice.prepare_case().await;
    let evaluated = alice.evaluate(&case.bundle).await;

    let attributes = Case::document_attributes(&case.address);
    let document = json!({ "type": "commercial_registrar_excerpt", "attributes": attributes });
    let berlin = json!({ "sid": case.address, "iso_country": "DE" });
    let before = app.snapshot().await;
    let good = described(&json!([document]), &json!([berlin]));
    let tried = dry_run(&operator, good.clone()).await;
    assert_eq!((&tried["status"], &tried["results"]), (&json!("compliant"), &evaluated["results"]));
    let by_triple = json!({ "iso_country": "de", "number_type": "local", "end_user_type": "business" });
    let mut same = good.clone();
    same["regulation"] = by_triple;
    assert_eq!(dry_run(&operator, same).await, tried);

    let mut without_file = document.clone();
    without_file["has_file"] = json!(false);
    for (documents, addresses) in [
        (json!([]), json!([berlin])),
        (json!([without_file]), json!([berlin])),
        (json!([document]), json!([])),
        (json!([document]), json!([{ "sid": case.address, "iso_country": "FR" }])),
        (json!([document]), json!([{ "sid": case.address, "iso_country": "DE", "is_po_box": true }])),
    ] {
        let tried = dry_run(&operator, described(&documents, &addresses)).await;
        assert_eq!(tried["status"], "noncompliant", "{documents} {addresses}");
    }
    // Nothing of anybody was looked at.
    app.snapshot().await.assert_is(&before);
}

async fn what_makes_no_sense_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, operator) = (app.alice(), app.operator(Role::Reviewer).await);
    let bundle = alice.create_bundle("Beispiel").await;
    let (account, other) = (alice.account().to_owned(), app.bob().account().to_owned());
    let before = app.snapshot().await;
    for (body, status, code) in [
        (json!({}), 400, 22202),
        (json!({ "regulation": { "sid": crate::nobodys("RN") } }), 400, 22201),
        (json!({ "regulation": { "iso_country": "DE" } }), 400, 20001),
        (json!({ "bundle_sid": bundle.sid() }), 400, 20001),
        (
            json!({ "account_sid": account, "bundle_sid": bundle.sid(), "documents": [{ "type": "x" }] }),
            400,
            20001,
        ),
        (json!({ "account_sid": account, "bundle_sid": crate::nobodys("BU") }), 404, 20404),
        (json!({ "account_sid": other, "bundle_sid": bundle.sid() }), 404, 20404),
        (json!({ "account_sid": crate::nobodys("AC"), "bundle_sid": bundle.sid() }), 404, 20404),
    ] {
        operator.post(DRY_RUN, &body).await.refused(status, code);
    }
    app.snapshot().await.assert_is(&before);
}

async fn only_some_roles_may_try(db: TestDb) {
    let app = TestApp::start(db).await;
    let body = json!({ "account_sid": app.alice().account(), "bundle_sid": crate::nobodys("BU") });
    for (role, status, code) in [
        (Role::Viewer, 403, 20403),
        (Role::Auditor, 403, 20403),
        (Role::Reviewer, 404, 20404),
        (Role::Senior, 404, 20404),
        (Role::Admin, 404, 20404),
    ] {
        app.operator(role).await.post(DRY_RUN, &body).await.refused(status, code);
    }
}
