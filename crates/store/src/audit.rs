//! Audit events. They are only ever added.

use dossier_domain::audit::AuditEvent;

use crate::db::{StoreResult, Tx, params, statements};

statements! {
    INSERT = "INSERT INTO audit_events (account_sid, at, sid, actor, action, target, outcome, request_id, rule_revision) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

/// Adds an event to the transaction that makes the change.
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
    )
}
