//! Deliveries and their tries.
//!
//! The lane of a bundle over a channel is worked on by whoever has its job; these functions trust that.
//! [`list`] and [`find`] are for operators, who look through all accounts: what they return is sealed
//! until somebody brings the key of the account.

mod message;

use dossier_domain::Timestamp;
use dossier_domain::delivery::{Attempt, Channel, Delivery, DeliveryState, Message};
use dossier_domain::paging::{Page, Position, Window};
use dossier_domain::sid::{AccountSid, BundleSid, DeliverySid};

use crate::Owner;
use crate::db::{FromColumn, Row, StoreResult, ToValue, Tx, Value, params, statements};
use crate::list::{Listing, condition};

macro_rules! select {
    () => {
        "SELECT account_sid, sid, bundle_sid, channel, event, message_sealed, state, attempts, failures, created_at, \
         wanted_at, due_at, finished_at, emptied_at FROM deliveries"
    };
}

statements! {
    INSERT = "INSERT INTO deliveries (account_sid, sid, bundle_sid, channel, place, event, message_sealed, state, attempts, \
              failures, created_at, wanted_at, due_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', 0, 0, $8, $8, $8)";
    LAST_PLACE = "SELECT place FROM deliveries WHERE account_sid = $1 AND bundle_sid = $2 AND channel = $3 \
                  ORDER BY place DESC LIMIT 1";
    NEXT = concat!(select!(), " WHERE account_sid = $1 AND bundle_sid = $2 AND channel = $3 AND state = 'waiting' \
                               ORDER BY place LIMIT 1");
    NEXT_DUE = "SELECT due_at FROM deliveries WHERE account_sid = $1 AND bundle_sid = $2 AND channel = $3 \
                AND state = 'waiting' ORDER BY place LIMIT 1";
    INSERT_ATTEMPT = "INSERT INTO delivery_attempts (account_sid, delivery_sid, number, at, outcome, status, millis) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7)";
    RECORD = "UPDATE deliveries SET state = $4, attempts = $5, failures = $6, due_at = $7, finished_at = $8 \
              WHERE account_sid = $1 AND sid = $2 AND attempts = $3 AND state = 'waiting' AND emptied_at IS NULL";
    WANT_AGAIN = "UPDATE deliveries SET state = 'waiting', failures = 0, wanted_at = $3, due_at = $3, finished_at = NULL \
                  WHERE account_sid = $1 AND sid = $2 AND emptied_at IS NULL";
    OLD = "SELECT account_sid, sid FROM deliveries WHERE emptied_at IS NULL AND finished_at < $1 AND NOT EXISTS \
           (SELECT 1 FROM legal_holds h WHERE h.account_sid = deliveries.account_sid \
           AND h.subject_sid IN (deliveries.account_sid, deliveries.bundle_sid) AND h.released_at IS NULL) \
           ORDER BY finished_at, sid LIMIT $2";
    EMPTY = "UPDATE deliveries SET message_sealed = $3, emptied_at = $4 \
             WHERE account_sid = $1 AND sid = $2 AND finished_at < $5";
    FIND = concat!(select!(), " WHERE sid = $1");
    ATTEMPTS = "SELECT number, at, outcome, status, millis FROM delivery_attempts \
                WHERE account_sid = $1 AND delivery_sid = $2 ORDER BY number DESC LIMIT $3";
    DELETE_ATTEMPTS = "DELETE FROM delivery_attempts WHERE account_sid = $1 AND delivery_sid IN \
                       (SELECT sid FROM deliveries WHERE account_sid = $1 AND bundle_sid = $2)";
    DELETE_ALL = "DELETE FROM deliveries WHERE account_sid = $1 AND bundle_sid = $2";
}

/// A delivery to be made.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Its identifier.
    pub sid: DeliverySid,
    /// What it is about.
    pub bundle_sid: BundleSid,
    /// What happened.
    pub event: String,
    /// What is sent, and where to.
    pub message: Message,
}

/// Adds a delivery at the end of its lane. The bundle is locked by this unit, so that there is one end.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, owner: &Owner, new: &NewDelivery, now: Timestamp) -> StoreResult<()> {
    let (account, bundle, channel) = (owner.account, new.bundle_sid, new.message.channel().as_str());
    let last =
        tx.optional(LAST_PLACE, params![account, bundle, channel], |row| row.columns().next::<i64>())?;
    let place = last.unwrap_or(0) + 1;
    let sealed = message::seal(owner, new.sid, &new.message);
    tx.execute_one(INSERT, params![account, new.sid, bundle, channel, place, new.event, sealed, now])
}

