//! PostgreSQL connections that are lost, and SQLite connections that are set up as promised.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dossier_store::db::Value;
use dossier_store::{Db, DbOptions, DbTarget, StoreError, StoreResult};
use dossier_testkit::{Engine, TestDb, engines};

use super::{Blocker, insert, make_table, marks};
use crate::{read, write};

/// Ends every connection of the executor as an administrator or a failover would.
async fn terminate_all(db: &TestDb) {
    let sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'dossier'";
    let ended = db.postgres().await.query(sql, &[]).await.unwrap();
    assert!(!ended.is_empty(), "there were connections to end");
}

/// Both connections of the pool are made.
async fn warm_up(db: &TestDb) {
    let blocker = Blocker::start(db).await;
    write(db, |tx| insert(tx, 100)).await;
    blocker.end().await;
    marks(db).await;
}

#[test]
fn connections_lost_between_units_are_made_again() {
    engines::run(Engine::Postgres, async |db| {
        make_table(&db).await;
        warm_up(&db).await;
        for round in 0..5 {
            terminate_all(&db).await;
            write(&db, move |tx| insert(tx, round)).await;
            assert!(marks(&db).await.contains(&round));
        }
        terminate_all(&db).await;
        assert_eq!(marks(&db).await, [0, 1, 2, 3, 4, 100]);
    });
}

#[test]
fn a_connection_lost_inside_a_unit_makes_it_run_again() {
    engines::run(Engine::Postgres, async |db| {
        make_table(&db).await;
        let runs = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&runs);
        write(&db, move |tx| {
            insert(tx, 1)?;
            if counter.fetch_add(1, Ordering::SeqCst) == 0 {
                end_this_connection(tx)?;
            }
            insert(tx, 2)
        })
        .await;
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        assert_eq!(marks(&db).await, [1, 2]);
    });
}

#[test]
fn a_read_whose_connection_is_lost_runs_again() {
    engines::run(Engine::Postgres, async |db| {
        make_table(&db).await;
        let mut first = true;
        let found = read(&db, move |tx| {
            if std::mem::take(&mut first) {
                end_this_connection(tx)?;
            }
            tx.exists("SELECT mark FROM marks", &[])
        })
        .await;
        assert!(!found);
    });
}

/// The last attempt must not be answered with the closure's word when the server did not commit.
#[test]
fn a_unit_that_swallows_every_lost_connection_is_not_committed() {
    engines::run(Engine::Postgres, async |db| {
        make_table(&db).await;
        let answer: StoreResult<()> = db
            .write(|tx| {
                insert(tx, 1)?;
                end_this_connection(tx).unwrap_err();
                Ok(())
            })
            .await;
        assert!(matches!(answer, Err(StoreError::NotCommitted(_))), "{answer:?}");
        assert!(marks(&db).await.is_empty());
    });
}

#[test]
fn a_unit_that_never_gets_through_ends_with_the_reason() {
    engines::run(Engine::Postgres, async |db| {
        make_table(&db).await;
        let runs = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&runs);
        let answer: StoreResult<()> = db
            .write(move |tx| {
                counter.fetch_add(1, Ordering::SeqCst);
                end_this_connection(tx)
            })
            .await;
        assert!(matches!(answer, Err(StoreError::Postgres(_))), "{answer:?}");
        assert_eq!(runs.load(Ordering::SeqCst), 5);
        write(&db, |tx| insert(tx, 1)).await;
    });
}

/// Nobody knows whether a COMMIT without an answer happened, so it is an error and never repeated.
#[test]
fn a_connection_lost_before_the_commit_is_an_error() {
    engines::run(Engine::Postgres, async |db| {
        make_table(&db).await;
        let runs = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&runs);
        let (reached, wait) = tokio::sync::oneshot::channel();
        let (let_go, go_on) = std::sync::mpsc::channel::<()>();
        let mut reached = Some(reached);
        let unit = {
            let db = db.clone();
            tokio::spawn(async move {
                db.write(move |tx| -> StoreResult<()> {
                    counter.fetch_add(1, Ordering::SeqCst);
                    insert(tx, 1)?;
                    if let Some(reached) = reached.take() {
                        let _ = reached.send(());
                        let _ = go_on.recv();
                    }
                    Ok(())
                })
                .await
            })
        };
        wait.await.unwrap();
        terminate_all(&db).await;
        drop(let_go);
        let answer = unit.await.unwrap();
        assert!(matches!(answer, Err(StoreError::Postgres(_))), "{answer:?}");
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        assert!(marks(&db).await.is_empty());
    });
}

