//! Notices: what the people behind a bundle are told, by callback and by mail.
//!
//! A use case [tells](tell) in the transaction that makes it true: deliveries are written, and the job
//! of their lane. The worker sends them, one after the other per bundle and channel, and writes down
//! what became of each try. So nothing is told that did not happen, and nothing that happened is lost.

mod callback;
mod lane;
mod log;
mod mail;
mod options;
mod outbound;
mod outcome;
mod places;
mod rehearsal;

use dossier_domain::Timestamp;
use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::campaign::MissingItem;
use dossier_domain::delivery::{CallbackMessage, Channel, MailKind, MailMessage, Message};
use dossier_domain::notice::{FailureReason, NoticeKind};
use dossier_domain::sid::BundleSid;
use dossier_store::deliveries::{self, NewDelivery};
use dossier_store::jobs::{self, JobKey, JobKind};
use dossier_store::{Owner, Tx, accounts};

pub use self::callback::{Resolver, SystemResolver};
pub use self::log::{DeliveryLine, DeliveryRecord, Redelivered};
pub use self::mail::{MailError, RenderedMail, TemplateError};
pub use self::options::{CallbackOptions, MailOptions, MailServer, NoticeOptions};
pub use self::outbound::{DeliveryCount, Outbound};
pub use self::rehearsal::{KeptCallback, KeptMail};

use crate::random::random_sid;
use crate::{App, Result};

/// Something to tell about a bundle.
pub(crate) struct Notice<'a> {
    /// The bundle, as it is now.
    pub(crate) bundle: &'a Bundle,
    /// What happened.
    pub(crate) kind: NoticeKind<'a>,
    /// Why, when it was rejected.
    pub(crate) reason: Option<&'a FailureReason>,
}

/// What is told at all: the part of the options that a transaction needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling {
    in_review: bool,
    mail: bool,
}

impl Telling {
    /// Whether mails are sent.
    pub(crate) const fn mails(self) -> bool {
        self.mail
    }
}

impl App {
    /// What is told at all, for [`tell`].
    pub(crate) fn telling(&self) -> Telling {
        self.outbound.telling()
    }
}

/// Writes what is to be sent into the transaction that makes it true, which has locked the bundle.
/// Whoever commits it rings the alarm afterwards. Nobody is left to be told about a closed account.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    telling: Telling,
    owner: &Owner,
    notice: &Notice<'_>,
    now: Timestamp,
) -> Result<()> {
    let is_closed = |account: Account| account.status == AccountStatus::Closed;
    if notice.bundle.contact.is_erased() || accounts::get(tx, owner.account)?.is_some_and(is_closed) {
        return Ok(());
    }
    if let Some(callback) = callback(telling, notice) {
        send(tx, owner, notice, Message::Callback(callback), now)?;
    }
    if let Some(mail) = mail(notice).filter(|_| telling.mail) {
        send(tx, owner, notice, Message::Mail(mail), now)?;
    }
    Ok(())
}

fn send(tx: &mut Tx<'_>, owner: &Owner, notice: &Notice<'_>, message: Message, now: Timestamp) -> Result<()> {
    let bundle_sid = notice.bundle.sid;
    let kind = job_kind(message.channel());
    let new = NewDelivery { sid: random_sid(), bundle_sid, event: event(notice), message };
    deliveries::insert(tx, owner, &new, now)?;
    Ok(jobs::ensure(tx, &JobKey::new(kind, owner.account, bundle_sid), now)?)
}

/// Forgets what was to be told about a bundle that is deleted, and what was: it names people.
pub(crate) fn forget(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid) -> Result<()> {
    for kind in [JobKind::Callback, JobKind::Mail] {
        jobs::cancel(tx, &JobKey::new(kind, owner.account, bundle))?;
    }
    Ok(deliveries::delete_all(tx, owner, bundle)?)
}

/// The callback for a notice: for another status, and for an end of validity (contract 14.2 row 40, 14.6
/// row 98).
fn callback(telling: Telling, notice: &Notice<'_>) -> Option<CallbackMessage> {
    let bundle = notice.bundle;
    let is_told = match notice.kind {
        NoticeKind::StatusChanged => bundle.status != BundleStatus::InReview || telling.in_review,
        NoticeKind::ValidUntilPassed | NoticeKind::ValidUntilSet | NoticeKind::RulesChanged(_) => true,
        NoticeKind::ValidUntilCleared | NoticeKind::ValidUntilNear(_) => false,
    };
    let url = bundle.contact.status_callback.clone().filter(|_| is_told)?;
    let is_rejected = bundle.status == BundleStatus::Rejected;
    let reason = notice.reason.filter(|reason| is_rejected && !reason.text.is_empty());
    Some(CallbackMessage {
        url,
        status: bundle.status,
        failure_reason: reason.map(|reason| reason.text.clone()),
        valid_until: bundle.valid_until,
        missing: missing(notice).iter().map(MissingItem::path).collect(),
    })
}

/// What the bundle lacks, when a rule changes.
const fn missing<'a>(notice: &Notice<'a>) -> &'a [MissingItem] {
    match notice.kind {
        NoticeKind::RulesChanged(missing) => missing,
        _ => &[],
    }
}

/// The mail for a notice: for decisions, and for what happens to their end (contract 14.6 row 103).
fn mail(notice: &Notice<'_>) -> Option<MailMessage> {
    let bundle = notice.bundle;
    let kind = match notice.kind {
        NoticeKind::StatusChanged => match bundle.status {
            BundleStatus::Approved => MailKind::Approved,
            BundleStatus::ProvisionallyApproved => MailKind::ProvisionallyApproved,
            BundleStatus::Rejected => MailKind::Rejected,
            BundleStatus::Draft | BundleStatus::PendingReview | BundleStatus::InReview => return None,
        },
        NoticeKind::ValidUntilSet => MailKind::ValidUntilSet,
        NoticeKind::RulesChanged(_) => MailKind::RulesChanged,
        NoticeKind::ValidUntilCleared => MailKind::ValidUntilCleared,
        NoticeKind::ValidUntilNear(days) => MailKind::ValidUntilNear(days),
        NoticeKind::ValidUntilPassed => MailKind::ValidUntilPassed,
    };
    Some(MailMessage {
        to: bundle.contact.email.clone(),
        kind,
        combination: bundle.combination,
        reason: notice.reason.cloned(),
        valid_until: bundle.valid_until,
        missing: missing(notice).iter().map(|item| item.sentence.clone()).collect(),
    })
}

/// What happened, for people who read the delivery log.
fn event(notice: &Notice<'_>) -> String {
    match notice.kind {
        NoticeKind::StatusChanged => notice.bundle.status.as_str().to_owned(),
        NoticeKind::ValidUntilSet => "valid-until-set".to_owned(),
        NoticeKind::RulesChanged(_) => "rules-changed".to_owned(),
        NoticeKind::ValidUntilCleared => "valid-until-cleared".to_owned(),
        NoticeKind::ValidUntilNear(days) => format!("valid-until-near-{days}"),
        NoticeKind::ValidUntilPassed => "valid-until-passed".to_owned(),
    }
}

/// The job that looks after a channel.
pub(crate) const fn job_kind(channel: Channel) -> JobKind {
    match channel {
        Channel::Callback => JobKind::Callback,
        Channel::Mail => JobKind::Mail,
    }
}
