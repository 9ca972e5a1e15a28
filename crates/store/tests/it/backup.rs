//! Tables as files: the same from either engine, and the same again when they were restored.

use std::io;

use dossier_store::backup::{dump, insert, read_table, statements_of};
use dossier_store::db::{MIGRATIONS, Table, tables_after};
use dossier_store::{StoreError, StoreResult};
use dossier_testkit::{Engine, ManualClock, TestDb, engines, on_both_engines};
use tempfile::TempDir;

use crate::{read, write};

on_both_engines![
    a_long_table_is_written_in_order_and_read_again,
    a_claimed_job_is_written_as_one_that_nobody_has,
    a_snapshot_sees_one_state,
    a_used_database_is_not_restored_into,
    a_database_that_is_restored_into_can_be_used_for_nothing_else,
];

/// More than two pages, so that the keys of pages matter.
const ROWS: i64 = 4321;

fn table(name: &str) -> Table {
    tables_after(MIGRATIONS).into_iter().find(|table| table.name == name).unwrap()
}

async fn written(db: &TestDb, table: &Table) -> Vec<u8> {
    let table = table.clone();
    db.snapshot(move |tx| Ok::<_, StoreError>(dump(tx, &table, Vec::new())?.0)).await.unwrap()
}

async fn fill(db: &TestDb) {
    write(db, |tx| {
        let sql = "INSERT INTO audit_events (account_sid, at, sid, actor, action, target, outcome, request_id, rule_revision) \
                   VALUES ($1, $2, $3, 'x', $4, 'y', 'done', 'z', NULL)";
        for number in 0..ROWS {
            let (account, sid) = (format!("AC{:02}", number % 7), format!("AE{number}"));
            // What a line of text must not be broken by.
            let action = format!("\"line\n{number}\u{2028}\\ \u{1F600}");
            let number = number % 11 - 5;
            let params = [&account as &dyn dossier_store::db::ToValue, &number, &sid, &action];
            let params: Vec<_> = params.iter().map(|value| value.to_value()).collect();
            tx.execute_one(sql, &params)?;
        }
        Ok(())
    })
    .await;
}

async fn a_long_table_is_written_in_order_and_read_again(db: TestDb) {
    fill(&db).await;
    let events = table("audit_events");
    let bytes = written(&db, &events).await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("audit_events.jsonl");
    std::fs::write(&path, &bytes).unwrap();
    let mut file = read_table(&path, &events).unwrap();
    // Into the other engine, where it must look the same to the last byte.
    let other =
        TestDb::new(if db.which() == Engine::Sqlite { Engine::Postgres } else { Engine::Sqlite }).await;
    let mut rows = 0;
    loop {
        let batch = file.next_rows(1000, 1 << 20).unwrap();
        if batch.is_empty() {
            break;
        }
        rows += batch.len();
        let events = events.clone();
        write(&other, move |tx| insert(tx, &events, &batch)).await;
    }
    assert_eq!(rows as i64, ROWS);
    assert_eq!(written(&other, &events).await, bytes);
    let totals = file.totals();
    let again = db.snapshot(move |tx| Ok::<_, StoreError>(dump(tx, &events, io::sink())?.1)).await.unwrap();
    assert_eq!(totals, again);
    assert_eq!((totals.rows as i64, totals.bytes), (ROWS, bytes.len() as u64));
}

async fn a_claimed_job_is_written_as_one_that_nobody_has(db: TestDb) {
    db.script(
        "INSERT INTO jobs (kind, account_sid, subject_sid, due_at, attempt, lease, leased_until) \
         VALUES ('callback', 'AC1', 'BU1', 7, 2, 'somebody', 99)",
    )
    .await;
    let lines = String::from_utf8(written(&db, &table("jobs")).await).unwrap();
    assert_eq!(lines.lines().nth(1), Some(r#"["callback","AC1","BU1",7,2,null,0]"#));
}

async fn a_snapshot_sees_one_state(db: TestDb) {
    let count = |tx: &mut dossier_store::Tx<'_>| -> StoreResult<i64> {
        Ok(tx.optional("SELECT count(*) FROM audit_chain", &[], |row| row.columns().next())?.unwrap())
    };
    let (path, url) = match &db.options().target {
        dossier_store::DbTarget::Sqlite(path) => (Some(path.clone()), None),
        dossier_store::DbTarget::Postgres(url) => (None, Some(url.clone())),
    };
    let seen = db.snapshot(move |tx| {
        let before = count(tx)?;
        // Somebody else writes in between, on a thread of its own.
        let (path, url) = (path.clone(), url.clone());
        let writer = std::thread::spawn(move || add_a_row(path, url));
        writer.join().unwrap();
        Ok::<_, StoreError>((before, count(tx)?))
    });
    assert_eq!(seen.await.unwrap(), (1, 1));
    assert_eq!(read(&db, count).await, 2);
    // And it changes nothing itself.
    let sql = "DELETE FROM audit_chain";
    assert!(db.snapshot(move |tx| tx.execute(sql, &[])).await.is_err());
    assert_eq!(read(&db, count).await, 2);
}

fn add_a_row(path: Option<std::path::PathBuf>, url: Option<String>) {
    let sql = "INSERT INTO audit_chain (chain, newest) VALUES (2, 0)";
    if let Some(path) = path {
        rusqlite::Connection::open(path).unwrap().execute(sql, []).unwrap();
    }
    if let Some(url) = url {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(sql).await.unwrap();
        });
    }
}

