//! The executor: one SQL text, two engines.
//!
//! A unit of work is a synchronous closure over a [`Tx`]. It runs on the thread that owns the
//! connection, so nothing in it can wait for the network, and a caller that goes away leaves no half
//! unit behind. [`Db::write`] makes everything the closure did visible at once, or nothing of it;
//! when it answers, the change is on disk. [`Db::read`] shows each statement the newest committed
//! state (READ COMMITTED); whoever needs several statements to agree runs them in `write` and locks.
//!
//! A closure may run more than once: PostgreSQL can ask for a repetition after a deadlock. So it is
//! `FnMut`, and what it does apart from the statements must be repeatable.

mod dialect;
mod error;
mod migrate;
mod postgres;
mod restoring;
mod row;
mod schema;
mod sqlite;
mod statement;
mod tx;
mod unit;
mod value;

use std::path::PathBuf;

use tokio::sync::oneshot;

pub use self::error::{PostgresError, StoreError, StoreResult};
pub(crate) use self::migrate::STATEMENTS as MIGRATION_STATEMENTS;
pub use self::migrate::{MIGRATIONS, Migration};
pub(crate) use self::restoring::STATEMENTS as RESTORING_STATEMENTS;
pub use self::row::{Columns, FromColumn, Row};
pub use self::schema::{Column, ColumnKind, Table, tables_after};
pub(crate) use self::statement::{params, statements};
pub use self::tx::Tx;
pub use self::value::{ToValue, Value};

use self::migrate::Restoring;
use self::unit::{Unit, Work};

/// Where the database is and how much of it to use.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// The engine and its place.
    pub target: DbTarget,
    /// PostgreSQL connections, each with a thread of its own; 1 to 64.
    pub connections: usize,
    /// Units of work that may wait before [`StoreError::Busy`] is the answer; at least 1.
    pub queue_max: usize,
}

/// Which engine, and where.
#[derive(Clone)]
pub enum DbTarget {
    /// A file, created when it is not there.
    Sqlite(PathBuf),
    /// A `postgres://` address. It may hold a password, so it is never printed.
    Postgres(String),
}

impl std::fmt::Debug for DbTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite at {}", path.display()),
            Self::Postgres(_) => f.write_str("postgres"),
        }
    }
}

/// A handle on the database. Clones share the connections.
#[derive(Clone)]
pub struct Db(Engine);

