//! The seam between the binary and the service: the only file here that knows `web`, `app` and `store`.

mod audit;
mod backup;
mod options;
mod people;
mod upkeep;

pub use self::audit::{audit_checkpoint, verify_audit, verify_certificate};
pub use self::backup::{back_up, check_backup, restore};
pub use self::people::{
    AccountLine, NewAccount, NewOperator, create_account, create_operator, list_accounts, list_operators,
    revoke_operator, rotate_token,
};

use self::options::{app_options, notice_options, web_options};
use self::upkeep::{forget_regularly, seal_audit, seal_regularly, sweep};
use crate::catalogue::{self, CatalogueError};
use crate::config::{Database, DocumentsUrl, Settings, Value, environment};
use crate::reload::Hangups;
use axum::Router;
use dossier_app::{
    App, AppParts, BackupError, Clock, ImpactEvent, ImpactProgress, KeyError, MailError, MasterKeySource,
    Outbound, RehearsalClock, SystemClock,
};
use dossier_domain::catalogue::Catalogue;
use dossier_store::files::{FileError, FileStore};
use dossier_store::{Db, DbOptions, DbTarget, StoreError};
pub use dossier_web::parse_certificate;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tracing::{info, warn};

/// How long the end of the service may wait for the last events to be sealed.
const LAST_SEAL_MAX: Duration = Duration::from_secs(5);
/// How long a callback or a mail that is under way may take when the service stops.
const WORK_GRACE: Duration = Duration::from_secs(15);

/// A service that is ready to answer.
pub struct Service {
    /// All routes.
    pub router: Router,
    app: Arc<App>,
    jobs: Vec<JoinHandle<()>>,
    worker: Option<Worker>,
}

impl Service {
    /// Begins no more work outside requests. What is under way may finish until [`Service::close`].
    pub fn stop_working(&mut self) {
        if let Some(worker) = &mut self.worker {
            worker.stop();
        }
    }

    /// Ends the jobs, seals what was recorded last, and closes the database; called when no request is
    /// under way any more.
    pub async fn close(mut self) {
        self.stop_working();
        if let Some(worker) = self.worker {
            worker.end().await;
        }
        for job in self.jobs {
            job.abort();
            // What it was doing is either done or will be done again.
            let _ = job.await;
        }
        if tokio::time::timeout(LAST_SEAL_MAX, seal_audit(&self.app)).await.is_err() {
            warn!("The last audit events could not be sealed in time; the next start does it");
        }
        self.app.close().await;
    }
}

/// Does what is to be done outside requests, until it is stopped.
struct Worker {
    task: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
}

impl Worker {
    fn start(app: &Arc<App>) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let task = tokio::spawn(Arc::clone(app).work_until(stopped, WORK_GRACE));
        Self { task, stop: Some(stop) }
    }

    fn stop(&mut self) {
        // A worker that has ended already needs no telling.
        let _ = self.stop.take().map(|stop| stop.send(()));
    }

    async fn end(self) {
        let _ = self.task.await;
    }
}

