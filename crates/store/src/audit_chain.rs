//! The chain of checkpoints over audit events. It belongs to the installation.
//!
//! Functions for the sealer come first, functions for whoever checks the chain behind them. The latter
//! take nothing for granted: a row may have been written by anybody, so what cannot be read is a value.

use dossier_domain::Timestamp;
use dossier_domain::audit::chain::{Checkpoint, Digest, EventRecord};

use crate::db::{Columns, FromColumn, Row, StoreError, StoreResult, Tx, Value, params, statements};

macro_rules! checkpoint_columns {
    () => {
        "number, previous_hash, merkle_root, event_count, sealed_at, hash, mac"
    };
}

macro_rules! event_columns {
    () => {
        "e.account_sid, e.at, e.sid, e.actor, e.action, e.target, e.outcome, e.request_id, e.rule_revision"
    };
}

/// The event that `$row` of the other table names.
macro_rules! event_of {
    ($row:literal) => {
        concat!(
            "audit_events e ON e.account_sid = ",
            $row,
            ".account_sid AND e.at = ",
            $row,
            ".at AND e.sid = ",
            $row,
            ".event_sid"
        )
    };
}

statements! {
    LOCK = "SELECT newest FROM audit_chain WHERE chain = $1 FOR UPDATE";
    NEWEST = "SELECT newest FROM audit_chain WHERE chain = $1";
    GET = concat!("SELECT ", checkpoint_columns!(), " FROM audit_checkpoints WHERE number = $1");
    /// A row whose event is gone stays where it is, for the verification to find.
    TAKE = concat!(
        "INSERT INTO audit_seals (checkpoint, at, event_sid, account_sid) \
         SELECT $1, u.at, u.event_sid, u.account_sid FROM audit_unsealed u JOIN ", event_of!("u"),
        " WHERE u.at >= $2 ORDER BY u.at, u.event_sid LIMIT $3"
    );
    TAKEN = concat!(
        "SELECT ", event_columns!(), " FROM audit_seals s JOIN ", event_of!("s"),
        " WHERE s.checkpoint = $1 ORDER BY s.at, s.event_sid LIMIT $2"
    );
    DRAIN = "DELETE FROM audit_unsealed WHERE (at, event_sid) IN \
             (SELECT at, event_sid FROM audit_seals WHERE checkpoint = $1)";
    INSERT = concat!(
        "INSERT INTO audit_checkpoints (", checkpoint_columns!(), ", leaves) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    );
    ADVANCE = "UPDATE audit_chain SET newest = $3 WHERE chain = $1 AND newest = $2";

    NEXT = concat!(
        "SELECT ", checkpoint_columns!(), ", leaves FROM audit_checkpoints WHERE number > $1 ORDER BY number LIMIT $2"
    );
    SEALED = concat!(
        "SELECT s.account_sid, s.at, s.event_sid, ", event_columns!(), " FROM audit_seals s LEFT JOIN ", event_of!("s"),
        " WHERE s.checkpoint = $1 AND (s.at, s.event_sid) > ($2, $3) ORDER BY s.at, s.event_sid LIMIT $4"
    );
    UNSEALED = concat!(
        "SELECT u.account_sid, u.at, u.event_sid, ", event_columns!(), " FROM audit_unsealed u LEFT JOIN ",
        event_of!("u"), " WHERE (u.at, u.event_sid) > ($1, $2) ORDER BY u.at, u.event_sid LIMIT $3"
    );
    EVENTS = "SELECT e.account_sid, e.at, e.sid, s.checkpoint, u.at FROM audit_events e \
              LEFT JOIN audit_seals s ON s.at = e.at AND s.event_sid = e.sid AND s.account_sid = e.account_sid \
              LEFT JOIN audit_unsealed u ON u.at = e.at AND u.event_sid = e.sid AND u.account_sid = e.account_sid \
              WHERE (e.account_sid, e.at, e.sid) > ($1, $2, $3) ORDER BY e.account_sid, e.at, e.sid LIMIT $4";
    ORPHAN_SEAL = "SELECT s.checkpoint FROM audit_seals s WHERE s.checkpoint > $1 AND s.checkpoint < $2 \
                   AND NOT EXISTS (SELECT 1 FROM audit_checkpoints c WHERE c.number = s.checkpoint) \
                   ORDER BY s.checkpoint LIMIT $3";
}

/// The one chain there is.
const CHAIN: i64 = 1;

/// A checkpoint as it is stored. Nothing says that its parts fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The hash it claims to have.
    pub hash: Digest,
    /// What authenticates the hash.
    pub mac: Vec<u8>,
}

