//! PostgreSQL is killed, loses its sessions, or hangs, while the service writes.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::client::{Client, V2};
use crate::cluster::Cluster;
use crate::crew::Crew;
use crate::database::Database;
use crate::installation::{Installation, SOON, Service, wait_until};
use crate::records::PROBE;
use crate::settings::seed;

/// Requests during an outage must be answered within this time.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);
/// The same for a database that takes requests and says nothing, and for the health check then.
const ANSWERED_BY_HANGING: Duration = Duration::from_secs(55);
/// See above.
const HEALTH_WITHIN: Duration = Duration::from_secs(10);
/// How often each thing happens while the workers work.
const OUTAGES: u32 = 3;

struct Outage {
    cluster: Cluster,
    installation: Installation,
    database: Database,
    crew: Crew,
}

impl Outage {
    fn prepare(test: &str) -> Self {
        let cluster = Cluster::start();
        let installation = Installation::new().with("DOSSIER_DATABASE_URL", &cluster.url());
        let database = Database::Postgres(cluster.url());
        Self { cluster, installation, database, crew: Crew::new(seed(test)) }
    }

    fn data(&self) -> std::path::PathBuf {
        self.installation.data()
    }
}

#[test]
fn a_killed_postgres_is_found_again_when_it_is_back() {
    let Outage { mut cluster, installation, database, mut crew } = Outage::prepare("postgres is killed");
    let service = installation.start();
    for _ in 0..OUTAGES {
        let before = crew.acknowledged();
        crew.work_during(service.address, || {
            answers_soon(&service);
            cluster.kill();
            answers_failures(&service);
            cluster.start_again();
            recovers(&service);
        });
        assert!(crew.acknowledged() > before, "work was done");
        compare(&mut crew, &service, &installation.data(), &database);
    }
    assert!(crew.failed() > 0, "the outage was felt");
}

/// One crashed session makes PostgreSQL end all of them and go through its recovery.
#[test]
fn a_postgres_that_restarts_its_sessions_loses_and_doubles_nothing() {
    let Outage { cluster, installation, database, mut crew } = Outage::prepare("a session is killed");
    let service = installation.start();
    for _ in 0..OUTAGES {
        crew.work_during(service.address, || {
            answers_soon(&service);
            cluster.kill_a_session();
            recovers(&service);
        });
        compare(&mut crew, &service, &installation.data(), &database);
    }
}

#[test]
fn sessions_that_are_ended_under_load_lose_and_double_nothing() {
    let outage = Outage::prepare("sessions are ended");
    let data = outage.data();
    let Outage { cluster, installation, database, mut crew } = outage;
    let service = installation.start();
    crew.work_during(service.address, || {
        for _ in 0..10 * OUTAGES {
            answers_soon(&service);
            cluster.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dossier'",
            );
        }
        recovers(&service);
    });
    compare(&mut crew, &service, &data, &database);
}

/// A PostgreSQL that is stopped in the middle takes connections and answers nothing.
#[test]
fn a_postgres_that_hangs_makes_nobody_wait_for_ever() {
    let Outage { cluster, installation, database, mut crew } = Outage::prepare("postgres hangs");
    let service = installation.start();
    answers_soon(&service);
    cluster.signal_all("STOP");
    let continued = Continued(&cluster);
    let mut client = Client::new(service.address);
    let begun = Instant::now();
    assert_eq!(client.get("/health").expect("an answer").status, 503);
    assert!(begun.elapsed() < HEALTH_WITHIN, "{:?}", begun.elapsed());
    let answer = client.get(&format!("{V2}/Bundles")).expect("an answer");
    assert!(answer.is_our_failure(), "{} {}", answer.status, answer.text);
    assert!(begun.elapsed() < ANSWERED_BY_HANGING, "{:?}", begun.elapsed());
    drop(continued);
    recovers(&service);
    crew.work_during(service.address, || answers_soon(&service));
    compare(&mut crew, &service, &installation.data(), &database);
}

struct Continued<'a>(&'a Cluster);

impl Drop for Continued<'_> {
    fn drop(&mut self) {
        self.0.signal_all("CONT");
    }
}

/// Some requests on a connection of its own are answered as usual.
fn answers_soon(service: &Service) {
    let mut client = Client::new(service.address);
    wait_until(SOON, "ten good answers in a row", || {
        (0..10).all(|_| client.get(&format!("{V2}/Bundles?PageSize=1")).unwrap().status == 200)
    });
}

/// Without a database, requests fail soon and with our body, and the health check says so.
fn answers_failures(service: &Service) {
    let mut client = Client::new(service.address);
    let path = format!("{V2}/Bundles");
    let bundle = [
        ("FriendlyName", PROBE),
        ("Email", "a@example.com"),
        ("IsoCountry", "MO"),
        ("NumberType", "mobile"),
        ("EndUserType", "individual"),
    ];
    for _ in 0..5 {
        for answer in [client.get(&path), client.post(&path, &bundle)] {
            assert!(answer.as_ref().unwrap().is_our_failure(), "{answer:?}");
        }
        let begun = Instant::now();
        let health = client.get("/health").unwrap();
        assert_eq!((health.status, &health.body["status"]), (503, &"unavailable".into()), "{}", health.text);
        assert_eq!(client.get("/live").unwrap().status, 200, "the process itself is well");
        assert!(begun.elapsed() < ANSWERED_WITHIN, "{:?}", begun.elapsed());
    }
}

/// The service finds its database again by itself.
fn recovers(service: &Service) {
    let mut client = Client::new(service.address);
    wait_until(SOON, "the health of the service", || client.get("/health").unwrap().status == 200);
    answers_soon(service);
}

fn compare(crew: &mut Crew, service: &Service, data: &Path, database: &Database) {
    crew.compare(service.address, data, database, true);
    println!("{} acknowledged writes, {} failed", crew.acknowledged(), crew.failed());
}
