//! Who is asking: credentials of accounts, and their API keys.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::audit::Actor;
use dossier_domain::sid::{AccountSid, ApiKeySid, RequestSid};
use dossier_domain::{Code, Fault};
use dossier_store::accounts::{self, Credentials};
use dossier_store::api_keys::{self, KeyCredentials};
use tokio::time::Instant;

use crate::{App, Caller, Error, Result, keys, not_found};

/// How long what was read about an account or a key is believed. A revoked token, a deleted key or a
/// suspended account stops working within this time on every node.
const BELIEVED_FOR: Duration = Duration::from_secs(1);
/// Accounts that are remembered, and keys; all are forgotten when there are more.
const REMEMBERED_MAX: usize = 10_000;

/// What was read about accounts and keys a moment ago.
#[derive(Default)]
pub(crate) struct Cache {
    accounts: Memory<AccountSid, Credentials>,
    api_keys: Memory<ApiKeySid, KeyCredentials>,
}

/// What was read a moment ago, by identifier.
struct Memory<K, V>(RwLock<HashMap<K, Known<V>>>);

struct Known<V> {
    value: Arc<V>,
    read_at: Instant,
}

impl App {
    /// Checks a user name and a password: those of an account, or of one of its API keys (contract section
    /// 9.2).
    ///
    /// # Errors
    /// Code 20003 when they do not fit, 20403 when the account, or its parent, is suspended or closed.
    pub async fn authenticate(&self, user: &str, password: &str, request: RequestSid) -> Result<Caller> {
        let (credentials, actor) = match ApiKeySid::parse(user) {
            Ok(key) => (self.proven_by_key(key, password).await?, Actor::ApiKey(key)),
            Err(_) => {
                let account = AccountSid::parse(user).map_err(|_| unauthenticated())?;
                (self.proven_by_token(account, password).await?, Actor::Account(account))
            }
        };
        may_act(&credentials)?;
        let owner = keys::owner(&self.db, &self.keyring, credentials.account.sid).await?;
        Ok(Caller { owner, actor, request })
    }

    /// Lets the caller act for the account named in a path: its own, or a direct sub-account
    /// (contract 14.1 row 15). API keys reach no other account than theirs (section 9.2).
    ///
    /// # Errors
    /// Code 20404 for any other account, 20003 when an API key asks for one; 20403 when the sub-account is
    /// suspended or closed.
    pub async fn act_for(&self, caller: Caller, account: AccountSid) -> Result<Caller> {
        if account == caller.account() {
            return Ok(caller);
        }
        caller.must_have_the_token()?;
        let credentials = self.credentials_of(account).await?.ok_or_else(|| not_found(account))?;
        if credentials.account.parent_sid != Some(caller.account()) {
            return Err(not_found(account));
        }
        may_act(&credentials)?;
        let owner = keys::owner(&self.db, &self.keyring, account).await?;
        Ok(Caller { owner, ..caller })
    }

    /// Forgets what was read about an account, because it has just changed here.
    pub(crate) fn forget_credentials(&self, account: AccountSid) {
        self.credentials.accounts.forget(account);
    }

    async fn proven_by_token(&self, account: AccountSid, token: &str) -> Result<Arc<Credentials>> {
        let credentials = self.credentials_of(account).await?.ok_or_else(unauthenticated)?;
        // Both hashes are always compared, so that the time taken tells nothing about which fits.
        let fitting = credentials.token_hashes.iter().filter(|hash| self.tokens.verify(token, hash)).count();
        if fitting == 0 { Err(unauthenticated()) } else { Ok(credentials) }
    }

    async fn proven_by_key(&self, sid: ApiKeySid, secret: &str) -> Result<Arc<Credentials>> {
        let read = self
            .credentials
            .api_keys
            .get_or_read(sid, async || Ok(self.db.read(move |tx| api_keys::credentials(tx, sid)).await?));
        let key = read.await?.ok_or_else(unauthenticated)?;
        if !self.api_key_secrets.verify(secret, &key.secret_hash) {
            return Err(unauthenticated());
        }
        self.credentials_of(key.account).await?.ok_or_else(unauthenticated)
    }

    async fn credentials_of(&self, account: AccountSid) -> Result<Option<Arc<Credentials>>> {
        // It stays behind in a data directory that was tried in rehearsal mode.
        if account == Account::REHEARSAL && !self.options.rehearsal {
            return Ok(None);
        }
        let read = async || Ok(self.db.read(move |tx| accounts::credentials(tx, account)).await?);
        self.credentials.accounts.get_or_read(account, read).await
    }
}

impl Caller {
    /// Insists on the account's own auth token: an API key may do less (contract section 9.2).
    ///
    /// # Errors
    /// Code 20003 for an API key, as the original answers.
    pub(crate) fn must_have_the_token(&self) -> Result<()> {
        match self.actor {
            Actor::ApiKey(_) => Err(unauthenticated()),
            Actor::Account(_) | Actor::Operator(_) | Actor::CommandLine | Actor::Policy => Ok(()),
        }
    }
}

impl Cache {
    /// Forgets everything: what changed here may concern more than one account.
    pub(crate) fn forget_all(&self) {
        self.accounts.forget_all();
        self.api_keys.forget_all();
    }
}

impl<K, V> Default for Memory<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Eq + Hash + Copy, V> Memory<K, V> {
    /// What is known, or can be read now. That something is not there is not remembered.
    async fn get_or_read(
        &self,
        key: K,
        read: impl AsyncFnOnce() -> Result<Option<V>>,
    ) -> Result<Option<Arc<V>>> {
        if let Some(value) = self.get(key) {
            return Ok(Some(value));
        }
        let read_at = Instant::now();
        let Some(value) = read().await? else { return Ok(None) };
        let value = Arc::new(value);
        self.put(key, Known { value: Arc::clone(&value), read_at });
        Ok(Some(value))
    }

    fn get(&self, key: K) -> Option<Arc<V>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(&key)?;
        (known.read_at.elapsed() < BELIEVED_FOR).then(|| Arc::clone(&known.value))
    }

    fn put(&self, key: K, entry: Known<V>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(key, entry);
    }

    fn forget(&self, key: K) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }

    fn forget_all(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Whether the account may act. Nobody acts below a parent that may not (contract 14.1 row 16).
fn may_act(credentials: &Credentials) -> Result<()> {
    let Account { sid, parent_sid, status, .. } = credentials.account;
    let parent = parent_sid.zip(credentials.parent_status);
    for (sid, status) in [(sid, status)].into_iter().chain(parent) {
        match status {
            AccountStatus::Active => {}
            AccountStatus::Suspended | AccountStatus::Closed => {
                return Err(Fault::new(Code::Forbidden, format!("Account {sid} is {status}")).into());
            }
        }
    }
    Ok(())
}

fn unauthenticated() -> Error {
    Fault::new(Code::Unauthenticated, "Authenticate").into()
}
