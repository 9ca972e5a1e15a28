//! The disk is full: below the database, and below the documents.
//!
//! A small file system in memory stands for the disk. Mounting it needs root; without, the tests say
//! that they did nothing.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

use crate::client::{Client, V2, pdf};
use crate::crew::Crew;
use crate::database::Database;
use crate::installation::{Installation, SOON, wait_until};
use crate::records::PROBE;
use crate::settings::seed;

/// A disk of its own, unmounted with this value.
struct Disk {
    folder: TempDir,
}

impl Disk {
    /// A disk of this size, or `None`, loudly, where nobody may mount one.
    fn mount(kibibytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={kibibytes}k");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "dossier-faults"]).arg(folder.path());
        match mount.output() {
            Ok(output) if output.status.success() => Some(Self { folder }),
            other => {
                println!(
                    "NOT TESTED: a full disk, because none can be mounted here (it takes root): {other:?}"
                );
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Fills what is left with one file.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("ballast");
        let mut file = File::create(&path).unwrap();
        for size in [65_536, 4_096, 1] {
            let block = vec![b'x'; size];
            let error = loop {
                if let Err(error) = file.write_all(&block) {
                    break error;
                }
            };
            assert_eq!(error.kind(), ErrorKind::StorageFull);
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
        assert!(std::thread::panicking() || unmounted.unwrap().success());
    }
}

#[test]
fn a_full_disk_below_sqlite_fails_writes_and_loses_none() {
    let Some(disk) = Disk::mount(24 * 1024) else { return };
    let data = disk.path().join("data");
    let installation = Installation::new().with("DOSSIER_DATA_DIR", data.to_str().unwrap());
    let database = Database::Sqlite(data.join("dossier.db"));
    let mut crew = Crew::new(seed("disk full"));
    let service = installation.start();
    for round in 1..=3 {
        let mut client = Client::new(service.address);
        crew.work_during(service.address, || {
            let ballast = disk.fill();
            wait_until(SOON, "a write that fails", || !writes(&mut client));
            wait_until(SOON, "ten failures", || (0..10).all(|_| !writes(&mut client)));
            let read = client.get(&format!("{V2}/Bundles?PageSize=1")).unwrap();
            assert_eq!(read.status, 200, "reading needs no room: {}", read.text);
            fs::remove_file(ballast).unwrap();
            wait_until(SOON, "a write that succeeds", || writes(&mut client));
        });
        println!("round {round}: {} acknowledged writes, {} failed", crew.acknowledged(), crew.failed());
        assert!(crew.failed() > 0);
        database.check_integrity();
        crew.compare(service.address, &data, &database, true);
    }
    service.stop();
    let service = installation.start();
    crew.compare(service.address, &data, &database, true);
    service.stop();
}

/// One write; a failure must have our form.
fn writes(client: &mut Client) -> bool {
    let fields = [("FriendlyName", PROBE), ("Type", "individual")];
    let answer = client.post(&format!("{V2}/EndUsers"), &fields).unwrap();
    assert!(answer.status == 201 || answer.is_our_failure(), "{} {}", answer.status, answer.text);
    answer.status == 201
}

#[test]
fn a_full_disk_below_the_documents_leaves_no_part_of_a_file() {
    let Some(disk) = Disk::mount(1024) else { return };
    let documents = disk.path().join("documents");
    let installation = Installation::new().with("DOSSIER_DOCUMENTS_URL", documents.to_str().unwrap());
    let service = installation.start();
    let mut client = Client::new(service.address);
    let mut upload = |bytes: usize| {
        let fields = [("FriendlyName", "Passport"), ("Type", "passport")];
        client.upload(&format!("{V2}/SupportingDocuments"), &fields, &pdf("passport", bytes)).unwrap()
    };
    upload(100_000).expect(201);
    let kept = files(&documents);
    for bytes in [3_000_000, 1_000_000] {
        let answer = upload(bytes);
        assert!(answer.is_our_failure(), "{} {}", answer.status, answer.text);
        assert_eq!(files(&documents), kept, "nothing remains of what did not fit");
    }
    let ballast = disk.fill();
    assert!(upload(10).is_our_failure());
    assert_eq!(files(&documents), kept);
    fs::remove_file(ballast).unwrap();
    upload(100_000).expect(201);
    assert_eq!(files(&documents).len(), 2);
    let database = Database::Sqlite(installation.data().join("dossier.db"));
    assert_eq!(database.column("SELECT count(*) FROM documents"), ["2"], "no row without its file");
    service.stop();
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
