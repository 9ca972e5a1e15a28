//! One function per use case.
//!
//! A use case decides: it opens the one transaction of a request, calls store functions and rules of
//! the domain in it, appends the audit event, and says what became of it. It knows nothing of HTTP.

mod accounts;
mod addresses;
mod api_keys;
mod audit;
mod backup;
mod bundles;
mod campaigns;
mod catalogue;
mod clock;
mod copies;
mod credentials;
mod documents;
mod dry_run;
mod end_users;
mod erasures;
mod error;
mod evaluations;
mod impact;
mod item_assignments;
mod jobs;
mod keys;
mod leases;
mod legal_holds;
mod many_items;
mod notices;
mod numbers;
mod operators;
mod random;
mod rehearsal;
mod review;
mod sweep;
mod uploads;
mod validity;

use std::sync::{Arc, RwLock};
use std::time::Duration;

use dossier_domain::audit::{Action, Actor, AuditEvent, Outcome};
use dossier_domain::catalogue::Catalogue;
use dossier_domain::evaluation::Switches;
use dossier_domain::sid::{AccountSid, AnySid, RequestSid};
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::files::FileStore;
use dossier_store::seal::{ChainKey, Keyring, TokenHasher};
use dossier_store::{Db, Owner, StoreError};

pub use crate::accounts::{AccountQuery, NewAccount, ShownAccount, UpdateAccount};
pub use crate::addresses::AddressQuery;
pub use crate::api_keys::NewApiKey;
pub use crate::audit::{
    AuditEventPage, AuditEventQuery, Authenticity, ChainReport, ExpectedCheckpoint, Finding, Sealed,
    newest_checkpoint, verify_audit,
};
pub use crate::backup::{
    BackupError, BackupEvent, BackupOptions, BackupSummary, BackupTeller, OpenBackup, RestoreSummary,
    RestoreTarget, take as take_backup,
};
pub use crate::bundles::{BundleQuery, CreateBundle, RegulationChoice, UpdateBundle};
pub use crate::campaigns::{CampaignOptions, CampaignProgress, MemberQuery};
pub use crate::clock::{Clock, RehearsalClock, SystemClock};
pub use crate::copies::{BundleLineagePage, CloneBundle};
pub use crate::documents::{CreateDocument, UpdateDocument};
pub use crate::dry_run::{DryRun, DryRunSubject, GivenDocument};
pub use crate::end_users::{CreateEndUser, UpdateEndUser};
pub use crate::erasures::{
    CertificateFault, CertifiedCheckpoint, ErasureCertificate, ErasureRecord, ProvenEvent, RequestErasure,
    RetentionOptions, verify_certificate,
};
pub use crate::error::{Error, Result, chain as error_chain};
pub use crate::impact::{AffectedBundle, ImpactEvent, ImpactProgress, ImpactReason};
pub use crate::keys::{KeyError, MasterKeySource, rotate as rotate_keys};
pub use crate::leases::{LeaseNumber, LeaseQuery, ShownNumber, UpdateLease};
pub use crate::notices::{
    CallbackOptions, DeliveryCount, DeliveryLine, DeliveryRecord, KeptCallback, KeptMail, MailError,
    MailOptions, MailServer, NoticeOptions, Outbound, Redelivered, RenderedMail, Resolver, SystemResolver,
    TemplateError,
};
pub use crate::numbers::{EligibilityQuestion, NumberQuery, RegisterNumber, position as number_position};
pub use crate::operators::{NewOperator, OperatorCaller, REHEARSAL_OPERATOR_TOKEN};
pub use crate::random::random_sid;
pub use crate::review::{
    CaseFile, CaseFileDocument, Confirmation, ConfirmationNeed, DecideCase, DocumentDownload, JudgeDocument,
    PolicyDecision, ReviewOptions, StaleCase,
};
pub use crate::uploads::{ReceivedFile, ReceivingFile};
pub use dossier_store::accounts::AccountFilter;
pub use dossier_store::addresses::AddressFilter;
pub use dossier_store::audit::RecordedEvent;
pub use dossier_store::audit_chain::{EventKey, StoredCheckpoint};
pub use dossier_store::backup::{Damage, DocumentsMode};
pub use dossier_store::bundles::{BundleFilter, BundleSort};
pub use dossier_store::campaigns::Member as CampaignBundle;
pub use dossier_store::cases::{CaseEvent, CaseFilter, StoredDecision};
pub use dossier_store::deliveries::DeliveryFilter;
pub use dossier_store::erasures::{Erasure, ErasureObject};
pub use dossier_store::evaluations::StoredEvaluation;
pub use dossier_store::files::FileError;
pub use dossier_store::legal_holds::LegalHold;
pub use dossier_store::numbers::{LeasedFilter, NumberInUse, NumberPattern, NumberScope, NumberUse};

/// How long the database has to prove its health: load balancers do not wait much longer.
const HEALTH_MAX: Duration = Duration::from_secs(5);