/// The first delivery of the lane that waits.
///
/// # Errors
/// When the database fails or the row cannot be opened.
pub fn next(
    tx: &mut Tx<'_>,
    owner: &Owner,
    bundle: BundleSid,
    channel: Channel,
) -> StoreResult<Option<Delivery>> {
    let next = tx.optional(NEXT, params![owner.account, bundle, channel.as_str()], read)?;
    next.map(|sealed| sealed.open(owner)).transpose()
}

/// When the first delivery of the lane that waits is to be tried.
///
/// # Errors
/// When the database fails.
pub fn next_due(
    tx: &mut Tx<'_>,
    account: AccountSid,
    bundle: BundleSid,
    channel: Channel,
) -> StoreResult<Option<Timestamp>> {
    tx.optional(NEXT_DUE, params![account, bundle, channel.as_str()], |row| row.columns().next())
}

/// What a try made of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Where it stands now.
    pub state: DeliveryState,
    /// Tries in vain since it was wanted.
    pub failures: u32,
    /// When it is tried next, if it still waits.
    pub due_at: Timestamp,
}

/// Writes down a try and what it made of the delivery. `false`, and nothing is written, when the
/// delivery is gone or somebody else has tried it since.
///
/// # Errors
/// When the database fails.
pub fn record(
    tx: &mut Tx<'_>,
    account: AccountSid,
    sid: DeliverySid,
    attempt: &Attempt,
    progress: Progress,
) -> StoreResult<bool> {
    let number = i64::from(attempt.number);
    let finished = (progress.state != DeliveryState::Waiting).then_some(attempt.at);
    let failures = i64::from(progress.failures);
    let was = number - 1;
    let state = progress.state.as_str();
    let touched =
        tx.execute(RECORD, params![account, sid, was, state, number, failures, progress.due_at, finished])?;
    if touched == 0 {
        return Ok(false);
    }
    let (status, millis) = (attempt.status.map(i64::from), i64::from(attempt.millis));
    tx.execute_one(
        INSERT_ATTEMPT,
        params![account, sid, number, attempt.at, attempt.outcome, status, millis],
    )?;
    Ok(true)
}

/// Wants a delivery now, whatever became of it. `false` when it is gone, or its message is. Its job is scheduled first.
///
/// # Errors
/// When the database fails.
pub fn want_again(
    tx: &mut Tx<'_>,
    account: AccountSid,
    sid: DeliverySid,
    now: Timestamp,
) -> StoreResult<bool> {
    Ok(tx.execute(WANT_AGAIN, params![account, sid, now])? == 1)
}

/// The last tries of a delivery, the latest first.
///
/// # Errors
/// When the database fails.
pub fn attempts(
    tx: &mut Tx<'_>,
    account: AccountSid,
    sid: DeliverySid,
    limit: u32,
) -> StoreResult<Vec<Attempt>> {
    tx.list(ATTEMPTS, params![account, sid, i64::from(limit)], |row| {
        let mut columns = row.columns();
        Ok(Attempt {
            number: columns.next::<Count>()?.0,
            at: columns.next()?,
            outcome: columns.next()?,
            status: columns.next::<Option<Count>>()?.and_then(|status| u16::try_from(status.0).ok()),
            millis: columns.next::<Count>()?.0,
        })
    })
}

/// Forgets everything that was to be told about a bundle, and was.
///
/// # Errors
/// When the database fails.
pub fn delete_all(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid) -> StoreResult<()> {
    tx.execute(DELETE_ATTEMPTS, params![owner.account, bundle])?;
    tx.execute(DELETE_ALL, params![owner.account, bundle]).map(drop)
}

/// Removes the messages of up to `limit` deliveries of all accounts that came to their end before a time and
/// are not held, and returns how many. Their lines in the log stay.
///
/// # Errors
/// When the database fails.
pub fn empty_old(tx: &mut Tx<'_>, before: Timestamp, now: Timestamp, limit: u32) -> StoreResult<u32> {
    let old = tx.list(OLD, params![before, i64::from(limit)], |row| {
        let mut columns = row.columns();
        Ok((columns.next::<AccountSid>()?, columns.next::<DeliverySid>()?))
    })?;
    for (account, sid) in &old {
        // Touches nothing when it was wanted again a moment ago.
        tx.execute(EMPTY, params![account, sid, [0_u8; 0], now, before])?;
    }
    Ok(u32::try_from(old.len()).unwrap_or(u32::MAX))
}

