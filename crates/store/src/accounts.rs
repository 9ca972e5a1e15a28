//! Accounts and their auth tokens.

use dossier_domain::Timestamp;
use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::paging::Position;
use dossier_domain::sid::AccountSid;
use dossier_domain::text::FriendlyName;

use crate::Owner;
use crate::db::{FromColumn, Row, StoreResult, Tx, Value, params, statements};
use crate::owner::Sealed;

const TOKEN: Sealed = Sealed { table: "auth_tokens", column: "token_sealed" };

statements! {
    INSERT = "INSERT INTO accounts (account_sid, parent_sid, friendly_name, status, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6)";
    GET = "SELECT account_sid, parent_sid, friendly_name, status, created_at, updated_at \
           FROM accounts WHERE account_sid = $1";
    LOCK = "SELECT account_sid, parent_sid, friendly_name, status, created_at, updated_at \
            FROM accounts WHERE account_sid = $1 FOR UPDATE";
    SET_STATUS = "UPDATE accounts SET status = $3, updated_at = $4 WHERE account_sid = $1 AND status = $2";
    LIST = "SELECT account_sid, parent_sid, friendly_name, status, created_at, updated_at \
            FROM accounts WHERE (created_at, account_sid) > ($1, $2) ORDER BY created_at, account_sid LIMIT $3";
    CREDENTIALS = "SELECT a.account_sid, a.parent_sid, a.friendly_name, a.status, a.created_at, a.updated_at, t.token_hash \
                   FROM accounts a JOIN auth_tokens t ON t.account_sid = a.account_sid WHERE a.account_sid = $1";
    SET_TOKEN = "INSERT INTO auth_tokens (account_sid, slot, token_hash, token_sealed, created_at) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_sid, slot) DO UPDATE SET \
                 token_hash = excluded.token_hash, token_sealed = excluded.token_sealed, created_at = excluded.created_at";
    DEMOTE_TOKEN = "UPDATE auth_tokens SET slot = 'secondary' WHERE account_sid = $1 AND slot = 'primary'";
    DELETE_TOKEN = "DELETE FROM auth_tokens WHERE account_sid = $1 AND slot = $2";
    SEALED_TOKEN = "SELECT token_sealed FROM auth_tokens WHERE account_sid = $1 AND slot = $2";
    TOUCH = "UPDATE accounts SET updated_at = $2 WHERE account_sid = $1";
}

/// Which of an account's two tokens: both are accepted, the primary signs callbacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSlot {
    /// The one in use.
    Primary,
    /// The one that replaces it, or that it replaced.
    Secondary,
}

impl TokenSlot {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }
}

/// An account and the hashes of its tokens.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// One or two hashes.
    pub token_hashes: Vec<Vec<u8>>,
}

/// Adds an account.
///
/// # Errors
/// When it exists.
pub fn insert(tx: &mut Tx<'_>, account: &Account) -> StoreResult<()> {
    tx.execute_one(
        INSERT,
        params![
            account.sid,
            account.parent_sid,
            account.friendly_name.as_str(),
            account.status.as_str(),
            account.created_at,
            account.updated_at
        ],
    )
}

/// The account, if there is one.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, sid: AccountSid) -> StoreResult<Option<Account>> {
    tx.optional(GET, params![sid], read)
}

/// The account, if there is one, which nobody else can change until the transaction ends.
///
/// # Errors
/// When the database fails.
pub fn lock(tx: &mut Tx<'_>, sid: AccountSid) -> StoreResult<Option<Account>> {
    tx.optional(LOCK, params![sid], read)
}

/// Changes the status of an account that has the status `from`.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when it has another.
pub fn set_status(
    tx: &mut Tx<'_>,
    sid: AccountSid,
    from: AccountStatus,
    to: AccountStatus,
    now: Timestamp,
) -> StoreResult<()> {
    tx.execute_one(SET_STATUS, params![sid, from.as_str(), to.as_str(), now])
}

/// Up to `limit` accounts, oldest first, behind a place in that order.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, after: Option<Position>, limit: u32) -> StoreResult<Vec<Account>> {
    let (time, sid) = after.map_or((i64::MIN, String::new()), |last| (last.key, last.sid.to_string()));
    tx.list(LIST, params![time, sid, i64::from(limit)], read)
}

/// The account and the hashes its tokens are checked against.
///
/// # Errors
/// When the database fails.
pub fn credentials(tx: &mut Tx<'_>, sid: AccountSid) -> StoreResult<Option<Credentials>> {
    let rows = tx.list(CREDENTIALS, params![sid], |row| {
        let mut columns = row.columns();
        Ok((read_from(&mut columns)?, columns.next::<Vec<u8>>()?))
    })?;
    let mut credentials: Option<Credentials> = None;
    for (account, hash) in rows {
        credentials
            .get_or_insert_with(|| Credentials { account, token_hashes: Vec::new() })
            .token_hashes
            .push(hash);
    }
    Ok(credentials)
}

/// Sets one of the tokens, in the place of the one that was there.
///
/// # Errors
/// When the database fails.
pub fn set_token(
    tx: &mut Tx<'_>,
    owner: &Owner,
    slot: TokenSlot,
    token: &str,
    hash: &[u8],
    now: Timestamp,
) -> StoreResult<()> {
    let sealed = owner.seal(TOKEN, owner.account, token);
    tx.execute_one(SET_TOKEN, params![owner.account, slot.as_str(), hash, sealed, now])?;
    tx.execute_one(TOUCH, params![owner.account, now])
}

/// Makes the primary token the secondary one, whose place must be free.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when there is no primary token.
pub fn demote_primary_token(tx: &mut Tx<'_>, owner: &Owner) -> StoreResult<()> {
    tx.execute_one(DEMOTE_TOKEN, params![owner.account])
}

/// Removes one of the tokens, if it is there.
///
/// # Errors
/// When the database fails.
pub fn delete_token(tx: &mut Tx<'_>, owner: &Owner, slot: TokenSlot) -> StoreResult<()> {
    tx.execute(DELETE_TOKEN, params![owner.account, slot.as_str()]).map(drop)
}

/// A token itself, for signing callbacks.
///
/// # Errors
/// When the database fails, or the token was sealed under another key.
pub fn token(tx: &mut Tx<'_>, owner: &Owner, slot: TokenSlot) -> StoreResult<Option<String>> {
    let sealed = tx.optional(SEALED_TOKEN, params![owner.account, slot.as_str()], |row| {
        row.columns().next::<Vec<u8>>()
    })?;
    sealed.map(|sealed| owner.open(TOKEN, owner.account, &sealed)).transpose()
}

fn read(row: &Row<'_>) -> StoreResult<Account> {
    read_from(&mut row.columns())
}

fn read_from(columns: &mut crate::db::Columns<'_, '_>) -> StoreResult<Account> {
    Ok(Account {
        sid: columns.next()?,
        parent_sid: columns.next()?,
        friendly_name: columns.next()?,
        status: columns.next()?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
    })
}

impl<'a> FromColumn<'a> for FriendlyName {
    const EXPECTED: &'static str = "a name";

    fn from_value(value: Value<'a>) -> Option<Self> {
        String::from_value(value).map(Self::from_stored)
    }
}

impl<'a> FromColumn<'a> for AccountStatus {
    const EXPECTED: &'static str = "an account status";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}
