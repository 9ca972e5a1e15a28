//! Redaction: what erasing does to each kind of row, all of it in one place.
//!
//! Sealed columns become empty and not sealed again, so that nothing has to be opened afterwards: the key of
//! the account may be gone. Each function may be repeated. The rows are locked by this unit.

use dossier_domain::Timestamp;
use dossier_domain::bundle::BundleStatus;
use dossier_domain::erasure::ERASED_NAME;
use dossier_domain::sid::{AccountSid, AddressSid, AnySid, BundleSid, DocumentSid, EndUserSid};

use crate::db::{StoreResult, Tx, params, statements};
use crate::legal_holds;

/// The cases in which an object was handed over.
macro_rules! cases_of_item {
    () => {
        "(SELECT case_sid FROM case_items WHERE account_sid = $1 AND object_sid = $2)"
    };
}
/// The cases of a bundle.
macro_rules! cases_of_bundle {
    () => {
        "(SELECT sid FROM cases WHERE account_sid = $1 AND bundle_sid = $2)"
    };
}
/// A delivery that waits is given up; one that was made stays so.
macro_rules! empty_deliveries {
    () => {
        "UPDATE deliveries SET message_sealed = $3, emptied_at = $4, finished_at = COALESCE(finished_at, $4), \
         state = CASE WHEN state = 'waiting' THEN 'dead' ELSE state END WHERE account_sid = $1 AND emptied_at IS NULL"
    };
}

statements! {
    END_USER = "UPDATE end_users SET friendly_name = $3, attributes_sealed = $4, erased_at = $5 \
                WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL";
    DOCUMENT_FILE = "SELECT file_key FROM documents WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL FOR UPDATE";
    DOCUMENT = "UPDATE documents SET friendly_name = $3, attributes_sealed = $4, erased_at = $5, file_key = NULL, file_type = NULL, \
                file_bytes = NULL, file_sha256 = NULL, failure_reason = NULL, failure_reason_sealed = NULL \
                WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL";
    DOCUMENT_LINKS = "DELETE FROM document_addresses WHERE account_sid = $1 AND document_sid = $2";
    ADDRESS = "UPDATE addresses SET lines_sealed = $3, customer_name_index = $3, friendly_name_index = $3, erased_at = $4 \
               WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL";
    BUNDLE = "UPDATE bundles SET friendly_name = $3, contact_sealed = $4, status = $5, erased_at = $6 \
              WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL";

    ITEM_CONTENTS = concat!("DELETE FROM case_contents WHERE account_sid = $1 AND case_sid IN ", cases_of_item!());
    ITEM_VERDICTS = concat!("UPDATE case_documents SET texts_sealed = NULL WHERE account_sid = $1 AND case_sid IN ", cases_of_item!());
    ITEM_DECISIONS = concat!("UPDATE case_decisions SET texts_sealed = NULL WHERE account_sid = $1 AND case_sid IN ", cases_of_item!());
    ITEM_DELIVERIES = concat!(
        empty_deliveries!(),
        " AND bundle_sid IN (SELECT c.bundle_sid FROM case_items i JOIN cases c ON c.sid = i.case_sid \
         WHERE i.account_sid = $1 AND i.object_sid = $2)"
    );
    BUNDLE_CONTENTS = concat!("DELETE FROM case_contents WHERE account_sid = $1 AND case_sid IN ", cases_of_bundle!());
    BUNDLE_VERDICTS = concat!("UPDATE case_documents SET texts_sealed = NULL WHERE account_sid = $1 AND case_sid IN ", cases_of_bundle!());
    BUNDLE_DECISIONS = concat!("UPDATE case_decisions SET texts_sealed = NULL WHERE account_sid = $1 AND case_sid IN ", cases_of_bundle!());
    BUNDLE_DELIVERIES = concat!(empty_deliveries!(), " AND bundle_sid = $2");

    TOKENS = "DELETE FROM auth_tokens WHERE account_sid = $1";
    API_KEYS = "DELETE FROM api_keys WHERE account_sid = $1";
    NUMBERS = "UPDATE numbers SET settings_sealed = NULL, friendly_name_index = NULL WHERE account_sid = $1";
    DATA_KEYS = "DELETE FROM data_keys WHERE account_sid = $1";
    ACCOUNT = "UPDATE accounts SET friendly_name = $2, status = 'closed', closed_at = COALESCE(closed_at, $3), erased_at = $3 \
               WHERE account_sid = $1 AND erased_at IS NULL";
    HOLD_REASONS = "UPDATE legal_holds SET reason_sealed = $2 WHERE account_sid = $1";
    ERASURE_REASONS = "UPDATE erasures SET reason_sealed = $2 WHERE account_sid = $1";

    IS_ACCOUNT_ERASED = "SELECT 1 FROM accounts WHERE account_sid = $1 AND erased_at IS NOT NULL";
    ACCOUNTS_SINCE = "SELECT account_sid FROM accounts WHERE erased_at > $1 LIMIT $2";
    CLOSED = "SELECT a.account_sid, COALESCE(a.closed_at, a.updated_at) FROM accounts a WHERE a.account_sid > $1 AND a.status = 'closed' \
              AND a.erased_at IS NULL AND NOT EXISTS \
              (SELECT 1 FROM erasures e WHERE e.account_sid = a.account_sid AND e.subject_sid = a.account_sid) \
              ORDER BY a.account_sid LIMIT $2";
    SUB_ACCOUNT = "SELECT account_sid FROM accounts WHERE owner_sid = $1 AND account_sid <> $1 AND status <> 'closed' LIMIT 1";
}

