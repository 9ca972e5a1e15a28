//! Connections with our settings, and the transaction as a unit of work sees it.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, OpenFlags};

use super::dialect;
use crate::db::error::{StoreError, StoreResult};
use crate::db::row::Row;
use crate::db::value::Value;

/// How long to wait for another process that writes, such as a command run beside the service.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How often to look whether it has finished, where SQLite itself does not.
const BUSY_POLL: Duration = Duration::from_millis(5);
/// Statements that are kept prepared; beyond this the least recently used one goes.
const CACHED_STATEMENTS_MAX: usize = 256;

/// Opens the file for writing, creating it when it is not there.
///
/// `synchronous=FULL` syncs the log at every commit, so an acknowledged write survives a power cut.
/// `secure_delete` overwrites what is deleted: these rows are about people. The log is written back every
/// 16 MiB instead of every 4, because each time costs two syncs, and the pages at the growing ends of the
/// indexes are in the log again and again but written back once.
pub(super) fn open_writer(path: &Path) -> StoreResult<Connection> {
    create_for_owner(path)?;
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection)?;
    use_write_ahead_log(&connection)?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; \
         PRAGMA wal_autocheckpoint = 4096",
    )?;
    Ok(connection)
}

/// Makes the file, if there is none, readable by its owner alone; SQLite gives its log the same mode.
fn create_for_owner(path: &Path) -> StoreResult<()> {
    let result = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match result {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(StoreError::Io("the database file could not be made", error))
        }
        _ => Ok(()),
    }
}

/// Switches a fresh file to the write-ahead log; does nothing to any other.
#[expect(
    clippy::disallowed_methods,
    reason = "the switch does not heed the busy timeout, so it is polled for"
)]
fn use_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    let mut waited = Duration::ZERO;
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            // Another process that starts on the same fresh file is just doing it.
            Err(error) if is_busy(&error) && waited < BUSY_TIMEOUT => {
                std::thread::sleep(BUSY_POLL);
                waited += BUSY_POLL;
            }
            result => return result,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

/// The name under which a file that nobody here writes to can be read: its path, or where nothing can be
/// written beside it, as on a read-only disk, an address that says so.
///
/// A file without a log is whole by itself. One with a log is not, so there SQLite must have its way.
pub(super) fn readable(path: &Path) -> StoreResult<PathBuf> {
    let opened = open_reader(path).and_then(|connection| {
        Ok(connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?)
    });
    let Err(error) = opened else { return Ok(path.to_owned()) };
    let log = PathBuf::from(format!("{}-wal", path.display()));
    let has_log = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
    let text = path.to_str().filter(|text| !has_log && path.is_file() && !text.contains(['?', '#', '%']));
    let text = text.ok_or(error)?;
    let path = PathBuf::from(format!("file:{text}?immutable=1"));
    open_reader(&path).map(|_| path)
}

/// Opens the file for reading only. The writer has created it before.
pub(super) fn open_reader(path: &Path) -> StoreResult<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI,
    )?;
    prepare(&connection)?;
    // A small map: large ones count as resident memory. The cache holds the inner pages of two trees of
    // a million rows; there are as many readers at work as threads that serve requests.
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192; PRAGMA mmap_size = 16777216",
    )?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> StoreResult<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Otherwise SQLite looks at the value of a `LIMIT`, and prepares the statement again at each use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS_MAX);
    Ok(())
}

/// Runs a statement of no parameters and no rows, such as `COMMIT`.
pub(super) fn control(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.raw_execute().map(drop)
}

/// A connection inside a unit of work.
pub(in crate::db) struct SqliteTx<'c> {
    connection: &'c Connection,
    undo: Undo,
    failed: bool,
}

/// How the unit can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undo {
    /// There is nothing to undo: nothing was changed, or nothing can be.
    Nothing,
    /// As [`Undo::Nothing`], but the first change opens a savepoint.
    SavepointPending,
    /// By itself: its changes lie behind a savepoint.
    Savepoint,
    /// Only together with the whole transaction.
    Transaction,
}

