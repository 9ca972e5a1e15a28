//! The table: a primary key, and one index for the list.

use std::cell::RefCell;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use crate::record::{ACCOUNT, Row};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS bundle(
  sid TEXT PRIMARY KEY NOT NULL, account_sid TEXT NOT NULL, regulation_sid TEXT, friendly_name TEXT NOT NULL,
  status TEXT NOT NULL, email TEXT NOT NULL, status_callback TEXT, valid_until INTEGER,
  date_created INTEGER NOT NULL, date_updated INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS bundle_by_created ON bundle(account_sid, date_created DESC, sid DESC);";
const INSERT: &str = "INSERT INTO bundle VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)";

macro_rules! select {
    () => {
        "SELECT sid,account_sid,regulation_sid,friendly_name,status,email,status_callback,valid_until,\
         date_created,date_updated FROM bundle WHERE "
    };
}
const GET: &str = concat!(select!(), "sid=?1");
const FIRST: &str = concat!(select!(), "account_sid=?1 ORDER BY date_created DESC, sid DESC LIMIT ?2");
const AFTER: &str = concat!(
    select!(),
    "account_sid=?1 AND (date_created,sid)<(?3,?4) ORDER BY date_created DESC, sid DESC LIMIT ?2"
);

thread_local! {
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// Runs on this worker's own read-only connection: the cheapest way to SQLite that was found.
pub fn read<T>(db: &str, query: impl FnOnce(&Connection) -> T) -> T {
    READER.with(|reader| {
        query(reader.borrow_mut().get_or_insert_with(|| open(db, OpenFlags::SQLITE_OPEN_READ_ONLY)))
    })
}

/// Opens for writing with every commit synced to disk.
pub fn open_writer(db: &str) -> Connection {
    let connection = open(db, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE);
    connection.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;").expect("pragmas");
    connection.execute_batch(SCHEMA).expect("the schema is sound");
    connection
}

fn open(db: &str, flags: OpenFlags) -> Connection {
    let connection =
        Connection::open_with_flags(db, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).expect("the file opens");
    connection.set_prepared_statement_cache_capacity(64);
    connection
        .execute_batch("PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;")
        .expect("pragmas");
    connection
}

pub fn get(connection: &Connection, sid: &str) -> Option<Row> {
    let mut statement = connection.prepare_cached(GET).expect("the statement is sound");
    statement.query_row([sid], read_row).optional().expect("the file is sound")
}

/// At most `count` rows, newest first, behind the place of `(date_created, sid)`.
pub fn list(connection: &Connection, count: u32, after: Option<(i64, &str)>) -> Vec<Row> {
    let mut statement = connection
        .prepare_cached(if after.is_some() { AFTER } else { FIRST })
        .expect("the statement is sound");
    let rows = match after {
        Some((date, sid)) => statement.query_map(params![ACCOUNT, count, date, sid], read_row),
        None => statement.query_map(params![ACCOUNT, count], read_row),
    };
    rows.expect("parameters fit").map(|row| row.expect("the file is sound")).collect()
}

pub fn insert(connection: &Connection, row: &Row) -> rusqlite::Result<()> {
    connection.prepare_cached(INSERT)?.execute(params![
        row.sid,
        row.account_sid,
        row.regulation_sid,
        row.friendly_name,
        row.status,
        row.email,
        row.status_callback,
        row.valid_until,
        row.date_created,
        row.date_updated
    ])?;
    Ok(())
}

fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        sid: row.get(0)?,
        account_sid: row.get(1)?,
        regulation_sid: row.get(2)?,
        friendly_name: row.get(3)?,
        status: row.get(4)?,
        email: row.get(5)?,
        status_callback: row.get(6)?,
        valid_until: row.get(7)?,
        date_created: row.get(8)?,
        date_updated: row.get(9)?,
    })
}

/// Makes the file anew with this many rows.
pub fn fill(db: &str, rows: u64) {
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{db}{end}"));
    }
    let mut connection = open_writer(db);
    connection.execute_batch("PRAGMA synchronous=OFF").expect("pragmas");
    for first in (0..rows).step_by(50_000) {
        let transaction = connection.transaction().expect("nobody else writes");
        for number in first..rows.min(first + 50_000) {
            insert(&transaction, &Row::sample(number)).expect("no two rows are alike");
        }
        transaction.commit().expect("there is space");
    }
    connection.execute_batch("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);").expect("nobody else reads");
}
