//! Accounts as customers see them: their own, and those below it (contract sections 9.2 and 15).

use std::sync::Arc;

use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::audit::Action;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::AccountSid;
use dossier_domain::text::FriendlyName;
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::accounts::{self, AccountFilter, TokenSlot};
use dossier_store::seal::Keyring;
use dossier_store::{Tx, audit};

use super::{By, NewAccount, is_closed, set_status};
use crate::{App, Caller, Result, keys, not_found};

/// Sub-accounts that an account can make by itself, closed ones not counted: as many as in the original.
/// Operators can make more.
pub(super) const SUB_ACCOUNTS_MAX: usize = 1000;

/// An account with its auth token, for whoever may see it.
pub struct ShownAccount {
    /// The account.
    pub account: Account,
    /// Its primary auth token; a closed account has none that works.
    pub auth_token: Option<String>,
}

/// Which accounts a list shows, and which part of it.
#[derive(Debug, Clone)]
pub struct AccountQuery {
    /// Which accounts.
    pub filter: AccountFilter,
    /// Which part.
    pub window: Window,
}

/// What changes about an account; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct UpdateAccount {
    /// Its name.
    pub friendly_name: Option<FriendlyName>,
    /// Whether it may act.
    pub status: Option<AccountStatus>,
}

impl App {
    /// Makes a sub-account of the caller's account, by the original's name for such ones if none is given.
    ///
    /// # Errors
    /// Code 20003 for an API key; 20409 when the caller is a sub-account itself, or has a thousand.
    pub async fn create_sub_account(
        &self,
        caller: &Caller,
        friendly_name: Option<FriendlyName>,
    ) -> Result<ShownAccount> {
        caller.must_have_the_token()?;
        let parent = caller.account();
        let open =
            self.db.read(move |tx| accounts::count_open_sub_accounts(tx, parent, SUB_ACCOUNTS_MAX)).await?;
        if open >= SUB_ACCOUNTS_MAX {
            let message = format!("Account {parent} has {SUB_ACCOUNTS_MAX} sub-accounts; close one first");
            return Err(Fault::new(Code::Conflict, message).into());
        }
        let name = friendly_name.unwrap_or_else(|| default_name(self.now()));
        let NewAccount { account, auth_token } = self.create(name, Some(parent), By::caller(caller)).await?;
        Ok(ShownAccount { account, auth_token: Some(auth_token) })
    }

    /// One page of the caller's account and its sub-accounts, newest first.
    ///
    /// # Errors
    /// Code 20003 for an API key.
    pub async fn list_own_accounts(
        &self,
        caller: &Caller,
        query: AccountQuery,
    ) -> Result<Page<ShownAccount>> {
        caller.must_have_the_token()?;
        let (own, keyring) = (caller.account(), Arc::clone(&self.keyring));
        self.db
            .read(move |tx| {
                let own = accounts::get(tx, own)?.ok_or_else(|| not_found(own))?;
                let Page { items, more_before, more_after } =
                    accounts::list_own(tx, &own, &query.filter, &query.window)?;
                let items: Result<_> =
                    items.into_iter().map(|account| shown(tx, &keyring, account)).collect();
                Ok(Page { items: items?, more_before, more_after })
            })
            .await
    }

    /// The caller's account, or one of its sub-accounts, whatever its status.
    ///
    /// # Errors
    /// Code 20003 for an API key; 20404 for any other account.
    pub async fn own_account(&self, caller: &Caller, sid: AccountSid) -> Result<ShownAccount> {
        caller.must_have_the_token()?;
        let (own, keyring) = (caller.account(), Arc::clone(&self.keyring));
        self.db
            .read(move |tx| {
                let account = accounts::get(tx, sid)?.filter(|account| account.is_looked_after_by(own));
                shown(tx, &keyring, account.ok_or_else(|| not_found(sid))?)
            })
            .await
    }

    /// Changes the caller's account, or one of its sub-accounts. Only a parent changes a status.
    ///
    /// # Errors
    /// Code 20003 for an API key; 20404 for any other account; 20403 for the status of one's own; 20409
    /// when the account is closed.
    pub async fn update_own_account(
        &self,
        caller: &Caller,
        sid: AccountSid,
        command: UpdateAccount,
    ) -> Result<ShownAccount> {
        caller.must_have_the_token()?;
        let (own, by) = (caller.account(), By::caller(caller));
        let (now, keyring) = (self.now(), Arc::clone(&self.keyring));
        let updated = self
            .db
            .write(move |tx| {
                let account = accounts::lock(tx, sid)?.filter(|account| account.is_looked_after_by(own));
                let mut account = account.ok_or_else(|| not_found(sid))?;
                let name = command.friendly_name.clone().filter(|name| *name != account.friendly_name);
                let status = command.status.filter(|status| *status != account.status);
                if status.is_some() && sid == own {
                    let message = format!("Account {sid} cannot change its own status");
                    return Err(Fault::new(Code::Forbidden, message).into());
                }
                if let Some(name) = name {
                    if account.status == AccountStatus::Closed {
                        return Err(is_closed(sid));
                    }
                    accounts::rename(tx, sid, &name, now)?;
                    audit::append(tx, &by.event(sid, now, Action::AccountUpdated, sid))?;
                    account = Account { friendly_name: name, updated_at: now, ..account };
                }
                if let Some(status) = status {
                    account = set_status(tx, account, status, by, now)?;
                }
                shown(tx, &keyring, account)
            })
            .await?;
        self.credentials.forget_all();
        Ok(updated)
    }
}

/// With the token, as the original shows it: whoever may see the account can act for it anyway, and
/// programs read it from here to act on the v2 API, where a parent cannot.
fn shown(tx: &mut Tx<'_>, keyring: &Keyring, account: Account) -> Result<ShownAccount> {
    let auth_token = match account.status {
        AccountStatus::Active | AccountStatus::Suspended => {
            let owner = keys::owner_in_unit(tx, keyring, account.sid)?;
            accounts::token(tx, &owner, TokenSlot::Primary)?
        }
        AccountStatus::Closed => None,
    };
    Ok(ShownAccount { account, auth_token })
}

/// `SubAccount Created at 2026-11-22 07:54 pm`
fn default_name(now: Timestamp) -> FriendlyName {
    let time = now.to_jiff().strftime("%Y-%m-%d %I:%M %P");
    FriendlyName::from_stored(format!("SubAccount Created at {time}"))
}
