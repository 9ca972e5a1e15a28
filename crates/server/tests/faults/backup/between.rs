//! What happens to documents between the steps of a backup, each at its worst moment.

use dossier_app::{BackupEvent, BackupOptions, BackupTeller, DocumentsMode, take_backup};
use dossier_domain::Timestamp;
use dossier_store::files::FileStore;
use dossier_store::{Db, DbOptions, DbTarget};
use dossier_testkit::Engine::Sqlite;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::{Site, is_whole};
use crate::client::{Client, V2, pdf};
use crate::database::{Database, runtime};

/// Documents with files, changed past the service.
struct Documents {
    database: Database,
    folder: PathBuf,
}

impl Documents {
    fn key(&self, name: &str) -> String {
        let sql = format!("SELECT file_key FROM documents WHERE friendly_name = '{name}'");
        self.database.column(&sql).swap_remove(0)
    }

    fn delete(&self, name: &str) {
        let key = self.key(name);
        self.database.rows(&format!("DELETE FROM documents WHERE friendly_name = '{name}'"));
        fs::remove_file(self.folder.join(key)).unwrap();
    }

    /// A document like `template`, with a file of its own.
    fn add(&self, template: &str, name: &str, digit: char) {
        let (old, sid) = (self.key(template), format!("RD{}", digit.to_string().repeat(32)));
        let key = format!("{}/{sid}/{}", &old[..34], "0".repeat(32));
        fs::create_dir_all(self.folder.join(&key).parent().unwrap()).unwrap();
        fs::copy(self.folder.join(&old), self.folder.join(&key)).unwrap();
        self.database.rows(&format!(
            "INSERT INTO documents (account_sid, sid, type, friendly_name, status, attributes_sealed, file_key, \
             file_type, file_bytes, file_sha256, created_at, updated_at) SELECT account_sid, '{sid}', type, '{name}', \
             status, attributes_sealed, '{key}', file_type, file_bytes, file_sha256, created_at, updated_at \
             FROM documents WHERE friendly_name = '{template}'"
        ));
    }

    /// Gives the document another file, as an update does.
    fn replace(&self, name: &str) {
        let old = self.key(name);
        let key = format!("{}{}", &old[..old.len() - 32], "1".repeat(32));
        self.database
            .rows(&format!("UPDATE documents SET file_key = '{key}' WHERE friendly_name = '{name}'"));
        fs::rename(self.folder.join(old), self.folder.join(key)).unwrap();
    }
}

#[test]
fn only_a_file_that_came_and_went_between_the_steps_is_gone() {
    let site = Site::new(Sqlite);
    let service = site.installation.start();
    let mut client = Client::new(service.address);
    for name in ["stays", "deleted before", "deleted after", "replaced before", "replaced after"] {
        let fields = [("FriendlyName", name), ("Type", "passport")];
        client.upload(&format!("{V2}/SupportingDocuments"), &fields, &pdf(name, 1000)).unwrap().expect(201);
    }
    service.stop();
    let folder = site.installation.data().join("documents");
    let documents = Documents { database: site.database.clone(), folder: folder.clone() };
    let replaced_after = documents.key("replaced after");
    let told = Arc::new(Mutex::new(Vec::new()));
    let gone = Arc::clone(&told);
    let teller: BackupTeller = Arc::new(move |event| match event {
        // The first files are copied, the snapshot is not taken yet.
        BackupEvent::Begins("Writing tables") => {
            documents.delete("deleted before");
            documents.replace("replaced before");
            for (name, digit) in [("first", '0'), ("between", '7'), ("last", 'f')] {
                documents.add("stays", name, digit);
            }
        }
        // The snapshot is taken, the other files are not copied yet.
        BackupEvent::Begins("Looking for the documents of these tables") => {
            documents.delete("deleted after");
            documents.replace("replaced after");
            documents.delete("between");
        }
        BackupEvent::Gone(key) => gone.lock().unwrap().push(key.to_owned()),
        _ => {}
    });
    let backup = site.installation.path().join("backup");
    let options = BackupOptions {
        documents: DocumentsMode::Included,
        program: "test",
        now: Timestamp::from_micros(1_795_000_000_000_000),
    };
    let taken = runtime().block_on(async {
        let Database::Sqlite(path) = &site.database else { unreachable!("it was asked for on SQLite") };
        let target = DbTarget::Sqlite(path.clone());
        let db = Db::open(&DbOptions { target, connections: 1, queue_max: 10 }).await.unwrap();
        let files = FileStore::local(&folder).unwrap();
        let taken = take_backup(&db, &files, &backup, options, &teller).await.unwrap();
        db.close().await;
        taken
    });
    // stays, both replaced ones, the one that was deleted when it was copied already, first and last.
    assert_eq!((taken.documents, taken.gone), (6, 1));
    assert!(backup.join("documents").join(replaced_after).exists(), "the file of the snapshot's row");
    let told = told.lock().unwrap();
    assert!(told.len() == 1 && told[0].contains("RD7777"), "{told:?}");
    // Files whose rows were deleted before the snapshot are not in the backup: this counts them.
    is_whole(&site, &backup);

    let copy = Site::with_key_of(&site, Sqlite);
    let printed = copy.restored(&backup, &[]);
    assert!(printed.contains("Documents whose file had been deleted or replaced already: 1\n"), "{printed}");
    let rows = "SELECT friendly_name FROM documents ORDER BY friendly_name";
    assert_eq!(
        copy.database.column(rows),
        ["between", "deleted after", "first", "last", "replaced after", "replaced before", "stays"]
    );
}