const NOTHING: [u8; 0] = [];

/// Erases an end user.
///
/// # Errors
/// When the database fails.
pub fn end_user(tx: &mut Tx<'_>, account: AccountSid, sid: EndUserSid, now: Timestamp) -> StoreResult<()> {
    tx.execute(END_USER, params![account, sid, ERASED_NAME, NOTHING, now])?;
    case_texts(tx, account, sid.into(), now)
}

/// Erases a document, and returns the key of its file, which is to be deleted.
///
/// # Errors
/// When the database fails.
pub fn document(
    tx: &mut Tx<'_>,
    account: AccountSid,
    sid: DocumentSid,
    now: Timestamp,
) -> StoreResult<Option<String>> {
    let file = tx.optional(DOCUMENT_FILE, params![account, sid], |row| row.columns().next())?;
    tx.execute(DOCUMENT, params![account, sid, ERASED_NAME, NOTHING, now])?;
    tx.execute(DOCUMENT_LINKS, params![account, sid])?;
    case_texts(tx, account, sid.into(), now)?;
    Ok(file.flatten())
}

/// Erases an address.
///
/// # Errors
/// When the database fails.
pub fn address(tx: &mut Tx<'_>, account: AccountSid, sid: AddressSid, now: Timestamp) -> StoreResult<()> {
    tx.execute(ADDRESS, params![account, sid, NOTHING, now])?;
    case_texts(tx, account, sid.into(), now)
}

/// Erases what a bundle says of people itself: its name and contact, what was handed over and written in
/// its cases, what was told about it. It has this status from now on.
///
/// # Errors
/// When the database fails.
pub fn bundle(
    tx: &mut Tx<'_>,
    account: AccountSid,
    sid: BundleSid,
    status: BundleStatus,
    now: Timestamp,
) -> StoreResult<()> {
    tx.execute(BUNDLE, params![account, sid, ERASED_NAME, NOTHING, status.as_str(), now])?;
    for sql in [BUNDLE_CONTENTS, BUNDLE_VERDICTS, BUNDLE_DECISIONS] {
        tx.execute(sql, params![account, sid])?;
    }
    tx.execute(BUNDLE_DELIVERIES, params![account, sid, NOTHING, now])?;
    legal_holds::empty(tx, account, sid.into())
}

/// What reviewers wrote in the cases in which an object was handed over, what was handed over, and what
/// was told of it.
fn case_texts(tx: &mut Tx<'_>, account: AccountSid, item: AnySid, now: Timestamp) -> StoreResult<()> {
    for sql in [ITEM_CONTENTS, ITEM_VERDICTS, ITEM_DECISIONS] {
        tx.execute(sql, params![account, item])?;
    }
    tx.execute(ITEM_DELIVERIES, params![account, item, NOTHING, now])?;
    legal_holds::empty(tx, account, item)
}

/// Closes an account for good and destroys its keys: what is sealed with them can never be opened again,
/// wherever there is a copy of it.
///
/// # Errors
/// When the database fails.
pub fn account(tx: &mut Tx<'_>, account: AccountSid, now: Timestamp) -> StoreResult<()> {
    tx.execute(TOKENS, params![account])?;
    tx.execute(API_KEYS, params![account])?;
    tx.execute(NUMBERS, params![account])?;
    tx.execute(HOLD_REASONS, params![account, NOTHING])?;
    tx.execute(ERASURE_REASONS, params![account, NOTHING])?;
    tx.execute(ACCOUNT, params![account, ERASED_NAME, now])?;
    tx.execute(DATA_KEYS, params![account]).map(drop)
}

/// Whether the account is erased: then it has no key, and nothing sealed.
///
/// # Errors
/// When the database fails.
pub fn is_account_erased(tx: &mut Tx<'_>, account: AccountSid) -> StoreResult<bool> {
    tx.exists(IS_ACCOUNT_ERASED, params![account])
}

/// A sub-account of the account that is not closed, if there is one.
///
/// # Errors
/// When the database fails.
pub fn open_sub_account(tx: &mut Tx<'_>, account: AccountSid) -> StoreResult<Option<AccountSid>> {
    tx.optional(SUB_ACCOUNT, params![account], |row| row.columns().next())
}

/// Accounts that were erased since a time, at most a hundred thousand.
///
/// # Errors
/// When the database fails.
pub fn accounts_since(tx: &mut Tx<'_>, since: Timestamp) -> StoreResult<Vec<AccountSid>> {
    tx.list(ACCOUNTS_SINCE, params![since, 100_000_i64], |row| row.columns().next())
}

/// Up to `limit` accounts that were closed and that no erasure was ever wanted for, behind the given one, with
/// the time of its closing.
///
/// # Errors
/// When the database fails.
pub fn closed_accounts(
    tx: &mut Tx<'_>,
    after: Option<AccountSid>,
    limit: u32,
) -> StoreResult<Vec<(AccountSid, Timestamp)>> {
    let after = after.map(|account| account.to_string()).unwrap_or_default();
    tx.list(CLOSED, params![after, i64::from(limit)], |row| {
        let mut columns = row.columns();
        Ok((columns.next()?, columns.next()?))
    })
}