/// Every combination of filters is a statement of its own; a customer must not fill the server with them.
#[test]
fn prepared_statements_of_a_connection_are_limited() {
    engines::run(Engine::Postgres, async |db| {
        make_table(&db).await;
        let prepared = write(&db, |tx| {
            for number in 0..1000 {
                tx.exists(&format!("SELECT mark FROM marks WHERE mark = {number}"), &[])?;
            }
            tx.optional("SELECT COUNT(*) FROM pg_prepared_statements", &[], |row| row.columns().next::<i64>())
        })
        .await;
        assert!(prepared.unwrap() <= 300, "{prepared:?} statements are prepared");
    });
}

/// Under another level a COMMIT may be refused, which nothing here expects.
#[test]
fn transactions_are_read_committed_whatever_the_server_prefers() {
    engines::run(Engine::Postgres, async |db| {
        db.script(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable', \
             current_database()); END $$",
        )
        .await;
        let fresh = db.open_again().await;
        let level = write(&fresh, |tx| {
            tx.optional("SELECT current_setting('transaction_isolation')", &[], |row| row.columns().next())
        });
        assert_eq!(level.await, Some("read committed".to_owned()));
    });
}

fn end_this_connection(tx: &mut dossier_store::Tx<'_>) -> StoreResult<()> {
    tx.exists("SELECT pg_terminate_backend(pg_backend_pid())", &[]).map(drop)
}

#[test]
fn an_address_that_leads_nowhere_is_refused_without_repeating_its_password() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for url in ["postgres://me:hunter2@127.0.0.1:1/x", "postgres://me:hunter2@127.0.0.1:nonsense/x"] {
        let target = DbTarget::Postgres(url.to_owned());
        let options = DbOptions { target, connections: 1, queue_max: 1 };
        let Err(error) = runtime.block_on(Db::open(&options)) else { panic!("it was opened") };
        let mut text = format!("{options:?} {error:?} {error}");
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            text.push_str(&error.to_string());
            source = error.source();
        }
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn the_writer_of_sqlite_syncs_checks_and_overwrites() {
    engines::run(Engine::Sqlite, async |db| {
        let pragma = async |name: &'static str| {
            let sql = format!("PRAGMA {name}");
            write(&db, move |tx| tx.optional(&sql, &[], |row| row.columns().next::<i64>())).await
        };
        assert_eq!(pragma("synchronous").await, Some(2), "FULL");
        assert_eq!(pragma("foreign_keys").await, Some(1));
        assert_eq!(pragma("secure_delete").await, Some(1));
        let mode =
            write(&db, |tx| tx.optional("PRAGMA journal_mode", &[], |row| row.columns().next::<String>()));
        assert_eq!(mode.await.as_deref(), Some("wal"));
    });
}

#[test]
fn reads_of_sqlite_cannot_write() {
    engines::run(Engine::Sqlite, async |db| {
        make_table(&db).await;
        let refused = db.read(|tx| insert(tx, 1)).await;
        assert!(matches!(refused, Err(StoreError::Sqlite(_))), "{refused:?}");
        let sql = "INSERT INTO marks (mark) VALUES ($1) RETURNING mark";
        let refused = db.read(move |tx| tx.exists(sql, &[Value::Int(1)])).await;
        assert!(matches!(refused, Err(StoreError::Sqlite(_))), "{refused:?}");
        assert!(marks(&db).await.is_empty());
    });
}

#[test]
fn several_processes_open_a_fresh_sqlite_file_at_once() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let target = DbTarget::Sqlite(folder.path().join("dossier.db"));
        let options = DbOptions { target, connections: 1, queue_max: 10 };
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(async {
                        let db = Db::open(&options).await.unwrap();
                        db.migrate(dossier_testkit::ManualClock::START).await.unwrap();
                    });
                });
            }
        });
    }
}
