//! What can go wrong below the use cases.

use std::error::Error;
use std::fmt;

use tokio_postgres::error::SqlState;

use crate::seal::SealError;

/// The result of a store function.
pub type StoreResult<T> = Result<T, StoreError>;

/// A failure that is nobody's mistake outside this service. Callers learn a request id, not this text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Too many units of work wait already.
    #[error("the database queue is full")]
    Busy,
    /// The engine's threads have ended.
    #[error("the database is closed")]
    Closed,
    /// PostgreSQL keeps the connection alive and does not answer. A commit may have happened.
    #[error("the database does not answer")]
    Silent,
    /// The transaction was undone after the unit ran, so the unit did not happen.
    #[error("the transaction could not be committed: {0}")]
    NotCommitted(String),
    /// A unit of work panicked; its changes were undone.
    #[error("a unit of work panicked")]
    Panicked,
    /// SQLite refused.
    #[error("sqlite")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused, or could not be reached.
    #[error("postgres")]
    Postgres(#[source] PostgresError),
    /// The database address cannot be used.
    #[error("the database address cannot be used: {0}")]
    Address(&'static str),
    /// A thread, a runtime or a file could not be had.
    #[error("{0}")]
    Io(&'static str, #[source] std::io::Error),
    /// A column does not hold what the schema promises.
    #[error("column {column} holds something else than {expected}")]
    Column {
        /// Its position in the statement, from 0.
        column: usize,
        /// What was asked for.
        expected: &'static str,
    },
    /// A statement touched another number of rows than it must.
    #[error("{touched} rows were touched instead of one")]
    RowCount {
        /// How many it touched.
        touched: u64,
    },
    /// Sealed data cannot be opened, or a key is missing.
    #[error("sealed data")]
    Seal(#[from] SealError),
    /// A backup can only be restored into a database that was never used.
    #[error("the database is in use already; restore into an empty one")]
    NotEmpty,
    /// A restore into this database was begun, and has not come to its end.
    #[error(
        "a restore into this database was begun and is not finished; if it runs no more, begin again with \
         `dossier restore --start-over`"
    )]
    HalfRestored,
    /// The schema is not one this program can work with.
    #[error("the database schema: {0}")]
    Schema(String),
}

impl StoreError {
    /// A statement of the unit failed and the unit went on as if it had not.
    pub(crate) fn statement_had_failed() -> Self {
        Self::NotCommitted("a statement had failed before".to_owned())
    }

    /// Whether the same unit may succeed later: the engine is busy, gone, or could not write.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Busy | Self::Closed | Self::Silent | Self::NotCommitted(_) => true,
            // Without a code from the server it is the connection that failed.
            Self::Postgres(PostgresError(error)) => {
                error.code().is_none_or(|code| *code == SqlState::CANNOT_CONNECT_NOW || self.is_transient())
            }
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DiskFull)
            ),
            _ => false,
        }
    }

    /// Whether the whole unit may be tried again: a deadlock, a failed serialization, or a connection
    /// that was lost before the commit was sent.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Postgres(PostgresError(error)) => {
                error.is_closed()
                    || error.code().is_some_and(|code| {
                        [
                            SqlState::T_R_SERIALIZATION_FAILURE,
                            SqlState::T_R_DEADLOCK_DETECTED,
                            SqlState::ADMIN_SHUTDOWN,
                            SqlState::CRASH_SHUTDOWN,
                        ]
                        .contains(code)
                    })
            }
            _ => false,
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(PostgresError(error))
    }
}

/// What PostgreSQL said, without its details: those repeat the row it refused, which is about somebody.
pub struct PostgresError(tokio_postgres::Error);

impl fmt::Display for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = self.0.as_db_error() {
            return write!(f, "{} {}: {}", error.severity(), error.code().code(), error.message());
        }
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl fmt::Debug for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for PostgresError {}
