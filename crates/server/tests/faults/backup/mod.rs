//! Backups: taken while others write, checked, damaged, interrupted, and restored into either engine.

mod between;
mod damaged;
mod interrupted;
mod keys;
mod load;
mod older;
mod place;
mod round_trip;

use dossier_testkit::Engine;
use std::path::{Path, PathBuf};

use crate::crew::Crew;
use crate::database::{Database, OwnPostgres};
use crate::installation::{Ended, Installation, Service};

/// Small stories with which an installation is filled.
const ACKNOWLEDGED_MIN: usize = 150;

/// An installation on either engine.
pub(super) struct Site {
    pub(super) installation: Installation,
    pub(super) database: Database,
    _postgres: Option<OwnPostgres>,
}

impl Site {
    /// An empty one.
    pub(super) fn new(engine: Engine) -> Self {
        let installation = Installation::new();
        if engine == Engine::Sqlite {
            let database = Database::Sqlite(installation.data().join("dossier.db"));
            return Self { installation, database, _postgres: None };
        }
        let postgres = OwnPostgres::new();
        let installation = installation.with("DOSSIER_DATABASE_URL", &postgres.url);
        Self { installation, database: Database::Postgres(postgres.url.clone()), _postgres: Some(postgres) }
    }

    /// One that is empty but for the master key of another.
    pub(super) fn with_key_of(other: &Self, engine: Engine) -> Self {
        let site = Self::new(engine);
        site.put_key(&other.installation.data().join("master.key"));
        site
    }

    /// Puts a master key where the installation looks for it.
    pub(super) fn put_key(&self, file: &Path) {
        std::fs::create_dir_all(self.installation.data()).unwrap();
        std::fs::copy(file, self.installation.data().join("master.key")).unwrap();
    }

    /// Takes a backup that must succeed; returns where it is.
    pub(super) fn back_up(&self, name: &str) -> PathBuf {
        let directory = self.installation.path().join(name);
        let printed = self.installation.succeed(&["backup", directory.to_str().unwrap()]);
        assert!(printed.contains("SHA-256 of the manifest: "), "{printed}");
        directory
    }

    /// Runs `dossier restore`.
    pub(super) fn restore(&self, backup: &Path, more: &[&str]) -> Ended {
        self.installation.run(&[&["restore", backup.to_str().unwrap()], more].concat())
    }

    /// Runs `dossier restore`, which must succeed; returns what it printed.
    pub(super) fn restored(&self, backup: &Path, more: &[&str]) -> String {
        let ended = self.restore(backup, more);
        assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.stdout.ends_with("The restored installation is whole.\n"), "{}", ended.stdout);
        ended.stdout
    }

    /// Nothing can be done with the installation because a restore into it has not ended.
    pub(super) fn is_closed(&self) {
        for arguments in
            [&["serve", "--listen", "127.0.0.1:0"][..], &["accounts", "list"], &["audit", "verify"]]
        {
            let ended = self.installation.run(arguments);
            assert_eq!(ended.code, Some(1), "{arguments:?}: {}", ended.stderr);
            assert!(ended.stderr.contains("dossier restore --start-over"), "{arguments:?}: {}", ended.stderr);
        }
    }
}

/// Checks a backup by itself.
pub(super) fn check(site: &Site, backup: &Path) -> Ended {
    site.installation.run(&["backup", "--check", backup.to_str().unwrap()])
}

/// Checks a backup that must be whole.
pub(super) fn is_whole(site: &Site, backup: &Path) {
    let ended = check(site, backup);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.ends_with("The backup is whole.\n"), "{}", ended.stdout);
}

/// Lets clients work until there is something of everything.
pub(super) fn fill(crew: &mut Crew, service: &Service) {
    let begun = crew.acknowledged();
    while crew.acknowledged() < begun + ACKNOWLEDGED_MIN {
        crew.work_during(service.address, || {
            std::thread::park_timeout(std::time::Duration::from_millis(200));
        });
    }
}
