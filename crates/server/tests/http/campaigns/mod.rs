//! Campaigns: what becomes of approved bundles when a rule changes.

mod effects;
mod operating;
mod renewal;

use std::sync::Arc;

use dossier_app::PolicyDecision;
use dossier_domain::Timestamp;
use dossier_domain::catalogue::{Catalogue, Layer};
use dossier_domain::operator::Role;
use dossier_domain::review::Outcome;
use dossier_domain::sid::{AccountSid, BundleSid};
use dossier_testkit::TestApp;
use dossier_testkit::app::{Case, Client, OperatorClient, v2};
use serde_json::{Value, json};

/// When the coming revision is in force; the clocks of tests start a year before.
const IN_FORCE: &str = "2027-01-01T00:00:00Z";

/// The German rules for local numbers of a business, and one more question from 2027 on.
const ONE_MORE: &str = r#"
[[local.business]]
revision = 2
effective_from = 2027-01-01
address_scope = "area"
end_user = ["business_name", "business_registration_number", "business_website", "first_name", "last_name", "email", "phone_number"]
documents = ["registration-number", "business-identity", "business-address-in-area"]
"#;

/// A time as the wire writes it.
fn at(time: &str) -> Timestamp {
    time.parse::<jiff::Timestamp>().unwrap().into()
}

/// The built-in catalogue with these entries for Germany.
fn german(entries: &str) -> Arc<Catalogue> {
    let head = "country = \"DE\"\nname = \"Germany\"\nconfidence = \"documented\"\nsources = [\"a law\"]\n";
    let text = format!("{head}{entries}");
    let files = [("countries/DE.toml", &*text)];
    Arc::new(Catalogue::check_overlay(Layer { directory: "new", files: &files }).catalogue().unwrap())
}

/// Activates a catalogue with these entries for Germany, and has done what it brings about.
async fn activate(app: &TestApp, entries: &str) {
    app.service().replace_catalogue(german(entries)).await.unwrap();
    app.work_off().await;
}

/// Has a submitted bundle approved.
async fn approve(app: &TestApp, client: &Client, bundle: &str) {
    decide(app, client, bundle, Outcome::Approved).await;
}

async fn decide(app: &TestApp, client: &Client, bundle: &str, outcome: Outcome) {
    let (account, bundle) = (AccountSid::parse(client.account()).unwrap(), BundleSid::parse(bundle).unwrap());
    let reasons = if outcome == Outcome::Rejected { vec![18_004] } else { Vec::new() };
    let decision = PolicyDecision::new(outcome, reasons);
    app.service().decide_without_person(account, bundle, decision).await.unwrap();
}

/// An approved bundle that has everything.
async fn approved(app: &TestApp, client: &Client) -> Case {
    let case = client.prepare_case().await;
    client.submit(&case.bundle).await.ok();
    approve(app, client, &case.bundle).await;
    case
}

/// An approved bundle whose end user has the answer to the coming question.
async fn approved_with_phone(app: &TestApp, client: &Client) -> Case {
    let case = client.prepare_case().await;
    let mut attributes = Case::end_user_attributes();
    attributes["phone_number"] = json!("+493012345678");
    let attributes = attributes.to_string();
    client.post(&v2(&format!("/EndUsers/{}", case.end_user)), &[("Attributes", &attributes)]).await.ok();
    client.submit(&case.bundle).await.ok();
    approve(app, client, &case.bundle).await;
    case
}

/// The only campaign there is, as an operator sees it.
async fn campaign(operator: &OperatorClient) -> Value {
    let list = operator.get("/campaigns").await.ok();
    let items = list.items("items");
    assert_eq!(items.len(), 1, "{items:?}");
    operator.get(&format!("/campaigns/{}", items[0]["sid"].as_str().unwrap())).await.ok().0
}

/// Where the bundles of the only campaign stand: `notified 2, overdue 1`.
async fn progress(app: &TestApp) -> String {
    let campaign = campaign(&app.operator(Role::Viewer).await).await;
    let counts = campaign["progress"].as_object().unwrap();
    let mut words = Vec::new();
    for standing in
        ["affected", "notified", "copied", "submitted", "approved", "replaced", "overdue", "deleted"]
    {
        if counts[standing] != 0 {
            words.push(format!("{standing} {}", counts[standing]));
        }
    }
    let total: u64 = counts.iter().filter(|(key, _)| *key != "total").map(|(_, n)| n.as_u64().unwrap()).sum();
    assert_eq!(counts["total"], total);
    words.join(", ")
}
