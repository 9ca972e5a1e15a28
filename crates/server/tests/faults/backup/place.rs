//! What is in the way is left alone.

use dossier_testkit::Engine::{Postgres, Sqlite};
use std::fs;

use super::{Site, check, fill};
use crate::crew::Crew;
use crate::settings::seed;

#[test]
fn nothing_is_written_over() {
    let site = Site::new(Sqlite);
    site.installation.start().stop();
    let taken = site.installation.path().join("taken");
    fs::create_dir(&taken).unwrap();
    // An empty directory will do.
    site.back_up("taken");
    for name in ["taken", "log"] {
        let ended = site.installation.run(&["backup", name]);
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        assert!(ended.stderr.contains("exists and is not empty"), "{}", ended.stderr);
    }
    assert!(!site.installation.path().join("taken.partial").exists());
    assert_eq!(check(&site, &taken).code, Some(0));
}

#[test]
fn only_an_empty_installation_is_restored_into() {
    let site = Site::new(Sqlite);
    let mut crew = Crew::new(seed("place"));
    let service = site.installation.start();
    fill(&mut crew, &service);
    service.stop();
    let backup = site.back_up("backup");
    for engine in [Sqlite, Postgres] {
        let used = Site::with_key_of(&site, engine);
        used.installation.succeed(&["accounts", "create", "Somebody"]);
        let before = used.database.rows("SELECT * FROM accounts");
        for more in [&[][..], &["--start-over"]] {
            let ended = used.restore(&backup, more);
            assert_eq!(ended.code, Some(1), "{}", ended.stdout);
            assert!(ended.stderr.contains("the database is in use already"), "{}", ended.stderr);
        }
        assert_eq!(used.database.rows("SELECT * FROM accounts"), before);
        used.installation.start().stop();
    }

    // The sweep of the restored installation would delete what belongs to the other.
    let mut copy = Site::with_key_of(&site, Sqlite);
    let documents = site.installation.data().join("documents");
    copy.installation.set("DOSSIER_DOCUMENTS_URL", Some(documents.to_str().unwrap()));
    let ended = copy.restore(&backup, &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(ended.stderr.contains("there are files in the place for documents already"), "{}", ended.stderr);
    assert!(copy.database.rows("SELECT name FROM sqlite_schema").is_empty());
}

#[test]
fn listed_documents_are_kept_by_others_and_must_be_there_at_the_restore() {
    let site = Site::new(Sqlite);
    let mut crew = Crew::new(seed("listed"));
    let service = site.installation.start();
    fill(&mut crew, &service);
    service.stop();
    let printed = site.installation.succeed(&["backup", "backup", "--documents", "list"]);
    assert!(printed.contains("(listed, not copied)"), "{printed}");
    let backup = site.installation.path().join("backup");
    assert_eq!(check(&site, &backup).code, Some(0));
    assert_eq!(fs::read_dir(backup.join("documents")).unwrap().count(), 0);

    let mut copy = Site::with_key_of(&site, Sqlite);
    let ended = copy.restore(&backup, &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains("is missing"), "{}", ended.stdout);
    copy.is_closed();
    let documents = site.installation.data().join("documents");
    copy.installation.set("DOSSIER_DOCUMENTS_URL", Some(documents.to_str().unwrap()));
    copy.restored(&backup, &["--start-over"]);
    let service = copy.installation.start();
    crew.compare(service.address, &site.installation.data(), &site.database, true);
    service.stop();
}

/// The database names a file that is not where the settings say: they are the wrong ones.
#[test]
fn documents_that_are_somewhere_else_end_the_backup() {
    let mut site = Site::new(Sqlite);
    let mut crew = Crew::new(seed("elsewhere"));
    let service = site.installation.start();
    fill(&mut crew, &service);
    service.stop();
    site.installation.set("DOSSIER_DOCUMENTS_URL", Some("elsewhere"));
    let ended = site.installation.run(&["backup", "backup"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(ended.stderr.contains("is this the right --documents-url?"), "{}", ended.stderr);
    for name in ["backup", "backup.partial"] {
        assert!(!site.installation.path().join(name).exists(), "{name}");
    }
}
