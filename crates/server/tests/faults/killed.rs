//! The service is killed with SIGKILL under concurrent writes, many times.
//!
//! After each restart, every write that was acknowledged is there with its content; one that was not is
//! there as a whole or not at all.

use dossier_testkit::Seeded;
use std::path::Path;
use std::time::Instant;
use std::{fs, thread};

use crate::crew::Crew;
use crate::database::{Database, OwnPostgres};
use crate::installation::Installation;
use crate::settings::{kills, seed};

#[test]
fn no_acknowledged_write_is_lost_on_sqlite() {
    let installation = Installation::new();
    let database = Database::Sqlite(installation.data().join("dossier.db"));
    survive(&installation, &database, seed("sqlite"), kills());
}

#[test]
fn no_acknowledged_write_is_lost_on_postgres() {
    let postgres = OwnPostgres::new();
    let installation = Installation::new().with("DOSSIER_DATABASE_URL", &postgres.url);
    survive(&installation, &Database::Postgres(postgres.url.clone()), seed("postgres"), kills().div_ceil(2));
}

fn survive(installation: &Installation, database: &Database, seed: u64, kills: u64) {
    let mut random = Seeded::new(seed);
    let mut crew = Crew::new(seed);
    let begun = Instant::now();
    for _ in 0..kills {
        let mut service = installation.start();
        crew.compare(service.address, &installation.data(), database, false);
        crew.work_until_killed(&mut service, &mut random);
        database.check_integrity();
    }
    let service = installation.start();
    crew.compare(service.address, &installation.data(), database, true);
    let acknowledged = crew.acknowledged();
    println!("{kills} kills, {acknowledged} acknowledged writes, {:?}", begun.elapsed());
    assert_eq!(crew.failed(), 0, "nothing but a kill went wrong");
    assert!(acknowledged as u64 > kills, "the workers must get something done: {acknowledged}");
}

/// A first start that is cut off anywhere is completed by the next one.
#[test]
fn a_first_start_that_is_killed_is_completed_by_the_next() {
    let mut random = Seeded::new(seed("first start"));
    let whole_start = {
        let begun = Instant::now();
        Installation::new().start();
        begun.elapsed()
    };
    for _ in 0..kills() / 2 {
        let installation = Installation::new();
        let part = whole_start.mul_f64(random.below(1000) as f64 / 1000.0);
        let mut starting = installation.begin(&["--dev"]);
        let moment = Instant::now() + part;
        while let Some(rest) = moment.checked_duration_since(Instant::now()) {
            thread::park_timeout(rest);
        }
        starting.child.kill();
        let found = describe(&installation.data());
        println!("killed after {part:?}, which left {found}");
        let service = installation.start();
        let mut crew = Crew::new(random.bits());
        let database = Database::Sqlite(installation.data().join("dossier.db"));
        crew.compare(service.address, &installation.data(), &database, true);
        service.stop();
    }
}

fn describe(folder: &Path) -> String {
    let Ok(entries) = fs::read_dir(folder) else { return "nothing".to_owned() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect::<Vec<_>>().join(", ")
}
