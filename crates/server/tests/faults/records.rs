//! What the database holds, read past the service: whole units only, and files that can be opened.

use dossier_domain::sid::{AccountSid, DocumentSid};
use dossier_store::files::FileStore;
use dossier_store::seal::{DataKey, KeyFile, Keyring, WrappedKey};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use crate::database::{Database, runtime, unhex};
use crate::worker::sha256;

/// The tables of what customers make, and the prefixes of its SIDs.
const TABLES: [(&str, &str); 3] = [("bundles", "BU"), ("end_users", "IT"), ("documents", "RD")];

/// The name of what tests make beside the workers, and do not count.
pub(crate) const PROBE: &str = "probe";

/// One reading of the whole database.
pub(crate) struct Records {
    /// SID and name of every bundle, end user and document.
    pub(crate) names: HashMap<String, String>,
    /// What every assignment joins, as `BU…/IT…`, by its SID.
    pub(crate) assignments: BTreeMap<String, String>,
    /// What happened to every SID, in no order.
    events: HashMap<String, Vec<String>>,
    /// The files that documents name.
    pub(crate) files: HashMap<String, FileRecord>,
}

/// The file of a document, as its row describes it.
pub(crate) struct FileRecord {
    pub(crate) key: String,
    pub(crate) sha256: String,
}

impl Records {
    pub(crate) fn read(database: &Database) -> Self {
        let mut names = HashMap::new();
        for (table, _) in TABLES {
            let rows = database.rows(&format!("SELECT sid, friendly_name FROM {table}"));
            names.extend(rows.into_iter().map(pair));
        }
        let assignments = database.rows("SELECT sid, bundle_sid || '/' || object_sid FROM item_assignments");
        let mut events: HashMap<String, Vec<String>> = HashMap::new();
        for (target, action) in database.rows("SELECT target, action FROM audit_events").into_iter().map(pair)
        {
            events.entry(target).or_default().push(action);
        }
        let files = "SELECT sid, file_key, file_sha256 FROM documents WHERE file_key IS NOT NULL";
        let files = database.rows(files).into_iter().map(|mut row| {
            let (sha256, key) = (row.pop().unwrap(), row.pop().unwrap());
            (row.swap_remove(0), FileRecord { key, sha256 })
        });
        Self {
            names,
            assignments: assignments.into_iter().map(pair).collect(),
            events,
            files: files.collect(),
        }
    }

    /// How many events with this ending a SID has.
    pub(crate) fn count(&self, sid: &str, verbs: &[&str]) -> usize {
        let matches = |action: &&String| verbs.iter().any(|verb| action.ends_with(verb));
        self.events.get(sid).map_or(0, |actions| actions.iter().filter(matches).count())
    }

    /// Every object has one creation on record and no deletion, and every other creation one deletion.
    pub(crate) fn check_events(&self) {
        let assigned = self.assignments.keys();
        let present: BTreeSet<&String> = self.names.keys().chain(assigned).collect();
        for sid in &present {
            assert_eq!(self.count(sid, &[".create", ".assign-item"]), 1, "creations of {sid}");
            assert_eq!(
                self.count(sid, &[".delete", ".remove-item"]),
                0,
                "deletions of {sid}, which is there"
            );
        }
        // An assignment may also end with its bundle, which has the event then.
        let is_kept = |sid: &&String| TABLES.iter().any(|(_, prefix)| sid.starts_with(prefix));
        for sid in self.events.keys().filter(|sid| !present.contains(sid)).filter(is_kept) {
            assert_eq!(self.count(sid, &[".create"]), 1, "creations of {sid}, which is gone");
            assert_eq!(self.count(sid, &[".delete"]), 1, "deletions of {sid}, which is gone");
        }
    }
}

