//! Erasures: requested by an operator or by a term of retention, undone while they wait, carried out by a
//! job, and certified.
//!
//! What is erased keeps its row: identifiers, states, times and the codes of reasons stay, and so does the
//! audit. What was said of people is removed, together with every copy of it.

mod carry_out;
mod certificate;
mod plan;
mod retention;

use std::time::Duration;

use dossier_domain::account::AccountStatus;
use dossier_domain::audit::{Action, Actor, AuditEvent, Outcome};
use dossier_domain::erasure::ErasureState;
use dossier_domain::operator::Permission;
use dossier_domain::paging::{Page, Window};
use dossier_domain::review::ReviewText;
use dossier_domain::sid::{AccountSid, AnySid, ErasureSid, RequestSid, kinds};
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::erasures::{self, Erasure, ErasureObject};
use dossier_store::jobs::{self, JobKey, JobKind};
use dossier_store::{Owner, Tx, accounts, audit};

pub use self::certificate::{
    CertificateFault, CertifiedCheckpoint, ErasureCertificate, ProvenEvent, verify_certificate,
};

use self::plan::Plan;
use crate::legal_holds::{hold_on, lock_subject};
use crate::random::random_sid;
use crate::{App, Error, OperatorCaller, Result, keys, not_found};

/// Objects of an erasure that are shown with it.
const SHOWN_MAX: u32 = 1000;
/// The longest time in which an erasure can be undone: a month.
const UNDO_MAX: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// How long what is kept is kept.
#[derive(Debug, Clone)]
pub struct RetentionOptions {
    /// How long after its closing an account is erased.
    pub closed_account: Duration,
    /// How long after its end the message of a delivery is removed.
    pub deliveries: Duration,
    /// How long an erasure can be undone, when the request does not say.
    pub undo: Duration,
}

impl Default for RetentionOptions {
    fn default() -> Self {
        let day = Duration::from_secs(24 * 60 * 60);
        Self { closed_account: 30 * day, deliveries: 90 * day, undo: Duration::from_secs(60 * 60) }
    }
}

/// What is to be erased, and why.
#[derive(Debug, Clone)]
pub struct RequestErasure {
    /// An end user, a document, an address, or an account.
    pub subject: AnySid,
    /// Why.
    pub reason: ReviewText,
    /// How long it can be undone.
    pub undo: Option<Duration>,
    /// Whether it is erased although something of it is under review or in service, or the account is open.
    pub even_if_in_use: bool,
}

/// An erasure with what belongs to it.
#[derive(Debug)]
pub struct ErasureRecord {
    /// The erasure.
    pub erasure: Erasure,
    /// Why, for admins, until it is done.
    pub reason: Option<String>,
    /// What is or will be erased; of a whole account what was erased so far, and nothing before.
    pub objects: Vec<ErasureObject>,
    /// Whether those are all.
    pub is_complete: bool,
}

impl App {
    /// Plans an erasure. It begins when its time to be undone is over.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404 when there is no such thing or it is erased; 20001 for
    /// anything that cannot be erased by itself; 20409 when it is held, in use, or about to be erased.
    pub async fn request_erasure(
        &self,
        caller: &OperatorCaller,
        command: RequestErasure,
    ) -> Result<ErasureRecord> {
        caller.must(Permission::Administer)?;
        check_kind(command.subject)?;
        let undo = command.undo.unwrap_or(self.options.retention.undo);
        if undo > UNDO_MAX {
            let message = format!("Invalid undo_seconds: it must be at most {}", UNDO_MAX.as_secs());
            return Err(Fault::new(Code::InvalidParameter, message).into());
        }
        let owner = self.owner_of_subject(command.subject).await?;
        let (now, caller) = (self.now(), caller.clone());
        let mut erasure = Erasure {
            sid: random_sid(),
            account: owner.account,
            subject: command.subject,
            state: ErasureState::Waiting,
            even_if_in_use: command.even_if_in_use,
            reason: Vec::new(),
            requested_by: Actor::Operator(caller.operator.sid),
            request: caller.request,
            requested_at: now,
            request_event: random_sid(),
            due_at: now.plus(undo),
            finished_at: None,
            finish_event: None,
            blocked_by: None,
            place: String::new(),
            objects: 0,
        };
        erasure.set_reason(&owner, command.reason.as_str());
        let sid = erasure.sid;
        self.db
            .write(move |tx| {
                accounts::lock(tx, erasure.account)?.ok_or_else(|| not_found(erasure.account))?;
                lock_subject(tx, &owner, erasure.subject)?;
                replace_policy(tx, &erasure, now)?;
                let plan = Plan::of(tx, erasure.account, erasure.subject)?;
                plan.refuse_if_blocked(tx, &erasure)?;
                schedule(tx, &erasure, &plan)
            })
            .await?;
        self.alarm.ring();
        self.read_erasure(sid, true).await
    }

