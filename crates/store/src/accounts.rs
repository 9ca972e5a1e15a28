//! Accounts and their auth tokens.

use dossier_domain::Timestamp;
use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::paging::{Page, Position, Window};
use dossier_domain::sid::AccountSid;
use dossier_domain::text::FriendlyName;

use crate::Owner;
use crate::db::{FromColumn, Row, StoreResult, ToValue, Tx, Value, params, statements};
use crate::list::{Listing, condition};
use crate::owner::Sealed;

const TOKEN: Sealed = Sealed { table: "auth_tokens", column: "token_sealed" };

macro_rules! columns {
    () => {
        "a.account_sid, a.parent_sid, a.friendly_name, a.status, a.created_at, a.updated_at, a.closed_at"
    };
}

/// As the columns above, of a table in which the account's own identifier is called as in other lists.
const LISTED: &str = "SELECT sid, parent_sid, friendly_name, status, created_at, updated_at, closed_at FROM \
                      (SELECT account_sid AS sid, owner_sid, parent_sid, friendly_name, status, created_at, \
                      updated_at, closed_at FROM accounts) a";

statements! {
    INSERT = "INSERT INTO accounts (account_sid, parent_sid, owner_sid, friendly_name, status, created_at, updated_at, closed_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    GET = concat!("SELECT ", columns!(), " FROM accounts a WHERE a.account_sid = $1");
    LOCK = concat!("SELECT ", columns!(), " FROM accounts a WHERE a.account_sid = $1 FOR UPDATE");
    LOCK_OPEN_SUB_ACCOUNTS = concat!(
        "SELECT ", columns!(), " FROM accounts a WHERE a.owner_sid = $1 AND a.account_sid <> $1 AND a.status <> 'closed' \
         ORDER BY a.created_at, a.account_sid LIMIT $2 FOR UPDATE"
    );
    OPEN_SUB_ACCOUNTS = "SELECT account_sid FROM accounts WHERE owner_sid = $1 AND account_sid <> $1 AND status <> 'closed' \
                         ORDER BY created_at, account_sid LIMIT $2";
    SET_STATUS = "UPDATE accounts SET status = $3, updated_at = $4, closed_at = $5 WHERE account_sid = $1 AND status = $2";
    RENAME = "UPDATE accounts SET friendly_name = $2, updated_at = $3 WHERE account_sid = $1";
    LIST = concat!(
        "SELECT ", columns!(), " FROM accounts a WHERE (a.created_at, a.account_sid) > ($1, $2) \
         ORDER BY a.created_at, a.account_sid LIMIT $3"
    );
    CREDENTIALS = concat!(
        "SELECT ", columns!(), ", t.token_hash, p.status FROM accounts a \
         JOIN auth_tokens t ON t.account_sid = a.account_sid LEFT JOIN accounts p ON p.account_sid = a.parent_sid \
         WHERE a.account_sid = $1"
    );
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

/// Which accounts a list shows. Every condition that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct AccountFilter {
    /// Of exactly this name.
    pub friendly_name: Option<String>,
    /// In this status.
    pub status: Option<AccountStatus>,
}

/// An account and the hashes of its tokens.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// The status of its parent, if it has one.
    pub parent_status: Option<AccountStatus>,
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
            account.owner_sid(),
            account.friendly_name.as_str(),
            account.status.as_str(),
            account.created_at,
            account.updated_at,
            account.closed_at
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
    let closed_at = (to == AccountStatus::Closed).then_some(now);
    tx.execute_one(SET_STATUS, params![sid, from.as_str(), to.as_str(), now, closed_at])
}

/// Gives an account another name.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when there is no such account.
pub fn rename(tx: &mut Tx<'_>, sid: AccountSid, name: &FriendlyName, now: Timestamp) -> StoreResult<()> {
    tx.execute_one(RENAME, params![sid, name.as_str(), now])
}

/// Up to `limit` of the sub-accounts that are not closed, oldest first; nobody else can change them until
/// the transaction ends.
///
/// # Errors
/// When the database fails.
pub fn lock_open_sub_accounts(
    tx: &mut Tx<'_>,
    parent: AccountSid,
    limit: usize,
) -> StoreResult<Vec<Account>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    tx.list(LOCK_OPEN_SUB_ACCOUNTS, params![parent, limit], read)
}

/// How many sub-accounts of an account are not closed; no more than `limit` are counted.
///
/// # Errors
/// When the database fails.
pub fn count_open_sub_accounts(tx: &mut Tx<'_>, parent: AccountSid, limit: usize) -> StoreResult<usize> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let open = tx.list(OPEN_SUB_ACCOUNTS, params![parent, limit], |row| row.columns().next::<AccountSid>());
    Ok(open?.len())
}

/// One page of an account and its sub-accounts, newest first. A sub-account has none, and is alone.
///
/// # Errors
/// When the database fails.
pub fn list_own(
    tx: &mut Tx<'_>,
    account: &Account,
    filter: &AccountFilter,
    window: &Window,
) -> StoreResult<Page<Account>> {
    let status = filter.status.map(AccountStatus::as_str);
    let own = if account.parent_sid.is_some() { "sid =" } else { "owner_sid =" };
    let mut conditions = vec![(own, account.sid.to_value())];
    condition(&mut conditions, "friendly_name =", filter.friendly_name.as_ref());
    condition(&mut conditions, "status =", status.as_ref());
    let listing =
        Listing { select: LISTED, conditions, sids: Vec::new(), sort_by: "created_at", descending: true };
    listing.page(tx, window, read)
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
        Ok((read_from(&mut columns)?, columns.next::<Vec<u8>>()?, columns.next()?))
    })?;
    let mut credentials: Option<Credentials> = None;
    for (account, hash, parent_status) in rows {
        credentials
            .get_or_insert_with(|| Credentials { account, parent_status, token_hashes: Vec::new() })
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
        closed_at: columns.next()?,
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
