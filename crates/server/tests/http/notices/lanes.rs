//! Order per bundle, workers that die, and workers that share.

use std::time::Duration;

use dossier_store::jobs;
use dossier_testkit::app::{Manners, Receiver, v2};
use dossier_testkit::{TestDb, on_both_engines};

use super::{HOUR, calling, log_of, reopen, told};

on_both_engines! {
    what_happened_first_is_told_first,
    what_was_given_up_lets_the_next_pass,
    a_worker_that_died_is_replaced,
    two_nodes_tell_each_thing_once,
}

async fn what_happened_first_is_told_first(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let path = v2(&format!("/Bundles/{}", case.bundle));
    alice.post(&path, &[("StatusCallback", &receiver.url("/"))]).await.ok();
    receiver.behave(Manners::status(500));
    alice.submit(&case.bundle).await.ok();
    app.work_off().await;
    // All in the same moment, while the first one waits for its second try.
    reopen(&app, &case.bundle).await;
    alice.submit(&case.bundle).await.ok();
    app.work_off().await;
    assert_eq!(receiver.statuses(), ["pending-review"]);
    receiver.behave(Manners::status(200));
    app.clock().advance(Duration::from_secs(180));
    app.work_off().await;
    assert_eq!(receiver.statuses()[1..], ["pending-review", "draft", "pending-review"]);
    let received = receiver.received();
    assert_eq!(received[0].delivery(), received[1].delivery());
    assert_ne!(received[1].delivery(), received[3].delivery(), "not the same, though it says the same");
}

async fn what_was_given_up_lets_the_next_pass(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    receiver.behave(Manners::status(500));
    let bundle = told(&app, &receiver.url("/")).await;
    reopen(&app, &bundle).await;
    for _ in 0..30 {
        app.work_off().await;
        app.clock().advance(HOUR);
    }
    receiver.behave(Manners::status(200));
    app.clock().advance(24 * HOUR);
    app.work_off().await;
    let mut log = log_of(&app).await;
    log.sort();
    assert_eq!(log[0], "dead/5/status 500");
    assert!(log[1].starts_with("delivered/"), "{log:?}");
}

async fn a_worker_that_died_is_replaced(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    told(&app, &receiver.url("/")).await;
    let now = app.clock().now();
    let claimed = app
        .database()
        .write(move |tx| jobs::claim(tx, "a worker that dies", now, now.plus(Duration::from_secs(120)), 10))
        .await
        .unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(app.work_off().await, 0, "it may be at it");
    app.clock().advance(Duration::from_secs(121));
    app.work_off().await;
    assert_eq!(log_of(&app).await, ["delivered/1/status 200"]);
    assert_eq!(receiver.received().len(), 1);
}

async fn two_nodes_tell_each_thing_once(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    let mut bundles = Vec::new();
    for _ in 0..40 {
        bundles.push(told(&app, &receiver.url("/")).await);
    }
    let other = std::sync::Arc::new(app.second_node().await);
    let (mine, theirs) = tokio::join!(app.work_off(), other.work_off());
    // A job that one finds is one that the other does not.
    assert_eq!(mine + theirs.unwrap(), 40);
    let mut told: Vec<_> =
        receiver.received().iter().map(|one| one.param("BundleSid").unwrap().to_owned()).collect();
    told.sort();
    bundles.sort();
    assert_eq!(told, bundles);
}
