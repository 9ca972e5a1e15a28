//! API keys. Of a secret there is nothing but its hash.

use dossier_domain::Timestamp;
use dossier_domain::api_key::ApiKey;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::{AccountSid, ApiKeySid};
use dossier_domain::text::FriendlyName;

use crate::Owner;
use crate::db::{Row, StoreResult, ToValue, Tx, params, statements};
use crate::list::Listing;

macro_rules! select {
    () => {
        "SELECT sid, friendly_name, created_at, updated_at FROM api_keys"
    };
}

statements! {
    INSERT = "INSERT INTO api_keys (account_sid, sid, friendly_name, secret_hash, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6)";
    GET = concat!(select!(), " WHERE account_sid = $1 AND sid = $2");
    SOME = "SELECT sid FROM api_keys WHERE account_sid = $1 ORDER BY created_at, sid LIMIT $2";
    RENAME = "UPDATE api_keys SET friendly_name = $3, updated_at = $4 WHERE account_sid = $1 AND sid = $2";
    DELETE = "DELETE FROM api_keys WHERE account_sid = $1 AND sid = $2";
    CREDENTIALS = "SELECT account_sid, secret_hash FROM api_keys WHERE sid = $1";
}

/// Whose a key is, and the hash its secret is checked against.
#[derive(Debug, Clone)]
pub struct KeyCredentials {
    /// Whose.
    pub account: AccountSid,
    /// The hash of the secret.
    pub secret_hash: Vec<u8>,
}

/// Adds a key.
///
/// # Errors
/// When it exists.
pub fn insert(tx: &mut Tx<'_>, owner: &Owner, key: &ApiKey, secret_hash: &[u8]) -> StoreResult<()> {
    let name = key.friendly_name.as_ref().map(FriendlyName::as_str);
    tx.execute_one(INSERT, params![owner.account, key.sid, name, secret_hash, key.created_at, key.updated_at])
}

/// The key, if the account has it.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, owner: &Owner, sid: ApiKeySid) -> StoreResult<Option<ApiKey>> {
    tx.optional(GET, params![owner.account, sid], |row| read(row, owner))
}

/// One page of the account's keys, newest first.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, owner: &Owner, window: &Window) -> StoreResult<Page<ApiKey>> {
    let conditions = vec![("account_sid =", owner.account.to_value())];
    let listing =
        Listing { select: select!(), conditions, sids: Vec::new(), sort_by: "created_at", descending: true };
    listing.page(tx, window, |row| read(row, owner))
}

/// How many keys the account has; no more than `limit` are counted.
///
/// # Errors
/// When the database fails.
pub fn count(tx: &mut Tx<'_>, owner: &Owner, limit: usize) -> StoreResult<usize> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(tx.list(SOME, params![owner.account, limit], |row| row.columns().next::<ApiKeySid>())?.len())
}

/// Gives a key another name.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when the account has no such key.
pub fn rename(
    tx: &mut Tx<'_>,
    owner: &Owner,
    sid: ApiKeySid,
    name: &FriendlyName,
    now: Timestamp,
) -> StoreResult<()> {
    tx.execute_one(RENAME, params![owner.account, sid, name.as_str(), now])
}

/// Removes a key. `false` when the account does not have it.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, owner: &Owner, sid: ApiKeySid) -> StoreResult<bool> {
    Ok(tx.execute(DELETE, params![owner.account, sid])? == 1)
}

/// Whose the key is, which nobody knows before, and what its secret is checked against.
///
/// # Errors
/// When the database fails.
pub fn credentials(tx: &mut Tx<'_>, sid: ApiKeySid) -> StoreResult<Option<KeyCredentials>> {
    tx.optional(CREDENTIALS, params![sid], |row| {
        let mut columns = row.columns();
        Ok(KeyCredentials { account: columns.next()?, secret_hash: columns.next()? })
    })
}

fn read(row: &Row<'_>, owner: &Owner) -> StoreResult<ApiKey> {
    let mut columns = row.columns();
    Ok(ApiKey {
        sid: columns.next()?,
        account_sid: owner.account,
        friendly_name: columns.next()?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
    })
}