/// What can be chosen about how the service behaves.
#[derive(Debug, Clone)]
pub struct AppOptions {
    /// What evaluations check beyond the wire's own rules (contract 14.2 row 30, 14.4 row 79).
    pub evaluation: Switches,
    /// A customer may take a bundle back until a reviewer has opened it (contract 14.2 row 27).
    pub allow_withdraw: bool,
    /// Status and properties in one update are refused (contract 14.2 row 24).
    pub strict_updates: bool,
    /// Bundles may be copied although their approval has no end (contract 14.5 row 88).
    pub copy_without_end: bool,
    /// How review goes.
    pub review: ReviewOptions,
    /// How changes of rules are carried out.
    pub campaigns: CampaignOptions,
    /// How long what is kept is kept.
    pub retention: RetentionOptions,
    /// The largest file, in bytes (contract 14.3 row 55).
    pub file_bytes_max: u64,
    /// Rehearsal mode: its account and its operator, whose tokens everybody knows, are let in.
    pub rehearsal: bool,
}

/// The service behind its surfaces. Shared by all requests.
pub struct App {
    db: Db,
    files: FileStore,
    keyring: Arc<Keyring>,
    tokens: TokenHasher,
    api_key_secrets: TokenHasher,
    operator_tokens: TokenHasher,
    chain_key: ChainKey,
    catalogue: RwLock<Arc<Catalogue>>,
    clock: Arc<dyn Clock>,
    options: AppOptions,
    outbound: Outbound,
    credentials: credentials::Cache,
    alarm: jobs::Alarm,
}

/// What an [`App`] is made of.
pub struct AppParts {
    /// The database, with its schema up to date.
    pub db: Db,
    /// Where document files are.
    pub files: FileStore,
    /// Where the master key is.
    pub master_key: MasterKeySource,
    /// The rules.
    pub catalogue: Arc<Catalogue>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How to behave.
    pub options: AppOptions,
    /// What sends callbacks and mail.
    pub outbound: Outbound,
}

impl App {
    /// Opens the service.
    ///
    /// # Errors
    /// [`KeyError`] when the master key is missing or is another one than the data was sealed under.
    pub async fn open(parts: AppParts) -> std::result::Result<Self, KeyError> {
        let AppParts { db, files, master_key, catalogue, clock, options, outbound } = parts;
        let keyring = Arc::new(keys::open(&db, &master_key, clock.now()).await?);
        catalogue::take_up(&db, &catalogue, &options.campaigns, clock.now()).await?;
        let installation = keys::installation_key(&db, &keyring).await?;
        Ok(Self {
            db,
            files,
            keyring,
            // The purposes keep the hashes apart from each other and from other uses of the key.
            tokens: TokenHasher::new(&installation, "auth_tokens.token_hash"),
            api_key_secrets: TokenHasher::new(&installation, "api_keys.secret_hash"),
            operator_tokens: TokenHasher::new(&installation, "operators.token_hash"),
            chain_key: ChainKey::new(&installation),
            catalogue: RwLock::new(catalogue),
            clock,
            options,
            outbound,
            credentials: credentials::Cache::default(),
            alarm: jobs::Alarm::default(),
        })
    }

    /// Whether the service can do its work: the database answers and has the schema of this program.
    ///
    /// # Errors
    /// The reason why not, for the log.
    pub async fn health(&self) -> std::result::Result<(), String> {
        let late = |_| Err(format!("the database did not answer within {HEALTH_MAX:?}"));
        tokio::time::timeout(HEALTH_MAX, self.database_health()).await.unwrap_or_else(late)
    }

    async fn database_health(&self) -> std::result::Result<(), String> {
        let pending = self.db.pending_migrations().await.map_err(|error| error::chain(&error))?;
        if !pending.is_empty() {
            return Err(format!("migrations {pending:?} are to be applied; run `dossier migrate`"));
        }
        // An empty unit shows that whoever writes is there to do it.
        self.db.write(|_| Ok(())).await.map_err(|error: StoreError| error::chain(&error))
    }

    /// Closes the database. Use cases fail from now on.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Units of work that wait for the database now.
    pub fn queued_units(&self) -> usize {
        self.db.queued()
    }

    /// The time, as the service sees it.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Who asks: the account that is acted for, its key, and who acts.
#[derive(Clone)]
pub struct Caller {
    /// Whose data the request is about.
    pub owner: Owner,
    /// Who acts: the same account, one of its API keys, or its parent.
    pub actor: Actor,
    /// The request.
    pub request: RequestSid,
}

impl Caller {
    /// The account that is acted for.
    pub fn account(&self) -> AccountSid {
        self.owner.account
    }

    /// The event that records what the caller did.
    fn event(&self, at: Timestamp, action: Action, target: impl Into<AnySid>) -> AuditEvent {
        AuditEvent {
            sid: random_sid(),
            account_sid: self.owner.account,
            at,
            actor: self.actor,
            action,
            target: target.into(),
            outcome: Outcome::Done,
            request: self.request,
            rule_revision: None,
        }
    }
}

/// The fault for what the account does not have, whoever else may have it.
fn not_found(sid: impl Into<AnySid>) -> Error {
    Fault::new(Code::NotFound, format!("The requested resource {} was not found", sid.into())).into()
}