/// A delivery whose message nobody has opened yet.
#[derive(Debug, Clone)]
pub struct SealedDelivery {
    /// Its identifier.
    pub sid: DeliverySid,
    /// Whose bundle it is about.
    pub account_sid: AccountSid,
    /// What it is about.
    pub bundle_sid: BundleSid,
    /// How it travels.
    pub channel: Channel,
    /// When it was written.
    pub created_at: Timestamp,
    /// What happened.
    pub event: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, while it waits.
    pub due_at: Timestamp,
    /// When it was delivered or given up.
    pub finished_at: Option<Timestamp>,
    message: Vec<u8>,
    failures: u32,
    wanted_at: Timestamp,
    emptied_at: Option<Timestamp>,
}

impl SealedDelivery {
    /// Its place in a list.
    pub fn position(&self) -> Position {
        Position { key: self.created_at.as_micros(), sid: self.sid.into() }
    }

    /// When the message was removed, if it was: it was old enough, or somebody was erased. Then there is
    /// nothing to open.
    pub fn emptied_at(&self) -> Option<Timestamp> {
        self.emptied_at
    }

    /// Opens the message with the key of its account.
    ///
    /// # Errors
    /// When it is another account's key.
    pub fn open(self, owner: &Owner) -> StoreResult<Delivery> {
        Ok(Delivery {
            sid: self.sid,
            account_sid: self.account_sid,
            bundle_sid: self.bundle_sid,
            message: message::open(owner, self.sid, &self.message)?,
            event: self.event,
            state: self.state,
            attempts: self.attempts,
            failures: self.failures,
            created_at: self.created_at,
            wanted_at: self.wanted_at,
            due_at: self.due_at,
            finished_at: self.finished_at,
        })
    }
}

/// Which deliveries a list shows. Every condition that is given must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeliveryFilter {
    /// About bundles of this account.
    pub account: Option<AccountSid>,
    /// About this bundle; useful with the account only.
    pub bundle: Option<BundleSid>,
    /// Over this channel.
    pub channel: Option<Channel>,
    /// Which stand so.
    pub state: Option<DeliveryState>,
    /// Written at or after this time.
    pub from: Option<Timestamp>,
    /// Written before this time.
    pub before: Option<Timestamp>,
}

/// One page of the deliveries of all accounts, the newest first.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, filter: &DeliveryFilter, window: &Window) -> StoreResult<Page<SealedDelivery>> {
    let (channel, state) = (filter.channel.map(Channel::as_str), filter.state.map(DeliveryState::as_str));
    let before = filter.before.unwrap_or(Timestamp::MAX);
    let mut conditions = Vec::new();
    condition(&mut conditions, "account_sid =", filter.account.as_ref());
    condition(&mut conditions, "bundle_sid =", filter.bundle.as_ref());
    condition(&mut conditions, "channel =", channel.as_ref());
    condition(&mut conditions, "state =", state.as_ref());
    condition(&mut conditions, "created_at >=", filter.from.as_ref());
    conditions.push(("created_at <", before.to_value()));
    let listing =
        Listing { select: select!(), conditions, sids: Vec::new(), sort_by: "created_at", descending: true };
    listing.page(tx, window, read)
}

/// The delivery, whoever's it is.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, sid: DeliverySid) -> StoreResult<Option<SealedDelivery>> {
    tx.optional(FIND, params![sid], read)
}

fn read(row: &Row<'_>) -> StoreResult<SealedDelivery> {
    let mut columns = row.columns();
    Ok(SealedDelivery {
        account_sid: columns.next()?,
        sid: columns.next()?,
        bundle_sid: columns.next()?,
        channel: columns.next()?,
        event: columns.next()?,
        message: columns.next()?,
        state: columns.next()?,
        attempts: columns.next::<Count>()?.0,
        failures: columns.next::<Count>()?.0,
        created_at: columns.next()?,
        wanted_at: columns.next()?,
        due_at: columns.next()?,
        finished_at: columns.next()?,
        emptied_at: columns.next()?,
    })
}

/// A number that was a `u32` when it was stored.
struct Count(u32);

impl<'a> FromColumn<'a> for Count {
    const EXPECTED: &'static str = "a count";

    fn from_value(value: Value<'a>) -> Option<Self> {
        i64::from_value(value).and_then(|number| u32::try_from(number).ok()).map(Self)
    }
}

impl<'a> FromColumn<'a> for Channel {
    const EXPECTED: &'static str = "a channel";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}

impl<'a> FromColumn<'a> for DeliveryState {
    const EXPECTED: &'static str = "a delivery state";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}