#[derive(Clone)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    /// Opens the database and starts its threads. Does not migrate.
    ///
    /// # Errors
    /// When the file cannot be opened or the server cannot be reached.
    pub async fn open(options: &DbOptions) -> StoreResult<Self> {
        Ok(Self(match &options.target {
            DbTarget::Sqlite(path) => Engine::Sqlite(sqlite::Sqlite::open(path, options.queue_max)?),
            DbTarget::Postgres(url) => Engine::Postgres(postgres::Postgres::open(url, options).await?),
        }))
    }

    /// Opens a database that exists only to look at it: nothing is created or changed, and every write
    /// is refused. A copy of a file on a read-only disk will do.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub async fn open_read_only(options: &DbOptions) -> StoreResult<Self> {
        Ok(Self(match &options.target {
            DbTarget::Sqlite(path) => Engine::Sqlite(sqlite::Sqlite::open_read_only(path)?),
            DbTarget::Postgres(url) => {
                Engine::Postgres(postgres::Postgres::open_read_only(url, options).await?)
            }
        }))
    }

    /// The engine's name: `sqlite` or `postgres`.
    pub fn engine(&self) -> &'static str {
        match &self.0 {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }

    /// Units of work waiting now, for metrics.
    pub fn queued(&self) -> usize {
        match &self.0 {
            Engine::Sqlite(engine) => engine.queued(),
            Engine::Postgres(engine) => engine.queued(),
        }
    }

    /// Runs statements that change nothing.
    ///
    /// # Errors
    /// What the closure returns; [`StoreError`] when the engine is busy, gone or out of order.
    pub async fn read<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.0 {
            // Inline on the calling thread: a point read costs less than a thread switch.
            Engine::Sqlite(engine) => engine.read(unit),
            Engine::Postgres(engine) => {
                let (work, answer) = Work::new(unit);
                engine.submit_read(work)?;
                received(answer).await
            }
        }
    }

    /// Runs statements that change nothing and all see the same state: the one there is at the first of
    /// them. Others go on writing meanwhile, so it may take as long as it wants; each statement by itself
    /// may not. SQLite's log grows until it has ended.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn snapshot<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.0 {
            Engine::Sqlite(engine) => engine.snapshot(unit),
            Engine::Postgres(engine) => {
                let (work, answer) = Work::new(unit);
                engine.submit_snapshot(work)?;
                received(answer).await
            }
        }
    }

    /// Runs statements as one transaction that is on disk when this returns `Ok`.
    ///
    /// An `Err` from the closure undoes everything it did.
    ///
    /// # Errors
    /// What the closure returns; [`StoreError`] when the engine is busy, gone or out of order.
    pub async fn write<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (work, answer) = Work::new(unit);
        match &self.0 {
            Engine::Sqlite(engine) => engine.submit(work)?,
            Engine::Postgres(engine) => engine.submit_write(work)?,
        }
        received(answer).await
    }

    /// Brings the schema up to date; several processes may try at once.
    ///
    /// Returns the numbers of the migrations that were applied now.
    ///
    /// # Errors
    /// When a migration fails, was changed after it was applied, or is newer than this program.
    pub async fn migrate(&self, now: dossier_domain::Timestamp) -> StoreResult<Vec<i64>> {
        self.migrate_to(MIGRATIONS.len(), now).await
    }

    /// As [`Db::migrate`], but only the first `steps` steps, for tests of what the later ones do.
    ///
    /// # Errors
    /// As [`Db::migrate`].
    pub async fn migrate_to(&self, steps: usize, now: dossier_domain::Timestamp) -> StoreResult<Vec<i64>> {
        migrate::run(self, now, steps, Restoring::Refused).await
    }

    /// Sees to it that what was deleted or overwritten before is not left in the files of the database.
    ///
    /// On SQLite the file is written anew and the log cut off; nobody writes meanwhile. On PostgreSQL the
    /// space is given free to be used again, table by table, while the service goes on; what the server
    /// keeps besides its tables, such as its log, follows its own settings.
    ///
    /// # Errors
    /// When the engine cannot do it now.
    pub async fn wipe(&self) -> StoreResult<()> {
        match &self.0 {
            Engine::Sqlite(engine) => engine.wipe().await,
            Engine::Postgres(engine) => engine.wipe().await,
        }
    }

    /// Ends the use of the database: what waits is still done, what comes later is [`StoreError::Closed`].
    pub async fn close(&self) {
        if let Engine::Sqlite(engine) = &self.0 {
            let engine = engine.clone();
            // Writing the log back may take a moment.
            let closed = tokio::task::spawn_blocking(move || engine.close()).await;
            debug_assert!(closed.is_ok(), "closing does not panic");
        }
    }

    /// How many migrations were applied.
    ///
    /// # Errors
    /// As [`Db::migrate`]; also when no migration was ever applied.
    pub fn applied_steps(tx: &mut Tx<'_>) -> StoreResult<usize> {
        Ok(migrate::applied(tx, Restoring::Refused)?.len())
    }

    /// The numbers of the migrations that are still to be applied to a database that was migrated before.
    ///
    /// # Errors
    /// As [`Db::migrate`]; also when no migration was ever applied.
    pub async fn pending_migrations(&self) -> StoreResult<Vec<i64>> {
        migrate::pending(self).await
    }
}

async fn received<T, E: From<StoreError>>(answer: oneshot::Receiver<Result<T, E>>) -> Result<T, E> {
    answer.await.unwrap_or_else(|_| Err(E::from(StoreError::Closed)))
}

/// A queue took a unit or had no place for it.
type Submitted = Result<(), StoreError>;
/// A unit with its type erased, as queues hold it.
type BoxedUnit = Box<dyn Unit>;