    /// Calls an erasure off that has not begun.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404; 20409 when it has begun, or was called off before.
    pub async fn undo_erasure(&self, caller: &OperatorCaller, sid: ErasureSid) -> Result<ErasureRecord> {
        caller.must(Permission::Administer)?;
        let (now, caller) = (self.now(), caller.clone());
        self.db
            .write(move |tx| {
                let erasure = erasures::lock(tx, sid)?.ok_or_else(|| not_found(sid))?;
                let begun = erasure.objects > 0 || !erasure.place.is_empty();
                if !matches!(erasure.state, ErasureState::Waiting | ErasureState::Blocked) || begun {
                    let state = erasure.state;
                    let message = format!("Erasure {sid} is {state}, so it cannot be undone");
                    return Err(Fault::new(Code::Conflict, message).into());
                }
                let event = caller.event(erasure.account, now, Action::ErasureUndone, sid);
                end(tx, erasure, ErasureState::Undone, &event)
            })
            .await?;
        self.read_erasure(sid, true).await
    }

    /// An erasure with its objects. Its reason is for admins only.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404.
    pub async fn erasure(&self, caller: &OperatorCaller, sid: ErasureSid) -> Result<ErasureRecord> {
        caller.must(Permission::ReadAudit)?;
        self.read_erasure(sid, caller.operator.role.may(Permission::Administer)).await
    }

    /// A page of the erasures, the newest first, without their reasons and objects.
    ///
    /// # Errors
    /// Code 20403 without the permission.
    pub async fn list_erasures(&self, caller: &OperatorCaller, window: Window) -> Result<Page<Erasure>> {
        caller.must(Permission::ReadAudit)?;
        let read = self.db.read(move |tx| erasures::list(tx, window.position(), window.size + 1)).await?;
        Ok(Page::from_read(read, &window))
    }

    async fn read_erasure(&self, sid: ErasureSid, sees_reason: bool) -> Result<ErasureRecord> {
        let erasure = self.db.read(move |tx| erasures::get(tx, sid)).await?.ok_or_else(|| not_found(sid))?;
        let owner = keys::owner(&self.db, &self.keyring, erasure.account).await?;
        let reason = if sees_reason { erasure.open_reason(&owner)? } else { None };
        let mut objects = self.db.read(move |tx| erasures::objects(tx, sid, None, SHOWN_MAX + 1)).await?;
        let is_complete = objects.len() <= SHOWN_MAX as usize;
        objects.truncate(SHOWN_MAX as usize);
        Ok(ErasureRecord { erasure, reason, objects, is_complete })
    }
}

fn check_kind(subject: AnySid) -> Result<()> {
    let can_be = subject.of_kind::<kinds::EndUser>().is_some()
        || subject.of_kind::<kinds::Document>().is_some()
        || subject.of_kind::<kinds::Address>().is_some()
        || subject.of_kind::<kinds::Account>().is_some();
    if can_be {
        return Ok(());
    }
    let message = "Invalid subject: an end user (IT…), a document (RD…), an address (AD…) or an account (AC…) \
                   can be erased";
    Err(Fault::new(Code::InvalidParameter, message).into())
}

/// Makes room for an erasure: one that a term of retention has planned for later gives way.
fn replace_policy(tx: &mut Tx<'_>, erasure: &Erasure, now: Timestamp) -> Result<()> {
    let Some(open) = erasures::open_about(tx, erasure.account, erasure.subject)? else { return Ok(()) };
    let waiting = erasures::lock(tx, open)?
        .filter(|found| found.state == ErasureState::Waiting && matches!(found.requested_by, Actor::Policy));
    let Some(waiting) = waiting else {
        let message = format!("{} is about to be erased by erasure {open}", erasure.subject);
        return Err(Fault::new(Code::Conflict, message).into());
    };
    let by = (erasure.requested_by, erasure.request);
    let event = event(erasure.account, by, now, Action::ErasureUndone, open);
    end(tx, waiting, ErasureState::Undone, &event)
}

/// Writes an erasure, and wants it carried out when it is due.
fn schedule(tx: &mut Tx<'_>, erasure: &Erasure, plan: &Plan) -> Result<()> {
    erasures::insert(tx, erasure)?;
    for (account, object) in plan.objects() {
        erasures::add(tx, erasure.sid, *account, *object)?;
    }
    jobs::schedule(tx, &job_key(erasure), erasure.due_at)?;
    let by = (erasure.requested_by, erasure.request);
    let requested =
        event(erasure.account, by, erasure.requested_at, Action::ErasureRequested, erasure.subject);
    Ok(audit::append(tx, &AuditEvent { sid: erasure.request_event, ..requested })?)
}

