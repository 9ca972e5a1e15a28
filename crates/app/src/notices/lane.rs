//! The lane of a bundle over a channel: its first delivery that waits is tried, once per claim.

use std::time::Duration;

use dossier_domain::Timestamp;
use dossier_domain::account::AccountStatus;
use dossier_domain::delivery::{Attempt, Channel, Delivery, DeliveryState, Message};
use dossier_domain::sid::{AccountSid, BundleSid};
use dossier_store::accounts::{self, TokenSlot};
use dossier_store::deliveries;
use dossier_store::jobs::{self, HeldJob, Job};
use dossier_store::{StoreError, StoreResult, Tx};
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::callback;
use super::outbound::DeliveryCount;
use super::outcome::Outcome;
use super::places::Place;
use crate::random::random_fraction;
use crate::{App, Result, keys};

/// Deliveries under way to one host at a time.
const PER_HOST_MAX: usize = 32;
/// Deliveries under way for one account at a time: less than half of what a node does.
const PER_ACCOUNT_MAX: usize = 96;
/// Mails under way at a time.
const MAILS_MAX: usize = 8;
/// The longest pause of a delivery that found no place.
const NO_PLACE_PAUSE_MAX: Duration = Duration::from_secs(64);

/// The first delivery of a lane, and what signs it.
struct First {
    delivery: Delivery,
    auth_token: Option<String>,
    /// Nobody is left to be told.
    account_is_closed: bool,
}

/// The deliveries of a bundle over a channel.
#[derive(Clone, Copy)]
struct Lane {
    bundle: BundleSid,
    channel: Channel,
}

impl Lane {
    /// Lets go of the job of the lane: until its next delivery is due, or for good.
    fn end(self, tx: &mut Tx<'_>, account: AccountSid, job: HeldJob<'_>, now: Timestamp) -> StoreResult<()> {
        match deliveries::next_due(tx, account, self.bundle, self.channel)? {
            Some(due_at) => job.postpone(tx, due_at.max(now), 0),
            None => job.finish(tx),
        }
    }
}

impl App {
    /// Tries the first delivery of a lane, and writes down what came of it.
    pub(crate) async fn deliver(&self, job: &Job, channel: Channel) -> Result<()> {
        let Some(bundle) = job.key.subject.of_kind() else {
            return Err(StoreError::Column { column: 2, expected: "a bundle's lane" }.into());
        };
        let lane = Lane { bundle, channel };
        let First { delivery, auth_token, account_is_closed } = match self.first(job, lane).await? {
            Some(first) if first.delivery.due_at <= self.now() => first,
            // Nothing to do, or not yet: the job is older than what became of its lane.
            Some(_) | None => return self.settle(job, lane).await,
        };
        if account_is_closed {
            return self.record(job, lane, delivery, Outcome::hopeless("the account is closed"), 0).await;
        }
        let Some(_places) = self.places(&delivery).await else {
            return self.come_back(job).await;
        };
        let begun = Instant::now();
        let outcome = self.try_once(&delivery, auth_token.as_deref()).await;
        let millis = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
        self.record(job, lane, delivery, outcome, millis).await
    }

    /// Tries since the start of the process.
    pub fn delivery_counts(&self) -> Vec<DeliveryCount> {
        self.outbound.counts.all()
    }

