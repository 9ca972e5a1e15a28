//! A backup that is taken while everything changes is one moment of it.

use dossier_testkit::Engine::{self, Postgres, Sqlite};
use std::collections::BTreeSet;

use super::{Site, fill, is_whole};
use crate::crew::Crew;
use crate::ledger::State;
use crate::records::{Records, Vault, check_units};
use crate::settings::seed;

/// Backups that are taken one after the other.
const ROUNDS: usize = 4;

#[test]
fn a_backup_under_load_is_one_moment_on_sqlite() {
    under_load(Sqlite, Postgres);
}

#[test]
fn a_backup_under_load_is_one_moment_on_postgres() {
    under_load(Postgres, Sqlite);
}

fn under_load(from: Engine, to: Engine) {
    let original = Site::new(from);
    let mut crew = Crew::new(seed("load"));
    let service = original.installation.start();
    for round in 0..ROUNDS {
        fill(&mut crew, &service);
        let before = crew.present();
        let mut acknowledged = crew.acknowledged();
        let backup = crew.work_during(service.address, || original.back_up(&format!("backup-{round}")));
        acknowledged = crew.acknowledged() - acknowledged;
        println!("{acknowledged} writes while the backup was taken");
        assert!(acknowledged > 0, "somebody must have written meanwhile");
        is_whole(&original, &backup);

        let copy = Site::with_key_of(&original, if round % 2 == 0 { from } else { to });
        copy.restored(&backup, &[]);
        copy.database.check_integrity();
        check_units(&copy.database);
        let records = Records::read(&copy.database);
        records.check_events();
        // Whatever was acknowledged before is there, unless somebody wanted it deleted meanwhile.
        let deleted: BTreeSet<String> = crew.gone();
        for sid in before.difference(&deleted) {
            let is_there = records.names.contains_key(sid) || records.assignments.contains_key(sid);
            assert!(is_there, "{sid} was acknowledged before the backup began");
        }
        // Every document has its file, unless that was deleted or replaced before anybody could copy it.
        let listed = std::fs::read_to_string(backup.join("documents.jsonl")).unwrap();
        let missing: BTreeSet<&str> = listed.lines().filter(|line| !line.contains("sha256")).collect();
        println!("{} files were gone", missing.len());
        let named = |key: &str| missing.iter().any(|line| line.contains(key));
        let files: Vec<_> = records.files.iter().filter(|(_, file)| !named(&file.key)).collect();
        assert_eq!(files.len() + missing.len(), records.files.len());
        Vault::open(&copy.installation.data(), &copy.database).check(&files);
        copy.installation.succeed(&["audit", "verify"]);
        // It can be served, and each event is sealed or waits for it.
        copy.installation.start().stop();
    }
}

impl Crew {
    /// What is there for sure.
    fn present(&self) -> BTreeSet<String> {
        self.objects()
            .filter(|object| *object.state() != State::Gone)
            .map(|object| object.sid.clone())
            .collect()
    }

    /// What was deleted.
    fn gone(&self) -> BTreeSet<String> {
        self.objects()
            .filter(|object| *object.state() == State::Gone)
            .map(|object| object.sid.clone())
            .collect()
    }
}