/// Ends an erasure, with the event that records it.
fn end(tx: &mut Tx<'_>, erasure: Erasure, state: ErasureState, event: &AuditEvent) -> Result<()> {
    let key = job_key(&erasure);
    let ended = Erasure {
        state,
        blocked_by: None,
        finished_at: Some(event.at),
        finish_event: Some(event.sid),
        ..erasure
    };
    erasures::save(tx, &ended)?;
    if state == ErasureState::Undone {
        jobs::cancel(tx, &key)?;
    }
    Ok(audit::append(tx, event)?)
}

fn job_key(erasure: &Erasure) -> JobKey {
    JobKey::new(JobKind::Erasure, erasure.account, erasure.sid)
}

/// An event about what an erasure did. All of them have the request in which it was wanted.
fn event(
    account_sid: AccountSid,
    (actor, request): (Actor, RequestSid),
    at: Timestamp,
    action: Action,
    target: impl Into<AnySid>,
) -> AuditEvent {
    AuditEvent {
        sid: random_sid(),
        account_sid,
        at,
        actor,
        action,
        target: target.into(),
        outcome: Outcome::Done,
        request,
        rule_revision: None,
    }
}

/// What keeps something from being erased.
#[derive(Debug, Clone, Copy)]
enum Obstacle {
    /// A legal hold, and what it keeps.
    Held(dossier_domain::sid::LegalHoldSid, AnySid),
    /// A bundle is under review.
    UnderReview(dossier_domain::sid::BundleSid),
    /// A number in service is leased with a bundle.
    InService(dossier_domain::sid::BundleSid),
    /// A number in service is leased with an address.
    AddressInService(dossier_domain::sid::AddressSid),
    /// The account is not closed.
    Open(AccountSid),
    /// A sub-account is not closed.
    SubAccount(AccountSid),
}

impl Obstacle {
    /// What is in the way.
    fn sid(self) -> AnySid {
        match self {
            Self::Held(hold, _) => hold.into(),
            Self::UnderReview(bundle) | Self::InService(bundle) => bundle.into(),
            Self::AddressInService(address) => address.into(),
            Self::Open(account) | Self::SubAccount(account) => account.into(),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Held(hold, object) => format!("legal hold {hold} keeps {object}"),
            Self::UnderReview(bundle) => format!("bundle {bundle} is under review"),
            Self::InService(bundle) => format!("a number in service is leased with bundle {bundle}"),
            Self::AddressInService(address) => {
                format!("a number in service is leased with address {address}")
            }
            Self::Open(account) => format!("account {account} is not closed"),
            Self::SubAccount(account) => format!("sub-account {account} is not closed"),
        }
    }

    /// Whether `even_if_in_use` overcomes it.
    const fn is_use(self) -> bool {
        match self {
            Self::UnderReview(_) | Self::InService(_) | Self::AddressInService(_) | Self::Open(_) => true,
            Self::Held(..) | Self::SubAccount(_) => false,
        }
    }

    fn refusal(obstacles: &[Self]) -> Error {
        let mut words: Vec<_> = obstacles.iter().take(10).map(|obstacle| obstacle.words()).collect();
        if obstacles.len() > words.len() {
            words.push(format!("and {} more", obstacles.len() - words.len()));
        }
        let mut message = format!("Nothing was erased: {}", words.join("; "));
        if obstacles.iter().all(|obstacle| obstacle.is_use()) {
            message.push_str(". Send `\"even_if_in_use\": true` to erase all the same");
        }
        Fault::new(Code::Conflict, message).into()
    }
}

/// What is in the way of erasing a whole account.
fn account_obstacles(tx: &mut Tx<'_>, account: AccountSid, even_if_in_use: bool) -> Result<Vec<Obstacle>> {
    let mut obstacles = Vec::new();
    if let Some(hold) = hold_on(tx, account, account.into())? {
        obstacles.push(Obstacle::Held(hold, account.into()));
    }
    obstacles.extend(erasures::open_sub_account(tx, account)?.map(Obstacle::SubAccount));
    if !even_if_in_use {
        let found = accounts::get(tx, account)?.ok_or_else(|| not_found(account))?;
        if found.status != AccountStatus::Closed {
            obstacles.push(Obstacle::Open(account));
        }
        // Nobody waits for the review of a closed account, but its numbers may still be in service.
        obstacles.extend(erasures::bundle_in_service(tx, account)?.map(Obstacle::InService));
    }
    Ok(obstacles)
}

/// The owner of an object, in a unit.
fn owner_of(tx: &mut Tx<'_>, keyring: &dossier_store::seal::Keyring, account: AccountSid) -> Result<Owner> {
    keys::owner_in_unit(tx, keyring, account)
}
