//! The database behind the service's back.

use dossier_testkit::{Engine, TestDb};
use rusqlite::types::ValueRef;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::installation::SOON;

/// Either engine, read with its own library.
#[derive(Clone)]
pub(crate) enum Database {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Database {
    /// All rows as texts; bytes as hexadecimal digits, nothing for null.
    pub(crate) fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        match self {
            Self::Sqlite(path) => sqlite_rows(path, sql),
            Self::Postgres(url) => postgres_rows(url, sql),
        }
    }

    /// The first column of all rows.
    pub(crate) fn column(&self, sql: &str) -> Vec<String> {
        self.rows(sql).into_iter().map(|mut row| row.swap_remove(0)).collect()
    }

    /// Lets the engine look for damage, as far as it can.
    pub(crate) fn check_integrity(&self) {
        if matches!(self, Self::Sqlite(_)) {
            assert_eq!(self.column("PRAGMA integrity_check"), ["ok"]);
            assert!(self.rows("PRAGMA foreign_key_check").is_empty());
        }
    }
}

fn sqlite_rows(path: &PathBuf, sql: &str) -> Vec<Vec<String>> {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.busy_timeout(SOON).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        (0..columns)
            .map(|column| {
                Ok(match row.get_ref(column)? {
                    ValueRef::Null => String::new(),
                    ValueRef::Integer(value) => value.to_string(),
                    ValueRef::Real(value) => value.to_string(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    ValueRef::Blob(bytes) => hex(bytes),
                })
            })
            .collect()
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

fn postgres_rows(url: &str, sql: &str) -> Vec<Vec<String>> {
    let messages = runtime().block_on(async {
        let begun = Instant::now();
        loop {
            match postgres_messages(url, sql).await {
                Ok(messages) => break messages,
                // A server whose session was killed ends all others, and is back a moment later.
                Err(error) if is_passing(&error) && begun.elapsed() < SOON => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
    });
    let row = |message| match message {
        SimpleQueryMessage::Row(row) => Some(
            (0..row.len())
                .map(|column| row.get(column).unwrap_or_default())
                .map(|text| text.strip_prefix("\\x").unwrap_or(text).to_owned())
                .collect(),
        ),
        _ => None,
    };
    messages.into_iter().filter_map(row).collect()
}

async fn postgres_messages(url: &str, sql: &str) -> Result<Vec<SimpleQueryMessage>, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(async move { drop(connection.await) });
    client.simple_query(sql).await
}

/// Whether the server only starts, stops or recovers.
fn is_passing(error: &tokio_postgres::Error) -> bool {
    let codes = [SqlState::CANNOT_CONNECT_NOW, SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN];
    error.is_closed() || error.code().is_some_and(|code| codes.contains(code))
}

/// An empty database of the test command's cluster, dropped with this value.
pub(crate) struct OwnPostgres {
    database: Option<TestDb>,
    pub(crate) url: String,
    runtime: Runtime,
}

impl OwnPostgres {
    pub(crate) fn new() -> Self {
        let runtime = runtime();
        let database = runtime.block_on(TestDb::empty(Engine::Postgres));
        let dossier_store::DbTarget::Postgres(url) = &database.options().target else {
            unreachable!("it was asked for on PostgreSQL")
        };
        Self { url: url.clone(), database: Some(database), runtime }
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        let _inside = self.runtime.enter();
        self.database = None;
    }
}

/// For the few calls that only exist as futures.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hexadecimal digits as bytes.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
}
