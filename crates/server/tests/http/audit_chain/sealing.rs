//! What the sealer makes, alone and together with others.

use super::events::{ACCOUNT, at, record, sid};
use super::{proven, verify};
use dossier_app::{ExpectedCheckpoint, Sealed};
use dossier_testkit::{Engine, TestApp, TestDb, engines, on_both_engines};

on_both_engines! {
    what_happens_is_sealed_and_proven,
    without_events_no_checkpoint_is_made,
    many_events_are_sealed_in_several_checkpoints,
    nodes_that_seal_at_once_make_one_chain,
    an_event_from_the_past_is_told_of,
    a_chain_that_lost_its_end_is_not_continued,
}

async fn seal(app: &TestApp) -> Sealed {
    app.service().seal_audit().await.unwrap()
}

async fn what_happens_is_sealed_and_proven(db: TestDb) {
    let app = TestApp::start(db).await;
    let before = proven(&app).await;
    assert!((before.checkpoints, before.sealed_events) == (0, 0) && before.unsealed_events > 0);
    let first = seal(&app).await;
    assert_eq!(first.events, before.unsealed_events);
    let first = first.newest.unwrap();
    assert_eq!((first.checkpoint.number, first.checkpoint.sealed_at), (1, app.clock().now()));

    app.alice().prepare_case().await;
    let waiting = proven(&app).await;
    assert!(waiting.unsealed_events >= 6, "{waiting:?}");
    assert_eq!(waiting.newest.as_ref(), Some(&first));
    let second = seal(&app).await.newest.unwrap();
    assert_eq!((second.checkpoint.number, second.checkpoint.previous_hash), (2, first.hash));
    let after = proven(&app).await;
    assert_eq!((after.checkpoints, after.unsealed_events, after.late_events), (2, 0, 0));
    assert_eq!(after.sealed_events, before.unsealed_events + waiting.unsealed_events);
    assert_eq!(app.service().newest_checkpoint().await.unwrap().as_ref(), Some(&second));

    let kept =
        [first, second].map(|kept| ExpectedCheckpoint { number: kept.checkpoint.number, hash: kept.hash });
    assert_eq!(verify(&app, &kept).await.1, [""; 0]);
}

async fn without_events_no_checkpoint_is_made(db: TestDb) {
    let app = TestApp::start(db).await;
    assert_eq!(app.service().newest_checkpoint().await.unwrap(), None);
    let first = seal(&app).await.newest;
    for _ in 0..3 {
        assert_eq!(seal(&app).await, Sealed::default());
    }
    assert_eq!(app.service().newest_checkpoint().await.unwrap(), first);
}

async fn many_events_are_sealed_in_several_checkpoints(db: TestDb) {
    let app = TestApp::start(db).await;
    seal(&app).await;
    record(app.database(), 0..2500).await;
    let sealed = seal(&app).await;
    assert_eq!(sealed.events, 2500);
    let newest = sealed.newest.unwrap().checkpoint;
    assert_eq!((newest.number, newest.event_count), (4, 500));
    let report = proven(&app).await;
    assert_eq!((report.checkpoints, report.unsealed_events, report.late_events), (4, 0, 0));
}

async fn nodes_that_seal_at_once_make_one_chain(db: TestDb) {
    let app = TestApp::start(db).await;
    let other = app.second_node().await;
    let sealing = async |node: &dossier_app::App| {
        let mut sealed = 0;
        for _ in 0..40 {
            sealed += node.seal_audit().await.unwrap().events;
            tokio::task::yield_now().await;
        }
        sealed
    };
    let recording = async {
        for number in 0..200 {
            record(app.database(), number..number + 1).await;
        }
    };
    let (one, two, ()) = tokio::join!(sealing(app.service()), sealing(&other), recording);
    let rest = seal(&app).await.events;
    let report = proven(&app).await;
    assert_eq!(report.unsealed_events, 0);
    assert_eq!(report.sealed_events, one + two + rest, "each event is sealed once");
    assert!(report.sealed_events > 200);
}

/// A transaction takes its times at its beginning and may commit long after others that began later.
#[test]
fn an_event_that_is_committed_late_is_sealed_all_the_same() {
    engines::run(Engine::Postgres, async |db| {
        let app = TestApp::start(db).await;
        let mut late = app.database().postgres().await;
        let slow = late.transaction().await.unwrap();
        let (account, sid, at) = (ACCOUNT.to_string(), sid(1), at(1).as_micros());
        slow.batch_execute(&format!(
            "INSERT INTO audit_events VALUES ('{account}', {at}, '{sid}', 'a', 'b', 'c', 'd', 'e', NULL); \
             INSERT INTO audit_unsealed VALUES ({at}, '{sid}', '{account}')"
        ))
        .await
        .unwrap();
        record(app.database(), 2..9).await;
        seal(&app).await;
        let before = proven(&app).await;
        assert_eq!(before.unsealed_events, 0, "nobody sees it yet");
        slow.commit().await.unwrap();
        assert_eq!(seal(&app).await.events, 1);
        let after = proven(&app).await;
        assert_eq!(after.sealed_events, before.sealed_events + 1);
    });
}

async fn an_event_from_the_past_is_told_of(db: TestDb) {
    let app = TestApp::start(db).await;
    record(app.database(), 5000..5001).await;
    seal(&app).await;
    record(app.database(), 4399..4401).await;
    assert_eq!(seal(&app).await.events, 2);
    assert_eq!(proven(&app).await.late_events, 1);
}

async fn a_chain_that_lost_its_end_is_not_continued(db: TestDb) {
    let app = TestApp::start(db).await;
    seal(&app).await;
    app.database().script("DELETE FROM audit_checkpoints").await;
    record(app.database(), 0..1).await;
    let refusal = app.service().seal_audit().await.unwrap_err();
    assert!(dossier_app::error_chain(&refusal).contains("audit checkpoint 1 is gone"), "{refusal:?}");
    assert!(app.service().newest_checkpoint().await.is_err());
    let (report, _) = verify(&app, &[]).await;
    assert_eq!(report.unsealed_events, 1, "what was recorded since still waits");
}
