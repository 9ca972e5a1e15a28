//! Backups of older versions, and of newer ones.

use aws_lc_rs::digest::{SHA256, digest};
use dossier_domain::Timestamp;
use dossier_store::db::MIGRATIONS;
use dossier_store::seal::{INSTALLATION, KeyFile, Keyring};
use dossier_store::{Db, DbOptions, DbTarget, data_keys};
use dossier_testkit::Engine::{self, Postgres, Sqlite};
use serde_json::Value;
use std::fs;
use std::path::Path;

use super::{Site, is_whole};
use crate::database::{Database, hex, runtime};

/// The steps before there were cases: the next one opens a case for each bundle that waits.
const STEPS: usize = 7;

const ROWS: [&str; 3] = [
    "INSERT INTO bundles VALUES ('AC00000000000000000000000000000001', 'BU00000000000000000000000000000001', \
     'RN00000000000000000000000000000001', 'DE', 'local', 'business', 'x', 'pending-review', $bytes, 1, $false, 1, 1)",
    "INSERT INTO evaluations VALUES ('AC00000000000000000000000000000001', 'BU00000000000000000000000000000001', \
     'EL00000000000000000000000000000001', 'RN00000000000000000000000000000001', 1, $true, '[]', 1)",
    "INSERT INTO jobs VALUES ('callback', 'AC00000000000000000000000000000001', \
     'BU00000000000000000000000000000001', 1, 1, 'a worker that is gone', 9000000000000000000)",
];

fn old(engine: Engine) -> Site {
    let site = Site::new(engine);
    fs::create_dir_all(site.installation.data()).unwrap();
    let target = match &site.database {
        Database::Sqlite(path) => DbTarget::Sqlite(path.clone()),
        Database::Postgres(url) => DbTarget::Postgres(url.clone()),
    };
    let keys = KeyFile::at(site.installation.data().join("master.key")).create().unwrap();
    runtime().block_on(async {
        let db = Db::open(&DbOptions { target, connections: 1, queue_max: 10 }).await.unwrap();
        let now = Timestamp::from_micros(1);
        db.migrate_to(STEPS, now).await.unwrap();
        let (_, wrapped) = Keyring::new(keys).new_data_key(INSTALLATION, 1);
        db.write(move |tx| data_keys::insert(tx, INSTALLATION, &wrapped, now)).await.unwrap();
        db.close().await;
    });
    let (bytes, truth) =
        if engine == Sqlite { ("X'00'", ["0", "1"]) } else { ("'\\x00'", ["false", "true"]) };
    for sql in ROWS {
        site.database
            .rows(&sql.replace("$bytes", bytes).replace("$false", truth[0]).replace("$true", truth[1]));
    }
    site
}

#[test]
fn a_backup_of_an_older_schema_is_brought_up_to_date() {
    for (from, to) in [(Sqlite, Postgres), (Postgres, Sqlite)] {
        let site = old(from);
        let backup = site.back_up("backup");
        is_whole(&site, &backup);
        let steps = "SELECT number FROM schema_migrations ORDER BY number";
        assert_eq!(site.database.column(steps).len(), STEPS, "a backup migrates nothing");

        let copy = Site::with_key_of(&site, to);
        let printed = copy.restored(&backup, &[]);
        let missing = MIGRATIONS.len() - STEPS;
        assert!(
            printed.contains(&format!("Migrations that the backup did not have yet: {missing}\n")),
            "{printed}"
        );
        assert_eq!(copy.database.column(steps).len(), MIGRATIONS.len());
        assert_eq!(copy.database.column("SELECT sid FROM cases"), ["RV00000000000000000000000000000001"]);
        // Whoever had the job is not there any more.
        let jobs =
            copy.database.rows("SELECT kind, attempt, lease, leased_until FROM jobs WHERE account_sid <> ''");
        assert!(jobs.contains(&["callback", "1", "", "0"].map(str::to_owned).to_vec()), "{jobs:?}");
        copy.installation.start().stop();
    }
}

#[test]
fn a_backup_of_a_newer_version_is_refused() {
    let site = Site::new(Sqlite);
    site.installation.start().stop();
    let backup = site.back_up("backup");
    let alter: [fn(&mut Value); 3] = [
        |manifest| manifest["format"] = 2.into(),
        |manifest| {
            let mut step = manifest["schema"][0].clone();
            step["number"] = 999.into();
            manifest["schema"].as_array_mut().unwrap().push(step);
        },
        |manifest| manifest["schema"][1]["sha256"] = "00".into(),
    ];
    for alter in alter {
        let copy = Site::with_key_of(&site, Sqlite);
        let manifest = altered(&backup, alter);
        for arguments in [["backup", "--check"], ["restore", "--start-over"]] {
            let ended = copy.installation.run(&[&arguments[..], &[backup.to_str().unwrap()]].concat());
            assert_eq!(ended.code, Some(1), "{}", ended.stdout);
            assert!(ended.stderr.contains("made by a newer version of this program"), "{}", ended.stderr);
        }
        fs::write(backup.join("manifest.json"), manifest).unwrap();
    }
}

/// Alters the manifest and its hash; returns what it was.
fn altered(backup: &Path, alter: fn(&mut Value)) -> String {
    let path = backup.join("manifest.json");
    let before = fs::read_to_string(&path).unwrap();
    let mut manifest = serde_json::from_str(&before).unwrap();
    alter(&mut manifest);
    let text = manifest.to_string();
    let hash = hex(digest(&SHA256, text.as_bytes()).as_ref());
    fs::write(&path, text).unwrap();
    fs::write(backup.join("manifest.sha256"), format!("{hash}  manifest.json\n")).unwrap();
    before
}
