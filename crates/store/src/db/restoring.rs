//! A database while a backup is restored into it.
//!
//! From the first moment to the last a mark stands where the steps of the schema are recorded. Whoever
//! opens such a database looks there first and refuses it, so what was restored in part is never served.

use dossier_domain::Timestamp;

use super::error::{StoreError, StoreResult};
use super::migrate::{self, MIGRATIONS, RESTORE_MARK, Restoring};
use super::schema::{Table, tables_after};
use super::statement::{params, statements};
use super::{Db, dialect};

statements! {
    MARK = "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";
    FORGET = "DELETE FROM schema_migrations WHERE number >= $1";
    UNMARK = "DELETE FROM schema_migrations WHERE number = $1";
}

/// The name of the mark.
const NAME: &str = "restore under way";

impl Db {
    /// Makes an empty database ready to be filled with what a backup of this many steps holds: all tables
    /// are there and empty, and until [`Db::end_restore`] every other use of it is refused. `digest` names
    /// the backup. With `start_over`, what an earlier restore has left is thrown away.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] when the database was used before, [`StoreError::HalfRestored`] when a
    /// restore was begun and `start_over` is not set.
    pub async fn begin_restore(
        &self,
        digest: [u8; 32],
        steps: usize,
        start_over: bool,
        now: Timestamp,
    ) -> StoreResult<Vec<Table>> {
        let exists = self.read(|tx| tx.exists(dialect::has_schema(tx), &[])).await?;
        let prepare = migrate::prepare_statements(self);
        self.write(move |tx| {
            tx.batch(&prepare)?;
            match (exists, migrate::recorded(tx)?.first()) {
                (false, None) => {}
                (true, Some((RESTORE_MARK, _))) if start_over => {
                    tx.batch(&drop_statements())?;
                    tx.execute(FORGET, params![RESTORE_MARK])?;
                }
                (_, Some((RESTORE_MARK, _))) => return Err(StoreError::HalfRestored),
                _ => return Err(StoreError::NotEmpty),
            }
            tx.execute_one(MARK, params![RESTORE_MARK, NAME, digest, now])
        })
        .await?;
        migrate::run(self, now, steps, Restoring::UnderWay).await?;
        let tables = tables_after(&MIGRATIONS[..steps]);
        let empty = tables.clone();
        // Some steps add rows that every database has; the backup brings its own.
        self.write(move |tx| {
            empty
                .iter()
                .try_for_each(|table| tx.execute(&format!("DELETE FROM {}", table.name), &[]).map(drop))
        })
        .await?;
        Ok(tables)
    }

    /// Applies the steps that are newer than the backup, while the mark still stands.
    ///
    /// # Errors
    /// As [`Db::migrate`].
    pub async fn migrate_restored(&self, now: Timestamp) -> StoreResult<Vec<i64>> {
        migrate::run(self, now, MIGRATIONS.len(), Restoring::UnderWay).await
    }

    /// Takes the mark away: from now on the database can be served.
    ///
    /// # Errors
    /// When there is no mark, or the database fails.
    pub async fn end_restore(&self) -> StoreResult<()> {
        self.write(|tx| tx.execute_one(UNMARK, params![RESTORE_MARK])).await
    }
}

/// Drops every table that any number of steps can have made.
fn drop_statements() -> String {
    let all = (0..=MIGRATIONS.len()).flat_map(|steps| tables_after(&MIGRATIONS[..steps]));
    let mut names: Vec<_> = all.map(|table| table.name).collect();
    names.sort_unstable();
    names.dedup();
    names.iter().map(|name| format!("DROP TABLE IF EXISTS {name};\n")).collect()
}
