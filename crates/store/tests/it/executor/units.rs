//! One unit: all of it or nothing, whatever happens inside.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dossier_store::db::Value;
use dossier_store::{StoreError, StoreResult};
use dossier_testkit::{TestDb, on_both_engines};

use super::{insert, make_table, marks};
use crate::{read, write};

on_both_engines![
    an_error_undoes_everything,
    an_error_undoes_what_returning_statements_did,
    a_panic_undoes_everything_and_later_units_work,
    a_panic_while_a_row_is_read_undoes_everything,
    a_panic_in_a_read_is_an_error,
    a_swallowed_failure_is_not_committed,
    a_swallowed_failure_of_the_first_statement_is_not_committed,
    what_follows_a_failed_statement_is_undone,
    refusals_below_the_statements_may_be_swallowed,
    a_unit_sees_its_own_changes,
    a_unit_that_fails_runs_once,
    errors_of_the_callers_own_pass_through,
];

async fn an_error_undoes_everything(db: TestDb) {
    make_table(&db).await;
    let refused: StoreResult<()> = db
        .write(|tx| {
            insert(tx, 1)?;
            insert(tx, 2)?;
            Err(StoreError::RowCount { touched: 9 })
        })
        .await;
    assert!(matches!(refused, Err(StoreError::RowCount { touched: 9 })));
    assert!(marks(&db).await.is_empty());
}

async fn an_error_undoes_what_returning_statements_did(db: TestDb) {
    make_table(&db).await;
    let unit = |fail: bool| {
        db.write(move |tx| {
            let sql = "INSERT INTO marks (mark) VALUES ($1) RETURNING mark";
            let mark = tx.optional(sql, &[Value::Int(1)], |row| row.columns().next::<i64>())?;
            assert_eq!(mark, Some(1));
            if fail { Err(StoreError::Closed) } else { Ok(()) }
        })
    };
    unit(true).await.unwrap_err();
    assert!(marks(&db).await.is_empty());
    unit(false).await.unwrap();
    assert_eq!(marks(&db).await, [1]);
}

async fn a_panic_undoes_everything_and_later_units_work(db: TestDb) {
    make_table(&db).await;
    // Once for every connection there may be, and once more.
    for _ in 0..3 {
        let panicked: StoreResult<()> = db
            .write(|tx| {
                insert(tx, 1)?;
                panic!("a bug in a use case");
            })
            .await;
        assert!(matches!(panicked, Err(StoreError::Panicked)), "{panicked:?}");
    }
    assert!(marks(&db).await.is_empty());
    write(&db, |tx| insert(tx, 1)).await;
    assert_eq!(marks(&db).await, [1]);
}

async fn a_panic_while_a_row_is_read_undoes_everything(db: TestDb) {
    make_table(&db).await;
    for _ in 0..3 {
        let panicked: StoreResult<()> = db
            .write(|tx| {
                (1..=5).try_for_each(|mark| insert(tx, mark))?;
                tx.list("SELECT mark FROM marks", &[], |_| panic!("a bug in a row")).map(|_: Vec<()>| ())
            })
            .await;
        assert!(matches!(panicked, Err(StoreError::Panicked)), "{panicked:?}");
    }
    write(&db, |tx| insert(tx, 6)).await;
    assert_eq!(marks(&db).await, [6]);
}

async fn a_panic_in_a_read_is_an_error(db: TestDb) {
    make_table(&db).await;
    for _ in 0..3 {
        let panicked: StoreResult<()> = db.read(|_| panic!("a bug in a use case")).await;
        assert!(matches!(panicked, Err(StoreError::Panicked)), "{panicked:?}");
    }
    assert!(marks(&db).await.is_empty());
}

