//! The seam between the binary and the service: the only file here that knows `web`, `app` and `store`.

mod backup;

pub use self::backup::{back_up, check_backup, restore};

use crate::catalogue::{self, CatalogueError};
use crate::config::{Database, DocumentsUrl, Secret, Settings, Value, environment};
use crate::reload::Hangups;
use axum::Router;
use dossier_app::{
    App, AppOptions, AppParts, BackupError, CallbackOptions, CampaignOptions, CertificateFault, ChainReport,
    Clock, ErasureCertificate, ExpectedCheckpoint, Finding, ImpactEvent, ImpactProgress, KeyError, MailError,
    MailOptions, MailServer, MasterKeySource, NoticeOptions, Outbound, RehearsalClock, RetentionOptions,
    ReviewOptions, StoredCheckpoint, SystemClock,
};
use dossier_domain::account::Account;
use dossier_domain::catalogue::Catalogue;
use dossier_domain::evaluation::Switches;
use dossier_domain::operator::{Operator, Role};
use dossier_domain::review::FourEyes;
use dossier_domain::sid::{AccountSid, OperatorSid};
use dossier_domain::text::FriendlyName;
use dossier_store::files::{FileError, FileStore};
use dossier_store::{Db, DbOptions, DbTarget, StoreError};
use dossier_web::WebOptions;
pub use dossier_web::parse_certificate;
use ipnet::{IpNet, Ipv4Net};
use std::fs::DirBuilder;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tracing::{info, warn};

/// How often files without a row are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// How often audit events are sealed. What was recorded since can still be changed without a trace.
const SEAL_INTERVAL: Duration = Duration::from_secs(60);
/// How long the end of the service may wait for the last events to be sealed.
const LAST_SEAL_MAX: Duration = Duration::from_secs(5);
/// How long a callback or a mail that is under way may take when the service stops.
const WORK_GRACE: Duration = Duration::from_secs(15);
/// Accounts or operators that are read at once.
const PAGE: u32 = 500;

/// Who mail is from in rehearsal mode.
const REHEARSAL_SENDER: &str = "Dossier <dossier@localhost>";
/// What the network of loopback addresses begins with.
const LOOPBACK: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 0);

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

/// An account with the only sight of its token.
#[derive(Debug)]
pub struct NewAccount {
    /// The user name of its requests.
    pub sid: AccountSid,
    /// The password of its requests.
    pub token: Secret,
}

