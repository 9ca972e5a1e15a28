//! The objects of an erasure: what is to be erased, and what was, with the audit event that recorded it.

use dossier_domain::Timestamp;
use dossier_domain::sid::{AccountSid, AnySid, AuditEventSid, ErasureSid};

use crate::db::{Row, StoreResult, Tx, params, statements};

macro_rules! select {
    () => {
        "SELECT account_sid, object_sid, erased_at, event_sid, file_key FROM erasure_objects WHERE erasure_sid = $1"
    };
}

statements! {
    ADD = "INSERT INTO erasure_objects (erasure_sid, account_sid, object_sid) VALUES ($1, $2, $3) \
           ON CONFLICT (erasure_sid, account_sid, object_sid) DO NOTHING";
    IS_OBJECT = "SELECT 1 FROM erasure_objects WHERE erasure_sid = $1 AND account_sid = $2 AND object_sid = $3";
    TO_DO = concat!(select!(), " AND erased_at IS NULL ORDER BY account_sid, object_sid LIMIT $2");
    WITH_FILES = concat!(select!(), " AND file_key IS NOT NULL ORDER BY account_sid, object_sid LIMIT $2");
    PAGE = concat!(select!(), " AND (account_sid, object_sid) > ($2, $3) ORDER BY account_sid, object_sid LIMIT $4");
    COUNT = "SELECT count(*) FROM erasure_objects WHERE erasure_sid = $1";
    MARK = "UPDATE erasure_objects SET erased_at = $4, event_sid = $5, file_key = $6 \
            WHERE erasure_sid = $1 AND account_sid = $2 AND object_sid = $3";
    FILE_IS_DELETED = "UPDATE erasure_objects SET file_key = NULL \
                       WHERE erasure_sid = $1 AND account_sid = $2 AND object_sid = $3";
}

/// An object of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureObject {
    /// Whose it is.
    pub account: AccountSid,
    /// Which.
    pub sid: AnySid,
    /// When it was erased, and the audit event that recorded it.
    pub erased: Option<(Timestamp, AuditEventSid)>,
    /// The key of its file, while that is still to be deleted.
    pub file_key: Option<String>,
}

/// Adds an object that is to be erased, unless it is there.
///
/// # Errors
/// When the database fails.
pub fn add(tx: &mut Tx<'_>, erasure: ErasureSid, account: AccountSid, object: AnySid) -> StoreResult<()> {
    tx.execute(ADD, params![erasure, account, object]).map(drop)
}

/// Whether the erasure has the object.
///
/// # Errors
/// When the database fails.
pub fn is_object(
    tx: &mut Tx<'_>,
    erasure: ErasureSid,
    account: AccountSid,
    object: AnySid,
) -> StoreResult<bool> {
    tx.exists(IS_OBJECT, params![erasure, account, object])
}

/// Up to `limit` objects that are still to be erased, those of one account one after the other.
///
/// # Errors
/// When the database fails.
pub fn to_do(tx: &mut Tx<'_>, erasure: ErasureSid, limit: u32) -> StoreResult<Vec<ErasureObject>> {
    tx.list(TO_DO, params![erasure, i64::from(limit)], read)
}

/// Up to `limit` objects that are erased, and whose files are still to be deleted.
///
/// # Errors
/// When the database fails.
pub fn has_files(tx: &mut Tx<'_>, erasure: ErasureSid, limit: u32) -> StoreResult<Vec<ErasureObject>> {
    tx.list(WITH_FILES, params![erasure, i64::from(limit)], read)
}

/// Up to `limit` objects behind the given one, in the order of their accounts and identifiers.
///
/// # Errors
/// When the database fails.
pub fn objects(
    tx: &mut Tx<'_>,
    erasure: ErasureSid,
    after: Option<(AccountSid, AnySid)>,
    limit: u32,
) -> StoreResult<Vec<ErasureObject>> {
    let (account, sid) =
        after.map(|(account, sid)| (account.to_string(), sid.to_string())).unwrap_or_default();
    tx.list(PAGE, params![erasure, account, sid, i64::from(limit)], read)
}

/// How many objects the erasure has.
///
/// # Errors
/// When the database fails.
pub fn count(tx: &mut Tx<'_>, erasure: ErasureSid) -> StoreResult<i64> {
    Ok(tx.optional(COUNT, params![erasure], |row| row.columns().next())?.unwrap_or_default())
}

/// Marks an object as erased. Its file, if it has one, is still to be deleted.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when the erasure does not have it.
pub fn mark_erased(
    tx: &mut Tx<'_>,
    erasure: ErasureSid,
    (account, object): (AccountSid, AnySid),
    (at, event): (Timestamp, AuditEventSid),
    file_key: Option<&str>,
) -> StoreResult<()> {
    tx.execute_one(MARK, params![erasure, account, object, at, event, file_key])
}

/// The file of an object is gone.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when the erasure does not have the object.
pub fn file_is_deleted(
    tx: &mut Tx<'_>,
    erasure: ErasureSid,
    (account, object): (AccountSid, AnySid),
) -> StoreResult<()> {
    tx.execute_one(FILE_IS_DELETED, params![erasure, account, object])
}

fn read(row: &Row<'_>) -> StoreResult<ErasureObject> {
    let mut columns = row.columns();
    let (account, sid) = (columns.next()?, columns.next()?);
    let erased: (Option<Timestamp>, Option<AuditEventSid>) = (columns.next()?, columns.next()?);
    Ok(ErasureObject { account, sid, erased: erased.0.zip(erased.1), file_key: columns.next()? })
}
