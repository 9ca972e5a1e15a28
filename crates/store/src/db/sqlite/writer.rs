//! The writer thread: it takes every unit that waits, runs one after the other, commits once, and only
//! then answers. So many callers share the price of one sync to disk.
//!
//! A savepoint per unit costs a copy of every page that the unit touches, and units hardly ever fail
//! once they have changed something. So they run without; when one fails after all, the transaction is
//! rolled back and its units run again, each behind a savepoint.

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
    let mut after = After::Units;
    while let Some(message) = after.next(queue) {
        let first = match message {
            Message::Unit(first) => first,
            Message::Wipe(caller) => {
                // A caller that has gone away is not owed an answer.
                let _ = caller.send(wipe(&connection).map_err(StoreError::from));
                continue;
            }
            Message::Close => break,
        };
        let mut group = vec![first];
        let committed = run_group(&connection, queue, &mut group, &mut after);
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

/// What comes after a group of units.
enum After {
    /// Whatever waits.
    Units,
    /// This, which ended the group.
    Message(Message),
}

impl After {
    /// The next message; `None` when nobody can send any more.
    fn next(&mut self, queue: &Receiver<Message>) -> Option<Message> {
        match std::mem::replace(self, Self::Units) {
            Self::Units => queue.recv().ok(),
            Self::Message(message) => Some(message),
        }
    }
}

/// Writes the file anew, and cuts off the log.
///
/// `secure_delete` overwrites what is deleted where it lies. But rows move between pages when a tree is
/// balanced, and what they leave in the gaps of a page is no row any more, so it is never overwritten. A
/// file that was written anew has nothing in its gaps, and neither has a log of length zero.
fn wipe(connection: &Connection) -> rusqlite::Result<()> {
    // The copy is as large as the database, so it had better not be in memory.
    connection.execute_batch("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY")?;
    let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(busy, None));
    }
    Ok(())
}

/// Runs the unit in `group` and those that wait behind it, and commits once.
fn run_group(
    connection: &Connection,
    queue: &Receiver<Message>,
    group: &mut Vec<BoxedUnit>,
    after: &mut After,
) -> rusqlite::Result<()> {
    let next = || match queue.try_recv().ok()? {
        Message::Unit(unit) => Some(unit),
        other @ (Message::Wipe(_) | Message::Close) => {
            *after = After::Message(other);
            None
        }
    };
    // A unit that was alone is undone, and has its answer.
    if attempt(connection, group, false, next)? || group.len() == 1 {
        return Ok(());
    }
    attempt(connection, group, true, || None).map(drop)
}

/// Runs the units in `group` and those that `next` gives, in one transaction. `false` when one had to be
/// undone that cannot be undone by itself: then nothing is kept.
fn attempt(
    connection: &Connection,
    group: &mut Vec<BoxedUnit>,
    savepoints: bool,
    mut next: impl FnMut() -> Option<BoxedUnit>,
) -> rusqlite::Result<bool> {
    control(connection, "BEGIN IMMEDIATE")?;
    let mut done = 0;
    while let Some(unit) = group.get_mut(done) {
        if !run_unit(connection, unit, savepoints).or_else(|error| undo(connection, error))? {
            control(connection, "ROLLBACK")?;
            return Ok(false);
        }
        done += 1;
        if done == group.len() && done < GROUP_MAX {
            group.extend(next());
        }
    }
    control(connection, "COMMIT").or_else(|error| undo(connection, error))?;
    Ok(true)
}

/// `false` when the unit's changes must not be kept and are still there.
fn run_unit(connection: &Connection, unit: &mut BoxedUnit, savepoint: bool) -> rusqlite::Result<bool> {
    let mut tx = Tx(tx::Connection::Sqlite(SqliteTx::within_group(connection, savepoint)));
    let keep = unit.run(&mut tx);
    // A full disk or a failed read makes SQLite roll back the whole transaction by itself. Then the
    // units before this one are undone too, and none of the group may be answered with success.
    if connection.is_autocommit() {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT_ROLLBACK),
            None,
        ));
    }
    let tx::Connection::Sqlite(tx) = tx.0 else {
        unreachable!("this transaction was made for SQLite a few lines above")
    };
    if keep && tx.failed() {
        unit.refuse(StoreError::statement_had_failed());
    }
    let keep = keep && !tx.failed();
    tx.end(keep)
}

fn undo<T>(connection: &Connection, error: rusqlite::Error) -> rusqlite::Result<T> {
    if !connection.is_autocommit() {
        control(connection, "ROLLBACK")?;
    }
    Err(error)
}
