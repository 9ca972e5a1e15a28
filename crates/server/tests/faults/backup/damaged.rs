//! Whatever is altered in a backup is noticed, by the check and by the restore.

use dossier_testkit::Engine::Sqlite;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Site, check, fill, is_whole};
use crate::crew::Crew;
use crate::settings::seed;

/// A backup with something of everything, and the site it was taken from.
fn taken() -> (Site, PathBuf) {
    let original = Site::new(Sqlite);
    let mut crew = Crew::new(seed("damaged"));
    let service = original.installation.start();
    fill(&mut crew, &service);
    service.stop();
    let backup = original.back_up("backup");
    (original, backup)
}

fn files_below(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// The check refuses the backup, and says one of these words.
fn refused(site: &Site, backup: &Path, words: &str) {
    let ended = check(site, backup);
    let said = ended.stdout + &ended.stderr;
    assert_eq!(ended.code, Some(1), "{words}: {said}");
    assert!(said.contains(words), "{words}: {said}");
}

#[test]
fn one_altered_byte_is_noticed_in_every_kind_of_file() {
    let (site, backup) = taken();
    let mut altered = 0;
    let (documents, mut others): (Vec<_>, Vec<_>) =
        files_below(&backup).into_iter().partition(|path| path.starts_with(backup.join("documents")));
    others.extend(documents.into_iter().take(2));
    for path in others {
        let content = fs::read(&path).unwrap();
        for place in [0, content.len() / 2, content.len() - 1] {
            let mut other = content.clone();
            other[place] ^= 1;
            fs::write(&path, &other).unwrap();
            let ended = check(&site, &backup);
            assert_eq!(ended.code, Some(1), "{} at {place}: {}", path.display(), ended.stdout);
            altered += 1;
        }
        fs::write(&path, content).unwrap();
    }
    assert!(altered > 60, "{altered} files and places are not all");
    is_whole(&site, &backup);
}

#[test]
fn what_is_cut_off_missing_or_too_much_is_noticed() {
    let (site, backup) = taken();
    let table = backup.join("tables/audit_events.jsonl");
    let content = fs::read_to_string(&table).unwrap();
    let last_line = content.trim_end().rfind('\n').unwrap();
    for cut in [&content[..=last_line], &content[..content.len() - 1], ""] {
        fs::write(&table, cut).unwrap();
        refused(&site, &backup, "tables/audit_events.jsonl");
        // A restore looks before it touches anything.
        let empty = Site::with_key_of(&site, Sqlite);
        let ended = empty.restore(&backup, &[]);
        assert_eq!(ended.code, Some(1));
        assert!(ended.stderr.contains("nothing was restored"), "{}", ended.stderr);
        assert!(empty.database.rows("SELECT name FROM sqlite_schema").is_empty());
    }
    fs::write(&table, &content).unwrap();

    fs::rename(&table, backup.join("tables/other.jsonl")).unwrap();
    refused(&site, &backup, "audit_events.jsonl cannot be read");
    fs::rename(backup.join("tables/other.jsonl"), &table).unwrap();

    for surplus in ["note.txt", "tables/others.jsonl", "documents/note.txt"] {
        fs::write(backup.join(surplus), "x").unwrap();
        let words = if surplus.starts_with("doc") { "number of files in documents" } else { surplus };
        refused(&site, &backup, words);
        fs::remove_file(backup.join(surplus)).unwrap();
    }
    let manifest = backup.join("manifest.json");
    fs::rename(&manifest, backup.join("aside")).unwrap();
    refused(&site, &backup, "it has no manifest.json");
    fs::rename(backup.join("aside"), &manifest).unwrap();
    is_whole(&site, &backup);
}

#[test]
fn a_damaged_document_leaves_the_restored_installation_closed() {
    let (site, backup) = taken();
    let document = files_below(&backup.join("documents")).swap_remove(0);
    let content = fs::read(&document).unwrap();
    let other = [&content[..content.len() - 1], b"x"].concat();
    for damage in [Some(other), None] {
        match damage {
            Some(other) => fs::write(&document, other).unwrap(),
            None => fs::remove_file(&document).unwrap(),
        }
        let name = document.file_name().unwrap().to_str().unwrap();
        refused(&site, &backup, name);
        let copy = Site::with_key_of(&site, Sqlite);
        let ended = copy.restore(&backup, &[]);
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        assert!(ended.stdout.contains(name) && ended.stdout.contains("NOT whole"), "{}", ended.stdout);
        copy.is_closed();
        fs::write(&document, &content).unwrap();
        // With the right file the same installation can be completed.
        copy.restored(&backup, &["--start-over"]);
        copy.installation.start().stop();
    }
}

/// Somebody who alters a row and all hashes over it still has the audit chain against him.
#[test]
fn an_event_that_was_altered_with_all_hashes_is_found_by_the_chain() {
    let (site, _) = taken();
    site.database.rows("UPDATE audit_events SET action = 'bundle.delete' WHERE sid = (SELECT event_sid FROM audit_seals LIMIT 1)");
    let backup = site.back_up("altered");
    is_whole(&site, &backup);
    let copy = Site::with_key_of(&site, Sqlite);
    let ended = copy.restore(&backup, &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(ended.stdout.contains("WRONG  the audit chain: "), "{}", ended.stdout);
    copy.is_closed();
}
