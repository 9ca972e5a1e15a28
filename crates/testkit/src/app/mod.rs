//! The whole service in the process of a test, spoken to over HTTP as anybody else would.
//!
//! Everything is real: the accept loop, the router, the database of the test, files in a folder. Only
//! the clock is moved by hand. Alice and Bob are strangers to each other; Alice has a sub-account.

mod answer;
mod client;
mod multipart;
mod openapi;
mod operator;
mod receiver;
mod request;
mod smtp;
mod state;
mod story;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use dossier_app::{
    App, AppOptions, AppParts, CampaignOptions, Clock, MasterKeySource, NewAccount, NoticeOptions, Outbound,
    Resolver, RetentionOptions, ReviewOptions, SystemResolver,
};
use dossier_domain::Timestamp;
use dossier_domain::catalogue::Catalogue;
use dossier_domain::evaluation::Switches;
use dossier_domain::text::FriendlyName;
use dossier_server::accept::{Acceptor, Options};
use dossier_store::files::FileStore;
use dossier_web::WebOptions;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use self::answer::{Answer, Json, Refusal};
pub use self::client::{Client, V2, v2};
pub use self::multipart::{JPEG, PDF, PNG, Part};
pub use self::openapi::{Document, documents};
pub use self::operator::{OperatorClient, operator};
pub use self::receiver::{Manners, Names, Received, Receiver};
pub use self::request::Request;
pub use self::smtp::MailServer;
pub use self::state::{AuditLine, Snapshot};
pub use self::story::Case;

use crate::{ManualClock, TestDb};

/// Loading takes a while without optimisation, and the rules are the same for every test.
static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| Arc::new(Catalogue::builtin()));

/// A service that ends with this value.
pub struct TestApp {
    app: Arc<App>,
    clock: Arc<ManualClock>,
    address: SocketAddr,
    alice: NewAccount,
    bob: NewAccount,
    branch: NewAccount,
    server: JoinHandle<()>,
    notices: NoticeOptions,
    // Last, because what is above uses them.
    db: TestDb,
    folder: TempDir,
}

/// What a test may choose about the service; it starts with the defaults of the configuration.
#[derive(Clone)]
pub struct Choices {
    /// How it behaves.
    pub app: AppOptions,
    /// How it looks from outside.
    pub web: WebOptions,
    /// How people are told.
    pub notices: NoticeOptions,
    /// Where callbacks look up names.
    pub resolver: Arc<dyn Resolver>,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            app: AppOptions {
                evaluation: Switches { require_files: true, check_address_scope: true },
                allow_withdraw: false,
                strict_updates: false,
                copy_without_end: false,
                review: ReviewOptions::default(),
                campaigns: CampaignOptions::default(),
                retention: RetentionOptions::default(),
                file_bytes_max: 5 * 1024 * 1024,
                rehearsal: false,
            },
            web: WebOptions {
                rehearsal: false,
                public_url: None,
                tls: false,
                strict_page_size: false,
                form_bytes_max: 256 * 1024,
                requests_per_account_max: 100,
            },
            notices: NoticeOptions::default(),
            resolver: Arc::new(SystemResolver),
        }
    }
}

impl TestApp {
    /// Starts the service with the defaults of the configuration.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(db: TestDb) -> Self {
        Self::with(db, |_| {}).await
    }

    /// Starts the service with other options.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with(db: TestDb, choose: impl FnOnce(&mut Choices)) -> Self {
        let mut choices = Choices::default();
        choose(&mut choices);
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let clock = Arc::new(ManualClock::default());
        let parts = AppParts {
            db: dossier_store::Db::clone(&db),
            files: FileStore::local(&folder.path().join("documents")).expect("a folder can hold documents"),
            master_key: MasterKeySource::File(folder.path().join("master.key")),
            catalogue: Arc::clone(&CATALOGUE),
            clock: Arc::<ManualClock>::clone(&clock),
            options: choices.app.clone(),
            outbound: outbound(choices.clone()),
        };
        let app = Arc::new(App::open(parts).await.expect("a fresh database can be served"));
        let account =
            |name: &str, parent| app.create_account(FriendlyName::from_stored(name.to_owned()), parent);
        let alice = account("Alice", None).await.expect("an account can be made");
        let branch = account("Alice's branch", Some(alice.account.sid)).await.expect("so can a sub-account");
        let bob = account("Bob", None).await.expect("an account can be made");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let acceptor = Acceptor::new(dossier_web::router(Arc::clone(&app), choices.web), patient());
        let server =
            tokio::spawn(async move { acceptor.accept_until(listener, std::future::pending()).await });
        Self { app, clock, address, alice, bob, branch, server, notices: choices.notices, db, folder }
    }

    /// The account most tests act as.
    pub fn alice(&self) -> Client {
        self.client(&self.alice)
    }

    /// An account that has nothing to do with Alice's.
    pub fn bob(&self) -> Client {
        self.client(&self.bob)
    }

    /// Alice's sub-account, with its own credentials.
    pub fn branch(&self) -> Client {
        self.client(&self.branch)
    }

    /// Somebody without credentials.
    pub fn nobody(&self) -> Client {
        Client::new(self.address, None)
    }

    fn client(&self, account: &NewAccount) -> Client {
        Client::new(self.address, Some((account.account.sid.to_string(), account.auth_token.clone())))
    }

    /// The service itself, for what has no call yet.
    pub fn service(&self) -> &App {
        &self.app
    }

    /// Does what jobs are due now, and returns how many those were.
    ///
    /// # Panics
    /// When they cannot be claimed.
    pub async fn work_off(&self) -> usize {
        self.app.work_off().await.expect("jobs can be claimed")
    }

    /// A worker beside the test, until the value is dropped.
    pub fn worker(&self) -> impl Drop + use<> {
        let never = std::future::pending();
        Worker(tokio::spawn(Arc::clone(&self.app).work_until(never, Duration::ZERO)))
    }

    /// The database of the service, for what is done behind its back.
    pub fn database(&self) -> &TestDb {
        &self.db
    }

    /// Where its master key is.
    pub fn master_key(&self) -> MasterKeySource {
        MasterKeySource::File(self.folder.path().join("master.key"))
    }

    /// A second node on the same database, without a listener.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn second_node(&self) -> App {
        let parts = AppParts {
            db: self.db.open_again().await,
            files: FileStore::local(&self.folder.path().join("documents")).expect("the folder is there"),
            master_key: self.master_key(),
            catalogue: Arc::clone(&CATALOGUE),
            clock: Arc::<ManualClock>::clone(&self.clock),
            options: Choices::default().app,
            outbound: outbound(Choices { notices: self.notices.clone(), ..Choices::default() }),
        };
        App::open(parts).await.expect("the database can be served by several")
    }

    /// The clock of the service.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder of the service: its documents and its key.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The document files that are stored now.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().join("documents")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        files
    }
}

/// A worker that ends with this value.
struct Worker(JoinHandle<()>);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    fn set(&self, time: Option<Timestamp>) -> bool {
        Self::set(self, time.unwrap_or(Self::START));
        true
    }
}

fn outbound(choices: Choices) -> Outbound {
    Outbound::with_resolver(choices.notices, choices.resolver).expect("the options of notices can be used")
}

fn patient() -> Options {
    let (header_read_timeout, patience) = (Duration::from_secs(30), Duration::from_secs(30));
    Options { connections_max: 900, header_read_timeout, patience, tls: None }
}