/// The service could not do it; the message is for the operator and carries no personal data.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The data directory cannot be made.
    #[error("cannot make the directory `{0}`")]
    Directory(String, #[source] io::Error),
    /// The database cannot be used.
    #[error("cannot use the database")]
    Database(#[from] StoreError),
    /// The place for documents cannot be used.
    #[error("cannot use the place for documents")]
    Files(#[from] FileError),
    /// Nobody takes the output.
    #[error("cannot write the output")]
    Output(#[source] io::Error),
    /// The operating system refused a signal handler.
    #[error("cannot listen for SIGHUP")]
    Signals(#[source] io::Error),
    /// The master key is missing or wrong.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Mail cannot be sent with these settings.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// A use case refused or failed.
    #[error(transparent)]
    App(#[from] dossier_app::Error),
    /// A backup could not be taken, checked or restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The catalogue of the settings cannot be used.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

/// Opens storage and catalogue, brings the database up to date, and connects the routes.
///
/// # Errors
/// [`ServiceError`] when something that is needed to serve is missing.
pub async fn open(settings: &Settings) -> Result<Service, ServiceError> {
    // Before anything else, so that a signal during the start does not end it.
    let hangups = Hangups::listen().map_err(ServiceError::Signals)?;
    let app = Arc::new(open_app(settings).await?);
    if settings.server.dev {
        app.ensure_rehearsal_account().await?;
        app.ensure_rehearsal_operator().await?;
    }
    let router = dossier_web::router(Arc::clone(&app), web_options(settings));
    let reload = hangups.reload(Arc::clone(&app), settings.storage.catalogue.clone());
    let jobs = vec![
        tokio::spawn(sweep(Arc::clone(&app))),
        tokio::spawn(seal_regularly(Arc::clone(&app))),
        tokio::spawn(reload),
    ];
    let worker = settings.server.worker.then(|| Worker::start(&app));
    Ok(Service { router, app, jobs, worker })
}

/// Does what is to be done outside requests until `stop` ends.
///
/// # Errors
/// [`ServiceError`] when something that is needed is missing.
pub async fn work(settings: &Settings, stop: impl Future<Output = ()>) -> Result<(), ServiceError> {
    let app = Arc::new(open_app(settings).await?);
    let forgetting = tokio::spawn(forget_regularly(Arc::clone(&app)));
    Arc::clone(&app).work_until(stop, WORK_GRACE).await;
    forgetting.abort();
    app.close().await;
    Ok(())
}

/// Brings the database up to date; returns how many steps were applied.
///
/// # Errors
/// [`ServiceError`] when the database cannot be reached or a step fails.
pub async fn migrate(settings: &Settings) -> Result<usize, ServiceError> {
    let db = open_database(settings).await?;
    Ok(db.migrate(SystemClock.now()).await?.len())
}

/// Finds the bundles that would stop being compliant under a catalogue, and returns the counts.
///
/// # Errors
/// [`ServiceError`] when the database cannot be read.
pub async fn impact(
    settings: &Settings,
    proposed: &Catalogue,
    listener: mpsc::Sender<ImpactEvent>,
) -> Result<ImpactProgress, ServiceError> {
    Ok(open_app(settings).await?.impact(proposed, listener).await?)
}

/// Wraps every account's data key with a new master key; returns how many were wrapped.
///
/// # Errors
/// [`ServiceError`] when a key cannot be unwrapped or stored; rotating again completes what was begun.
pub async fn rotate_keys(settings: &Settings) -> Result<usize, ServiceError> {
    let db = open_database(settings).await?;
    let now = SystemClock.now();
    db.migrate(now).await?;
    Ok(dossier_app::rotate_keys(&db, &master_key(settings), now).await?)
}

async fn open_app(settings: &Settings) -> Result<App, ServiceError> {
    let catalogue = catalogue::load(settings.storage.catalogue.as_deref())?;
    let db = open_database(settings).await?;
    for step in db.migrate(SystemClock.now()).await? {
        info!(step, "Applied migration {step}");
    }
    let parts = AppParts {
        db,
        files: open_files(settings)?,
        master_key: master_key(settings),
        catalogue: Arc::new(catalogue),
        clock: if settings.server.dev { Arc::new(RehearsalClock::default()) } else { Arc::new(SystemClock) },
        options: app_options(settings),
        outbound: Outbound::open(notice_options(settings))?,
    };
    Ok(App::open(parts).await?)
}

async fn open_database(settings: &Settings) -> Result<Db, ServiceError> {
    make_directory(&settings.storage.data_dir)?;
    Ok(Db::open(&db_options(settings)).await?)
}

async fn open_read_only(settings: &Settings) -> Result<Db, ServiceError> {
    Ok(Db::open_read_only(&db_options(settings)).await?)
}

fn db_options(settings: &Settings) -> DbOptions {
    let target = match settings.database() {
        Database::Sqlite(file) => DbTarget::Sqlite(file),
        Database::Postgres(url) => DbTarget::Postgres(url.expose().to_owned()),
    };
    DbOptions {
        target,
        connections: settings.storage.database_connections.get(),
        queue_max: settings.storage.write_queue_max.get(),
    }
}

/// For the owner alone: what is in it is sealed, but its key may lie beside it.
fn make_directory(path: &Path) -> Result<(), ServiceError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| ServiceError::Directory(path.display().to_string(), error))
}

fn open_files(settings: &Settings) -> Result<FileStore, ServiceError> {
    match settings.documents() {
        DocumentsUrl::Folder(folder) => Ok(FileStore::local(&folder)?),
        bucket @ DocumentsUrl::S3 { .. } => {
            let environment: Vec<_> = environment().filter(|(name, _)| name.starts_with("AWS_")).collect();
            let options = environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            Ok(FileStore::open(&bucket.shown(), options)?)
        }
    }
}

fn master_key(settings: &Settings) -> MasterKeySource {
    let storage = &settings.storage;
    match (&storage.master_key, &storage.master_key_file) {
        (Some(text), _) => MasterKeySource::Text(text.expose().to_owned()),
        (None, Some(file)) => MasterKeySource::File(file.clone()),
        (None, None) => MasterKeySource::File(storage.data_dir.join("master.key")),
    }
}
