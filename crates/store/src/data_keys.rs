//! The wrapped data keys of accounts.

use dossier_domain::Timestamp;
use dossier_domain::sid::AccountSid;

use crate::db::{FromColumn, StoreError, StoreResult, Tx, Value, params, statements};
use crate::seal::{MasterKeyId, WrappedKey};

statements! {
    INSERT = "INSERT INTO data_keys (account_sid, version, master_key_id, wrapped, created_at) VALUES ($1, $2, $3, $4, $5)";
    INSERT_FIRST = "INSERT INTO data_keys (account_sid, version, master_key_id, wrapped, created_at) \
                    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_sid, version) DO NOTHING";
    GET = "SELECT version, master_key_id, wrapped FROM data_keys WHERE account_sid = $1 ORDER BY version LIMIT $2";
    LIST = "SELECT account_sid, version, master_key_id, wrapped FROM data_keys \
            WHERE (account_sid, version) > ($1, $2) ORDER BY account_sid, version LIMIT $3";
    REWRAP = "UPDATE data_keys SET master_key_id = $3, wrapped = $4 WHERE account_sid = $1 AND version = $2";
}

/// Versions an account's key can have; a new one is only made after a leak.
const VERSIONS_MAX: i64 = 100;

/// Adds a key.
///
/// # Errors
/// When the account has one of that version.
pub fn insert(tx: &mut Tx<'_>, account: AccountSid, key: &WrappedKey, now: Timestamp) -> StoreResult<()> {
    let id = key.master_key.to_string();
    tx.execute_one(INSERT, params![account, i64::from(key.version), id, key.bytes, now])
}

/// Adds a key, unless somebody else has added one of that version: then theirs stays.
///
/// # Errors
/// When the database fails.
pub fn insert_first(
    tx: &mut Tx<'_>,
    account: AccountSid,
    key: &WrappedKey,
    now: Timestamp,
) -> StoreResult<()> {
    let id = key.master_key.to_string();
    tx.execute(INSERT_FIRST, params![account, i64::from(key.version), id, key.bytes, now]).map(drop)
}

/// The keys of an account, oldest first.
///
/// # Errors
/// When the database fails.
pub fn of_account(tx: &mut Tx<'_>, account: AccountSid) -> StoreResult<Vec<WrappedKey>> {
    tx.list(GET, params![account, VERSIONS_MAX], |row| read(&mut row.columns()))
}

/// Up to `limit` keys of all accounts, in order, behind the given one.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    after: Option<(AccountSid, u32)>,
    limit: u32,
) -> StoreResult<Vec<(AccountSid, WrappedKey)>> {
    let (account, version) =
        after.map_or((String::new(), 0), |(account, version)| (account.to_string(), i64::from(version)));
    tx.list(LIST, params![account, version, i64::from(limit)], |row| {
        let mut columns = row.columns();
        Ok((columns.next()?, read(&mut columns)?))
    })
}

/// Replaces a key by the same key under another master key.
///
/// # Errors
/// When there is no such key.
pub fn rewrap(tx: &mut Tx<'_>, account: AccountSid, key: &WrappedKey) -> StoreResult<()> {
    let id = key.master_key.to_string();
    tx.execute_one(REWRAP, params![account, i64::from(key.version), id, key.bytes])
}

fn read(columns: &mut crate::db::Columns<'_, '_>) -> StoreResult<WrappedKey> {
    let version: i64 = columns.next()?;
    Ok(WrappedKey {
        version: u32::try_from(version)
            .map_err(|_| StoreError::Column { column: 0, expected: "a key version" })?,
        master_key: columns.next()?,
        bytes: columns.next()?,
    })
}

impl<'a> FromColumn<'a> for MasterKeyId {
    const EXPECTED: &'static str = "a master key's id";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(|text| text.parse().ok())
    }
}
