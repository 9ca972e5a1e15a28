//! A backup or a restore that is killed anywhere is never taken for a whole one.

use dossier_testkit::Engine::{self, Postgres, Sqlite};
use dossier_testkit::Seeded;
use std::time::{Duration, Instant};
use std::{fs, path::Path};

use super::{Site, check, fill, is_whole};
use crate::crew::Crew;
use crate::settings::{kills, seed};

fn filled(engine: Engine) -> (Site, Crew) {
    let site = Site::new(engine);
    let mut crew = Crew::new(seed("interrupted"));
    let service = site.installation.start();
    fill(&mut crew, &service);
    service.stop();
    (site, crew)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap().max(1)
}

#[test]
fn a_backup_that_is_killed_is_none_or_a_whole_one() {
    let (site, _) = filled(Sqlite);
    let begun = Instant::now();
    site.back_up("first");
    let (took, mut random) = (milliseconds(begun.elapsed()), Seeded::new(seed("killed backup")));
    let (backup, partial) = (site.installation.path().join("b"), site.installation.path().join("b.partial"));
    let mut interrupted = 0;
    for _ in 0..kills() {
        let part = Duration::from_millis(random.below(took + took / 4));
        site.installation.run_and_kill(&["backup", "b"], part);
        if backup.exists() {
            is_whole(&site, &backup);
            fs::remove_dir_all(&backup).unwrap();
            continue;
        }
        if partial.exists() {
            interrupted += 1;
            // It cannot be checked or restored, and nothing is written over it.
            for arguments in
                [["backup", "--check", "b.partial"].as_slice(), &["restore", "b.partial"], &["backup", "b"]]
            {
                let ended = site.installation.run(arguments);
                let is_refused = ended.stderr.contains("interrupted") || is_published(&partial);
                assert!(is_refused, "{arguments:?}: {}", ended.stderr);
            }
            fs::remove_dir_all(&partial).unwrap();
        }
    }
    println!("{interrupted} were interrupted");
    assert!(interrupted > 0, "some must have been interrupted");
    is_whole(&site, &site.back_up("b"));
}

/// Killed while or after the manifest was written: it may be whole, and only its name says otherwise.
fn is_published(partial: &Path) -> bool {
    partial.join("manifest.json").exists()
}

#[test]
fn a_restore_that_is_killed_on_sqlite_is_never_served() {
    survive(Sqlite, kills() / 2);
}

#[test]
fn a_restore_that_is_killed_on_postgres_is_never_served() {
    survive(Postgres, kills() / 4);
}

fn survive(engine: Engine, kills: u64) {
    let (original, mut crew) = filled(engine);
    let backup = original.back_up("backup");
    let begun = Instant::now();
    Site::with_key_of(&original, engine).restored(&backup, &[]);
    let (took, mut random) = (milliseconds(begun.elapsed()), Seeded::new(seed("killed restore")));
    let mut closed = 0;
    for _ in 0..kills {
        let copy = Site::with_key_of(&original, engine);
        let part = Duration::from_millis(random.below(took));
        copy.installation.run_and_kill(&["restore", backup.to_str().unwrap()], part);
        let state = copy.installation.run(&["accounts", "list"]);
        let accounts = state.stdout.lines().count();
        match state.code {
            // It had not begun, or had ended: what is served is nothing, or everything.
            Some(0) if accounts == 0 => continue,
            Some(0) => assert_eq!(accounts, 1),
            _ => {
                copy.is_closed();
                closed += 1;
                let again = copy.restore(&backup, &[]);
                assert_eq!(again.code, Some(1), "it must be asked for: {}", again.stdout);
                copy.restored(&backup, &["--start-over"]);
            }
        }
        let service = copy.installation.start();
        crew.compare(service.address, &copy.installation.data(), &copy.database, true);
        service.stop();
    }
    println!("{closed} were interrupted");
    assert!(closed > 0, "some must have been interrupted");
    assert_eq!(check(&original, &backup).code, Some(0), "the backup is only read");
}
