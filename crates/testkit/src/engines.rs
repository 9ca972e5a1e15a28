//! A fresh database per test, on either engine.
//!
//! SQLite needs nothing. PostgreSQL is a throwaway cluster that `./scripts/test` starts and names in
//! `DOSSIER_TEST_POSTGRES_URL`; each test makes a database of its own in it and drops it at its end.
//! A test that cannot have its engine fails: a conformance suite that skips half of itself is none.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::ops::Deref;

use dossier_store::{Db, DbOptions, DbTarget};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use crate::ManualClock;

/// Runs each of these functions, `async fn name(db: TestDb)`, as two tests: `name::sqlite` and
/// `name::postgres`. The database they get is fresh and migrated.
///
/// The functions stay ordinary ones, so that they are formatted and checked like any other; one that
/// is not listed is dead code, which the compiler reports.
#[macro_export]
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                $crate::engines::run($crate::Engine::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                $crate::engines::run($crate::Engine::Postgres, super::$name);
            }
        }
    )*};
}

/// An engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in a temporary folder.
    Sqlite,
    /// PostgreSQL, in the cluster of the test command.
    Postgres,
}

/// A database that goes away with this value.
///
/// It can be used like the [`Db`] it holds, which has two connections on PostgreSQL.
pub struct TestDb {
    db: Db,
    options: DbOptions,
    _place: Place,
}

#[expect(dead_code, reason = "what is in here is held to be dropped last, which removes the database")]
enum Place {
    Sqlite(TempDir),
    Postgres(OwnDatabase),
}

impl TestDb {
    /// A fresh database with the schema of this program.
    ///
    /// # Panics
    /// When there is no such database to be had; the message says what to do.
    pub async fn new(engine: Engine) -> Self {
        let db = Self::empty(engine).await;
        db.migrate(ManualClock::START).await.expect("a fresh database can be migrated");
        db
    }

    /// A fresh database without a schema.
    ///
    /// # Panics
    /// As [`TestDb::new`].
    pub async fn empty(engine: Engine) -> Self {
        let (target, place) = match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder can be made");
                (DbTarget::Sqlite(folder.path().join("dossier.db")), Place::Sqlite(folder))
            }
            Engine::Postgres => {
                let database = OwnDatabase::create().await;
                (DbTarget::Postgres(database.url.clone()), Place::Postgres(database))
            }
        };
        let options = DbOptions { target, connections: 2, queue_max: 1000 };
        let db = Db::open(&options).await.expect("a fresh database can be opened");
        Self { db, options, _place: place }
    }

    /// Which engine it is.
    pub fn which(&self) -> Engine {
        match self.options.target {
            DbTarget::Sqlite(_) => Engine::Sqlite,
            DbTarget::Postgres(_) => Engine::Postgres,
        }
    }

    /// What it was opened with.
    pub fn options(&self) -> &DbOptions {
        &self.options
    }

    /// A second handle on the same database with threads of its own, as another process would have.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn open_again(&self) -> Db {
        Db::open(&self.options).await.expect("the database can be opened again")
    }

    /// Runs a text of several statements behind the executor's back.
    ///
    /// # Panics
    /// When the engine refuses it.
    pub async fn script(&self, sql: &str) {
        match self.which() {
            Engine::Sqlite => self.sqlite().execute_batch(sql).expect("SQLite runs the script"),
            Engine::Postgres => {
                self.postgres().await.batch_execute(sql).await.expect("PostgreSQL runs the script");
            }
        }
    }

    /// A connection of the engine's own library.
    ///
    /// # Panics
    /// When this is no SQLite database.
    pub fn sqlite(&self) -> rusqlite::Connection {
        let DbTarget::Sqlite(path) = &self.options.target else {
            panic!("this database is on PostgreSQL");
        };
        let connection = rusqlite::Connection::open(path).expect("the file is there");
        connection.busy_timeout(std::time::Duration::from_secs(10)).expect("ten seconds are a timeout");
        connection
    }

    /// A connection of the engine's own library.
    ///
    /// # Panics
    /// When this is no PostgreSQL database.
    pub async fn postgres(&self) -> Client {
        let DbTarget::Postgres(url) = &self.options.target else {
            panic!("this database is on SQLite");
        };
        connect(url).await
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

/// Runs one test function over a fresh, migrated database.
///
/// # Panics
/// When the test does.
pub fn run<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(TestDb) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime can be had").block_on(async { test(TestDb::new(engine).await).await });
}

/// Where the throwaway cluster is.
const CLUSTER_VARIABLE: &str = "DOSSIER_TEST_POSTGRES_URL";

/// A database in the throwaway cluster; dropped with this value.
struct OwnDatabase {
    cluster: String,
    name: String,
    url: String,
}

impl OwnDatabase {
    async fn create() -> Self {
        let cluster = cluster_url();
        let name = format!("dossier_test_{:016x}", RandomState::new().hash_one(std::process::id()));
        // The cluster's default template may be in use; this one never is.
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        connect(&cluster).await.batch_execute(&create).await.expect("the cluster makes a database");
        let url = with_database(&cluster, &name);
        Self { cluster, name, url }
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        let (cluster, name) = (self.cluster.clone(), self.name.clone());
        // Dropping may happen on a thread of a runtime, where nothing may block on another one.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                connect(&cluster).await.batch_execute(&drop).await.map_err(std::io::Error::other)
            })
        });
        // The whole cluster goes away soon after, so a database left over is no reason to fail.
        let _ = dropped.join();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration; the test command hands over the address this way"
)]
fn cluster_url() -> String {
    std::env::var(CLUSTER_VARIABLE).unwrap_or_else(|_| {
        panic!(
            "{CLUSTER_VARIABLE} is not set: run `./scripts/test rust`, which starts a throwaway PostgreSQL, or set it \
             to the address of a cluster whose user may create databases, such as \
             postgres://postgres@127.0.0.1:5432/postgres"
        )
    })
}

/// The address of another database of the same cluster.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, None), |(a, b)| (a, Some(b)));
    let start = address.find("://").map_or(0, |scheme| scheme + 3);
    let server = address[start..].split_once('/').map_or(address, |(host, _)| &address[..start + host.len()]);
    let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
    format!("{server}/{name}{parameters}")
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .unwrap_or_else(|error| panic!("{CLUSTER_VARIABLE} names no PostgreSQL that answers: {error}"));
    tokio::spawn(async move { drop(connection.await) });
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_an_address_is_replaced() {
        for (url, expected) in [
            ("postgres://me@host:5432/postgres", "postgres://me@host:5432/x"),
            ("postgres://me@host:5432", "postgres://me@host:5432/x"),
            ("postgres://host/a?connect_timeout=1", "postgres://host/x?connect_timeout=1"),
        ] {
            assert_eq!(with_database(url, "x"), expected, "{url}");
        }
    }
}