/// The number of the newest checkpoint, 0 when there is none. Nobody else makes one until the
/// transaction ends.
///
/// # Errors
/// [`StoreError::Schema`] when the row that is locked is gone.
pub fn lock(tx: &mut Tx<'_>) -> StoreResult<i64> {
    let newest = tx.optional(LOCK, params![CHAIN], |row| row.columns().next())?;
    newest.ok_or_else(|| StoreError::Schema("the table audit_chain has lost its row".to_owned()))
}

/// The checkpoint with this number.
///
/// # Errors
/// When the database fails, or the row holds what no checkpoint can.
pub fn get(tx: &mut Tx<'_>, number: i64) -> StoreResult<Option<StoredCheckpoint>> {
    tx.optional(GET, params![number], |row| read(&mut row.columns()))
}

/// Moves up to `limit` events that wait into the checkpoint that is being made, and returns their
/// leaves in order.
///
/// # Errors
/// When the database fails.
pub fn take(tx: &mut Tx<'_>, number: i64, limit: u32) -> StoreResult<Vec<Digest>> {
    let limit = i64::from(limit);
    if tx.execute(TAKE, params![number, i64::MIN, limit])? == 0 {
        return Ok(Vec::new());
    }
    let leaves = tx.list(TAKEN, params![number, limit], |row| Ok(event(&mut row.columns())?.leaf()))?;
    tx.execute(DRAIN, params![number])?;
    Ok(leaves)
}

/// Adds a checkpoint behind the newest one, which must be locked.
///
/// # Errors
/// When another one was added there.
pub fn append(tx: &mut Tx<'_>, stored: &StoredCheckpoint, leaves: &[Digest]) -> StoreResult<()> {
    let StoredCheckpoint { checkpoint, hash, mac } = stored;
    let leaves: Vec<u8> = leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect();
    tx.execute_one(
        INSERT,
        params![
            checkpoint.number,
            checkpoint.previous_hash.as_bytes(),
            checkpoint.merkle_root.as_bytes(),
            checkpoint.event_count,
            checkpoint.sealed_at,
            hash.as_bytes(),
            mac,
            leaves
        ],
    )?;
    tx.execute_one(ADVANCE, params![CHAIN, checkpoint.number - 1, checkpoint.number])
}

/// The number that the chain says is its newest; `None` when the row is gone.
///
/// # Errors
/// When the database fails.
pub fn newest(tx: &mut Tx<'_>) -> StoreResult<Option<i64>> {
    tx.optional(NEWEST, params![CHAIN], |row| row.columns().next())
}

/// A row of the table of checkpoints.
#[derive(Debug)]
pub struct FoundCheckpoint {
    /// Its number.
    pub number: i64,
    /// What is in it and the leaves it lists; `None` when the row holds what no checkpoint can.
    pub stored: Option<(StoredCheckpoint, Vec<Digest>)>,
}

/// The first checkpoint behind a number.
///
/// # Errors
/// When the database fails.
pub fn next(tx: &mut Tx<'_>, after: i64) -> StoreResult<Option<FoundCheckpoint>> {
    tx.optional(NEXT, params![after, 1_i64], |row| {
        let number = row.columns().next()?;
        let mut columns = row.columns();
        let stored = read(&mut columns).and_then(|stored| Ok((stored, columns.next::<Vec<u8>>()?)));
        let stored = stored.ok().and_then(|(stored, leaves)| Some((stored, split(&leaves)?)));
        Ok(FoundCheckpoint { number, stored })
    })
}

/// Which event is meant, wherever it is named. Texts, because anybody may have written them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    /// The account.
    pub account_sid: String,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// The event.
    pub sid: String,
}

/// An event that a list names, and what there is of it.
#[derive(Debug)]
pub struct FoundEvent {
    /// Which.
    pub key: EventKey,
    /// What there is.
    pub event: Found,
}

