//! Erasure over HTTP: what goes, what stays, what is in the way, and what is left on the disk.

mod accounts;
mod certificates;
mod holds;
mod residue;
mod resume;
mod retention;
mod scope;
mod undo;
mod wire;

use dossier_app::{MailOptions, MailServer};
use dossier_domain::operator::Role;
use dossier_testkit::app::{Case, Client, Json, OperatorClient, v2};
use dossier_testkit::{TestApp, TestDb};
use serde_json::json;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A service that calls loopback addresses and keeps mail.
async fn telling(db: TestDb) -> TestApp {
    TestApp::with(db, |choices| {
        choices.notices.callbacks.allow = vec!["127.0.0.1/32".parse().unwrap()];
        let from = "Compliance <compliance@example.com>".to_owned();
        choices.notices.mail = Some(MailOptions { server: MailServer::Kept, from, templates: None });
    })
    .await
}

/// Wants something erased at once, and has it done.
async fn erase(app: &TestApp, subject: &str) -> Json {
    let admin = app.operator(Role::Admin).await;
    let wanted = request(&admin, subject).await;
    app.work_off().await;
    let done = admin.get(&format!("/erasures/{}", wanted.sid())).await.ok();
    assert_eq!(done.text("state"), "done", "{:?}", done.0);
    done
}

async fn request(admin: &OperatorClient, subject: &str) -> Json {
    let body = json!({ "subject": subject, "reason": "Ticket 4711", "undo_seconds": 0 });
    admin.post("/erasures", &body).await.created()
}

/// The identifiers of the objects of an erasure, in alphabetical order.
fn objects(erasure: &Json) -> Vec<String> {
    let sid = |item: &serde_json::Value| item["sid"].as_str().unwrap().to_owned();
    let mut sids: Vec<_> = erasure.items("objects").iter().map(sid).collect();
    sids.sort();
    sids
}

fn sorted<const N: usize>(sids: [&str; N]) -> Vec<String> {
    let mut sids = sids.map(str::to_owned).to_vec();
    sids.sort();
    sids
}

/// Records that an item was made of another, as copies and clones do.
async fn made_from(app: &TestApp, (account, sid): (&str, &str), (source_account, source): (&str, &str)) {
    let sql = format!(
        "INSERT INTO item_lineage (account_sid, sid, source_account_sid, source_sid, made_at) \
         VALUES ('{account}', '{sid}', '{source_account}', '{source}', 1)"
    );
    app.database().script(&sql).await;
}

/// Whether the four objects of a case can be fetched: bundle, end user, document, address.
async fn exists(client: &Client, case: &Case) -> [bool; 4] {
    let paths = [
        v2(&format!("/Bundles/{}", case.bundle)),
        v2(&format!("/EndUsers/{}", case.end_user)),
        v2(&format!("/SupportingDocuments/{}", case.document)),
        client.v2010(&format!("/Addresses/{}.json", case.address)),
    ];
    let mut exists = [false; 4];
    for (path, exists) in paths.iter().zip(&mut exists) {
        *exists = client.get(path).await.status == 200;
    }
    exists
}
