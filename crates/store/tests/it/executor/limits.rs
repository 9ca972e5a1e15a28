//! Queues have an end, callers go away, and so do handles.

use dossier_store::{Db, DbOptions, StoreError, StoreResult};
use dossier_testkit::{TestDb, on_both_engines};

use super::{Blocker, eventually, insert, make_table, marks, queued};
use crate::write;

on_both_engines![
    a_full_queue_says_busy_and_recovers,
    a_caller_that_goes_away_leaves_a_whole_unit,
    units_that_were_queued_happen_after_the_last_handle_is_gone,
    many_units_of_many_callers_all_happen,
];

/// A handle whose only connection is easily kept busy.
async fn narrow(db: &TestDb, queue_max: usize) -> Db {
    let options = DbOptions { connections: 1, queue_max, ..db.options().clone() };
    Db::open(&options).await.unwrap()
}

async fn a_full_queue_says_busy_and_recovers(db: TestDb) {
    make_table(&db).await;
    let narrow = narrow(&db, 2).await;
    let blocker = Blocker::start(&narrow).await;
    let before = narrow.queued();
    let waiting: Vec<_> = (1..=2)
        .map(|mark| {
            let narrow = narrow.clone();
            tokio::spawn(async move { narrow.write(move |tx| insert(tx, mark)).await })
        })
        .collect();
    queued(&narrow, before + 2).await;
    let refused = narrow.write(|tx| insert(tx, 3)).await;
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    assert_eq!(narrow.queued(), before + 2, "what was refused does not wait");
    blocker.end().await;
    for unit in waiting {
        unit.await.unwrap().unwrap();
    }
    write(&narrow, |tx| insert(tx, 4)).await;
    assert_eq!(marks(&db).await, [1, 2, 4]);
    queued(&narrow, 0).await;
}

async fn a_caller_that_goes_away_leaves_a_whole_unit(db: TestDb) {
    make_table(&db).await;
    let narrow = narrow(&db, 10).await;
    let blocker = Blocker::start(&narrow).await;
    let before = narrow.queued();
    let caller = {
        let narrow = narrow.clone();
        tokio::spawn(async move {
            narrow
                .write(|tx| {
                    insert(tx, 1)?;
                    insert(tx, 2)
                })
                .await
        })
    };
    queued(&narrow, before + 1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    blocker.end().await;
    write(&narrow, |tx| insert(tx, 3)).await;
    assert_eq!(marks(&db).await, [1, 2, 3]);
}

async fn units_that_were_queued_happen_after_the_last_handle_is_gone(db: TestDb) {
    make_table(&db).await;
    let narrow = narrow(&db, 10).await;
    let blocker = Blocker::start(&narrow).await;
    let before = narrow.queued();
    let caller = {
        let narrow = narrow.clone();
        tokio::spawn(async move { narrow.write(|tx| insert(tx, 1)).await })
    };
    queued(&narrow, before + 1).await;
    caller.abort();
    let _ = caller.await;
    drop(narrow);
    blocker.unit.abort();
    drop(blocker);
    eventually(async || marks(&db).await == [1]).await;
}

async fn many_units_of_many_callers_all_happen(db: TestDb) {
    make_table(&db).await;
    let callers: Vec<_> = (0..20)
        .map(|caller| {
            let db = db.clone();
            tokio::spawn(async move {
                for number in 0..30 {
                    let answer: StoreResult<()> = db.write(move |tx| insert(tx, caller * 30 + number)).await;
                    answer.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(marks(&db).await, (0..600).collect::<Vec<_>>());
    assert_eq!(db.queued(), 0);
}
