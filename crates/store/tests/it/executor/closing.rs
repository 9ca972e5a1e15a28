//! The end of a database: what waits is done, what comes later is refused, the file is whole.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use dossier_store::{DbTarget, StoreError};
use dossier_testkit::engines::run;
use dossier_testkit::{Engine, TestDb};

use super::{insert, make_table};
use crate::write;

fn file(db: &TestDb) -> PathBuf {
    match &db.options().target {
        DbTarget::Sqlite(path) => path.clone(),
        DbTarget::Postgres(_) => panic!("this test is about the file"),
    }
}

#[test]
fn closing_writes_the_log_back_and_ends_the_use() {
    run(Engine::Sqlite, async |db: TestDb| {
        let log = file(&db).with_extension("db-wal");
        make_table(&db).await;
        write(&db, |tx| insert(tx, 1)).await;
        assert!(log.exists(), "a database in use has a log");
        db.close().await;
        assert!(!log.exists(), "the log was written back");
        let late = db.write(|tx| insert(tx, 2)).await;
        assert!(matches!(late, Err(StoreError::Closed)), "{late:?}");
    });
}

#[test]
fn the_file_is_for_its_owner_alone() {
    run(Engine::Sqlite, async |db: TestDb| {
        let mode = std::fs::metadata(file(&db)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    });
}