/// What there is of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It, with this leaf.
    Leaf(Digest),
    /// A row that is no event.
    Unreadable,
    /// Nothing.
    Missing,
}

/// Up to `limit` events that a checkpoint lists, in the order of its tree, behind the given one.
///
/// # Errors
/// When the database fails.
pub fn sealed(
    tx: &mut Tx<'_>,
    number: i64,
    after: Option<&EventKey>,
    limit: u32,
) -> StoreResult<Vec<FoundEvent>> {
    let (at, sid) = after.map_or((i64::MIN, ""), |key| (key.at, &key.sid));
    tx.list(SEALED, params![number, at, sid, i64::from(limit)], found)
}

/// Up to `limit` events that wait for a checkpoint, oldest first, behind the given one.
///
/// # Errors
/// When the database fails.
pub fn unsealed(tx: &mut Tx<'_>, after: Option<&EventKey>, limit: u32) -> StoreResult<Vec<FoundEvent>> {
    let (at, sid) = after.map_or((i64::MIN, ""), |key| (key.at, &key.sid));
    tx.list(UNSEALED, params![at, sid, i64::from(limit)], found)
}

/// Up to `limit` events behind the given one, and whether each is in a checkpoint or waits for one.
///
/// # Errors
/// When the database fails.
pub fn events(tx: &mut Tx<'_>, after: Option<&EventKey>, limit: u32) -> StoreResult<Vec<(EventKey, bool)>> {
    let (account, at, sid) = after.map_or(("", i64::MIN, ""), |key| (&key.account_sid, key.at, &key.sid));
    tx.list(EVENTS, params![account, at, sid, i64::from(limit)], |row| {
        let mut columns = row.columns();
        let key = key(&mut columns)?;
        let (checkpoint, waits) = (columns.next::<Option<i64>>()?, columns.next::<Option<i64>>()?);
        Ok((key, checkpoint.is_some() || waits.is_some()))
    })
}

/// A number between the given ones under which events are listed and there is no checkpoint.
///
/// # Errors
/// When the database fails.
pub fn orphan_seal(tx: &mut Tx<'_>, above: i64, below: i64) -> StoreResult<Option<i64>> {
    tx.optional(ORPHAN_SEAL, params![above, below, 1_i64], |row| row.columns().next())
}

fn found(row: &Row<'_>) -> StoreResult<FoundEvent> {
    let mut columns = row.columns();
    let key = key(&mut columns)?;
    let is_there = row.columns_from(3).next::<Option<&str>>();
    let event = match (is_there, event(&mut columns)) {
        (Ok(None), _) => Found::Missing,
        (_, Ok(event)) => Found::Leaf(event.leaf()),
        (_, Err(_)) => Found::Unreadable,
    };
    Ok(FoundEvent { key, event })
}

fn key(columns: &mut Columns<'_, '_>) -> StoreResult<EventKey> {
    Ok(EventKey { account_sid: columns.next()?, at: columns.next()?, sid: columns.next()? })
}

fn event<'a>(columns: &mut Columns<'a, '_>) -> StoreResult<EventRecord<'a>> {
    Ok(EventRecord {
        account_sid: columns.next()?,
        at: columns.next()?,
        sid: columns.next()?,
        actor: columns.next()?,
        action: columns.next()?,
        target: columns.next()?,
        outcome: columns.next()?,
        request_id: columns.next()?,
        rule_revision: columns.next()?,
    })
}

fn read(columns: &mut Columns<'_, '_>) -> StoreResult<StoredCheckpoint> {
    let checkpoint = Checkpoint {
        number: columns.next()?,
        previous_hash: columns.next()?,
        merkle_root: columns.next()?,
        event_count: columns.next()?,
        sealed_at: columns.next::<Timestamp>()?,
    };
    Ok(StoredCheckpoint { checkpoint, hash: columns.next()?, mac: columns.next()? })
}

/// The leaves; `None` when the bytes are no whole number of them.
fn split(bytes: &[u8]) -> Option<Vec<Digest>> {
    let (leaves, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| leaves.iter().map(|leaf| Digest::from_bytes(*leaf)).collect())
}

impl<'a> FromColumn<'a> for Digest {
    const EXPECTED: &'static str = "32 bytes";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&[u8]>::from_value(value)?.try_into().ok().map(Self::from_bytes)
    }
}
