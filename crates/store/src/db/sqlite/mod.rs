//! SQLite: one writer thread that commits in groups, and a read-only connection per reader.

mod connection;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::{StoreError, StoreResult};
use super::tx::{self, Tx};
use super::unit::caught;
use super::{BoxedUnit, Submitted, dialect};

pub(super) use self::connection::SqliteTx;

/// Idle read connections that are kept; each holds at most a few MiB of cache.
const IDLE_READERS_MAX: usize = 16;

#[derive(Clone)]
pub(super) struct Sqlite(Arc<Shared>);

struct Shared {
    path: PathBuf,
    writer: SyncSender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
    queued: Arc<AtomicUsize>,
    readers: Mutex<Vec<Connection>>,
}

/// What the writer thread is told.
enum Message {
    /// Run this.
    Unit(BoxedUnit),
    /// Leave nothing in the files that is not in the tables, and say whether it worked.
    Wipe(oneshot::Sender<StoreResult<()>>),
    /// Close the file and end.
    Close,
}

impl Sqlite {
    pub(super) fn open(path: &Path, queue_max: usize) -> StoreResult<Self> {
        let connection = connection::open_writer(path)?;
        let (writer, queue) = sync_channel(queue_max);
        let queued = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&queued);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || writer::serve(connection, &queue, &counter))
            .map_err(|error| StoreError::Io("the writer thread could not be started", error))?;
        let thread = Mutex::new(Some(thread));
        Ok(Self(Arc::new(Shared {
            path: path.to_owned(),
            writer,
            thread,
            queued,
            readers: Mutex::default(),
        })))
    }

    /// Without a writer thread: whatever is submitted finds nobody.
    pub(super) fn open_read_only(path: &Path) -> StoreResult<Self> {
        let path = connection::readable(path)?;
        let (writer, _) = sync_channel(1);
        let (thread, queued, readers) = (Mutex::new(None), Arc::default(), Mutex::default());
        Ok(Self(Arc::new(Shared { path, writer, thread, queued, readers })))
    }

    pub(super) fn queued(&self) -> usize {
        self.0.queued.load(Ordering::Relaxed)
    }

    pub(super) fn submit(&self, unit: BoxedUnit) -> Submitted {
        self.0.queued.fetch_add(1, Ordering::Relaxed);
        self.0.writer.try_send(Message::Unit(unit)).map_err(|error| {
            self.0.queued.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Disconnected(_) => StoreError::Closed,
            }
        })
    }

    pub(super) async fn wipe(&self) -> StoreResult<()> {
        let (caller, answer) = oneshot::channel();
        self.0.writer.try_send(Message::Wipe(caller)).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    pub(super) fn read<T, E: From<StoreError>>(
        &self,
        mut unit: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.reading(|connection| {
            let mut tx = Tx(tx::Connection::Sqlite(SqliteTx::read_only(connection)));
            caught(|| unit(&mut tx))
        })
    }

    /// As [`Sqlite::read`], and all statements see the same state.
    pub(super) fn snapshot<T, E: From<StoreError>>(
        &self,
        mut unit: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.reading(|connection| {
            connection::control(connection, "BEGIN").map_err(StoreError::from)?;
            let mut tx = Tx(tx::Connection::Sqlite(SqliteTx::read_only(connection)));
            let result = caught(|| unit(&mut tx));
            connection::control(connection, "ROLLBACK").map_err(StoreError::from)?;
            result
        })
    }

    fn reading<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = self.readers().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connection::open_reader(&self.0.path)?,
        };
        let result = work(&connection);
        let mut readers = self.readers();
        // One whose transaction could not be ended must not be used again.
        if readers.len() < IDLE_READERS_MAX && connection.is_autocommit() {
            readers.push(connection);
        }
        result
    }

    /// Closes the file after the units that wait, so that the log is written back into it and a copy of
    /// the file alone is whole. Blocks until that has happened.
    pub(super) fn close(&self) {
        self.readers().clear();
        // When the thread has ended already, there is nothing left to close.
        let _ = self.0.writer.send(Message::Close);
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer thread had panicked");
        }
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // The list is whole whatever happened to the thread that held it.
        self.0.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
