//! Accounts: made and looked after at the command line, by operators, and by the accounts above them.

mod closing;
mod sub_accounts;

use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::audit::{Action, Actor, AuditEvent, Outcome};
use dossier_domain::operator::Permission;
use dossier_domain::paging::{Page, Position, Window};
use dossier_domain::sid::{AccountSid, AnySid, RequestSid};
use dossier_domain::text::FriendlyName;
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::accounts::{self, TokenSlot};
use dossier_store::{Owner, Tx, audit, data_keys};

pub use self::sub_accounts::{AccountQuery, ShownAccount, UpdateAccount};
use crate::random::{random_sid, random_token};
use crate::{App, Caller, Error, OperatorCaller, Result, keys, not_found};

/// An account and the token that is shown once.
pub struct NewAccount {
    /// The account.
    pub account: Account,
    /// Its auth token, which cannot be read again.
    pub auth_token: String,
}

/// Who changes an account, and in which request.
#[derive(Clone, Copy)]
struct By {
    actor: Actor,
    request: RequestSid,
}

impl By {
    /// Somebody at the machine.
    fn command_line() -> Self {
        Self { actor: Actor::CommandLine, request: random_sid() }
    }

    fn operator(caller: &OperatorCaller) -> Self {
        Self { actor: Actor::Operator(caller.operator.sid), request: caller.request }
    }

    fn caller(caller: &Caller) -> Self {
        Self { actor: caller.actor, request: caller.request }
    }

    /// The event that records what was done to an account.
    fn event(
        self,
        account: AccountSid,
        at: Timestamp,
        action: Action,
        target: impl Into<AnySid>,
    ) -> AuditEvent {
        AuditEvent {
            sid: random_sid(),
            account_sid: account,
            at,
            actor: self.actor,
            action,
            target: target.into(),
            outcome: Outcome::Done,
            request: self.request,
            rule_revision: None,
        }
    }
}

/// Closes an account that is about to be erased, with everything that ends with it. It is locked and not
/// closed.
///
/// # Errors
/// When the database fails.
pub(crate) fn close_for_erasure(
    tx: &mut Tx<'_>,
    account: Account,
    (actor, request): (Actor, RequestSid),
    now: Timestamp,
) -> Result<()> {
    closing::close(tx, account, By { actor, request }, now).map(drop)
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
        self.create(friendly_name, parent, By::command_line()).await
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
        self.create(friendly_name, parent, By::operator(caller)).await
    }

    async fn create(
        &self,
        friendly_name: FriendlyName,
        parent: Option<AccountSid>,
        by: By,
    ) -> Result<NewAccount> {
        let now = self.now();
        let account = Account {
            sid: random_sid(),
            parent_sid: parent,
            friendly_name,
            status: AccountStatus::Active,
            created_at: now,
            updated_at: now,
            closed_at: None,
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
            closed_at: None,
        };
        match self.insert_account(account, Account::REHEARSAL_TOKEN.to_owned(), By::command_line()).await {
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

    /// Suspends an account: within two seconds, every node refuses its requests with code 20403, and those
    /// of its sub-accounts. One that is suspended stays so.
    ///
    /// # Errors
    /// Code 20403 without the permission, 20404 when there is no such account, 20409 when it is closed.
    pub async fn suspend_account(&self, caller: &OperatorCaller, sid: AccountSid) -> Result<Account> {
        self.set_account_status(caller, sid, AccountStatus::Suspended).await
    }

    /// Lets a suspended account act again. One that may act stays so.
    ///
    /// # Errors
    /// As [`App::suspend_account`].
    pub async fn activate_account(&self, caller: &OperatorCaller, sid: AccountSid) -> Result<Account> {
        self.set_account_status(caller, sid, AccountStatus::Active).await
    }

    /// Closes an account and its sub-accounts, for good, as [`closing`] says. One that is closed stays so.
    ///
    /// # Errors
    /// As [`App::suspend_account`].
    pub async fn close_account(&self, caller: &OperatorCaller, sid: AccountSid) -> Result<Account> {
        self.set_account_status(caller, sid, AccountStatus::Closed).await
    }

    async fn set_account_status(
        &self,
        caller: &OperatorCaller,
        sid: AccountSid,
        wanted: AccountStatus,
    ) -> Result<Account> {
        caller.must(Permission::Administer)?;
        let (by, now) = (By::operator(caller), self.now());
        let account = self
            .db
            .write(move |tx| {
                let account = accounts::lock(tx, sid)?.ok_or_else(|| not_found(sid))?;
                set_status(tx, account, wanted, by, now)
            })
            .await?;
        self.credentials.forget_all();
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

    async fn insert_account(&self, account: Account, token: String, by: By) -> Result<()> {
        let (key, wrapped) = self.keyring.new_data_key(account.sid, 1);
        let hash = self.tokens.hash(&token);
        let now = account.created_at;
        let owner = Owner { account: account.sid, key };
        self.db
            .write(move |tx| {
                if let Some(parent) = account.parent_sid {
                    check_parent(tx, parent)?;
                }
                accounts::insert(tx, &account)?;
                data_keys::insert(tx, account.sid, &wrapped, now)?;
                accounts::set_token(tx, &owner, TokenSlot::Primary, &token, &hash, now)?;
                let event = by.event(account.sid, now, Action::AccountCreated, account.sid);
                Ok(audit::append(tx, &event)?)
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

/// Moves an account that is locked to another status. Nothing leads back from `closed`.
fn set_status(
    tx: &mut Tx<'_>,
    account: Account,
    wanted: AccountStatus,
    by: By,
    now: Timestamp,
) -> Result<Account> {
    let action = match (account.status, wanted) {
        (status, wanted) if status == wanted => return Ok(account),
        (AccountStatus::Closed, _) => return Err(is_closed(account.sid)),
        (_, AccountStatus::Closed) => return closing::close(tx, account, by, now),
        (_, AccountStatus::Suspended) => Action::AccountSuspended,
        (_, AccountStatus::Active) => Action::AccountActivated,
    };
    accounts::set_status(tx, account.sid, account.status, wanted, now)?;
    audit::append(tx, &by.event(account.sid, now, action, account.sid))?;
    Ok(Account { status: wanted, updated_at: now, ..account })
}

fn is_closed(sid: AccountSid) -> Error {
    Fault::new(Code::Conflict, format!("Account {sid} is closed")).into()
}

/// Sub-accounts are one level deep, because a parent acts for its direct ones only. The parent stays as it
/// is until the transaction ends, so that nobody slips in while it is closed.
fn check_parent(tx: &mut Tx<'_>, sid: AccountSid) -> Result<()> {
    let parent = accounts::lock(tx, sid)?.ok_or_else(|| not_found(sid))?;
    if parent.parent_sid.is_some() {
        return Err(Fault::new(
            Code::Conflict,
            format!("Account {sid} is a sub-account itself, and can have none"),
        )
        .into());
    }
    match parent.status {
        AccountStatus::Active => Ok(()),
        status @ (AccountStatus::Suspended | AccountStatus::Closed) => {
            Err(Fault::new(Code::Conflict, format!("Account {sid} is {status}")).into())
        }
    }
}
