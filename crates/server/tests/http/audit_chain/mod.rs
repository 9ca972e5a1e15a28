//! The chain of checkpoints over audit events: made by any number of nodes, and proven.

pub(crate) mod events;
mod sealing;
mod tampering;

use dossier_app::{Authenticity, ChainReport, ExpectedCheckpoint, verify_audit};
use dossier_testkit::TestApp;

/// Proves the chain of a service, and returns what is said to be wrong.
async fn verify(app: &TestApp, expected: &[ExpectedCheckpoint]) -> (ChainReport, Vec<String>) {
    let mut findings = Vec::new();
    let mut listener = |finding: dossier_app::Finding| findings.push(finding.to_string());
    let report = verify_audit(app.database(), &app.master_key(), expected, &mut listener).await.unwrap();
    assert_eq!(report.authenticity, Authenticity::Checked);
    assert_eq!(report.findings, findings.len() as u64);
    (report, findings)
}

/// Says that nothing is wrong, and returns what was looked at.
async fn proven(app: &TestApp) -> ChainReport {
    let (report, findings) = verify(app, &[]).await;
    assert_eq!(findings, [""; 0]);
    report
}