async fn a_used_database_is_not_restored_into(db: TestDb) {
    for start_over in [false, true] {
        let refused = db.begin_restore([7; 32], 3, start_over, ManualClock::START).await;
        assert!(matches!(refused, Err(StoreError::NotEmpty)), "{refused:?}");
    }
    assert_eq!(db.pending_migrations().await.unwrap(), [0_i64; 0], "it is what it was");
}

async fn a_database_that_is_restored_into_can_be_used_for_nothing_else(db: TestDb) {
    let fresh = TestDb::empty(db.which()).await;
    let tables = fresh.begin_restore([7; 32], 6, false, ManualClock::START).await.unwrap();
    assert_eq!(tables, tables_after(&MIGRATIONS[..6]));
    for error in [
        fresh.migrate(ManualClock::START).await.map(drop).unwrap_err(),
        fresh.pending_migrations().await.map(drop).unwrap_err(),
        fresh.begin_restore([7; 32], 6, false, ManualClock::START).await.map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::HalfRestored), "{error}");
        assert!(error.to_string().contains("--start-over"), "{error}");
    }
    // Another backup, of another schema, after the first was given up.
    fresh.begin_restore([8; 32], MIGRATIONS.len() - 1, true, ManualClock::START).await.unwrap();
    let rows =
        read(&fresh, |tx| tx.list("SELECT newest FROM audit_chain", &[], |row| row.columns().next::<i64>()));
    assert_eq!(rows.await, [0_i64; 0], "the backup brings its own rows");
    assert_eq!(fresh.migrate_restored(ManualClock::START).await.unwrap(), [MIGRATIONS.len() as i64]);
    fresh.end_restore().await.unwrap();
    assert_eq!(fresh.migrate(ManualClock::START).await.unwrap(), [0_i64; 0]);
}

#[test]
fn pages_of_tables_are_found_by_the_primary_key() {
    engines::run(Engine::Sqlite, async |db| {
        let connection = db.sqlite();
        for table in tables_after(MIGRATIONS) {
            let [first, next] = statements_of(&table);
            for (sql, wanted) in [(first, "SCAN"), (next, "SEARCH")] {
                let plan = format!("EXPLAIN QUERY PLAN {}", sql.replace('$', "?"));
                let mut statement = connection.prepare(&plan).unwrap();
                let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
                let steps =
                    statement.query_map(rusqlite::params_from_iter(nulls), |row| row.get::<_, String>(3));
                let steps: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
                assert!(steps.len() == 1 && steps[0].starts_with(wanted), "{sql}\n{steps:#?}");
            }
        }
    });
}

#[test]
fn pages_of_tables_of_postgres_are_found_by_the_primary_key() {
    engines::run(Engine::Postgres, async |db| {
        let client = db.postgres().await;
        client
            .batch_execute(
                "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_sort = off",
            )
            .await
            .unwrap();
        for table in tables_after(MIGRATIONS) {
            let next = statements_of(&table)[1].clone();
            client.batch_execute(&format!("PREPARE explained AS {next}")).await.unwrap();
            let nulls = vec!["NULL"; table.key.len() + 1].join(", ");
            let plan: Vec<String> = client
                .query(&format!("EXPLAIN EXECUTE explained({nulls})"), &[])
                .await
                .unwrap()
                .iter()
                .map(|row| row.get(0))
                .collect();
            let wrong = plan.iter().any(|step| step.contains("Seq Scan") || step.contains("Sort"));
            assert!(!wrong, "{next}\n{plan:#?}");
            client.batch_execute("DEALLOCATE explained").await.unwrap();
        }
    });
}
