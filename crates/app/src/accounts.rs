//! Accounts: made and looked after at the command line, so far.

use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::audit::{Action, Actor};
use dossier_domain::paging::Position;
use dossier_domain::sid::AccountSid;
use dossier_domain::text::FriendlyName;
use dossier_domain::{Code, Fault};
use dossier_store::accounts::{self, TokenSlot};
use dossier_store::{Owner, Tx, audit, data_keys};

use crate::random::{random_sid, random_token};
use crate::{App, Caller, Result, keys, not_found};

/// An account and the token that is shown once.
pub struct NewAccount {
    /// The account.
    pub account: Account,
    /// Its auth token, which cannot be read again.
    pub auth_token: String,
}

impl App {
    /// Makes an account, or a sub-account of `parent`.
    ///
    /// # Errors
    /// Code 20404 when there is no such parent, 20409 when it is a sub-account itself or not active.
    pub async fn create_account(
        &self,
        friendly_name: FriendlyName,
        parent: Option<AccountSid>,
    ) -> Result<NewAccount> {
        let now = self.now();
        let account = Account {
            sid: random_sid(),
            parent_sid: parent,
            friendly_name,
            status: AccountStatus::Active,
            created_at: now,
            updated_at: now,
        };
        let auth_token = random_token();
        self.insert_account(account.clone(), auth_token.clone()).await?;
        Ok(NewAccount { account, auth_token })
    }

    /// Makes the account of rehearsal mode with its well-known token, unless it is there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ensure_rehearsal_account(&self) -> Result<()> {
        let sid = Account::REHEARSAL;
        let is_there = || self.db.read(move |tx| accounts::get(tx, sid).map(|account| account.is_some()));
        if is_there().await? {
            return Ok(());
        }
        let now = self.now();
        let account = Account {
            sid,
            parent_sid: None,
            friendly_name: FriendlyName::from_stored("Rehearsal".to_owned()),
            status: AccountStatus::Active,
            created_at: now,
            updated_at: now,
        };
        match self.insert_account(account, Account::REHEARSAL_TOKEN.to_owned()).await {
            // Another node that starts at the same moment was first.
            Err(_) if is_there().await? => Ok(()),
            inserted => inserted,
        }
    }

    /// Up to `limit` accounts, oldest first, behind a place in that order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_accounts(&self, after: Option<Position>, limit: u32) -> Result<Vec<Account>> {
        Ok(self.db.read(move |tx| accounts::list(tx, after, limit)).await?)
    }

    /// Gives an account a new primary token. The old one becomes the secondary token, in the place of
    /// the one that was; with `revoke_old` the new token is the only one.
    ///
    /// # Errors
    /// Code 20404 when there is no such account.
    pub async fn rotate_token(&self, account: AccountSid, revoke_old: bool) -> Result<String> {
        let caller = self.command_line(account).await?;
        let (token, now) = (random_token(), self.now());
        let (hash, shown) = (self.tokens.hash(&token), token.clone());
        self.db
            .write(move |tx| {
                let owner = &caller.owner;
                accounts::delete_token(tx, owner, TokenSlot::Secondary)?;
                if revoke_old {
                    accounts::delete_token(tx, owner, TokenSlot::Primary)?;
                } else {
                    accounts::demote_primary_token(tx, owner)?;
                }
                accounts::set_token(tx, owner, TokenSlot::Primary, &token, &hash, now)?;
                audit::append(tx, &caller.event(now, Action::TokenRotated, account))
            })
            .await?;
        self.forget_credentials(account);
        Ok(shown)
    }

    async fn insert_account(&self, account: Account, token: String) -> Result<()> {
        let (key, wrapped) = self.keyring.new_data_key(account.sid, 1);
        let hash = self.tokens.hash(&token);
        let now = account.created_at;
        let owner = Owner { account: account.sid, key };
        let caller = Caller { owner, actor: Actor::CommandLine, request: random_sid() };
        self.db
            .write(move |tx| {
                if let Some(parent) = account.parent_sid {
                    check_parent(tx, parent)?;
                }
                accounts::insert(tx, &account)?;
                data_keys::insert(tx, account.sid, &wrapped, now)?;
                accounts::set_token(tx, &caller.owner, TokenSlot::Primary, &token, &hash, now)?;
                Ok(audit::append(tx, &caller.event(now, Action::AccountCreated, account.sid))?)
            })
            .await
    }

    /// Somebody at the machine acting on an account that exists.
    async fn command_line(&self, account: AccountSid) -> Result<Caller> {
        self.db.read(move |tx| accounts::get(tx, account)).await?.ok_or_else(|| not_found(account))?;
        let owner = keys::owner(&self.db, &self.keyring, account).await?;
        Ok(Caller { owner, actor: Actor::CommandLine, request: random_sid() })
    }
}

/// Sub-accounts are one level deep, because a parent acts for its direct ones only.
fn check_parent(tx: &mut Tx<'_>, sid: AccountSid) -> Result<()> {
    let parent = accounts::get(tx, sid)?.ok_or_else(|| not_found(sid))?;
    if parent.parent_sid.is_some() {
        return Err(Fault::new(Code::Conflict, format!("Account {sid} is a sub-account itself")).into());
    }
    match parent.status {
        AccountStatus::Active => Ok(()),
        status @ (AccountStatus::Suspended | AccountStatus::Closed) => {
            Err(Fault::new(Code::Conflict, format!("Account {sid} is {status}")).into())
        }
    }
}
