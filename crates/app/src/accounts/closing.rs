//! Closing an account: what ends with it, at once and for good.
//!
//! * Its credentials and its API keys are refused, on every node within two seconds, and so are those of
//!   its parent where they act for it.
//! * Its numbers are released, so that nothing that is in service stands on the approvals of somebody who
//!   is gone; whoever connects numbers sees in the audit which those were.
//! * Its sub-accounts are closed as well: nobody could act for them any more.
//! * Nothing is told any longer: what was not delivered yet is given up when its turn comes
//!   (`notices/lane.rs`), and nothing is added (`notices/mod.rs`).
//! * What it has is kept, unreachable for customers, for as long as retention says, which counts from
//!   `closed_at`.

use dossier_domain::Timestamp;
use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::audit::Action;
use dossier_store::{Tx, accounts, audit, numbers};

use super::By;
use crate::Result;

/// Sub-accounts that are closed at a time.
const BATCH: usize = 500;

/// Closes an account that is locked and not closed, and its sub-accounts.
pub(super) fn close(tx: &mut Tx<'_>, account: Account, by: By, now: Timestamp) -> Result<Account> {
    loop {
        let sub_accounts = accounts::lock_open_sub_accounts(tx, account.sid, BATCH)?;
        if sub_accounts.is_empty() {
            return close_one(tx, account, by, now);
        }
        for sub_account in sub_accounts {
            close_one(tx, sub_account, by, now)?;
        }
    }
}

/// The place where everything that ends with an account ends, retention's beginning included.
fn close_one(tx: &mut Tx<'_>, account: Account, by: By, now: Timestamp) -> Result<Account> {
    let sid = account.sid;
    accounts::set_status(tx, sid, account.status, AccountStatus::Closed, now)?;
    audit::append(tx, &by.event(sid, now, Action::AccountClosed, sid))?;
    for number in numbers::delete_all(tx, sid)? {
        audit::append(tx, &by.event(sid, now, Action::NumberReleased, number))?;
    }
    Ok(Account { status: AccountStatus::Closed, updated_at: now, closed_at: Some(now), ..account })
}
