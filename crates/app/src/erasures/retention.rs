//! Terms of retention: what ends by itself.

use std::time::Duration;

use dossier_domain::Timestamp;
use dossier_domain::audit::{Action, Actor};
use dossier_domain::erasure::ErasureState;
use dossier_domain::sid::AccountSid;
use dossier_store::erasures::{self, Erasure};
use dossier_store::seal::INSTALLATION;
use dossier_store::{Tx, accounts, audit, deliveries};

use super::plan::Plan;
use super::{RetentionOptions, event, schedule};
use crate::random::random_sid;
use crate::{App, Result};

/// Accounts whose erasure is planned in one transaction.
const PLANNED_AT_ONCE: u32 = 100;
/// Deliveries that are emptied in one transaction.
const EMPTIED_AT_ONCE: u32 = 500;
/// How far back erased accounts are looked for whose keys other nodes may remember: longer than the pause
/// between two looks.
const FORGET_SINCE: Duration = Duration::from_secs(24 * 60 * 60);

impl App {
    /// Removes the messages of deliveries that are old enough, and returns how many those were. What is left
    /// in the files of the database of them goes with the next erasure; it is sealed. A rehearsal keeps all of
    /// them: its clock passes a year in a moment, and then tests read what was sent.
    ///
    /// # Errors
    /// When the database fails; what was removed until then stays removed.
    pub async fn sweep_deliveries(&self) -> Result<u64> {
        if self.options.rehearsal {
            return Ok(0);
        }
        let now = self.now();
        let before = minus(now, self.options.retention.deliveries);
        let mut emptied = 0;
        loop {
            let some = self
                .db
                .write(move |tx| {
                    let some = deliveries::empty_old(tx, before, now, EMPTIED_AT_ONCE)?;
                    if some > 0 {
                        let by = (Actor::Policy, random_sid());
                        let event = event(INSTALLATION, by, now, Action::DeliveriesEmptied, INSTALLATION);
                        audit::append(tx, &event)?;
                    }
                    Ok::<_, crate::Error>(some)
                })
                .await?;
            emptied += u64::from(some);
            if some < EMPTIED_AT_ONCE {
                return Ok(emptied);
            }
        }
    }

    /// Plans the erasure of accounts that were closed, for when their terms are over, and returns how many
    /// those were. One that was called off is not planned again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plan_account_erasures(&self) -> Result<u64> {
        let (mut planned, mut after) = (0, None);
        loop {
            let (now, options) = (self.now(), self.options.retention.clone());
            let some = self
                .db
                .write(move |tx| {
                    let closed = erasures::closed_accounts(tx, after, PLANNED_AT_ONCE)?;
                    for (account, closed_at) in &closed {
                        // Two nodes may be at it.
                        accounts::lock(tx, *account)?;
                        account_closed(tx, *account, *closed_at, &options, now)?;
                    }
                    Ok::<_, crate::Error>(closed)
                })
                .await?;
            planned += some.len() as u64;
            let Some((last, _)) = some.last() else { break };
            after = Some(*last);
        }
        self.alarm.ring();
        Ok(planned)
    }

    /// Forgets the keys of accounts that another node has erased.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_destroyed_keys(&self) -> Result<()> {
        let since = minus(self.now(), FORGET_SINCE);
        let erased = self.db.read(move |tx| erasures::accounts_since(tx, since)).await?;
        erased.into_iter().for_each(|account| self.keyring.forget(account));
        Ok(())
    }
}

/// Plans the erasure of an account that was closed.
fn account_closed(
    tx: &mut Tx<'_>,
    account: AccountSid,
    closed_at: Timestamp,
    options: &RetentionOptions,
    now: Timestamp,
) -> Result<()> {
    if erasures::open_about(tx, account, account.into())?.is_some() {
        return Ok(());
    }
    let erasure = Erasure {
        sid: random_sid(),
        account,
        subject: account.into(),
        state: ErasureState::Waiting,
        even_if_in_use: false,
        reason: Vec::new(),
        requested_by: Actor::Policy,
        request: random_sid(),
        requested_at: now,
        request_event: random_sid(),
        due_at: closed_at.plus(options.closed_account),
        finished_at: None,
        finish_event: None,
        blocked_by: None,
        place: String::new(),
        objects: 0,
    };
    schedule(tx, &erasure, &Plan::default())
}

fn minus(time: Timestamp, duration: Duration) -> Timestamp {
    let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(time.as_micros().saturating_sub(micros))
}
