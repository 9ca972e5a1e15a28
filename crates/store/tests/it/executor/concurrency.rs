//! Many units at once: groups on SQLite, connections on PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::text::FriendlyName;
use dossier_store::db::Value;
use dossier_store::{StoreError, StoreResult, bundles};
use dossier_testkit::{Engine, Seeded, TestDb, engines, on_both_engines, owner};

use super::{Blocker, insert, make_table, marks, queued};
use crate::{read, samples, write};

on_both_engines![
    units_that_wait_together_stand_or_fall_alone,
    of_two_writers_that_compare_and_set_one_wins,
    a_lock_serialises_read_modify_write,
    a_reader_never_sees_half_a_unit,
    units_that_lock_in_opposite_order_both_happen,
];

/// While one unit holds the connections, others pile up; on SQLite they become one commit.
async fn units_that_wait_together_stand_or_fall_alone(db: TestDb) {
    make_table(&db).await;
    let blockers = [Blocker::start(&db).await];
    let tasks: Vec<_> = (0..20_i64)
        .map(|mark| {
            let db = db.clone();
            tokio::spawn(async move {
                db.write(move |tx| -> StoreResult<i64> {
                    insert(tx, mark)?;
                    match mark % 5 {
                        1 => Err(StoreError::Closed),
                        2 => panic!("a bug in a use case"),
                        3 => insert(tx, mark).map(|()| mark),
                        _ => Ok(mark),
                    }
                })
                .await
            })
        })
        .collect();
    if db.engine() == "sqlite" {
        queued(&db, 21).await;
    }
    for blocker in blockers {
        blocker.end().await;
    }
    for (mark, task) in (0..).zip(tasks) {
        let answer = task.await.unwrap();
        match mark % 5 {
            1 => assert!(matches!(answer, Err(StoreError::Closed)), "{mark}: {answer:?}"),
            2 => assert!(matches!(answer, Err(StoreError::Panicked)), "{mark}: {answer:?}"),
            3 => assert!(
                matches!(answer, Err(StoreError::Sqlite(_) | StoreError::Postgres(_))),
                "{mark}: {answer:?}"
            ),
            _ => assert_eq!(answer.unwrap(), mark),
        }
    }
    assert_eq!(marks(&db).await, [0, 4, 5, 9, 10, 14, 15, 19]);
}

/// The file may not grow any further, as on a full disk. Whatever SQLite then undoes, an answer must
/// agree with what is kept.
#[test]
fn answers_agree_with_what_is_kept_when_the_disk_is_full() {
    engines::run(Engine::Sqlite, async |db| {
        make_table(&db).await;
        db.script("CREATE TABLE ballast (bytes BYTEA)").await;
        for round in 0..20_i64 {
            write(&db, |tx| tx.list("PRAGMA max_page_count = 200", &[], |_| Ok(()))).await;
            let blocker = Blocker::start(&db).await;
            let tasks: Vec<_> = (round * 10..round * 10 + 10)
                .map(|mark| {
                    let db = db.clone();
                    tokio::spawn(async move {
                        let unit = db.write(move |tx| {
                            insert(tx, mark)?;
                            let size = if mark % 3 == 0 { 400_000 } else { 10 };
                            tx.execute_one("INSERT INTO ballast VALUES ($1)", &[Value::Bytes(&vec![7; size])])
                        });
                        (mark, unit.await)
                    })
                })
                .collect();
            queued(&db, 11).await;
            // It is in the same group, so it may be undone with it.
            drop(blocker.let_go);
            let _ = blocker.unit.await.unwrap();
            let (mut kept, mut refused) = (Vec::new(), 0);
            for task in tasks {
                match task.await.unwrap() {
                    (mark, Ok(())) => kept.push(mark),
                    _ => refused += 1,
                }
            }
            assert!(refused > 0, "there was room for everything");
            let marks = marks(&db).await;
            assert_eq!(marks.into_iter().filter(|mark| *mark >= round * 10).collect::<Vec<_>>(), kept);
            write(&db, |tx| tx.execute("DELETE FROM ballast", &[])).await;
        }
        write(&db, |tx| tx.list("PRAGMA max_page_count = 100000", &[], |_| Ok(()))).await;
        write(&db, |tx| insert(tx, 1000)).await;
    });
}