/// Rows that only half a unit could have left behind.
const HALF_UNITS: [(&str, &str); 6] = [
    (
        "an assignment without its bundle",
        "SELECT sid FROM item_assignments WHERE bundle_sid NOT IN (SELECT sid FROM bundles)",
    ),
    (
        "an assignment without its item",
        "SELECT sid FROM item_assignments WHERE object_sid NOT IN (SELECT sid FROM end_users) \
         AND object_sid NOT IN (SELECT sid FROM documents)",
    ),
    (
        "an evaluation without its bundle",
        "SELECT sid FROM evaluations WHERE bundle_sid NOT IN (SELECT sid FROM bundles)",
    ),
    (
        "a bundle whose evaluations are not its submissions",
        "SELECT sid FROM bundles WHERE (SELECT count(*) FROM evaluations WHERE bundle_sid = bundles.sid) \
         <> (SELECT count(*) FROM audit_events WHERE target = bundles.sid AND action = 'bundle.submit')",
    ),
    (
        "a bundle and a document that were submitted one without the other",
        "SELECT sid FROM documents WHERE status <> (SELECT max(bundles.status) FROM bundles JOIN item_assignments \
         ON item_assignments.bundle_sid = bundles.sid WHERE item_assignments.object_sid = documents.sid)",
    ),
    (
        "an account without its key, its token or its event",
        "SELECT account_sid FROM accounts WHERE account_sid NOT IN (SELECT account_sid FROM data_keys) \
         OR account_sid NOT IN (SELECT account_sid FROM auth_tokens) \
         OR account_sid NOT IN (SELECT target FROM audit_events WHERE action = 'account.create')",
    ),
];

/// Looks for traces of units that were carried out in part, or twice.
pub(crate) fn check_units(database: &Database) {
    for (what, sql) in HALF_UNITS {
        assert_eq!(database.column(sql), [""; 0], "{what}");
    }
    for (table, _) in TABLES {
        let twice = format!(
            "SELECT friendly_name FROM {table} WHERE friendly_name <> '{PROBE}' GROUP BY friendly_name HAVING count(*) > 1"
        );
        assert_eq!(database.column(&twice), [""; 0], "made twice in {table}");
    }
}

/// The documents' files, opened with the installation's own keys.
pub(crate) struct Vault {
    files: FileStore,
    keys: HashMap<AccountSid, Arc<DataKey>>,
}

impl Vault {
    /// Opens every account's key with the master key of the data directory.
    pub(crate) fn open(data: &Path, database: &Database) -> Self {
        let keyring = Keyring::new(KeyFile::at(data.join("master.key")).load().unwrap());
        let rows = database.rows("SELECT account_sid, version, master_key_id, wrapped FROM data_keys");
        let keys = rows.into_iter().map(|row| {
            let account = AccountSid::parse(&row[0]).unwrap();
            let wrapped = WrappedKey {
                version: row[1].parse().unwrap(),
                master_key: row[2].parse().unwrap(),
                bytes: unhex(&row[3]),
            };
            (account, keyring.open_data_key(account, &wrapped).unwrap())
        });
        let keys = keys.collect();
        Self { files: FileStore::local(&data.join("documents")).unwrap(), keys }
    }

    /// Decrypts files and compares them with their rows.
    pub(crate) fn check(&self, files: &[(&String, &FileRecord)]) {
        runtime().block_on(async {
            for (sid, file) in files {
                let account = AccountSid::parse(file.key.split('/').next().unwrap()).unwrap();
                let document = DocumentSid::parse(sid).unwrap();
                let read = self.files.read(&file.key, account, document, &self.keys[&account]).await;
                let mut download = read.unwrap_or_else(|error| panic!("the file of {sid}: {error:?}"));
                let mut content = Vec::new();
                while let Some(chunk) = download.chunk().await.unwrap() {
                    content.extend_from_slice(&chunk);
                }
                assert_eq!(sha256(&content), file.sha256, "the file of {sid}");
            }
        });
    }
}

fn pair(mut row: Vec<String>) -> (String, String) {
    let second = row.pop().unwrap();
    (row.pop().unwrap(), second)
}
