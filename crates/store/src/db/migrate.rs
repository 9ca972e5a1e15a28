//! Bringing the schema up to date: forward only, one text for both engines, each step once.

use aws_lc_rs::digest;
use dossier_domain::Timestamp;

use super::error::{StoreError, StoreResult};
use super::statement::{params, statements};
use super::tx::Tx;
use super::{Db, Engine};

/// One step of the schema.
#[derive(Debug)]
pub struct Migration {
    /// Its place in the order, from 1 without gaps.
    pub number: i64,
    /// What it does, as in its file's name.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

impl Migration {
    /// The SHA-256 of the statements.
    pub fn checksum(&self) -> [u8; 32] {
        digest::digest(&digest::SHA256, self.sql.as_bytes())
            .as_ref()
            .try_into()
            .expect("SHA-256 has 32 bytes")
    }
}

macro_rules! migrations {
    ($($number:literal $name:literal;)*) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sql: include_str!(concat!("../../migrations/", $name, ".sql")),
        }),*]
    };
}

/// All steps, oldest first. A step that was released is never changed; a new one is added below.
pub const MIGRATIONS: &[Migration] = migrations! {
    1 "0001_foundation";
    2 "0002_operators";
    3 "0003_regulation_revisions";
    4 "0004_jobs";
    5 "0005_numbers";
    6 "0006_audit_checkpoints";
    7 "0007_deliveries";
    8 "0008_cases";
    9 "0009_lineage";
    10 "0010_campaigns";
    11 "0011_api_keys";
    12 "0012_erasure";
    13 "0013_leases";
};

statements! {
    APPLIED = "SELECT number, checksum FROM schema_migrations ORDER BY number LIMIT $1";
    RECORD = "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";
}

/// Where the steps are recorded. It exists before the first step.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    checksum BYTEA NOT NULL,
    applied_at BIGINT NOT NULL
);";

/// The number under which it is recorded that a restore was begun. It is no step, so programs that know
/// nothing of restoring refuse such a database as well.
pub(super) const RESTORE_MARK: i64 = 0;

/// Serialises nodes that start at the same time; any number will do, as long as it stays the same.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4805203571);";

/// Applied steps a database can have and still be read.
const APPLIED_MAX: i64 = 10_000;

/// Whether a restore that was begun is in the way: it is, except for whoever restores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restoring {
    /// A database that was restored in part is refused.
    Refused,
    /// It is what is worked on.
    UnderWay,
}

/// Applies the first `steps` steps, as far as they are missing.
pub(super) async fn run(
    db: &Db,
    now: Timestamp,
    steps: usize,
    restoring: Restoring,
) -> StoreResult<Vec<i64>> {
    let prepare = prepare_statements(db);
    let mut applied_now = Vec::new();
    for migration in MIGRATIONS.iter().take(steps) {
        let prepare = prepare.clone();
        let applied = db
            .write(move |tx| {
                tx.batch(&prepare)?;
                apply(tx, migration, now, restoring)
            })
            .await?;
        if applied {
            applied_now.push(migration.number);
        }
    }
    Ok(applied_now)
}

pub(super) async fn pending(db: &Db) -> StoreResult<Vec<i64>> {
    let applied = db.read(|tx| applied(tx, Restoring::Refused)).await?;
    Ok(MIGRATIONS.iter().map(|migration| migration.number).skip(applied.len()).collect())
}

/// Locks out other nodes and makes sure that there is a table to record steps in.
pub(super) fn prepare_statements(db: &Db) -> String {
    let lock = match db.0 {
        // SQLite's writer has the whole file to itself.
        Engine::Sqlite(_) => "",
        Engine::Postgres(_) => LOCK,
    };
    format!("{lock}{TABLE}")
}

/// Applies one step unless it is there already; `true` when it was applied now.
fn apply(tx: &mut Tx<'_>, migration: &Migration, now: Timestamp, restoring: Restoring) -> StoreResult<bool> {
    let applied = applied(tx, restoring)?.len();
    if applied >= usize::try_from(migration.number).expect("steps are numbered from 1") {
        return Ok(false);
    }
    tx.batch(migration.sql)?;
    tx.execute_one(RECORD, params![migration.number, migration.name, migration.checksum(), now])?;
    Ok(true)
}

/// What is recorded, in order.
pub(super) fn recorded(tx: &mut Tx<'_>) -> StoreResult<Vec<(i64, Vec<u8>)>> {
    tx.list(APPLIED, params![APPLIED_MAX], |row| {
        let mut columns = row.columns();
        Ok((columns.next()?, columns.next()?))
    })
}

/// The steps that were applied, checked against the ones this program knows.
pub(super) fn applied(tx: &mut Tx<'_>, restoring: Restoring) -> StoreResult<Vec<i64>> {
    let mut applied = recorded(tx)?;
    if applied.first().is_some_and(|(number, _)| *number == RESTORE_MARK) {
        if restoring == Restoring::Refused {
            return Err(StoreError::HalfRestored);
        }
        applied.remove(0);
    }
    for (index, (number, sum)) in applied.iter().enumerate() {
        let Some(migration) = MIGRATIONS.get(index).filter(|migration| migration.number == *number) else {
            return Err(StoreError::Schema(format!(
                "step {number} is unknown to this program; it was made by a newer version"
            )));
        };
        if migration.checksum() != sum[..] {
            return Err(StoreError::Schema(format!("step {number} was changed after it was applied")));
        }
    }
    Ok(applied.into_iter().map(|(number, _)| number).collect())
}
