//! Who is asking: credentials of accounts.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::audit::Actor;
use dossier_domain::sid::{AccountSid, RequestSid};
use dossier_domain::{Code, Fault};
use dossier_store::accounts::{self, Credentials};
use tokio::time::Instant;

use crate::{App, Caller, Error, Result, keys, not_found};

/// How long what was read about an account is believed. A revoked token or a suspended account stops
/// working within this time on every node.
const BELIEVED_FOR: Duration = Duration::from_secs(1);
/// Accounts that are remembered; all are forgotten when there are more.
const ACCOUNTS_MAX: usize = 10_000;

/// What was read about accounts a moment ago.
#[derive(Default)]
pub(crate) struct Cache(RwLock<HashMap<AccountSid, Known>>);

#[derive(Clone)]
struct Known {
    credentials: Arc<Credentials>,
    read_at: Instant,
}

impl App {
    /// Checks a user name and a password (contract section 9.2).
    ///
    /// # Errors
    /// Code 20003 when they do not fit, 20403 when the account is suspended or closed.
    pub async fn authenticate(&self, user: &str, password: &str, request: RequestSid) -> Result<Caller> {
        let account = AccountSid::parse(user).map_err(|_| unauthenticated())?;
        let credentials = self.credentials_of(account).await?.ok_or_else(unauthenticated)?;
        // Both hashes are always compared, so that the time taken tells nothing about which fits.
        let fitting =
            credentials.token_hashes.iter().filter(|hash| self.tokens.verify(password, hash)).count();
        if fitting == 0 {
            return Err(unauthenticated());
        }
        may_act(&credentials)?;
        let owner = keys::owner(&self.db, &self.keyring, account).await?;
        Ok(Caller { owner, actor: Actor::Account(account), request })
    }

    /// Lets the caller act for the account named in a path: its own, or a direct sub-account
    /// (contract 14.1 row 15).
    ///
    /// # Errors
    /// Code 20404 for any other account, 20403 when the sub-account is suspended or closed.
    pub async fn act_for(&self, caller: Caller, account: AccountSid) -> Result<Caller> {
        if account == caller.account() {
            return Ok(caller);
        }
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
        self.credentials.0.write().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }

    async fn credentials_of(&self, account: AccountSid) -> Result<Option<Arc<Credentials>>> {
        // It stays behind in a data directory that was tried in rehearsal mode.
        if account == Account::REHEARSAL && !self.options.rehearsal {
            return Ok(None);
        }
        if let Some(credentials) = self.credentials.get(account) {
            return Ok(Some(credentials));
        }
        let read_at = Instant::now();
        let Some(credentials) = self.db.read(move |tx| accounts::credentials(tx, account)).await? else {
            return Ok(None);
        };
        let credentials = Arc::new(credentials);
        self.credentials.put(account, Known { credentials: Arc::clone(&credentials), read_at });
        Ok(Some(credentials))
    }
}

impl Cache {
    fn get(&self, account: AccountSid) -> Option<Arc<Credentials>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(&account)?;
        (known.read_at.elapsed() < BELIEVED_FOR).then(|| Arc::clone(&known.credentials))
    }

    fn put(&self, account: AccountSid, entry: Known) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= ACCOUNTS_MAX {
            known.clear();
        }
        known.insert(account, entry);
    }
}

fn may_act(credentials: &Credentials) -> Result<()> {
    match credentials.account.status {
        AccountStatus::Active => Ok(()),
        status @ (AccountStatus::Suspended | AccountStatus::Closed) => {
            let sid = credentials.account.sid;
            Err(Fault::new(Code::Forbidden, format!("Account {sid} is {status}")).into())
        }
    }
}

fn unauthenticated() -> Error {
    Fault::new(Code::Unauthenticated, "Authenticate").into()
}
