//! Bringing the schema up to date.

use dossier_store::db::MIGRATIONS;
use dossier_store::{Db, StoreError};
use dossier_testkit::{Engine, ManualClock, TestDb, on_both_engines};

use crate::read;

on_both_engines![
    applied_steps_are_not_applied_again,
    several_nodes_migrate_a_fresh_database_at_once,
    a_changed_step_is_refused,
    a_newer_schema_is_refused,
];

fn all() -> Vec<i64> {
    MIGRATIONS.iter().map(|migration| migration.number).collect()
}

#[test]
fn steps_are_numbered_from_1_without_gaps_and_named_by_their_number() {
    for (migration, number) in MIGRATIONS.iter().zip(1..) {
        assert_eq!(migration.number, number);
        assert!(migration.name.starts_with(&format!("{number:04}_")), "{}", migration.name);
    }
}

async fn applied_steps_are_not_applied_again(db: TestDb) {
    assert_eq!(db.migrate(ManualClock::START).await.unwrap(), [0_i64; 0]);
    assert_eq!(db.pending_migrations().await.unwrap(), [0_i64; 0]);
    let sql = "SELECT applied_at FROM schema_migrations";
    let times = read(&db, move |tx| tx.list(sql, &[], |row| row.columns().next::<i64>())).await;
    assert_eq!(times, vec![ManualClock::START.as_micros(); MIGRATIONS.len()]);
}

async fn several_nodes_migrate_a_fresh_database_at_once(db: TestDb) {
    let fresh = TestDb::empty(db.which()).await;
    assert!(fresh.pending_migrations().await.is_err(), "nothing was ever applied");
    let mut nodes: Vec<Db> = Vec::new();
    for _ in 0..6 {
        nodes.push(fresh.open_again().await);
    }
    let tasks: Vec<_> = nodes
        .into_iter()
        .map(|node| tokio::spawn(async move { node.migrate(ManualClock::START).await }))
        .collect();
    let mut applied = Vec::new();
    for task in tasks {
        applied.extend(task.await.unwrap().unwrap());
    }
    applied.sort_unstable();
    assert_eq!(applied, all(), "each step was applied by one of them");
}

async fn a_changed_step_is_refused(db: TestDb) {
    let checksum = match db.which() {
        Engine::Sqlite => "X'00'",
        Engine::Postgres => "'\\x00'",
    };
    db.script(&format!("UPDATE schema_migrations SET checksum = {checksum} WHERE number = 1")).await;
    refuses(&db, "step 1 was changed").await;
}

async fn a_newer_schema_is_refused(db: TestDb) {
    let newer = MIGRATIONS.len() + 1;
    let sql = format!(
        "INSERT INTO schema_migrations SELECT {newer}, 'later', checksum, 0 FROM schema_migrations WHERE number = 1"
    );
    db.script(&sql).await;
    refuses(&db, "made by a newer version").await;
}

async fn refuses(db: &Db, reason: &str) {
    for error in [
        db.migrate(ManualClock::START).await.map(drop).unwrap_err(),
        db.pending_migrations().await.map(drop).unwrap_err(),
    ] {
        assert!(matches!(&error, StoreError::Schema(text) if text.contains(reason)), "{error}");
    }
}
