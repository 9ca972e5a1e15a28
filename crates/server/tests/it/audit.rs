//! `dossier audit`, beside a running service and on a copy of its data directory.

use crate::process::{Ended, Server, run};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

fn checkpoint(directory: &TempDir) -> serde_json::Value {
    let ended = run(directory, &[], &["audit", "checkpoint"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

fn verify(directory: &TempDir, arguments: &[&str]) -> Ended {
    run(directory, &[], &[&["audit", "verify"], arguments].concat())
}

#[track_caller]
fn whole(ended: &Ended) {
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.ends_with("The chain is whole.\n"), "{}", ended.stdout);
}

/// A service that was stopped politely, so that its database is one file.
fn stopped() -> TempDir {
    let mut server = Server::start(&[]);
    for name in ["One", "Two", "Three"] {
        assert_eq!(run(&server.directory, &[], &["accounts", "create", name]).code, Some(0));
    }
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    std::mem::replace(&mut server.directory, tempfile::tempdir().unwrap())
}

fn database(directory: &TempDir) -> rusqlite::Connection {
    rusqlite::Connection::open(directory.path().join("dossier-data/dossier.db")).unwrap()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn the_end_of_a_service_seals_what_was_recorded_last() {
    let directory = stopped();
    let ended = verify(&directory, &[]);
    whole(&ended);
    assert!(ended.stdout.contains("are not proven: 0\n"), "{}", ended.stdout);
    assert!(ended.stdout.contains("No exported checkpoint was given"), "{}", ended.stdout);
}

#[test]
fn a_chain_is_proven_beside_the_service_and_on_a_copy() {
    let server = Server::start(&[]);
    assert_eq!(run(&server.directory, &[], &["accounts", "create", "One"]).code, Some(0));
    let exported = checkpoint(&server.directory);
    assert_eq!(run(&server.directory, &[], &["accounts", "create", "Two"]).code, Some(0));
    let file = server.directory.path().join("kept.json");
    fs::write(&file, exported.to_string()).unwrap();
    let kept = ["--checkpoint", "kept.json"];
    let beside = verify(&server.directory, &kept);
    whole(&beside);
    assert!(beside.stdout.contains("are not proven: 1\n"), "{}", beside.stdout);

    // A copy of the files of a running service, log included; nothing in it may be written to.
    let copied = tempfile::tempdir().unwrap();
    let data = copied.path().join("dossier-data");
    fs::create_dir(&data).unwrap();
    copy(&server.directory.path().join("dossier-data"), &data);
    fs::copy(&file, copied.path().join("kept.json")).unwrap();
    let before = fs::read(data.join("dossier.db")).unwrap();
    whole(&verify(&copied, &kept));
    assert_eq!(fs::read(data.join("dossier.db")).unwrap(), before);

    fs::remove_file(data.join("master.key")).unwrap();
    let without_key = verify(&copied, &kept);
    whole(&without_key);
    assert!(without_key.stdout.contains("Authenticity was not checked"), "{}", without_key.stdout);
}

#[test]
fn a_copy_that_nobody_may_write_to_is_enough() {
    let directory = stopped();
    let data = directory.path().join("dossier-data");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o500)).unwrap();
    let files = || fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    let before = files();
    whole(&verify(&directory, &[]));
    let looked = run(&directory, &[], &["audit", "checkpoint", "--no-seal"]);
    assert_eq!(looked.code, Some(0), "{}", looked.stderr);
    // As root, nothing is forbidden, and the library may put files of its own beside the database.
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
    let after = files();
    assert!(before.iter().all(|file| after.contains(file)));
}

#[test]
fn what_was_tampered_with_is_named_and_ends_with_1() {
    let directory = stopped();
    let sid: String = database(&directory)
        .query_row("SELECT sid FROM audit_events WHERE action = 'account.create' LIMIT 1", [], |row| {
            row.get(0)
        })
        .unwrap();
    database(&directory).execute("UPDATE audit_events SET actor = 'x' WHERE sid = ?1", [&sid]).unwrap();
    let ended = verify(&directory, &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(ended.stdout.contains(&format!("WRONG  event {sid} of account AC")), "{}", ended.stdout);
    assert!(ended.stdout.ends_with("The chain is NOT whole. Findings: 2.\n"), "{}", ended.stdout);
}

#[test]
fn a_chain_that_was_cut_off_needs_the_exported_checkpoint() {
    let directory = stopped();
    let exported = checkpoint(&directory);
    let short = serde_json::json!({ "number": exported["number"], "hash": exported["hash"] });
    fs::write(directory.path().join("short.json"), short.to_string()).unwrap();
    fs::write(directory.path().join("kept.json"), exported.to_string()).unwrap();
    database(&directory)
        .execute_batch(
            "DELETE FROM audit_events; DELETE FROM audit_seals; DELETE FROM audit_checkpoints; \
             UPDATE audit_chain SET newest = 0",
        )
        .unwrap();
    whole(&verify(&directory, &[]));
    for file in ["kept.json", "short.json"] {
        let ended = verify(&directory, &["--checkpoint", file]);
        assert_eq!(ended.code, Some(1));
        assert!(ended.stdout.contains("the chain was cut off"), "{}", ended.stdout);
    }
}

#[test]
fn what_cannot_be_verified_is_a_clear_refusal() {
    let empty = tempfile::tempdir().unwrap();
    let ended = verify(&empty, &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(!empty.path().join("dossier-data").exists(), "looking makes nothing");
    fs::write(empty.path().join("x.json"), "{}").unwrap();
    let ended = verify(&empty, &["--checkpoint", "x.json"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("`x.json` is no checkpoint"), "{}", ended.stderr);

    let directory = stopped();
    fs::write(directory.path().join("dossier-data/master.key"), "00".repeat(32)).unwrap();
    let ended = verify(&directory, &[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("the master key is the wrong one"), "{}", ended.stderr);
}
