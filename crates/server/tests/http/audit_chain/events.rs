//! Events whose identifiers tests can foretell.

use dossier_domain::Timestamp;
use dossier_domain::audit::{Action, Actor, AuditEvent, Outcome};
use dossier_domain::sid::{AccountSid, AuditEventSid, RequestSid};
use dossier_store::{Db, audit};
use dossier_testkit::ManualClock;

/// The account of all of them.
pub(crate) const ACCOUNT: AccountSid = AccountSid::from_bytes([0x5A; 16]);

/// The event of a number, as many seconds after the start of the clock.
pub(crate) fn event(number: u32) -> AuditEvent {
    let mut bytes = [0; 16];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    AuditEvent {
        sid: AuditEventSid::from_bytes(bytes),
        account_sid: ACCOUNT,
        at: at(number),
        actor: Actor::Account(ACCOUNT),
        action: if number.is_multiple_of(2) { Action::BundleCreated } else { Action::BundleDeleted },
        target: ACCOUNT.into(),
        outcome: Outcome::Done,
        request: RequestSid::from_bytes(bytes),
        rule_revision: number.is_multiple_of(3).then_some(number),
    }
}

/// The identifier of the event of a number.
pub(crate) fn sid(number: u32) -> String {
    event(number).sid.to_string()
}

/// When the event of a number happened.
pub(crate) fn at(number: u32) -> Timestamp {
    Timestamp::from_micros(ManualClock::START.as_micros() + i64::from(number) * 1_000_000)
}

/// Records the events of these numbers, in one transaction.
pub(crate) async fn record(db: &Db, numbers: std::ops::Range<u32>) {
    db.write(move |tx| numbers.clone().try_for_each(|number| audit::append(tx, &event(number))))
        .await
        .unwrap();
}
