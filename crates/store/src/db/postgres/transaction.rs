//! The transaction as a unit of work sees it.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::{TryStreamExt, future};
use tokio::runtime::Runtime;
use tokio::time::timeout;
use tokio_postgres::RowStream;

use super::dialect;
use super::session::Session;
use crate::db::error::{StoreError, StoreResult};
use crate::db::row::Row;
use crate::db::value::Value;

/// How long to wait for an answer. A server in order gives up a statement itself before that; one that is
/// stopped or waits for its disk keeps the connection alive and says nothing.
const ANSWER_MAX: Duration = Duration::from_secs(35);

/// What begins the transaction of a unit; without one, each statement is a transaction of its own.
pub(super) type Begin = Option<&'static str>;

/// A connection inside a unit of work.
pub(in crate::db) struct PostgresTx<'c> {
    runtime: &'c Runtime,
    session: &'c mut Session,
    state: State,
    failure: Option<Failure>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Each statement is a transaction of its own.
    Autocommit,
    /// `BEGIN`, in these words, goes out together with the first statement, which saves a round trip.
    Pending(&'static str),
    /// `BEGIN` was sent.
    Begun,
}

/// A statement failed, so the server will not commit whatever else happens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The unit may be tried again.
    Transient,
    /// It may not.
    Permanent,
}

impl<'c> PostgresTx<'c> {
    /// A unit whose statements are each a transaction of their own, or one together.
    pub(super) fn new(runtime: &'c Runtime, session: &'c mut Session, begin: Begin) -> Self {
        let state = begin.map_or(State::Autocommit, State::Pending);
        Self { runtime, session, state, failure: None }
    }

    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure
    }

    /// Commits or rolls back.
    pub(super) fn end(&mut self, keep: bool) -> StoreResult<()> {
        // After a failed statement the server answers COMMIT with a silent ROLLBACK.
        let sound = self.failure.is_none();
        if self.state == State::Begun && !self.session.silent {
            let sql = if keep && sound { "COMMIT" } else { "ROLLBACK" };
            let session = &mut *self.session;
            let ended = async { Ok(session.client.batch_execute(sql).await?) };
            answered(self.runtime, ended).inspect_err(|error| session.note(error))?;
        }
        if keep && !sound && self.state != State::Autocommit {
            return Err(StoreError::statement_had_failed());
        }
        Ok(())
    }

    pub(in crate::db) fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> StoreResult<u64> {
        self.run(sql, params, |_| Ok(()))
    }

    pub(in crate::db) fn each(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> StoreResult<()>,
    ) -> StoreResult<()> {
        self.run(sql, params, read).map(drop)
    }

    pub(in crate::db) fn batch(&mut self, sql: &str) -> StoreResult<()> {
        // Building an index over a large table may take longer than any ordinary statement.
        let begin = match self.state {
            State::Pending(begin) => format!("{begin}; SET LOCAL statement_timeout = 0; "),
            State::Autocommit | State::Begun => String::new(),
        };
        let sql = format!("{begin}{}", dialect::postgres_migration(sql));
        self.state = State::Begun;
        let result = self.runtime.block_on(self.session.client.batch_execute(&sql));
        result.map_err(|error| self.failed(error.into()))
    }

    /// Runs one statement and returns how many rows it touched.
    fn run(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> StoreResult<()>,
    ) -> StoreResult<u64> {
        let (session, state) = (&mut *self.session, &mut self.state);
        let result = answered(self.runtime, async {
            // A statement that cannot be prepared must not count as the one that opened the transaction.
            let statement = session.prepare(sql).await?;
            let query = session.client.query_raw(&statement, params.iter().copied());
            let rows = if let State::Pending(begin) = *state {
                *state = State::Begun;
                // Both go out before either is answered.
                let (begun, rows) = future::join(session.client.batch_execute(begin), query).await;
                begun?;
                rows?
            } else {
                query.await?
            };
            consume(rows, read).await
        });
        result.map_err(|error| self.failed(error))
    }

    fn failed(&mut self, error: StoreError) -> StoreError {
        self.session.note(&error);
        self.failure = Some(if error.is_transient() { Failure::Transient } else { Failure::Permanent });
        error
    }
}

fn answered<T>(runtime: &Runtime, work: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
    runtime.block_on(async { timeout(ANSWER_MAX, work).await.unwrap_or(Err(StoreError::Silent)) })
}

async fn consume(rows: RowStream, mut read: impl FnMut(&Row<'_>) -> StoreResult<()>) -> StoreResult<u64> {
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await? {
        read(&Row::Postgres(&row))?;
    }
    Ok(rows.rows_affected().unwrap_or(0))
}
