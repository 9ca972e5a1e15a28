//! PostgreSQL: a fixed number of threads, each with a connection of its own.
//!
//! Each thread takes the next unit from one shared queue and runs it to its end, so a unit of work is
//! as synchronous here as on SQLite, and prepared statements stay with their connection.

mod session;
mod transaction;
mod worker;

use std::sync::Arc;

use crossbeam_channel::{Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use super::error::{StoreError, StoreResult};
use super::{BoxedUnit, DbOptions, Submitted, dialect};

use self::session::Connector;
pub(super) use self::transaction::PostgresTx;

#[derive(Clone)]
pub(super) struct Postgres {
    queue: Arc<Sender<Task>>,
}

/// What a connection thread is asked to do.
enum Task {
    /// Statements that need no transaction around them.
    Read(BoxedUnit),
    /// Statements that are one transaction.
    Write(BoxedUnit),
    /// Give the space free that dead rows take, and say whether it worked.
    Wipe(oneshot::Sender<StoreResult<()>>),
    /// Statements that change nothing and see one state.
    Snapshot(BoxedUnit),
}

impl Postgres {
    pub(super) async fn open(url: &str, options: &DbOptions) -> StoreResult<Self> {
        Self::connect(Connector::new(url)?, options).await
    }

    /// As [`Postgres::open`]; the server refuses every change.
    pub(super) async fn open_read_only(url: &str, options: &DbOptions) -> StoreResult<Self> {
        Self::connect(Connector::new(url)?.read_only(), options).await
    }

    async fn connect(connector: Connector, options: &DbOptions) -> StoreResult<Self> {
        // One connection is tried at once, so that a wrong address is reported at the start.
        drop(connector.connect().await?);
        let (queue, tasks) = bounded(options.queue_max);
        for number in 0..options.connections {
            let (connector, tasks) = (connector.clone(), tasks.clone());
            std::thread::Builder::new()
                .name(format!("postgres-{number}"))
                .spawn(move || worker::serve(connector, &tasks))
                .map_err(|error| StoreError::Io("a connection thread could not be started", error))?;
        }
        Ok(Self { queue: Arc::new(queue) })
    }

    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn submit_read(&self, unit: BoxedUnit) -> Submitted {
        self.submit(Task::Read(unit))
    }

    pub(super) fn submit_write(&self, unit: BoxedUnit) -> Submitted {
        self.submit(Task::Write(unit))
    }

    pub(super) async fn wipe(&self) -> StoreResult<()> {
        let (caller, answer) = oneshot::channel();
        self.submit(Task::Wipe(caller))?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    pub(super) fn submit_snapshot(&self, unit: BoxedUnit) -> Submitted {
        self.submit(Task::Snapshot(unit))
    }

    fn submit(&self, task: Task) -> Submitted {
        self.queue.try_send(task).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })
    }
}
