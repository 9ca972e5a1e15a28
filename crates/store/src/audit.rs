//! Audit events. They are only ever added.

use dossier_domain::audit::AuditEvent;

use crate::db::{StoreResult, Tx, params, statements};

statements! {
    INSERT = "INSERT INTO audit_events (account_sid, at, sid, actor, action, target, outcome, request_id, rule_revision) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
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
