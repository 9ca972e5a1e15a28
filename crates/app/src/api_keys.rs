//! API keys: made and taken back by the account, with its auth token (contract section 9.2).
//!
//! A key is worth what the token is, but for accounts and keys themselves, and for sub-accounts: a key that
//! leaked can be taken back, and cannot make itself another one before.

use dossier_domain::api_key::ApiKey;
use dossier_domain::audit::Action;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::ApiKeySid;
use dossier_domain::text::FriendlyName;
use dossier_domain::{Code, Fault};
use dossier_store::{accounts, api_keys, audit};

use crate::random::{random_sid, random_token};
use crate::{App, Caller, Result, not_found};

/// Keys an account can have: enough for one per program, and few enough for one page.
pub(crate) const API_KEYS_MAX: usize = 100;

/// A key and the secret that is shown once.
pub struct NewApiKey {
    /// The key.
    pub key: ApiKey,
    /// Its secret, which is kept nowhere.
    pub secret: String,
}

impl App {
    /// Makes a key.
    ///
    /// # Errors
    /// Code 20003 for an API key; 20409 when the account has a hundred.
    pub async fn create_api_key(&self, caller: Caller, name: Option<FriendlyName>) -> Result<NewApiKey> {
        caller.must_have_the_token()?;
        let now = self.now();
        let key = ApiKey {
            sid: random_sid(),
            account_sid: caller.account(),
            friendly_name: name,
            created_at: now,
            updated_at: now,
        };
        let secret = random_token();
        let (made, hash) = (key.clone(), self.api_key_secrets.hash(&secret));
        self.db
            .write(move |tx| {
                let account = caller.account();
                // The lock keeps two requests from making the last key both.
                accounts::lock(tx, account)?.ok_or_else(|| not_found(account))?;
                if api_keys::count(tx, &caller.owner, API_KEYS_MAX)? == API_KEYS_MAX {
                    let message = format!("Account {account} has {API_KEYS_MAX} API keys; delete one first");
                    return Err(Fault::new(Code::Conflict, message).into());
                }
                api_keys::insert(tx, &caller.owner, &key, &hash)?;
                Ok::<_, crate::Error>(audit::append(tx, &caller.event(now, Action::ApiKeyCreated, key.sid))?)
            })
            .await?;
        Ok(NewApiKey { key: made, secret })
    }

    /// One key.
    ///
    /// # Errors
    /// Code 20003 for an API key; 20404.
    pub async fn api_key(&self, caller: Caller, sid: ApiKeySid) -> Result<ApiKey> {
        caller.must_have_the_token()?;
        self.db.read(move |tx| api_keys::get(tx, &caller.owner, sid)).await?.ok_or_else(|| not_found(sid))
    }

    /// One page of the account's keys, newest first.
    ///
    /// # Errors
    /// Code 20003 for an API key.
    pub async fn list_api_keys(&self, caller: Caller, window: Window) -> Result<Page<ApiKey>> {
        caller.must_have_the_token()?;
        Ok(self.db.read(move |tx| api_keys::list(tx, &caller.owner, &window)).await?)
    }

    /// Gives a key another name, or leaves it as it is.
    ///
    /// # Errors
    /// Code 20003 for an API key; 20404.
    pub async fn update_api_key(
        &self,
        caller: Caller,
        sid: ApiKeySid,
        name: Option<FriendlyName>,
    ) -> Result<ApiKey> {
        caller.must_have_the_token()?;
        let now = self.now();
        self.db
            .write(move |tx| {
                let key = api_keys::get(tx, &caller.owner, sid)?.ok_or_else(|| not_found(sid))?;
                let Some(name) = name.clone() else { return Ok(key) };
                api_keys::rename(tx, &caller.owner, sid, &name, now)?;
                audit::append(tx, &caller.event(now, Action::ApiKeyUpdated, sid))?;
                Ok(ApiKey { friendly_name: Some(name), updated_at: now, ..key })
            })
            .await
    }

    /// Takes a key back: within two seconds it works on no node.
    ///
    /// # Errors
    /// Code 20003 for an API key; 20404.
    pub async fn delete_api_key(&self, caller: Caller, sid: ApiKeySid) -> Result<()> {
        caller.must_have_the_token()?;
        let now = self.now();
        self.db
            .write(move |tx| {
                if !api_keys::delete(tx, &caller.owner, sid)? {
                    return Err(not_found(sid));
                }
                Ok(audit::append(tx, &caller.event(now, Action::ApiKeyDeleted, sid))?)
            })
            .await?;
        self.credentials.forget_all();
        Ok(())
    }
}
