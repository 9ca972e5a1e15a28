//! Accounts: made and looked after at the command line and by operators.

use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::audit::{Action, Actor};
use dossier_domain::operator::Permission;
use dossier_domain::paging::{Page, Position, Window};
use dossier_domain::sid::{AccountSid, RequestSid};
use dossier_domain::text::FriendlyName;
use dossier_domain::{Code, Fault};
use dossier_store::accounts::{self, TokenSlot};
use dossier_store::{Owner, Tx, audit, data_keys};

use crate::random::{random_sid, random_token};
use crate::{App, Caller, Error, OperatorCaller, Result, keys, not_found};

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
        self.create(friendly_name, parent, (Actor::CommandLine, random_sid())).await
    }

    /// Makes an account, or a sub-account of `parent`, on behalf of an operator.
    ///
    /// # Errors
    /// Code 20403 without the permission, and as [`App::create_account`].
    pub async fn create_account_by(
        &self,
        caller: &OperatorCaller,
        friendly_name: FriendlyName,
        parent: Option<AccountSid>,
    ) -> Result<NewAccount> {
        caller.must(Permission::Administer)?;
        self.create(friendly_name, parent, (Actor::Operator(caller.operator.sid), caller.request)).await
    }

    async fn create(
        &self,
        friendly_name: FriendlyName,
        parent: Option<AccountSid>,
        by: (Actor, RequestSid),
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
        self.insert_account(account.clone(), auth_token.clone(), by).await?;
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
        let by = (Actor::CommandLine, random_sid());
        match self.insert_account(account, Account::REHEARSAL_TOKEN.to_owned(), by).await {
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

    /// A page of the accounts, oldest first, for an operator.
    ///
    /// # Errors
    /// Code 20403 without the permission.
    pub async fn accounts(&self, caller: &OperatorCaller, window: Window) -> Result<Page<Account>> {
        caller.must(Permission::SeeAccounts)?;
        let read = self.list_accounts(window.position(), window.size + 1).await?;
        Ok(Page::from_read(read, &window))
    }

    /// An account, for an operator.
    ///
    /// # Errors
    /// Code 20403 without the permission, 20404 when there is no such account.
    pub async fn account(&self, caller: &OperatorCaller, sid: AccountSid) -> Result<Account> {
        caller.must(Permission::SeeAccounts)?;
        self.db.read(move |tx| accounts::get(tx, sid)).await?.ok_or_else(|| not_found(sid))
    }

    /// Suspends an account: within two seconds, every node refuses its requests with code 20403. One
    /// that is suspended stays so.
    ///
    /// # Errors
    /// Code 20403 without the permission, 20404 when there is no such account, 20409 when it is closed.
    pub async fn suspend_account(&self, caller: &OperatorCaller, sid: AccountSid) -> Result<Account> {
        self.set_account_status(caller, sid, AccountStatus::Suspended, Action::AccountSuspended).await
    }

    /// Lets a suspended account act again. One that may act stays so.
    ///
    /// # Errors
    /// As [`App::suspend_account`].
    pub async fn activate_account(&self, caller: &OperatorCaller, sid: AccountSid) -> Result<Account> {
        self.set_account_status(caller, sid, AccountStatus::Active, Action::AccountActivated).await
    }

    async fn set_account_status(
        &self,
        caller: &OperatorCaller,
        sid: AccountSid,
        wanted: AccountStatus,
        action: Action,
    ) -> Result<Account> {
        caller.must(Permission::Administer)?;
        let now = self.now();
        let event = caller.event(sid, now, action, sid);
        let account = self
            .db
            .write(move |tx| {
                let account = accounts::lock(tx, sid)?.ok_or_else(|| not_found(sid))?;
                match account.status {
                    status if status == wanted => Ok(account),
                    AccountStatus::Closed => {
                        Err(Fault::new(Code::Conflict, format!("Account {sid} is closed")).into())
                    }
                    status @ (AccountStatus::Active | AccountStatus::Suspended) => {
                        accounts::set_status(tx, sid, status, wanted, now)?;
                        audit::append(tx, &event)?;
                        Ok::<_, Error>(Account { status: wanted, updated_at: now, ..account })
                    }
                }
            })
            .await?;
        self.forget_credentials(sid);
        Ok(account)
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

    async fn insert_account(
        &self,
        account: Account,
        token: String,
        (actor, request): (Actor, RequestSid),
    ) -> Result<()> {
        let (key, wrapped) = self.keyring.new_data_key(account.sid, 1);
        let hash = self.tokens.hash(&token);
        let now = account.created_at;
        let owner = Owner { account: account.sid, key };
        let caller = Caller { owner, actor, request };
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