/// PostgreSQL answers the COMMIT of a transaction with a failed statement with a silent ROLLBACK, and
/// both engines must do the same.
async fn a_swallowed_failure_is_not_committed(db: TestDb) {
    make_table(&db).await;
    write(&db, |tx| insert(tx, 1)).await;
    let answer: StoreResult<()> = db
        .write(|tx| {
            insert(tx, 2)?;
            insert(tx, 1).unwrap_err();
            Ok(())
        })
        .await;
    assert!(matches!(answer, Err(StoreError::NotCommitted(_))), "{answer:?}");
    assert_eq!(marks(&db).await, [1]);
    write(&db, |tx| insert(tx, 3)).await;
    assert_eq!(marks(&db).await, [1, 3]);
}

async fn a_swallowed_failure_of_the_first_statement_is_not_committed(db: TestDb) {
    make_table(&db).await;
    for fail in [false, true] {
        let answer: StoreResult<()> = db
            .write(move |tx| {
                tx.execute("UPDATE no_such_table SET x = 1", &[]).unwrap_err();
                // On PostgreSQL the first statement opens the transaction; it failed before it could.
                let _ = insert(tx, 1);
                if fail { Err(StoreError::Closed) } else { Ok(()) }
            })
            .await;
        match answer {
            Err(StoreError::Closed) if fail => {}
            Err(StoreError::NotCommitted(_)) if !fail => {}
            other => panic!("{other:?}"),
        }
        assert!(marks(&db).await.is_empty());
    }
    let only: StoreResult<()> = db
        .write(|tx| {
            tx.execute("UPDATE no_such_table SET x = 1", &[]).unwrap_err();
            Ok(())
        })
        .await;
    assert!(matches!(only, Err(StoreError::NotCommitted(_))), "{only:?}");
}

async fn what_follows_a_failed_statement_is_undone(db: TestDb) {
    make_table(&db).await;
    let answer: StoreResult<()> = db
        .write(|tx| {
            insert(tx, 1)?;
            insert(tx, 1).unwrap_err();
            let _ = insert(tx, 2);
            Ok(())
        })
        .await;
    assert!(matches!(answer, Err(StoreError::NotCommitted(_))), "{answer:?}");
    assert!(marks(&db).await.is_empty());
}

/// A statement that touched nothing did not fail: the use case may go on.
async fn refusals_below_the_statements_may_be_swallowed(db: TestDb) {
    make_table(&db).await;
    write(&db, |tx| {
        insert(tx, 1)?;
        let missing = tx.execute_one("UPDATE marks SET count = 1 WHERE mark = $1", &[Value::Int(2)]);
        assert!(matches!(missing, Err(StoreError::RowCount { touched: 0 })));
        Ok(())
    })
    .await;
    assert_eq!(marks(&db).await, [1]);
}

async fn a_unit_sees_its_own_changes(db: TestDb) {
    make_table(&db).await;
    let seen = write(&db, |tx| {
        insert(tx, 4)?;
        tx.exists("SELECT 1 FROM marks WHERE mark = $1", &[Value::Int(4)])
    })
    .await;
    assert!(seen);
    assert!(read(&db, |tx| tx.exists("SELECT 1 FROM marks WHERE mark = $1", &[Value::Int(4)])).await);
}

async fn a_unit_that_fails_runs_once(db: TestDb) {
    make_table(&db).await;
    let runs = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&runs);
    let failed: StoreResult<()> = db
        .write(move |tx| {
            counter.fetch_add(1, Ordering::SeqCst);
            tx.execute("UPDATE no_such_table SET x = 1", &[]).map(drop)
        })
        .await;
    failed.unwrap_err();
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

async fn errors_of_the_callers_own_pass_through(db: TestDb) {
    #[derive(Debug)]
    enum Refusal {
        Mine,
        Store,
    }
    impl From<StoreError> for Refusal {
        fn from(_: StoreError) -> Self {
            Self::Store
        }
    }
    let refused: Result<(), Refusal> = db.write(|_| Err(Refusal::Mine)).await;
    assert!(matches!(refused, Err(Refusal::Mine)));
    let failed: Result<(), Refusal> = db.read(|tx| Ok(tx.execute("nonsense", &[]).map(drop)?)).await;
    assert!(matches!(failed, Err(Refusal::Store)));
}