async fn of_two_writers_that_compare_and_set_one_wins(db: TestDb) {
    let mut random = Seeded::new(1);
    for _ in 0..20 {
        let bundle = Bundle { status: BundleStatus::Draft, ..samples::bundle(&mut random, &owner()) };
        let sid = bundle.sid;
        let given = bundle.clone();
        write(&db, move |tx| bundles::insert(tx, &owner(), &given)).await;
        let tasks: Vec<_> = [BundleStatus::PendingReview, BundleStatus::InReview, BundleStatus::Rejected]
            .map(|status| {
                let (db, changed) = (db.clone(), Bundle { status, ..bundle.clone() });
                tokio::spawn(async move {
                    let saved =
                        db.write(move |tx| bundles::save(tx, &owner(), &changed, BundleStatus::Draft)).await;
                    saved.map(|()| status)
                })
            })
            .into();
        let mut winners = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(status) => winners.push(status),
                Err(error) => assert!(matches!(error, StoreError::RowCount { touched: 0 }), "{error:?}"),
            }
        }
        let kept = read(&db, move |tx| bundles::get(tx, &owner(), sid)).await.unwrap();
        assert_eq!(winners, [kept.status]);
    }
}

async fn a_lock_serialises_read_modify_write(db: TestDb) {
    let bundle = Bundle {
        friendly_name: FriendlyName::parse("0").unwrap(),
        ..samples::bundle(&mut Seeded::new(2), &owner())
    };
    let sid = bundle.sid;
    write(&db, move |tx| bundles::insert(tx, &owner(), &bundle)).await;
    let tasks: Vec<_> = (0..30)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                write(&db, move |tx| {
                    let mut bundle = bundles::lock(tx, &owner(), sid)?.expect("it is there");
                    let number: u32 = bundle.friendly_name.as_str().parse().unwrap();
                    bundle.friendly_name = FriendlyName::parse(&(number + 1).to_string()).unwrap();
                    bundles::save(tx, &owner(), &bundle, bundle.status)
                })
                .await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let bundle = read(&db, move |tx| bundles::get(tx, &owner(), sid)).await.unwrap();
    assert_eq!(bundle.friendly_name.as_str(), "30");
}

/// A unit moves one from here to there; the sum is the same for everybody who looks.
async fn a_reader_never_sees_half_a_unit(db: TestDb) {
    make_table(&db).await;
    write(&db, |tx| [1, 2].into_iter().try_for_each(|mark| insert(tx, mark))).await;
    let mover = {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..100 {
                write(&db, |tx| {
                    tx.execute_one("UPDATE marks SET count = count + 1 WHERE mark = $1", &[Value::Int(1)])?;
                    tx.execute_one("UPDATE marks SET count = count - 1 WHERE mark = $1", &[Value::Int(2)])
                })
                .await;
            }
        })
    };
    let mut looks = 0;
    while !mover.is_finished() || looks == 0 {
        let counts = read(&db, |tx| {
            tx.list("SELECT count FROM marks ORDER BY mark", &[], |row| row.columns().next::<i64>())
        })
        .await;
        assert_eq!(counts.iter().sum::<i64>(), 0, "{counts:?}");
        looks += 1;
    }
    mover.await.unwrap();
}

/// On PostgreSQL this is a deadlock, which the server ends by failing one of the two.
async fn units_that_lock_in_opposite_order_both_happen(db: TestDb) {
    make_table(&db).await;
    write(&db, |tx| [1, 2].into_iter().try_for_each(|mark| insert(tx, mark))).await;
    let runs = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = [[1, 2], [2, 1]]
        .map(|order| {
            let (db, runs) = (db.clone(), Arc::clone(&runs));
            let together = db.engine() == "postgres";
            tokio::spawn(async move {
                db.write(move |tx| -> StoreResult<()> {
                    let add = "UPDATE marks SET count = count + 1 WHERE mark = $1";
                    tx.execute_one(add, &[Value::Int(order[0])])?;
                    runs.fetch_add(1, Ordering::SeqCst);
                    // Each waits for the other to hold its first lock; on SQLite there is no other.
                    while together && runs.load(Ordering::SeqCst) < 2 {
                        std::thread::yield_now();
                    }
                    tx.execute_one(add, &[Value::Int(order[1])])
                })
                .await
            })
        })
        .into();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let counts =
        read(&db, |tx| tx.list("SELECT count FROM marks", &[], |row| row.columns().next::<i64>())).await;
    assert_eq!(counts, [2, 2]);
    if db.engine() == "postgres" {
        assert!(runs.load(Ordering::SeqCst) > 2, "there was no deadlock");
    }
}
