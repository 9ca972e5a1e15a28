//! Bundles that are not there, or not the caller's.

use super::BUNDLES;
use crate::nobodys;
use dossier_testkit::{TestApp, TestDb, on_both_engines};

on_both_engines! {
    what_is_not_the_callers_does_not_exist,
}

async fn what_is_not_the_callers_does_not_exist(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let before = app.snapshot().await;
    let foreign = bundle.sid().to_owned();
    let lower = foreign.to_lowercase();
    let other_kind = format!("RD{}", &foreign[2..]);
    for (client, sid) in [
        (app.bob(), foreign.as_str()),
        (app.branch(), &foreign),
        (alice.clone(), &nobodys("BU")),
        (alice.clone(), &lower),
        (alice.clone(), &other_kind),
        (alice.clone(), &foreign[..33]),
        (alice.clone(), "BU"),
        (alice.clone(), "me"),
        (alice.clone(), "%20"),
        (alice.clone(), "%FF"),
        (alice.clone(), "..%2F"),
    ] {
        let path = format!("{BUNDLES}/{sid}");
        let words = format!("The requested resource {path} was not found");
        for method in ["GET", "POST", "DELETE"] {
            let refusal = client.request(method, &path).send().await.refused(404, 20404);
            assert_eq!(refusal.message, words);
        }
        for below in ["Evaluations", "ItemAssignments"] {
            let path = format!("{path}/{below}");
            client.get(&path).await.refused(404, 20404).saying(&path);
            client.post(&path, &[("ObjectSid", &nobodys("IT"))]).await.refused(404, 20404).saying(&path);
        }
    }
    before.assert_is(&app.snapshot().await);
    assert_eq!(*alice.bundle(&foreign).await, *bundle);
}
