//! A connection thread.

use crossbeam_channel::Receiver;
use tokio::runtime::Runtime;

use super::session::{Connector, Session};
use super::transaction::{Begin, Failure, PostgresTx};
use super::{Task, dialect};
use crate::db::BoxedUnit;
use crate::db::error::{StoreError, StoreResult};
use crate::db::tx::{Connection, Tx};

/// How often a unit is run when deadlocks or lost connections undo it.
const ATTEMPTS_MAX: usize = 5;

/// The tables with names, sealed columns or keys.
const PERSONAL_TABLES: [&str; 15] = [
    "accounts",
    "addresses",
    "api_keys",
    "auth_tokens",
    "bundles",
    "case_contents",
    "case_decisions",
    "case_documents",
    "data_keys",
    "deliveries",
    "documents",
    "end_users",
    "erasures",
    "legal_holds",
    "numbers",
];

/// Serves units until the queue is closed and empty.
pub(super) fn serve(connector: Connector, tasks: &Receiver<Task>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(error = %error, "a connection thread ends: no runtime");
            return;
        }
    };
    let mut worker = Worker { runtime, connector, session: None };
    while let Ok(task) = tasks.recv() {
        match task {
            Task::Read(unit) => worker.serve(unit, None),
            Task::Write(unit) => worker.serve(unit, Some("BEGIN")),
            Task::Snapshot(unit) => worker.serve(unit, Some(dialect::POSTGRES_SNAPSHOT)),
            Task::Wipe(caller) => {
                // A caller that has gone away is not owed an answer.
                let _ = caller.send(worker.wipe());
            }
        }
    }
}

struct Worker {
    runtime: Runtime,
    connector: Connector,
    session: Option<Session>,
}

/// What became of one attempt.
enum Attempt {
    /// The closure's answer is the outcome.
    Done,
    /// The closure's answer does not count.
    Failed(StoreError),
    /// The server undid the unit for a reason that may pass. `noticed` when the closure noticed, so that
    /// its answer carries the reason.
    Again { noticed: bool },
}

impl Worker {
    fn serve(&mut self, mut unit: BoxedUnit, begin: Begin) {
        for number in 1..=ATTEMPTS_MAX {
            match self.attempt(&mut unit, begin) {
                Attempt::Done => return unit.answer(None),
                Attempt::Failed(error) => return unit.answer(Some(error)),
                Attempt::Again { .. } if number < ATTEMPTS_MAX => {}
                Attempt::Again { noticed: true } => return unit.answer(None),
                Attempt::Again { noticed: false } => {
                    return unit.answer(Some(StoreError::statement_had_failed()));
                }
            }
        }
    }

    /// Vacuums the tables that hold what people say. It may take longer than any statement.
    fn wipe(&mut self) -> StoreResult<()> {
        self.connect()?;
        let session = self.session.as_mut().expect("connect() has just made one");
        let done = self.runtime.block_on(session.vacuum(&PERSONAL_TABLES));
        done.inspect_err(|error| session.note(error))
    }

    fn attempt(&mut self, unit: &mut BoxedUnit, begin: Begin) -> Attempt {
        if let Err(error) = self.connect() {
            return Attempt::Failed(error);
        }
        let session = self.session.as_mut().expect("connect() has just made one");
        let mut tx = Tx(Connection::Postgres(PostgresTx::new(&self.runtime, session, begin)));
        let keep = unit.run(&mut tx);
        let Connection::Postgres(mut tx) = tx.0 else {
            unreachable!("this transaction was made for PostgreSQL three lines above")
        };
        let ended = tx.end(keep);
        match (tx.failure(), ended) {
            (Some(Failure::Transient), _) => Attempt::Again { noticed: !keep },
            (_, Ok(())) => Attempt::Done,
            // A closure that refused has its answer; only a lost ROLLBACK is not worth another.
            (_, Err(_)) if !keep => Attempt::Done,
            (_, Err(error)) => Attempt::Failed(error),
        }
    }

    /// Makes sure there is a live connection.
    fn connect(&mut self) -> StoreResult<()> {
        if !self.session.as_ref().is_some_and(Session::is_usable) {
            self.session = None;
            self.session = Some(self.runtime.block_on(self.connector.connect())?);
        }
        Ok(())
    }
}
