//! Large erasures, processes that die, and several nodes.

use std::sync::Arc;
use std::time::Duration;

use dossier_domain::operator::Role;
use dossier_testkit::app::OperatorClient;
use dossier_testkit::{Engine, TestApp, TestDb, on_both_engines};
use serde_json::json;

use super::request;

on_both_engines! {
    an_erasure_whose_process_died_is_completed_by_another,
    two_nodes_erase_each_object_once,
}

const END_USERS: usize = 2500;

/// Gives an account many end users. What is in their sealed columns does not matter: nobody opens it.
async fn fill(app: &TestApp, account: &str) {
    let bytes = match app.database().which() {
        Engine::Sqlite => "X'0102030405'",
        Engine::Postgres => "'\\x0102030405'::bytea",
    };
    for chunk in (0..END_USERS).collect::<Vec<_>>().chunks(500) {
        let row = |number: &usize| {
            format!(
                "('{account}', 'IT{number:032x}', 'business', 'Person {number}', {bytes}, {number}, {number})"
            )
        };
        let rows: Vec<_> = chunk.iter().map(row).collect();
        let columns = "account_sid, sid, type, friendly_name, attributes_sealed, created_at, updated_at";
        app.database().script(&format!("INSERT INTO end_users ({columns}) VALUES {}", rows.join(", "))).await;
    }
}

async fn state(admin: &OperatorClient, sid: &str) -> (String, u64) {
    let erasure = admin.get(&format!("/erasures/{sid}")).await.ok();
    (erasure.text("state").to_owned(), erasure["erased_objects"].as_u64().unwrap())
}

/// How many events tell of an erased object, and how many objects those were.
async fn told(app: &TestApp, before: &dossier_testkit::app::Snapshot) -> (usize, usize) {
    let mut targets: Vec<_> = app
        .audited_since(before)
        .await
        .into_iter()
        .filter(|line| line.action == "erasure.erase")
        .map(|line| line.target)
        .collect();
    let events = targets.len();
    targets.sort();
    targets.dedup();
    (events, targets.len())
}

async fn an_erasure_whose_process_died_is_completed_by_another(db: TestDb) {
    let app = TestApp::start(db).await;
    let (bob, admin) = (app.bob(), app.operator(Role::Admin).await);
    bob.prepare_case().await;
    fill(&app, bob.account()).await;
    app.set_account_status(bob.account(), "closed").await;
    let before = app.snapshot().await;
    let wanted = request(&admin, bob.account()).await.sid().to_owned();
    let worker = app.worker();
    let is_under_way = async || matches!(state(&admin, &wanted).await, (_, 1..));
    tokio::time::timeout(Duration::from_secs(60), async {
        while !is_under_way().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .expect("it begins");
    drop(worker);
    // What is left of its lease is waited for.
    app.clock().advance(Duration::from_secs(180));
    let node = Arc::new(app.second_node().await);
    node.work_off().await.unwrap();
    let objects = END_USERS as u64 + 5;
    assert_eq!(state(&admin, &wanted).await, ("done".to_owned(), objects));
    assert_eq!(told(&app, &before).await, (END_USERS + 5, END_USERS + 5), "each once");
    assert!(app.files().is_empty());
    let left = app.snapshot().await;
    assert!(!format!("{left:?}").contains("Person 1234"));

    // The certificate comes in parts.
    let (mut after, mut objects, mut parts) = (String::new(), 0, 0);
    loop {
        let part = admin.get(&format!("/erasures/{wanted}/certificate{after}")).await.ok();
        (objects, parts) = (objects + part.items("objects").len(), parts + 1);
        let Some(next) = part["next"].as_str() else { break };
        after = format!("?after={next}");
    }
    assert_eq!((objects, parts), (END_USERS + 5, 6));
}

async fn two_nodes_erase_each_object_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let node = Arc::new(app.second_node().await);
    let before = app.snapshot().await;
    let mut wanted = Vec::new();
    for _ in 0..4 {
        let case = alice.prepare_case().await;
        wanted.push(request(&admin, &case.end_user).await.sid().to_owned());
    }
    let body =
        json!({ "subject": app.bob().account(), "reason": "x", "undo_seconds": 0, "even_if_in_use": true });
    let bobs = admin.post("/erasures", &body).await.created().sid().to_owned();
    let (_, done) = tokio::join!(app.work_off(), node.work_off());
    done.unwrap();
    app.clock().advance(Duration::from_secs(180));
    let (_, done) = tokio::join!(app.work_off(), node.work_off());
    done.unwrap();
    for sid in &wanted {
        assert_eq!(state(&admin, sid).await, ("done".to_owned(), 4));
    }
    assert_eq!(state(&admin, &bobs).await, ("done".to_owned(), 1));
    assert_eq!(told(&app, &before).await, (17, 17));
}
