//! The delivery log: what was told to whom, and telling it again. For operators, over all accounts.
//!
//! Lists show nothing personal, so anybody who may see deliveries may see them. One delivery with its
//! address and its text is for those who may see personal data, and leaves an audit event.

use dossier_domain::audit::Action;
use dossier_domain::delivery::{Attempt, Channel, DeliveryState, Message};
use dossier_domain::operator::Permission;
use dossier_domain::paging::{Page, Position, Start, Window};
use dossier_domain::sid::{AccountSid, BundleSid, DeliverySid};
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::deliveries::{self, DeliveryFilter, SealedDelivery};
use dossier_store::jobs::{self, JobKey};
use dossier_store::{StoreError, audit};

use super::{callback, job_kind};
use crate::{App, OperatorCaller, Result, keys, not_found};

/// Tries of one delivery that are shown.
const ATTEMPTS_SHOWN_MAX: u32 = 200;
/// Deliveries that are wanted again in one transaction.
const AGAIN_AT_ONCE: u32 = 100;
/// Deliveries that are wanted again by one call.
const AGAIN_MAX: u32 = 10_000;

/// One delivery as a list has it: nothing personal.
#[derive(Debug, Clone)]
pub struct DeliveryLine {
    /// Its identifier.
    pub sid: DeliverySid,
    /// Whose bundle it is about.
    pub account_sid: AccountSid,
    /// What it is about.
    pub bundle_sid: BundleSid,
    /// How it travels.
    pub channel: Channel,
    /// What happened.
    pub event: String,
    /// The host of the callback address; nothing for mail.
    pub host: Option<String>,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is tried next, while it waits.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was delivered or given up.
    pub finished_at: Option<Timestamp>,
    /// When its message was removed, if it was.
    pub emptied_at: Option<Timestamp>,
}

/// One delivery with its tries.
#[derive(Debug, Clone)]
pub struct DeliveryRecord {
    /// What a list has.
    pub line: DeliveryLine,
    /// What is sent and where to, for those who may see it; nothing once it was removed.
    pub message: Option<Message>,
    /// The last tries, the latest first.
    pub attempts: Vec<Attempt>,
}

/// Which deliveries are wanted again, and how many that were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redelivered {
    /// How many.
    pub count: u32,
    /// Whether there are more: then the same call goes on with them.
    pub is_complete: bool,
}

impl App {
    /// One page of the deliveries, the newest first.
    ///
    /// # Errors
    /// Code 20403 when the role may not.
    pub async fn list_deliveries(
        &self,
        caller: &OperatorCaller,
        filter: DeliveryFilter,
        window: Window,
    ) -> Result<Page<DeliveryLine>> {
        caller.must(Permission::SeeDeliveries)?;
        let page = self.db.read(move |tx| deliveries::list(tx, &filter, &window)).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for sealed in page.items {
            items.push(self.line(sealed).await?.0);
        }
        Ok(Page { items, more_before: page.more_before, more_after: page.more_after })
    }

    /// One delivery with its tries.
    ///
    /// # Errors
    /// Code 20403 when the role may not, 20404.
    pub async fn delivery(&self, caller: &OperatorCaller, sid: DeliverySid) -> Result<DeliveryRecord> {
        caller.must(Permission::SeeDeliveries)?;
        let sees_all = caller.operator.role.may(Permission::SeePersonalData);
        let sealed = self.found(sid).await?;
        let account = sealed.account_sid;
        let (line, message) = self.line(sealed).await?;
        if sees_all {
            let event = caller.event(account, self.now(), Action::DeliveryViewed, sid);
            self.db.write(move |tx| audit::append(tx, &event)).await?;
        }
        let attempts =
            self.db.read(move |tx| deliveries::attempts(tx, account, sid, ATTEMPTS_SHOWN_MAX)).await?;
        Ok(DeliveryRecord { line, message: message.filter(|_| sees_all), attempts })
    }

