//! Review over HTTP: from submission to decision, by people and by rules.

mod automatic;
mod claims;
mod confirmations;
mod decisions;
mod files;
mod queue;
mod races;
mod reasons;
mod resubmission;
mod roles;
mod versions;
mod views;

use dossier_domain::operator::Role;
use dossier_testkit::app::{Answer, AuditLine, Case, Json, OperatorClient, Snapshot, v2};
use dossier_testkit::{TestApp, TestDb};
use serde_json::{Value, json};

/// A submitted bundle of Alice's, and the identifier of its case.
async fn submitted(app: &TestApp) -> (Case, String) {
    let alice = app.alice();
    let case = alice.prepare_case().await;
    alice.submit(&case.bundle).await.ok();
    let sid = case_of(app, &case.bundle).await;
    (case, sid)
}

/// The identifier of the newest case of a bundle.
async fn case_of(app: &TestApp, bundle: &str) -> String {
    let viewer = app.operator(Role::Viewer).await;
    let list = viewer.get("/cases?sort=newest&limit=1000").await.ok();
    let case = list.items("items").iter().find(|item| item["bundle_sid"] == bundle);
    case.expect("the bundle has a case")["sid"].as_str().unwrap().to_owned()
}

async fn status_of(app: &TestApp, bundle: &str) -> String {
    app.alice().bundle(bundle).await.text("status").to_owned()
}

async fn document_status(app: &TestApp, document: &str) -> String {
    app.alice().document(document).await.text("status").to_owned()
}

/// Takes a bundle back to draft.
async fn take_back(app: &TestApp, bundle: &str) -> Answer {
    app.alice().post(&v2(&format!("/Bundles/{bundle}")), &[("Status", "draft")]).await
}

/// What was recorded since, as `action actor target`, in alphabetical order.
async fn recorded(app: &TestApp, since: &Snapshot) -> Vec<String> {
    let shown = |line: AuditLine| {
        assert_eq!(line.outcome, "done", "{line:?}");
        format!("{} {} {}", line.action, line.actor, line.target)
    };
    let mut lines: Vec<_> = app.audited_since(since).await.into_iter().map(shown).collect();
    lines.sort();
    lines
}

/// A service in which everything is confirmed by a second person.
async fn four_eyes(db: TestDb) -> TestApp {
    TestApp::with(db, |choices| choices.app.review.four_eyes.percent = 100).await
}

/// Somebody who works on cases.
struct Desk {
    operator: OperatorClient,
}

impl Desk {
    async fn new(app: &TestApp, role: Role) -> Self {
        Self { operator: app.operator(role).await }
    }

    fn sid(&self) -> &str {
        self.operator.sid()
    }

    async fn case(&self, case: &str) -> Json {
        self.operator.get(&format!("/cases/{case}")).await.ok()
    }

    async fn state(&self, case: &str) -> String {
        self.case(case).await.text("state").to_owned()
    }

    async fn version(&self, case: &str) -> u64 {
        self.case(case).await["version"].as_u64().unwrap()
    }

    async fn claim(&self, case: &str) -> Answer {
        self.operator.act(&format!("/cases/{case}/claim")).await
    }

    async fn release(&self, case: &str) -> Answer {
        self.operator.act(&format!("/cases/{case}/release")).await
    }

    /// Puts a verdict upon the version there is now.
    async fn judge(&self, case: &str, document: &str, mut verdict: Value) -> Answer {
        verdict["version"] = json!(self.version(case).await);
        self.operator.put(&format!("/cases/{case}/documents/{document}/verdict"), &verdict).await
    }

    async fn approve(&self, case: &str, document: &str) {
        self.judge(case, document, json!({ "verdict": "approved" })).await.ok();
    }

    async fn flag(&self, case: &str, document: &str, code: u32) {
        let verdict = json!({ "verdict": "rejected", "reasons": [{ "code": code }] });
        self.judge(case, document, verdict).await.ok();
    }

    /// Decides upon the version there is now.
    async fn decide(&self, case: &str, mut decision: Value) -> Answer {
        decision["version"] = json!(self.version(case).await);
        self.operator.post(&format!("/cases/{case}/decision"), &decision).await
    }

    async fn confirm(&self, case: &str, confirmation: &str) -> Answer {
        let body = json!({ "confirmation": confirmation, "version": self.version(case).await });
        self.operator.post(&format!("/cases/{case}/confirmation"), &body).await
    }

    /// Claims, approves the document, and decides so.
    async fn end(&self, case: &str, document: &str, outcome: &str) -> Json {
        self.claim(case).await.ok();
        self.approve(case, document).await;
        let reasons = if outcome == "rejected" { json!([{ "code": 18037 }]) } else { json!([]) };
        self.decide(case, json!({ "outcome": outcome, "reasons": reasons })).await.ok()
    }
}
