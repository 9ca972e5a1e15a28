//! Group commit: one thread writes, and every row that waits goes into the same transaction.
//!
//! A row is one statement and so needs no savepoint; the product's units, of several, do.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::record::Row;
use crate::table;

const GROUP_MAX: usize = 256;

type Answer = Result<Row, String>;
type Waiting = (Row, oneshot::Sender<Answer>);

/// Where rows are handed in.
#[derive(Clone)]
pub struct Writer(SyncSender<Waiting>);

impl Writer {
    /// Returns when the row is on disk.
    pub async fn insert(&self, row: Row) -> Answer {
        let (sender, answer) = oneshot::channel();
        self.0.try_send((row, sender)).map_err(|error| error.to_string())?;
        answer.await.unwrap_or_else(|_| Err("the writer has ended".to_owned()))
    }
}

pub fn start(connection: Connection) -> Writer {
    let (sender, queue) = sync_channel(4096);
    std::thread::spawn(move || serve(&connection, &queue));
    Writer(sender)
}

fn serve(connection: &Connection, queue: &Receiver<Waiting>) {
    let mut done = Vec::with_capacity(GROUP_MAX);
    while let Ok(first) = queue.recv() {
        control(connection, "BEGIN IMMEDIATE");
        let mut next = Some(first);
        while let Some((row, sender)) = next {
            let result = table::insert(connection, &row).map_err(|error| error.to_string());
            done.push((result.map(|()| row), sender));
            next = if done.len() < GROUP_MAX { queue.try_recv().ok() } else { None };
        }
        control(connection, "COMMIT");
        for (answer, sender) in done.drain(..) {
            // Whoever asked may have gone away.
            let _ = sender.send(answer);
        }
    }
}

fn control(connection: &Connection, sql: &str) {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute([]))
        .expect("nobody else writes");
}