    /// Wants a delivery again, whatever became of it. Its identifier stays, so a receiver that had it
    /// knows it.
    ///
    /// # Errors
    /// Code 20403 when the role may not, 20404; 20409 when its message was removed.
    pub async fn redeliver(&self, caller: &OperatorCaller, sid: DeliverySid) -> Result<DeliveryLine> {
        caller.must(Permission::Redeliver)?;
        let sealed = self.found(sid).await?;
        if sealed.emptied_at().is_some() || self.want_again(caller, vec![sealed]).await? == 0 {
            let message = format!("The message of delivery {sid} was removed, so there is nothing to send");
            return Err(Fault::new(Code::Conflict, message).into());
        }
        let wanted = self.found(sid).await?;
        Ok(self.line(wanted).await?.0)
    }

    /// Wants all deliveries again that fit, at most 10,000 of them, the newest first.
    ///
    /// # Errors
    /// Code 20403 when the role may not; 20001 when nothing says which.
    pub async fn redeliver_all(
        &self,
        caller: &OperatorCaller,
        filter: DeliveryFilter,
    ) -> Result<Redelivered> {
        caller.must(Permission::Redeliver)?;
        if filter.account.is_none() && filter.from.is_none() {
            let message = "Invalid body: give `account_sid` or `from`, so that not everything is sent again";
            return Err(Fault::new(Code::InvalidParameter, message).into());
        }
        let (mut start, mut count) = (Start::First, 0);
        while count < AGAIN_MAX {
            let window = Window { size: AGAIN_AT_ONCE, start };
            let page = self.db.read(move |tx| deliveries::list(tx, &filter, &window)).await?;
            let Some(last) = page.items.last() else { break };
            start = Start::After(last.position());
            count += self.want_again(caller, page.items).await?;
            if !page.more_after {
                break;
            }
            if count >= AGAIN_MAX {
                return Ok(Redelivered { count, is_complete: false });
            }
        }
        Ok(Redelivered { count, is_complete: true })
    }

    /// Returns how many there still were.
    async fn want_again(&self, caller: &OperatorCaller, wanted: Vec<SealedDelivery>) -> Result<u32> {
        let (now, caller) = (self.now(), caller.clone());
        let count = self
            .db
            .write(move |tx| {
                let mut count = 0;
                for SealedDelivery { sid, account_sid, bundle_sid, channel, .. } in &wanted {
                    // The job first: whoever has it writes to the delivery afterwards.
                    jobs::schedule(tx, &JobKey::new(job_kind(*channel), *account_sid, *bundle_sid), now)?;
                    if deliveries::want_again(tx, *account_sid, *sid, now)? {
                        audit::append(tx, &caller.event(*account_sid, now, Action::DeliveryWanted, *sid))?;
                        count += 1;
                    }
                }
                Ok::<_, StoreError>(count)
            })
            .await?;
        self.alarm.ring();
        Ok(count)
    }

    async fn found(&self, sid: DeliverySid) -> Result<SealedDelivery> {
        self.db.read(move |tx| deliveries::find(tx, sid)).await?.ok_or_else(|| not_found(sid))
    }

    /// The line, and the message unless it was removed.
    async fn line(&self, sealed: SealedDelivery) -> Result<(DeliveryLine, Option<Message>)> {
        let mut line = DeliveryLine::from(&sealed);
        if line.emptied_at.is_some() {
            return Ok((line, None));
        }
        let owner = keys::owner(&self.db, &self.keyring, sealed.account_sid).await?;
        let message = sealed.open(&owner)?.message;
        line.host = match &message {
            Message::Callback(callback) => callback::host(&callback.url),
            Message::Mail(_) => None,
        };
        Ok((line, Some(message)))
    }
}

impl DeliveryLine {
    /// Its place in a list.
    pub fn position(&self) -> Position {
        Position { key: self.created_at.as_micros(), sid: self.sid.into() }
    }
}

/// Without the host, which is in the message.
impl From<&SealedDelivery> for DeliveryLine {
    fn from(delivery: &SealedDelivery) -> Self {
        let is_waiting = delivery.state == DeliveryState::Waiting;
        Self {
            sid: delivery.sid,
            account_sid: delivery.account_sid,
            bundle_sid: delivery.bundle_sid,
            channel: delivery.channel,
            event: delivery.event.clone(),
            host: None,
            state: delivery.state,
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            next_attempt_at: is_waiting.then_some(delivery.due_at),
            finished_at: delivery.finished_at,
            emptied_at: delivery.emptied_at(),
        }
    }
}
