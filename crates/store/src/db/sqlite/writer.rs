//! The writer thread: it takes every unit that waits, runs each behind a savepoint, commits once,
//! and only then answers. So many callers share the price of one sync to disk.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;

use rusqlite::Connection;

use super::Message;
use super::connection::{SqliteTx, control};
use crate::db::BoxedUnit;
use crate::db::error::StoreError;
use crate::db::tx::{self, Tx};

/// The most units in one commit, so that the first of them does not wait for ever.
const GROUP_MAX: usize = 256;

/// Serves units until it is told to close or nobody can tell it anything any more.
pub(super) fn serve(connection: Connection, queue: &Receiver<Message>, queued: &AtomicUsize) {
    let mut open = true;
    while open && let Ok(Message::Unit(first)) = queue.recv() {
        let mut group = vec![first];
        let committed = run_group(&connection, queue, &mut group, &mut open);
        queued.fetch_sub(group.len(), Ordering::Relaxed);
        for unit in group {
            // Each caller gets an error of its own, because errors cannot be cloned.
            unit.answer(committed.as_ref().err().map(|error| StoreError::NotCommitted(error.to_string())));
        }
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(error = %error, "The database file could not be closed");
    }
}

/// Runs the unit in `group` and those that wait behind it, and commits once.
fn run_group(
    connection: &Connection,
    queue: &Receiver<Message>,
    group: &mut Vec<BoxedUnit>,
    open: &mut bool,
) -> rusqlite::Result<()> {
    control(connection, "BEGIN IMMEDIATE")?;
    while let Some(unit) = group.last_mut() {
        run_unit(connection, unit).or_else(|error| undo(connection, error))?;
        if group.len() == GROUP_MAX {
            break;
        }
        match queue.try_recv() {
            Ok(Message::Unit(next)) => group.push(next),
            Ok(Message::Close) => {
                *open = false;
                break;
            }
            Err(_) => break,
        }
    }
    control(connection, "COMMIT").or_else(|error| undo(connection, error))
}

fn run_unit(connection: &Connection, unit: &mut BoxedUnit) -> rusqlite::Result<()> {
    let mut tx = Tx(tx::Connection::Sqlite(SqliteTx::within_group(connection)));
    let keep = unit.run(&mut tx);
    // A full disk or a failed read makes SQLite roll back the whole transaction by itself. Then the
    // units before this one are undone too, and none of the group may be answered with success.
    if connection.is_autocommit() {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT_ROLLBACK),
            None,
        ));
    }
    let tx::Connection::Sqlite(mut tx) = tx.0 else {
        unreachable!("this transaction was made for SQLite a few lines above")
    };
    if keep && tx.failed() {
        unit.refuse(StoreError::statement_had_failed());
    }
    tx.end(keep && !tx.failed())
}

fn undo(connection: &Connection, error: rusqlite::Error) -> rusqlite::Result<()> {
    if !connection.is_autocommit() {
        control(connection, "ROLLBACK")?;
    }
    Err(error)
}
