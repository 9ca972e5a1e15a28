//! The service is killed between what happens and what is told about it.
//!
//! Every change that was acknowledged is told at least once, always with the same delivery id, and no
//! change is told under two.

use dossier_testkit::Seeded;
use dossier_testkit::app::{Received, Receiver};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

use crate::client::{Client, V2};
use crate::database::{Database, OwnPostgres};
use crate::installation::{Installation, SOON, wait_until};
use crate::settings::{kills, seed};

#[test]
fn nothing_that_happened_goes_untold_on_sqlite() {
    let installation = Installation::new();
    let database = Database::Sqlite(installation.data().join("dossier.db"));
    survive(&installation, &database, seed("told on sqlite"), kills().div_ceil(2));
}

#[test]
fn nothing_that_happened_goes_untold_on_postgres() {
    let postgres = OwnPostgres::new();
    let installation = Installation::new().with("DOSSIER_DATABASE_URL", &postgres.url);
    let database = Database::Postgres(postgres.url.clone());
    survive(&installation, &database, seed("told on postgres"), kills().div_ceil(4));
}

#[test]
fn a_worker_tells_what_a_serving_node_leaves_to_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let receiver = runtime.block_on(Receiver::start());
    let installation = Installation::new();
    let database = Database::Sqlite(installation.data().join("dossier.db"));
    let service = installation.serve(&["--dev", "--worker=false"]);
    let bundle = change(&mut Client::new(service.address), &database, &receiver.url("/"));
    service.stop();
    assert_eq!(receiver.received(), [], "nobody was there to do it");

    let mut worker = installation.spawn(&["worker", "--callback-allow", "127.0.0.1"], Stdio::null());
    let received = runtime.block_on(receiver.wait_for(1));
    assert_eq!(received[0].param("BundleSid"), Some(&*bundle));
    wait_until(SOON, "the outcome", || database.column("SELECT state FROM deliveries") == ["delivered"]);
    worker.stop();
}

fn survive(installation: &Installation, database: &Database, seed: u64, kills: u64) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let receiver = runtime.block_on(Receiver::start());
    let (mut random, mut changed) = (Seeded::new(seed), BTreeSet::new());
    for _ in 0..kills {
        let mut service = installation.start();
        let mut client = Client::new(service.address);
        let end = Instant::now() + Duration::from_millis(random.below(300));
        loop {
            changed.insert(change(&mut client, database, &receiver.url("/")));
            if Instant::now() > end {
                break;
            }
        }
        service.kill();
        database.check_integrity();
    }
    let service = installation.start();
    let mut client = Client::new(service.address);
    // What a killed worker had under way is begun again when its lease has ended.
    client.post_json("/dev/v1/clock", r#"{"advance_seconds":300}"#).unwrap().expect(200);
    let waiting = || database.column("SELECT count(*) FROM deliveries WHERE state = 'waiting'") != ["0"];
    wait_until(SOON, "the last callback", || !waiting());
    check(&runtime, &receiver, database, &changed);
    service.stop();
}

/// Makes a bundle and brings it about that it changes, which is acknowledged before this returns.
pub(crate) fn change(client: &mut Client, database: &Database, url: &str) -> String {
    let form = [
        ("FriendlyName", "A bundle"),
        ("Email", "a@example.com"),
        ("IsoCountry", "DE"),
        ("NumberType", "local"),
        ("EndUserType", "business"),
        ("StatusCallback", url),
    ];
    let sid = client.post(&format!("{V2}/Bundles"), &form).unwrap().sid();
    database.rows(&format!("UPDATE bundles SET status = 'twilio-rejected' WHERE sid = '{sid}'"));
    client.post(&format!("{V2}/Bundles/{sid}"), &[("Status", "draft")]).unwrap().expect(200);
    sid
}

fn check(runtime: &Runtime, receiver: &Receiver, database: &Database, changed: &BTreeSet<String>) {
    let received: Vec<Received> = runtime.block_on(receiver.wait_for(changed.len()));
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for callback in &received {
        let bundle = callback.param("BundleSid").unwrap().to_owned();
        ids.entry(bundle).or_default().insert(callback.delivery().to_owned());
    }
    assert_eq!(ids.keys().collect::<Vec<_>>(), changed.iter().collect::<Vec<_>>(), "each change was told");
    assert!(ids.values().all(|ids| ids.len() == 1), "under one id: {ids:?}");
    let states = database.column("SELECT DISTINCT state FROM deliveries");
    assert_eq!(states, ["delivered"]);
    println!("{} changes, {} callbacks", changed.len(), received.len());
}
