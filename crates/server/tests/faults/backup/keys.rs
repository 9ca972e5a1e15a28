//! The master key is not in a backup, and the right one is needed.

use dossier_testkit::Engine::Sqlite;
use std::fs;

use super::Site;

const OTHER: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

#[test]
fn the_right_key_is_asked_for_before_anything_is_touched() {
    let original = Site::new(Sqlite);
    original.installation.start().stop();
    let ended = original.installation.run(&["backup", "backup"]);
    let backup = original.installation.path().join("backup");
    let id = original.database.column("SELECT DISTINCT master_key_id FROM data_keys").swap_remove(0);
    assert!(ended.stderr.contains("The master key is NOT in the backup"), "{}", ended.stderr);
    assert!(ended.stderr.contains(&id), "{}", ended.stderr);
    let key = fs::read_to_string(original.installation.data().join("master.key")).unwrap();
    let key = key.lines().last().unwrap();
    for entry in ["manifest.json", "tables/data_keys.jsonl"] {
        let text = fs::read_to_string(backup.join(entry)).unwrap();
        assert!(text.contains(&id) && !text.contains(key), "{entry}");
    }

    let mut copy = Site::new(Sqlite);
    let ended = copy.restore(&backup, &[]);
    assert_eq!(ended.code, Some(1));
    for words in ["the master key is not here", &id, "master.key", "DOSSIER_MASTER_KEY"] {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    copy.installation.set("DOSSIER_MASTER_KEY", Some(OTHER));
    let ended = copy.restore(&backup, &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("wrong one") && ended.stderr.contains(&id), "{}", ended.stderr);
    assert!(!copy.installation.data().exists(), "nothing was made");

    // The key under which it was sealed, as text.
    copy.installation.set("DOSSIER_MASTER_KEY", Some(key));
    copy.restored(&backup, &[]);
    copy.installation.start().stop();
}

/// A backup from before a rotation needs the key from before it, beside the new one or alone.
#[test]
fn an_old_backup_needs_the_old_key() {
    let original = Site::new(Sqlite);
    original.installation.start().stop();
    let old = original.installation.path().join("old.key");
    fs::copy(original.installation.data().join("master.key"), &old).unwrap();
    let backup = original.back_up("backup");
    original.installation.succeed(&["keys", "rotate"]);

    let ended = Site::with_key_of(&original, Sqlite).restore(&backup, &[]);
    assert!(ended.stderr.contains("the master key is the wrong one"), "{}", ended.stderr);
    let copy = Site::new(Sqlite);
    copy.put_key(&old);
    copy.restored(&backup, &[]);
    copy.installation.succeed(&["keys", "rotate"]);
    copy.installation.start().stop();
}
