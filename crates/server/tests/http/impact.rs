//! Which bundles a proposed catalogue would break, out of bundles of several accounts that have everything.

use dossier_app::{AffectedBundle, ImpactEvent, ImpactProgress, ImpactReason};
use dossier_domain::Code;
use dossier_domain::bundle::BundleStatus;
use dossier_domain::catalogue::{Catalogue, Layer};
use dossier_testkit::app::{Case, Client};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};
use tokio::sync::mpsc;

on_both_engines! {
    a_question_more_breaks_those_who_have_no_answer,
    a_catalogue_that_asks_for_the_same_evaluates_nothing,
    a_listener_that_goes_away_ends_the_run,
}

/// The German rules for local numbers of a business, and one more question.
const ONE_MORE: &str = r#"country = "DE"
name = "Germany"
effective_from = 2027-01-01
confidence = "documented"
sources = ["a law"]

[[local.business]]
revision = 2
address_scope = "area"
end_user = ["business_name", "business_registration_number", "business_website", "first_name", "last_name", "email", "phone_number"]
documents = ["registration-number", "business-identity", "business-address-in-area"]
"#;

fn proposed(german: &str) -> Catalogue {
    let files = [("countries/DE.toml", german)];
    Catalogue::check_overlay(Layer { directory: "proposed", files: &files }).catalogue().unwrap()
}

/// Runs an impact to its end.
async fn impact(app: &TestApp, proposed: &Catalogue) -> (Vec<AffectedBundle>, ImpactProgress) {
    let (listener, mut events) = mpsc::channel(1);
    let mut affected = Vec::new();
    let mut last = ImpactProgress::default();
    let hear = async {
        while let Some(event) = events.recv().await {
            match event {
                ImpactEvent::Affected(bundle) => affected.push(bundle),
                ImpactEvent::Progress(progress) => last = progress,
            }
        }
    };
    let (progress, ()) = tokio::join!(app.service().impact(proposed, listener), hear);
    let progress = progress.unwrap();
    assert_eq!(progress, last, "the last progress is the total");
    assert_eq!(progress.affected, affected.len() as u64);
    (affected, progress)
}

fn with_phone(mut attributes: Value) -> Value {
    attributes["phone_number"] = json!("+493012345678");
    attributes
}

/// A second bundle with the same document and another end user.
async fn bundle_with(client: &Client, end_user: &Value, document: &str) -> String {
    let bundle = client.create_bundle("Another").await.sid().to_owned();
    let end_user = client.create_end_user(end_user).await;
    client.assign(&bundle, end_user.sid()).await.created();
    client.assign(&bundle, document).await.created();
    bundle
}

fn broken(found: &[AffectedBundle]) -> Vec<(String, String)> {
    let mut broken: Vec<_> =
        found.iter().map(|bundle| (bundle.account.to_string(), bundle.bundle.to_string())).collect();
    broken.sort();
    broken
}

async fn a_question_more_breaks_those_who_have_no_answer(db: TestDb) {
    let app = TestApp::start(db).await;
    let mut expected = Vec::new();
    for client in [app.alice(), app.branch(), app.bob()] {
        let case = client.prepare_case().await;
        expected.push((client.account().to_owned(), case.bundle.clone()));
        // More than are read at once, all with the one document of the first.
        for _ in 0..24 {
            let bundle = bundle_with(&client, &Case::end_user_attributes(), &case.document).await;
            expected.push((client.account().to_owned(), bundle));
        }
        bundle_with(&client, &with_phone(Case::end_user_attributes()), &case.document).await;
        client.create_bundle("Nothing in it, so it is not compliant now").await;
        client.create_bundle_for("Of a rule that stays", ["DE", "mobile", "business"]).await;
    }
    app.set_bundle_status(&expected[0].1, "twilio-approved").await;
    expected.sort();

    let (affected, progress) = impact(&app, &proposed(ONE_MORE)).await;
    assert_eq!(broken(&affected), expected);
    assert_eq!(progress, ImpactProgress { bundles: 84, evaluated: 81, affected: 75 });
    let reason = ImpactReason {
        requirement: "business_info".to_owned(),
        field: Some("phone_number".to_owned()),
        code: Code::EndUserFieldMissing,
    };
    for bundle in &affected {
        assert_eq!(bundle.reasons, std::slice::from_ref(&reason));
        assert_eq!(bundle.regulation.to_string(), "RNfd11dde5d4b7252abf96139766f68034");
    }
    let approved = affected.iter().filter(|bundle| bundle.status == BundleStatus::Approved).count();
    assert_eq!(approved, 1);
}

async fn a_catalogue_that_asks_for_the_same_evaluates_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    app.alice().prepare_case().await;
    let same = ONE_MORE.replace(r#""email", "phone_number"]"#, r#""email", "comments"]"#);
    let (affected, progress) = impact(&app, &proposed(&same)).await;
    assert_eq!(affected, []);
    assert_eq!(progress, ImpactProgress { bundles: 1, evaluated: 0, affected: 0 });
}

async fn a_listener_that_goes_away_ends_the_run(db: TestDb) {
    let app = TestApp::start(db).await;
    app.alice().prepare_case().await;
    let (listener, events) = mpsc::channel(1);
    drop(events);
    let progress = app.service().impact(&proposed(ONE_MORE), listener).await.unwrap();
    assert_eq!(progress.affected, 1);
}
