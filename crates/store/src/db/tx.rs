//! The connection as a unit of work sees it.

use super::error::{StoreError, StoreResult};
use super::row::Row;
use super::value::Value;
use super::{postgres, sqlite};

/// Runs statements inside a unit of work.
///
/// Parameters are `$1`, `$2`, … in any order; each is used at least once.
pub struct Tx<'c>(pub(super) Connection<'c>);

pub(super) enum Connection<'c> {
    Sqlite(sqlite::SqliteTx<'c>),
    Postgres(postgres::PostgresTx<'c>),
}

impl Tx<'_> {
    /// The first row, if there is one.
    ///
    /// # Errors
    /// When the engine refuses the statement or `read` refuses the row.
    pub fn optional<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> StoreResult<T>,
    ) -> StoreResult<Option<T>> {
        let mut first = None;
        self.each(sql, params, |row| {
            if first.is_none() {
                first = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(first)
    }

    /// All rows. The statement limits their number.
    ///
    /// # Errors
    /// As [`Tx::optional`].
    pub fn list<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> StoreResult<T>,
    ) -> StoreResult<Vec<T>> {
        let mut rows = Vec::new();
        self.each(sql, params, |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Whether there is any row.
    ///
    /// # Errors
    /// As [`Tx::optional`].
    pub fn exists(&mut self, sql: &str, params: &[Value<'_>]) -> StoreResult<bool> {
        Ok(self.optional(sql, params, |_| Ok(()))?.is_some())
    }

    /// Changes rows and returns how many.
    ///
    /// # Errors
    /// When the engine refuses the statement.
    pub fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> StoreResult<u64> {
        match &mut self.0 {
            Connection::Sqlite(tx) => tx.execute(sql, params),
            Connection::Postgres(tx) => tx.execute(sql, params),
        }
    }

    /// Changes exactly one row.
    ///
    /// # Errors
    /// [`StoreError::RowCount`] when it was another number: somebody else was there first.
    pub fn execute_one(&mut self, sql: &str, params: &[Value<'_>]) -> StoreResult<()> {
        match self.execute(sql, params)? {
            1 => Ok(()),
            touched => Err(StoreError::RowCount { touched }),
        }
    }

    /// Reads rows one by one, without keeping them.
    pub(crate) fn each(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> StoreResult<()>,
    ) -> StoreResult<()> {
        match &mut self.0 {
            Connection::Sqlite(tx) => tx.each(sql, params, read),
            Connection::Postgres(tx) => tx.each(sql, params, read),
        }
    }

    /// Runs a migration text of several statements.
    pub(super) fn batch(&mut self, sql: &str) -> StoreResult<()> {
        match &mut self.0 {
            Connection::Sqlite(tx) => tx.batch(sql),
            Connection::Postgres(tx) => tx.batch(sql),
        }
    }
}
