//! Audit events. They are only ever added.

use dossier_domain::Timestamp;
use dossier_domain::audit::AuditEvent;
use dossier_domain::sid::{AccountSid, AnySid, AuditEventSid};

use crate::db::{Row, StoreResult, Tx, params, statements};

macro_rules! select {
    ($from:literal) => {
        concat!(
            "SELECT e.account_sid, e.at, e.sid, e.actor, e.action, e.target, e.outcome, e.request_id, e.rule_revision, ",
            $from
        )
    };
}

statements! {
    INSERT = "INSERT INTO audit_events (account_sid, at, sid, actor, action, target, outcome, request_id, rule_revision) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LIST_OF_ACCOUNT = select!(
        "s.checkpoint FROM audit_events e LEFT JOIN audit_seals s \
         ON s.at = e.at AND s.event_sid = e.sid AND s.account_sid = e.account_sid \
         WHERE e.account_sid = $1 AND e.at >= $2 AND (e.at, e.sid) < ($3, $4) ORDER BY e.at DESC, e.sid DESC LIMIT $5"
    );
    LIST_UNSEALED = select!(
        "CAST(NULL AS BIGINT) FROM audit_unsealed u JOIN audit_events e \
         ON e.account_sid = u.account_sid AND e.at = u.at AND e.sid = u.event_sid \
         WHERE u.at >= $1 AND (u.at, u.event_sid) < ($2, $3) ORDER BY u.at DESC, u.event_sid DESC LIMIT $4"
    );
    LIST_SEALED = select!(
        "s.checkpoint FROM audit_seals s JOIN audit_events e \
         ON e.account_sid = s.account_sid AND e.at = s.at AND e.sid = s.event_sid \
         WHERE s.at >= $1 AND (s.at, s.event_sid) < ($2, $3) ORDER BY s.at DESC, s.event_sid DESC LIMIT $4"
    );
    GET = select!(
        "s.checkpoint FROM audit_events e LEFT JOIN audit_seals s \
         ON s.at = e.at AND s.event_sid = e.sid AND s.account_sid = e.account_sid \
         WHERE e.account_sid = $1 AND e.at = $2 AND e.sid = $3"
    );
    AWAIT_SEAL = "INSERT INTO audit_unsealed (at, event_sid, account_sid) VALUES ($1, $2, $3)";
}

/// Adds an event to the transaction that makes the change. It goes into the next checkpoint.
///
/// # Errors
/// When the database fails; then the change must not happen either.
pub fn append(tx: &mut Tx<'_>, event: &AuditEvent) -> StoreResult<()> {
    tx.execute_one(
        INSERT,
        params![
            event.account_sid,
            event.at,
            event.sid,
            event.actor.text(),
            event.action.as_str(),
            event.target,
            event.outcome.as_str(),
            event.request,
            event.rule_revision.map(i64::from)
        ],
    )?;
    tx.execute_one(AWAIT_SEAL, params![event.at, event.sid, event.account_sid])
}

/// An event as it is stored. Only its place in the list is of a type: whoever looks at the audit wants to
/// see what was tampered with, too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table, and the number of the checkpoint it is in")]
pub struct RecordedEvent {
    pub account_sid: String,
    pub at: Timestamp,
    pub sid: AnySid,
    pub actor: String,
    pub action: String,
    pub target: String,
    pub outcome: String,
    pub request_id: String,
    pub rule_revision: Option<i64>,
    pub checkpoint: Option<i64>,
}

/// One event of an account.
///
/// # Errors
/// When the database fails.
pub fn get(
    tx: &mut Tx<'_>,
    account: AccountSid,
    at: Timestamp,
    sid: AuditEventSid,
) -> StoreResult<Option<RecordedEvent>> {
    tx.optional(GET, params![account, at, sid], read)
}

/// A stretch of the audit, walked from its end.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// The time it begins with.
    pub from: Timestamp,
    /// The time and the identifier in front of which it ends.
    pub before: (Timestamp, String),
}

/// Up to `limit` events of an account, newest first.
///
/// # Errors
/// When the database fails.
pub fn list_of_account(
    tx: &mut Tx<'_>,
    account: AccountSid,
    stretch: &Stretch,
    limit: u32,
) -> StoreResult<Vec<RecordedEvent>> {
    let (at, sid) = &stretch.before;
    tx.list(LIST_OF_ACCOUNT, params![account, stretch.from, at, sid, i64::from(limit)], read)
}

/// Up to `limit` events of all accounts, newest first.
///
/// There is no index over all events by time: it would make every change slower. What is sealed and what
/// waits for it have one each, and together they are everything.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, stretch: &Stretch, limit: u32) -> StoreResult<Vec<RecordedEvent>> {
    let (at, sid) = &stretch.before;
    let limit_rows = i64::from(limit);
    // In this order an event that is sealed in between is seen twice; in the other it would not be seen.
    let mut events = tx.list(LIST_UNSEALED, params![stretch.from, at, sid, limit_rows], read)?;
    events.extend(tx.list(LIST_SEALED, params![stretch.from, at, sid, limit_rows], read)?);
    events.sort_by(|one, other| place(other).cmp(&place(one)).then(other.checkpoint.cmp(&one.checkpoint)));
    events.dedup_by(|one, other| place(one) == place(other));
    events.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(events)
}

fn place(event: &RecordedEvent) -> (Timestamp, String) {
    (event.at, event.sid.to_string())
}

fn read(row: &Row<'_>) -> StoreResult<RecordedEvent> {
    let mut columns = row.columns();
    Ok(RecordedEvent {
        account_sid: columns.next()?,
        at: columns.next()?,
        sid: columns.next()?,
        actor: columns.next()?,
        action: columns.next()?,
        target: columns.next()?,
        outcome: columns.next()?,
        request_id: columns.next()?,
        rule_revision: columns.next()?,
        checkpoint: columns.next()?,
    })
}
