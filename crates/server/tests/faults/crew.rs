//! Several workers at once, and the comparison of all their ledgers with what there is.

use dossier_testkit::Seeded;
use serde_json::Value;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::database::Database;
use crate::installation::Service;
use crate::ledger::Object;
use crate::records::{PROBE, Records, Vault, check_units};
use crate::worker::{Worker, with_file};

const WORKERS: u64 = 6;

/// The clients of one installation.
pub(crate) struct Crew {
    workers: Vec<Worker>,
}

impl Crew {
    pub(crate) fn new(seed: u64) -> Self {
        Self { workers: (0..WORKERS).map(|number| Worker::new(seed, number)).collect() }
    }

    /// Everything that was made for sure.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.workers.iter().flat_map(|worker| &worker.objects)
    }

    /// Requests that were answered with success.
    pub(crate) fn acknowledged(&self) -> usize {
        self.workers.iter().map(|worker| worker.acknowledged).sum()
    }

    /// Requests that were answered with a failure.
    pub(crate) fn failed(&self) -> usize {
        self.workers.iter().map(|worker| worker.failed).sum()
    }

    /// Lets all work until the service is killed at a random moment, 5 to 150 ms from now.
    pub(crate) fn work_until_killed(&mut self, service: &mut Service, random: &mut Seeded) {
        let moment = Instant::now() + Duration::from_millis(5 + random.below(146));
        let address = service.address;
        thread::scope(|scope| {
            for worker in &mut self.workers {
                scope.spawn(move || {
                    let mut client = Client::new(address);
                    while worker.act(&mut client).is_ok() {}
                });
            }
            while let Some(rest) = moment.checked_duration_since(Instant::now()) {
                thread::park_timeout(rest);
            }
            service.kill();
        });
    }

    /// Lets all work while `disturb` runs; every request must be answered.
    pub(crate) fn work_during<T>(&mut self, address: SocketAddr, disturb: impl FnOnce() -> T) -> T {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for worker in &mut self.workers {
                let over = &over;
                scope.spawn(move || {
                    let mut client = Client::new(address);
                    while !over.load(Ordering::Relaxed) {
                        worker.act(&mut client).expect("the service answers every request");
                    }
                });
            }
            let ended = Ends(&over);
            let result = disturb();
            drop(ended);
            result
        })
    }

    /// Compares what was touched since the last time, or everything, with the service's answers, the
    /// rows and the files.
    pub(crate) fn compare(&mut self, address: SocketAddr, data: &Path, database: &Database, all: bool) {
        let records = Records::read(database);
        records.check_events();
        check_units(database);
        self.check_known(&records);
        let mut touched = HashSet::new();
        thread::scope(|scope| {
            let records = &records;
            let compared = self.workers.iter_mut().map(|worker| {
                scope.spawn(move || compare_worker(worker, &mut Client::new(address), records, all))
            });
            let compared: Vec<_> = compared.collect();
            for worker in compared {
                touched.extend(worker.join().expect("the ledger agrees"));
            }
        });
        let files: Vec<_> = records.files.iter().filter(|(sid, _)| touched.contains(*sid)).collect();
        Vault::open(data, database).check(&files);
    }

    /// Nothing is there that nobody asked for.
    fn check_known(&self, records: &Records) {
        let known: HashSet<&str> = self.objects().map(|object| object.sid.as_str()).collect();
        for (sid, name) in records.names.iter().chain(&records.assignments) {
            let asked_for = || self.workers.iter().any(|worker| worker.unanswered.contains(name));
            assert!(
                known.contains(sid.as_str()) || name == PROBE || asked_for(),
                "nobody asked for {sid}, {name}"
            );
        }
        for object in self.objects() {
            let changes = records.count(&object.sid, &[".update", ".submit"]);
            assert!(object.changes().contains(&changes), "{changes} changes on record: {object:?}");
        }
    }
}

/// Ends the work also when what disturbs it panics.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Compares the ledger of one worker; returns the SIDs that were compared.
fn compare_worker(worker: &mut Worker, client: &mut Client, records: &Records, all: bool) -> Vec<String> {
    let mut compared = Vec::new();
    for object in worker.objects.iter_mut().filter(|object| all || object.touched) {
        let answer = client.get(&object.path).unwrap();
        let body: Option<Value> = match answer.status {
            200 => {
                let file = records.files.get(&object.sid).map(|file| &file.sha256);
                Some(with_file(answer.body, file))
            }
            404 => None,
            other => panic!("{}: {other} {}", object.path, answer.text),
        };
        object.settle(body.as_ref());
        compared.push(object.sid.clone());
    }
    compared
}