    async fn first(&self, job: &Job, lane: Lane) -> Result<Option<First>> {
        let owner = keys::owner(&self.db, &self.keyring, job.key.account).await?;
        let first = move |tx: &mut Tx<'_>| {
            let Some(delivery) = deliveries::next(tx, &owner, lane.bundle, lane.channel)? else {
                return Ok::<_, StoreError>(None);
            };
            let auth_token = match lane.channel {
                Channel::Callback => accounts::token(tx, &owner, TokenSlot::Primary)?,
                Channel::Mail => None,
            };
            let account = accounts::get(tx, owner.account)?;
            let account_is_closed = account.is_some_and(|account| account.status == AccountStatus::Closed);
            Ok(Some(First { delivery, auth_token, account_is_closed }))
        };
        Ok(self.db.read(first).await?)
    }

    /// A place at the receiver and one of the account, held while the delivery is under way.
    async fn places(&self, delivery: &Delivery) -> Option<[Option<Place>; 2]> {
        let places = &self.outbound.places;
        let callback = match &delivery.message {
            Message::Mail(_) => return Some([Some(places.enter("mail".to_owned(), MAILS_MAX).await?), None]),
            Message::Callback(callback) => callback,
        };
        // An address without a host fails at once and needs no place.
        let Some(host) = callback::host(&callback.url) else { return Some([None, None]) };
        let at_host = places.enter(format!("host {host}"), PER_HOST_MAX).await?;
        let of_account = places.enter(delivery.account_sid.to_string(), PER_ACCOUNT_MAX).await?;
        Some([Some(at_host), Some(of_account)])
    }

    async fn try_once(&self, delivery: &Delivery, auth_token: Option<&str>) -> Outcome {
        match &delivery.message {
            Message::Callback(message) => {
                let Some(auth_token) = auth_token else {
                    return Outcome::again("no auth token to sign with");
                };
                self.outbound.callbacks.send(delivery, message, auth_token, self.now()).await
            }
            Message::Mail(message) => match &self.outbound.mailer {
                Some(mailer) => mailer.send(delivery, message).await,
                None => Outcome::again("no mail server"),
            },
        }
    }

    async fn record(
        &self,
        job: &Job,
        lane: Lane,
        delivery: Delivery,
        outcome: Outcome,
        millis: u32,
    ) -> Result<()> {
        let (now, account, sid) = (self.now(), delivery.account_sid, delivery.sid);
        let schedule = self.outbound.schedule(lane.channel);
        let progress = schedule.progress(&delivery, outcome.verdict, now, random_fraction());
        let attempt = Attempt {
            number: delivery.attempts.saturating_add(1),
            at: now,
            outcome: outcome.words.to_string(),
            status: outcome.status,
            millis,
        };
        tell_log(&delivery, &attempt, progress.state);
        self.outbound.counts.add(lane.channel, progress.state);
        let held = job.clone();
        let recorded = self
            .db
            .write(move |tx| {
                let Some(held) = jobs::hold(tx, &held)? else { return Ok::<_, StoreError>(false) };
                deliveries::record(tx, account, sid, &attempt, progress)?;
                lane.end(tx, account, held, now)?;
                Ok(true)
            })
            .await?;
        if !recorded {
            // It took so long that another worker has the lane; that one writes down its own try.
            info!(%sid, "Delivery {sid} was tried, but its lease had ended");
        }
        Ok(())
    }

    /// Ends a job that has nothing to do now.
    async fn settle(&self, job: &Job, lane: Lane) -> Result<()> {
        let (job, now) = (job.clone(), self.now());
        let settle = move |tx: &mut Tx<'_>| {
            let Some(held) = jobs::hold(tx, &job)? else { return Ok::<_, StoreError>(()) };
            lane.end(tx, job.key.account, held, now)
        };
        Ok(self.db.write(settle).await?)
    }

    /// Puts a job back that found no place; later and later, so that a slow receiver with many waiting
    /// deliveries does not keep the workers busy with itself.
    async fn come_back(&self, job: &Job) -> Result<()> {
        let pause = Duration::from_secs(1 << job.attempt.min(6)).min(NO_PLACE_PAUSE_MAX);
        let at = self.now().plus(pause.mul_f64(0.5 + random_fraction()));
        let job = job.clone();
        let put_back = move |tx: &mut Tx<'_>| {
            let attempt = job.attempt;
            jobs::hold(tx, &job)?.map_or(Ok::<_, StoreError>(()), |held| held.postpone(tx, at, attempt))
        };
        Ok(self.db.write(put_back).await?)
    }
}

/// One line per try that matters. The address stays out: it may hold credentials, or be a person's.
fn tell_log(delivery: &Delivery, attempt: &Attempt, state: DeliveryState) {
    let (sid, bundle, outcome) = (delivery.sid, delivery.bundle_sid, &*attempt.outcome);
    let (channel, tries) = (delivery.message.channel().as_str(), attempt.number);
    match state {
        DeliveryState::Delivered => {
            debug!(%sid, %bundle, channel, tries, "Delivery {sid} was delivered: {outcome}");
        }
        DeliveryState::Waiting => {
            info!(%sid, %bundle, channel, tries, outcome, "Delivery {sid} is tried again later: {outcome}");
        }
        DeliveryState::Dead => {
            warn!(%sid, %bundle, channel, tries, outcome, "Delivery {sid} was given up: {outcome}");
        }
    }
}
