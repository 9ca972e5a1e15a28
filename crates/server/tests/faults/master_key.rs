//! The master key is missing, wrong, open to others, or on its way to another one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::client::{Client, V2, pdf};
use crate::database::Database;
use crate::installation::Installation;
use crate::records::{Records, Vault};
use crate::worker::sha256;

/// An installation with something sealed in it.
struct Sealed {
    installation: Installation,
    end_user: String,
    file_sha256: String,
}

impl Sealed {
    fn new(installation: Installation) -> Self {
        let service = installation.start();
        let mut client = Client::new(service.address);
        let fields = [
            ("FriendlyName", "Ann"),
            ("Type", "individual"),
            ("Attributes", r#"{"first_name":"Ann","last_name":"Ng"}"#),
        ];
        let end_user = client.post(&format!("{V2}/EndUsers"), &fields).unwrap().sid();
        let file = pdf("passport", 100_000);
        let fields = [("FriendlyName", "Passport"), ("Type", "passport")];
        let document = client.upload(&format!("{V2}/SupportingDocuments"), &fields, &file).unwrap();
        document.expect(201);
        service.stop();
        Self { installation, end_user, file_sha256: sha256(&file) }
    }

    fn key_file(&self) -> PathBuf {
        self.installation.data().join("master.key")
    }

    fn database(&self) -> Database {
        Database::Sqlite(self.installation.data().join("dossier.db"))
    }

    /// Everything sealed can be opened: attributes, tokens (by signing in), and with a key file the files.
    fn check(&self) {
        let service = self.installation.start();
        let mut client = Client::new(service.address);
        let end_user = client.get(&format!("{V2}/EndUsers/{}", self.end_user)).unwrap().expect(200);
        assert_eq!(end_user["attributes"]["first_name"], "Ann");
        if self.key_file().exists() {
            let files = Records::read(&self.database()).files;
            let files: Vec<_> = files.iter().collect();
            assert_eq!(files.iter().map(|(_, file)| &file.sha256).collect::<Vec<_>>(), [&self.file_sha256]);
            Vault::open(&self.installation.data(), &self.database()).check(&files);
        }
        service.stop();
    }

    /// Which master keys wrap the data keys.
    fn wrapping(&self) -> Vec<String> {
        self.database().column("SELECT DISTINCT master_key_id FROM data_keys")
    }

    /// Neither serving nor any command that opens sealed data starts; all say the same.
    fn check_refusal(&self, sentences: &[&str]) {
        for arguments in
            [&["serve", "--listen", "127.0.0.1:0"][..], &["accounts", "list"], &["keys", "rotate"]]
        {
            let ended = self.installation.run(arguments);
            assert_eq!(ended.code, Some(1), "{arguments:?}: {}", ended.stderr);
            assert_eq!(ended.stdout, "", "{arguments:?}");
            for sentence in sentences {
                assert!(ended.stderr.contains(sentence), "{arguments:?}: {sentence} in {}", ended.stderr);
            }
        }
    }
}

fn keys(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

fn write_keys(path: &Path, keys: &[&str]) {
    fs::write(path, keys.join("\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

const OTHER: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const NEW: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";

#[test]
fn a_missing_key_file_is_not_replaced_by_a_new_one() {
    let sealed = Sealed::new(Installation::new());
    let aside = sealed.installation.path().join("aside");
    fs::rename(sealed.key_file(), &aside).unwrap();
    sealed.check_refusal(&["master.key is missing", "put the file back, or set DOSSIER_MASTER_KEY"]);
    assert!(!sealed.key_file().exists(), "a new key would hide that the old one is lost");
    fs::rename(aside, sealed.key_file()).unwrap();
    sealed.check();
}

#[test]
fn a_wrong_key_is_refused_and_changes_nothing() {
    let sealed = Sealed::new(Installation::new());
    let right = keys(&sealed.key_file());
    let wrapping = sealed.wrapping();
    write_keys(&sealed.key_file(), &[OTHER]);
    sealed.check_refusal(&["the master key is the wrong one", &wrapping[0]]);
    assert_eq!(keys(&sealed.key_file()), [OTHER], "a refused rotation leaves the file alone");
    assert_eq!(sealed.wrapping(), wrapping);
    for nonsense in ["", "hunter2", "not-a-key\nneither"] {
        write_keys(&sealed.key_file(), &[nonsense]);
        sealed.check_refusal(&["master.key", "holds no usable keys"]);
    }
    assert!(!sealed.installation.log().contains("hunter2"), "what is in a key file may be a key");
    write_keys(&sealed.key_file(), &[&right[0]]);
    sealed.check();
}

#[test]
fn a_key_file_that_others_can_read_is_refused_with_the_remedy() {
    let sealed = Sealed::new(Installation::new());
    fs::set_permissions(sealed.key_file(), fs::Permissions::from_mode(0o644)).unwrap();
    sealed.check_refusal(&["is open to others (mode 0644)", "run `chmod 600 "]);
    fs::set_permissions(sealed.key_file(), fs::Permissions::from_mode(0o600)).unwrap();
    sealed.check();
}

#[test]
fn a_key_file_that_cannot_be_read_is_refused() {
    let sealed = Sealed::new(Installation::new());
    let aside = sealed.installation.path().join("aside");
    fs::rename(sealed.key_file(), &aside).unwrap();
    // A folder cannot be read as a file, by root neither.
    fs::create_dir(sealed.key_file()).unwrap();
    fs::set_permissions(sealed.key_file(), fs::Permissions::from_mode(0o700)).unwrap();
    sealed.check_refusal(&["could not read the key file"]);
    fs::remove_dir(sealed.key_file()).unwrap();
    fs::rename(aside, sealed.key_file()).unwrap();
    sealed.check();
}

#[test]
fn after_a_rotation_everything_is_readable_under_the_new_key_alone() {
    let sealed = Sealed::new(Installation::new());
    let (old, wrapped_by_old) = (keys(&sealed.key_file()), sealed.wrapping());
    let printed = sealed.installation.succeed(&["keys", "rotate"]);
    // The rehearsal account's and the installation's.
    assert_eq!(printed, "2 data keys were wrapped by the new master key\n");
    let new = keys(&sealed.key_file());
    assert!(new.len() == 1 && new != old);
    assert!(sealed.wrapping().len() == 1 && sealed.wrapping() != wrapped_by_old);
    assert_eq!(fs::metadata(sealed.key_file()).unwrap().permissions().mode() & 0o777, 0o600);
    sealed.check();
    write_keys(&sealed.key_file(), &[&old[0]]);
    sealed.check_refusal(&["the master key is the wrong one"]);
}

/// A rotation was broken off between writing the new key in front of the old one and the last data key.
#[test]
fn an_interrupted_rotation_serves_and_can_be_completed() {
    let sealed = Sealed::new(Installation::new());
    let old = keys(&sealed.key_file());
    write_keys(&sealed.key_file(), &[NEW, &old[0]]);
    sealed.check();
    // A new account is wrapped by the new key already: now both are in use.
    sealed.installation.succeed(&["accounts", "create", "In between"]);
    assert_eq!(sealed.wrapping().len(), 2);
    sealed.check();
    let printed = sealed.installation.succeed(&["keys", "rotate"]);
    assert_eq!(printed, "3 data keys were wrapped by the new master key\n");
    assert_eq!(keys(&sealed.key_file()).len(), 1, "no key that nothing needs stays in the file");
    assert_eq!(sealed.wrapping().len(), 1);
    sealed.check();
}

#[test]
fn a_rotation_that_is_killed_anywhere_loses_nothing() {
    let sealed = Sealed::new(Installation::new());
    let mut random = dossier_testkit::Seeded::new(crate::settings::seed("rotation"));
    for _ in 0..crate::settings::kills() / 4 {
        let part = std::time::Duration::from_millis(random.below(400));
        sealed.installation.run_and_kill(&["keys", "rotate"], part);
        sealed.check();
    }
    sealed.installation.succeed(&["keys", "rotate"]);
    assert_eq!((keys(&sealed.key_file()).len(), sealed.wrapping().len()), (1, 1));
    sealed.check();
}

#[test]
fn a_key_in_the_environment_is_rotated_by_naming_both() {
    let mut sealed = Sealed::new(Installation::new().with("DOSSIER_MASTER_KEY", OTHER));
    assert!(!sealed.key_file().exists(), "a key that is given is not written down");
    sealed.check();
    // New in front of old: served as it is, then wrapped again, then the old one can go.
    sealed.installation.set("DOSSIER_MASTER_KEY", Some(&format!("{NEW},{OTHER}")));
    sealed.check();
    assert_eq!(
        sealed.installation.succeed(&["keys", "rotate"]),
        "2 data keys were wrapped by the new master key\n"
    );
    assert_eq!(
        sealed.installation.succeed(&["keys", "rotate"]),
        "0 data keys were wrapped by the new master key\n"
    );
    sealed.installation.set("DOSSIER_MASTER_KEY", Some(NEW));
    sealed.check();
    sealed.installation.set("DOSSIER_MASTER_KEY", Some(OTHER));
    sealed.check_refusal(&["the master key is the wrong one"]);
    for nonsense in ["hunter2", "hunter2,hunter2"] {
        sealed.installation.set("DOSSIER_MASTER_KEY", Some(nonsense));
        sealed.check_refusal(&["DOSSIER_MASTER_KEY"]);
    }
    let log = sealed.installation.log();
    for secret in [NEW, OTHER, "hunter2"] {
        assert!(!log.contains(secret), "a master key is in the log");
    }
}
