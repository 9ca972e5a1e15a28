//! The sealer is killed in the middle of a long run, and so are two of them on one PostgreSQL.

use dossier_testkit::Seeded;
use std::thread;
use std::time::Duration;

use crate::database::{Database, OwnPostgres};
use crate::installation::Installation;
use crate::settings::{kills, seed};

/// Events that wait at the beginning: enough to be killed in the middle of.
const EVENTS_SQLITE: u64 = 100_000;
/// As [`EVENTS_SQLITE`].
const EVENTS_POSTGRES: u64 = 40_000;

#[test]
fn a_sealer_that_is_killed_leaves_a_whole_chain_on_sqlite() {
    let installation = Installation::new();
    let database = Database::Sqlite(installation.data().join("dossier.db"));
    let numbers = format!(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {EVENTS_SQLITE})"
    );
    survive(&[installation], &database, &numbers, "printf('%032x', n)", seed("sealer on sqlite"));
}

#[test]
fn sealers_that_are_killed_leave_a_whole_chain_on_postgres() {
    let postgres = OwnPostgres::new();
    let key = "11".repeat(32);
    let node =
        || Installation::new().with("DOSSIER_DATABASE_URL", &postgres.url).with("DOSSIER_MASTER_KEY", &key);
    let database = Database::Postgres(postgres.url.clone());
    let numbers = format!("WITH numbers AS (SELECT generate_series(1, {EVENTS_POSTGRES}) AS n)");
    survive(&[node(), node()], &database, &numbers, "lpad(to_hex(n), 32, '0')", seed("sealers on postgres"));
}

fn survive(nodes: &[Installation], database: &Database, numbers: &str, digits: &str, seed: u64) {
    nodes[0].succeed(&["migrate"]);
    database.rows(&format!(
        "{numbers} INSERT INTO audit_events SELECT 'AC' || {digits}, n, 'AE' || {digits}, 'a', 'b', 'c', 'd', 'e', NULL \
         FROM numbers"
    ));
    database.rows("INSERT INTO audit_unsealed SELECT at, sid, account_sid FROM audit_events");
    let mut random = Seeded::new(seed);
    for _ in 0..kills().div_ceil(2) {
        let mut services: Vec<_> = nodes.iter().map(Installation::start).collect();
        thread::park_timeout(Duration::from_millis(random.below(150)));
        services.iter_mut().for_each(crate::installation::Service::kill);
        whole(&nodes[0], database);
    }
    let sealed: u64 = database.column("SELECT count(*) FROM audit_seals")[0].parse().unwrap();
    assert!(sealed > 0, "the sealer must get something done");
    nodes[0].start().stop();
    let report = whole(&nodes[0], database);
    assert!(report.contains("are not proven: 0\n"), "{report}");
}

/// Proves the chain, and that each event is either sealed or waits.
fn whole(node: &Installation, database: &Database) -> String {
    database.check_integrity();
    let report = node.succeed(&["audit", "verify"]);
    let numbers = "SELECT (SELECT count(*) FROM audit_events) - (SELECT count(*) FROM audit_seals) \
                   - (SELECT count(*) FROM audit_unsealed)";
    assert_eq!(database.column(numbers), ["0"]);
    println!("{}", report.lines().next().unwrap_or_default());
    report
}