/// One line of `accounts list`.
#[derive(Debug)]
pub struct AccountLine {
    /// The account.
    pub sid: AccountSid,
    /// Its state, such as `active`.
    pub status: &'static str,
    /// Its name.
    pub friendly_name: String,
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

/// Makes an account.
///
/// # Errors
/// [`ServiceError`] when its name is no name, there is no such parent, or it cannot be stored.
pub async fn create_account(
    settings: &Settings,
    friendly_name: &str,
    parent: Option<AccountSid>,
) -> Result<NewAccount, ServiceError> {
    let name = FriendlyName::parse(friendly_name).map_err(dossier_app::Error::from)?;
    let new = open_app(settings).await?.create_account(name, parent).await?;
    Ok(NewAccount { sid: new.account.sid, token: Secret::new(new.auth_token) })
}

/// All accounts, oldest first.
///
/// # Errors
/// [`ServiceError`] when they cannot be read.
pub async fn list_accounts(settings: &Settings) -> Result<Vec<AccountLine>, ServiceError> {
    let app = open_app(settings).await?;
    let (mut lines, mut last) = (Vec::new(), None);
    loop {
        let accounts = app.list_accounts(last, PAGE).await?;
        last = accounts.last().map(Account::position);
        lines.extend(accounts.into_iter().map(|account| AccountLine {
            sid: account.sid,
            status: account.status.as_str(),
            friendly_name: account.friendly_name.as_str().to_owned(),
        }));
        if last.is_none() {
            return Ok(lines);
        }
    }
}

/// Gives an account a new primary token. The old one becomes the secondary token, unless `revoke_old`.
///
/// # Errors
/// [`ServiceError`] when there is no such account or it cannot be stored.
pub async fn rotate_token(
    settings: &Settings,
    account: AccountSid,
    revoke_old: bool,
) -> Result<NewAccount, ServiceError> {
    let token = open_app(settings).await?.rotate_token(account, revoke_old).await?;
    Ok(NewAccount { sid: account, token: Secret::new(token) })
}

/// An operator with the only sight of its token.
#[derive(Debug)]
pub struct NewOperator {
    /// The operator.
    pub sid: OperatorSid,
    /// Its bearer token.
    pub token: Secret,
}

/// Makes an operator.
///
/// # Errors
/// [`ServiceError`] when its name is no name, or it cannot be stored.
pub async fn create_operator(
    settings: &Settings,
    name: &str,
    role: Role,
) -> Result<NewOperator, ServiceError> {
    let name = FriendlyName::parse(name).map_err(dossier_app::Error::from)?;
    let new = open_app(settings).await?.create_operator(name, role).await?;
    Ok(NewOperator { sid: new.operator.sid, token: Secret::new(new.token) })
}

/// All operators, oldest first, revoked ones included.
///
/// # Errors
/// [`ServiceError`] when they cannot be read.
pub async fn list_operators(settings: &Settings) -> Result<Vec<Operator>, ServiceError> {
    let app = open_app(settings).await?;
    let mut operators: Vec<Operator> = Vec::new();
    loop {
        let page = app.list_operators(operators.last().map(Operator::position), PAGE).await?;
        if page.is_empty() {
            return Ok(operators);
        }
        operators.extend(page);
    }
}

/// Ends an operator's token. `false` when it had ended before.
///
/// # Errors
/// [`ServiceError`] when there is no such operator, or it cannot be stored.
pub async fn revoke_operator(settings: &Settings, sid: OperatorSid) -> Result<bool, ServiceError> {
    Ok(open_app(settings).await?.revoke_operator(sid).await?)
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

/// Seals the audit events that wait, unless `only_look`, and returns the newest checkpoint.
///
/// # Errors
/// [`ServiceError`] when the database cannot be used.
pub async fn audit_checkpoint(
    settings: &Settings,
    only_look: bool,
) -> Result<Option<StoredCheckpoint>, ServiceError> {
    if only_look {
        return Ok(dossier_app::newest_checkpoint(&open_read_only(settings).await?).await?);
    }
    let app = open_app(settings).await?;
    app.seal_audit().await?;
    Ok(app.newest_checkpoint().await?)
}

/// Proves the chain of audit events, and tells `listener` of everything that is wrong with it.
///
/// # Errors
/// [`ServiceError`] when the database cannot be read, or the master key is the wrong one.
pub async fn verify_audit(
    settings: &Settings,
    expected: &[ExpectedCheckpoint],
    listener: &mut (dyn FnMut(Finding) + Send),
) -> Result<ChainReport, ServiceError> {
    let db = open_read_only(settings).await?;
    Ok(dossier_app::verify_audit(&db, &master_key(settings), expected, listener).await?)
}

/// What is wrong with a certificate of erasure, given in all its parts. With `only_itself` the database is
/// not asked whether its audit has the checkpoints.
///
/// # Errors
/// [`ServiceError`] when the database cannot be read, or the master key is the wrong one.
pub async fn verify_certificate(
    settings: &Settings,
    parts: &[ErasureCertificate],
    only_itself: bool,
) -> Result<Vec<CertificateFault>, ServiceError> {
    if only_itself {
        return Ok(ErasureCertificate::faults(parts));
    }
    let db = open_read_only(settings).await?;
    Ok(dossier_app::verify_certificate(&db, &master_key(settings), parts).await?)
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

fn app_options(settings: &Settings) -> AppOptions {
    let wire = &settings.wire;
    AppOptions {
        evaluation: Switches {
            require_files: wire.require_files,
            check_address_scope: wire.check_address_scope,
        },
        allow_withdraw: wire.allow_withdraw,
        strict_updates: wire.strict_status_update,
        copy_without_end: wire.allow_copy_without_end,
        review: review_options(settings),
        campaigns: CampaignOptions {
            grace: Duration::from_secs(24 * 60 * 60 * settings.review.approvals_grace_days.get() as u64),
        },
        retention: retention_options(settings),
        file_bytes_max: settings.limits.file_bytes_max.get() as u64,
        rehearsal: settings.server.dev,
    }
}

fn review_options(settings: &Settings) -> ReviewOptions {
    let review = &settings.review;
    let small = |number: usize| u32::try_from(number).expect("the settings have small bounds");
    ReviewOptions {
        claim: Duration::from_secs(60 * review.case_claim_minutes.get() as u64),
        test_rejection_delay: review.test_rejection_seconds.duration(),
        magic_words: settings.server.dev,
        automatic: review.auto_review.map(|review| review.0),
        four_eyes: FourEyes {
            countries: review.confirm_countries.as_ref().map(|list| list.0.clone()).unwrap_or_default(),
            number_types: review.confirm_number_types.as_ref().map(|list| list.0.clone()).unwrap_or_default(),
            percent: small(review.confirm_percent.get()),
            first_approvals: small(review.confirm_first_approvals.get()),
        },
    }
}

fn retention_options(settings: &Settings) -> RetentionOptions {
    let retention = &settings.retention;
    let days = |days: usize| Duration::from_secs(24 * 60 * 60 * days as u64);
    RetentionOptions {
        closed_account: days(retention.closed_account_retention_days.get()),
        deliveries: days(retention.delivery_retention_days.get()),
        undo: Duration::from_secs(60 * retention.erasure_undo_minutes.get() as u64),
    }
}

fn notice_options(settings: &Settings) -> NoticeOptions {
    let callbacks = &settings.callbacks;
    let mut allow = callbacks.callback_allow.as_ref().map(|networks| networks.0.clone()).unwrap_or_default();
    if settings.server.dev {
        allow.extend([IpNet::from(IpAddr::V6(Ipv6Addr::LOCALHOST)), Ipv4Net::new_assert(LOOPBACK, 8).into()]);
    }
    NoticeOptions {
        callbacks: CallbackOptions {
            documented_names: callbacks.callback_documented_names,
            include_in_review: callbacks.callback_in_review,
            retries: u32::try_from(callbacks.callback_retries.get()).unwrap_or(u32::MAX),
            allow,
        },
        mail: mail_options(settings),
    }
}

fn mail_options(settings: &Settings) -> Option<MailOptions> {
    let mail = &settings.mail;
    let server = match &mail.smtp_url {
        _ if settings.server.dev => MailServer::Kept,
        Some(url) => MailServer::Smtp(url.0.expose().to_owned()),
        None => return None,
    };
    let from = mail.mail_from.as_ref().map_or(REHEARSAL_SENDER, |sender| &sender.0).to_owned();
    Some(MailOptions { server, from, templates: mail.mail_templates.clone() })
}

fn web_options(settings: &Settings) -> WebOptions {
    let limits = &settings.limits;
    WebOptions {
        rehearsal: settings.server.dev,
        public_url: settings.server.public_url.as_ref().map(|url| url.as_str().to_owned()),
        tls: settings.tls().is_some(),
        strict_page_size: settings.wire.strict_page_size,
        form_bytes_max: limits.form_bytes_max.get(),
        requests_per_account_max: limits.account_requests_max.get(),
    }
}

async fn seal_regularly(app: Arc<App>) {
    loop {
        seal_audit(&app).await;
        tokio::time::sleep(SEAL_INTERVAL).await;
    }
}

/// The number and the hash go into the log: wherever it is kept, it proves what was sealed.
async fn seal_audit(app: &App) {
    match app.seal_audit().await {
        Ok(sealed) => {
            let Some(newest) = sealed.newest else { return };
            let (events, number, hash) = (sealed.events, newest.checkpoint.number, newest.hash);
            info!(
                audit.checkpoint = number,
                audit.hash = %hash,
                events,
                "Sealed {events} audit events; checkpoint {number} is {hash}"
            );
        }
        Err(error) => {
            warn!(error = &error as &dyn std::error::Error, "Audit events could not be sealed");
        }
    }
}

/// Each step by itself: what keeps one from being done is no reason to leave out the others.
async fn sweep(app: Arc<App>) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        match app.plan_account_erasures().await {
            Ok(0) => {}
            Ok(accounts) => info!(accounts, "Planned the erasure of {accounts} closed accounts"),
            Err(error) => {
                warn!(
                    error = &error as &dyn std::error::Error,
                    "The erasure of accounts could not be planned"
                );
            }
        }
        match app.sweep_deliveries().await {
            Ok(0) => {}
            Ok(deliveries) => info!(deliveries, "Removed the messages of {deliveries} old deliveries"),
            Err(error) => {
                warn!(error = &error as &dyn std::error::Error, "Old deliveries could not be emptied");
            }
        }
        forget_destroyed_keys(&app).await;
        match app.sweep_files().await {
            Ok(0) => {}
            Ok(files) => info!(files, "Deleted {files} document files that no document names"),
            Err(error) => {
                warn!(error = &error as &dyn std::error::Error, "Document files could not be swept");
            }
        }
    }
}

/// A node that only works has no sweep, but keys in its memory.
async fn forget_regularly(app: Arc<App>) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        forget_destroyed_keys(&app).await;
    }
}

async fn forget_destroyed_keys(app: &App) {
    if let Err(error) = app.forget_destroyed_keys().await {
        warn!(error = &error as &dyn std::error::Error, "Keys of erased accounts could not be forgotten");
    }
}
