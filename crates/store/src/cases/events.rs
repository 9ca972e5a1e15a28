//! The history of a case: one event for each version.

use dossier_domain::Timestamp;
use dossier_domain::review::Outcome;
use dossier_domain::sid::{AccountSid, CaseSid, DocumentSid};

use crate::db::{Row, StoreResult, Tx, params, statements};

statements! {
    INSERT = "INSERT INTO case_events (account_sid, case_sid, version, at, actor, action, document_sid, outcome) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    SINCE = "SELECT version, at, actor, action, document_sid, outcome FROM case_events \
             WHERE account_sid = $1 AND case_sid = $2 AND version > $3 ORDER BY version LIMIT $4";
}

/// Events of one case that are shown.
const EVENTS_MAX: i64 = 10_000;

/// Something that happened to a case. Nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseEvent {
    /// The version of the case that it made.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// Who, as the audit names actors.
    pub actor: String,
    /// What, as the audit names actions.
    pub action: String,
    /// To which document, where it was one.
    pub document: Option<DocumentSid>,
    /// How the case was decided, where it was.
    pub outcome: Option<Outcome>,
}

/// Adds an event.
///
/// # Errors
/// When the database fails, or the version has an event.
pub fn append_event(
    tx: &mut Tx<'_>,
    account: AccountSid,
    case: CaseSid,
    event: &CaseEvent,
) -> StoreResult<()> {
    tx.execute_one(
        INSERT,
        params![
            account,
            case,
            i64::from(event.version),
            event.at,
            event.actor,
            event.action,
            event.document,
            event.outcome.map(Outcome::as_str)
        ],
    )
}

/// Everything that happened to a case, oldest first.
///
/// # Errors
/// When the database fails.
pub fn events(tx: &mut Tx<'_>, account: AccountSid, case: CaseSid) -> StoreResult<Vec<CaseEvent>> {
    events_since(tx, account, case, 0)
}

/// What happened to a case after a version of it, oldest first.
///
/// # Errors
/// When the database fails.
pub fn events_since(
    tx: &mut Tx<'_>,
    account: AccountSid,
    case: CaseSid,
    version: u32,
) -> StoreResult<Vec<CaseEvent>> {
    tx.list(SINCE, params![account, case, i64::from(version), EVENTS_MAX], read)
}

fn read(row: &Row<'_>) -> StoreResult<CaseEvent> {
    let mut columns = row.columns();
    Ok(CaseEvent {
        version: super::small(columns.next()?)?,
        at: columns.next()?,
        actor: columns.next()?,
        action: columns.next()?,
        document: columns.next()?,
        outcome: columns.next()?,
    })
}