impl<'c> SqliteTx<'c> {
    pub(super) fn read_only(connection: &'c Connection) -> Self {
        Self { connection, undo: Undo::Nothing, failed: false }
    }

    /// A unit among others in one transaction. With `savepoint` it can be undone by itself; the savepoint
    /// is opened before the first change, so that a unit that only looks and refuses costs none.
    pub(super) fn within_group(connection: &'c Connection, savepoint: bool) -> Self {
        let undo = if savepoint { Undo::SavepointPending } else { Undo::Nothing };
        Self { connection, undo, failed: false }
    }

    /// Whether a statement failed. SQLite would commit what the others did; PostgreSQL never does, and
    /// use cases must not learn to rely on the difference.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// Keeps or undoes the changes of this unit. `false` when they should be undone and only the whole
    /// transaction can be.
    pub(super) fn end(self, keep: bool) -> rusqlite::Result<bool> {
        if self.undo == Undo::Savepoint {
            if !keep {
                control(self.connection, "ROLLBACK TO unit")?;
            }
            control(self.connection, "RELEASE unit")?;
        }
        Ok(keep || self.undo != Undo::Transaction)
    }

    pub(in crate::db) fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> StoreResult<u64> {
        let result = self.run(sql, params);
        self.noted(result)
    }

    pub(in crate::db) fn each(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> StoreResult<()>,
    ) -> StoreResult<()> {
        let result = self.query(sql, params, read);
        self.noted(result)
    }

    pub(in crate::db) fn batch(&mut self, sql: &str) -> StoreResult<()> {
        self.before_change()?;
        self.changed();
        let result = self.connection.execute_batch(&dialect::sqlite_migration(sql));
        self.noted(result.map_err(StoreError::from))
    }

    fn noted<T>(&mut self, result: StoreResult<T>) -> StoreResult<T> {
        self.failed |= result.is_err();
        result
    }

    fn run(&mut self, sql: &str, params: &[Value<'_>]) -> StoreResult<u64> {
        self.before_change()?;
        let mut statement = self.prepare(sql)?;
        bind(&mut statement, params)?;
        let touched = statement.raw_execute()?;
        // A statement that fails changes nothing.
        self.changed();
        Ok(touched as u64)
    }

    fn query(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> StoreResult<()>,
    ) -> StoreResult<()> {
        let mut statement = self.prepare(sql)?;
        if !statement.readonly() {
            // A statement that returns rows may change some too: INSERT … RETURNING.
            self.before_change()?;
            self.changed();
        }
        bind(&mut statement, params)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            read(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    fn before_change(&mut self) -> rusqlite::Result<()> {
        if self.undo == Undo::SavepointPending {
            control(self.connection, "SAVEPOINT unit")?;
            self.undo = Undo::Savepoint;
        }
        Ok(())
    }

    fn changed(&mut self) {
        if self.undo == Undo::Nothing {
            self.undo = Undo::Transaction;
        }
    }

    fn prepare(&self, sql: &str) -> rusqlite::Result<CachedStatement<'c>> {
        self.connection.prepare_cached(dialect::sqlite_statement(sql))
    }
}

/// Gives each parameter the value of its number.
///
/// To SQLite `$2` is a name like any other, and it counts names as they appear: in
/// `SET status = $2 WHERE sid = $1` it would bind the first value to `$2`.
fn bind(statement: &mut CachedStatement<'_>, params: &[Value<'_>]) -> rusqlite::Result<()> {
    let count = statement.parameter_count();
    if count != params.len() {
        return Err(rusqlite::Error::InvalidParameterCount(params.len(), count));
    }
    for place in 1..=count {
        let name = statement.parameter_name(place).unwrap_or_default();
        let number: Option<usize> = name.strip_prefix('$').and_then(|number| number.parse().ok());
        let value = number.and_then(|number| params.get(number.checked_sub(1)?));
        match value {
            Some(value) => statement.raw_bind_parameter(place, value)?,
            None => return Err(rusqlite::Error::InvalidParameterName(name.to_owned())),
        }
    }
    Ok(())
}
