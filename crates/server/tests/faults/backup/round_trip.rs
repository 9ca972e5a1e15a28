//! A restored copy gives the same answers, from either engine into either.

use dossier_testkit::Engine::{self, Postgres, Sqlite};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Site, fill, is_whole};
use crate::crew::Crew;
use crate::settings::seed;

#[test]
fn sqlite_to_sqlite() {
    round_trip(Sqlite, Sqlite);
}

#[test]
fn postgres_to_postgres() {
    round_trip(Postgres, Postgres);
}

#[test]
fn sqlite_to_postgres() {
    round_trip(Sqlite, Postgres);
}

#[test]
fn postgres_to_sqlite() {
    round_trip(Postgres, Sqlite);
}

fn round_trip(from: Engine, to: Engine) {
    let original = Site::new(from);
    let mut crew = Crew::new(seed("round trip"));
    let service = original.installation.start();
    fill(&mut crew, &service);
    service.stop();
    let checkpoint = original.installation.succeed(&["audit", "checkpoint"]);
    let backup = original.back_up("backup");
    is_whole(&original, &backup);
    for_the_owner_alone(&backup);

    let copy = Site::with_key_of(&original, to);
    let printed = copy.restored(&backup, &[]);
    assert!(!printed.contains("GONE"), "{printed}");
    let known = copy.installation.path().join("checkpoint.json");
    fs::write(&known, checkpoint).unwrap();
    copy.installation.succeed(&["audit", "verify", "--checkpoint", known.to_str().unwrap()]);
    same_rows(&original, &copy);

    // Attributes, tokens and files can be opened, and every object is what its client was told.
    let service = copy.installation.start();
    crew.compare(service.address, &copy.installation.data(), &copy.database, true);
    // And it goes on from there.
    fill(&mut crew, &service);
    crew.compare(service.address, &copy.installation.data(), &copy.database, true);
    service.stop();
    copy.installation.succeed(&["audit", "verify"]);
}

/// What a service or the restore itself adds is apart: its events, and the seals over them.
fn same_rows(original: &Site, copy: &Site) {
    for sql in [
        "SELECT * FROM accounts ORDER BY account_sid",
        "SELECT * FROM auth_tokens ORDER BY account_sid, slot",
        "SELECT account_sid, version, master_key_id, wrapped FROM data_keys ORDER BY account_sid, version",
        "SELECT sid, contact_sealed, valid_until, status FROM bundles ORDER BY sid",
        "SELECT sid, message_sealed, state, attempts FROM deliveries ORDER BY sid",
        "SELECT kind, subject_sid, due_at, attempt FROM jobs WHERE account_sid <> '' ORDER BY kind, subject_sid",
        "SELECT * FROM operators ORDER BY sid",
        "SELECT * FROM audit_checkpoints ORDER BY number",
        "SELECT * FROM case_contents ORDER BY case_sid",
    ] {
        assert_eq!(original.database.rows(sql), copy.database.rows(sql), "{sql}");
    }
    // A worker that was busy when the service was stopped is not there any more.
    assert_eq!(copy.database.column("SELECT subject_sid FROM jobs WHERE lease IS NOT NULL"), [""; 0]);
    let events = "SELECT action FROM audit_events WHERE action LIKE 'backup.%' ORDER BY at";
    assert_eq!(copy.database.column(events), ["backup.take", "backup.restore"]);
}

fn for_the_owner_alone(path: &Path) {
    let metadata = fs::metadata(path).unwrap();
    let mode = metadata.permissions().mode() & 0o777;
    assert_eq!(mode, if metadata.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    if metadata.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| for_the_owner_alone(&entry.unwrap().path()));
    }
}
