//! What the executor promises about units of work.

mod closing;
mod concurrency;
mod connections;
mod limits;
mod units;

use std::sync::mpsc::{Receiver, Sender, channel};

use dossier_store::db::Value;
use dossier_store::{Db, StoreError, StoreResult, Tx};
use dossier_testkit::TestDb;
use tokio::task::JoinHandle;

use crate::read;

const INSERT: &str = "INSERT INTO marks (mark) VALUES ($1)";

/// A table with one column, to see what is kept.
async fn make_table(db: &TestDb) {
    db.script("CREATE TABLE marks (mark BIGINT NOT NULL PRIMARY KEY, count BIGINT NOT NULL DEFAULT 0)").await;
}

fn insert(tx: &mut Tx<'_>, mark: i64) -> StoreResult<()> {
    tx.execute_one(INSERT, &[Value::Int(mark)])
}

/// What is kept, in order.
async fn marks(db: &Db) -> Vec<i64> {
    read(db, |tx| tx.list("SELECT mark FROM marks ORDER BY mark", &[], |row| row.columns().next())).await
}

/// A unit that occupies a connection until it is let go.
struct Blocker {
    let_go: Sender<()>,
    unit: JoinHandle<StoreResult<()>>,
}

impl Blocker {
    /// Answers when the unit runs.
    async fn start(db: &Db) -> Self {
        let (let_go, wait): (Sender<()>, Receiver<()>) = channel();
        let (started, running) = tokio::sync::oneshot::channel();
        let (db, mut started) = (db.clone(), Some(started));
        let unit = tokio::spawn(async move {
            db.write::<(), StoreError, _>(move |_| {
                if let Some(started) = started.take() {
                    let _ = started.send(());
                }
                let _ = wait.recv();
                Ok(())
            })
            .await
        });
        running.await.expect("the unit runs");
        Self { let_go, unit }
    }

    async fn end(self) {
        drop(self.let_go);
        self.unit.await.expect("the task ends").expect("the unit is committed");
    }
}

/// Waits until so many units are queued, at most ten seconds.
async fn queued(db: &Db, count: usize) {
    eventually(async || db.queued() == count).await;
}

/// Waits until something holds, at most ten seconds.
async fn eventually(holds: impl AsyncFn() -> bool) {
    for _ in 0..1000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it did not happen within ten seconds");
}
