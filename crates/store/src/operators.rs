//! Operators. They belong to the installation, so no function here takes an owner.

use dossier_domain::Timestamp;
use dossier_domain::operator::{Operator, Role};
use dossier_domain::paging::Position;
use dossier_domain::sid::OperatorSid;

use crate::db::{FromColumn, Row, StoreResult, Tx, Value, params, statements};

macro_rules! select {
    () => {
        "SELECT sid, name, role, created_at, revoked_at FROM operators"
    };
}

statements! {
    INSERT = "INSERT INTO operators (sid, name, role, token_hash, created_at) VALUES ($1, $2, $3, $4, $5)";
    GET = concat!(select!(), " WHERE sid = $1");
    BY_TOKEN = concat!(select!(), " WHERE token_hash = $1");
    LIST = concat!(select!(), " WHERE (created_at, sid) > ($1, $2) ORDER BY created_at, sid LIMIT $3");
    LOCK_ACTIVE = "SELECT sid FROM operators WHERE created_at >= $1 AND role = $2 AND revoked_at IS NULL \
                   ORDER BY created_at, sid LIMIT $3 FOR UPDATE";
    REVOKE = "UPDATE operators SET revoked_at = $2 WHERE sid = $1 AND revoked_at IS NULL";
}

/// Operators of one role that are looked at together; more than anybody has.
const ACTIVE_MAX: i64 = 10_000;

/// Adds an operator with the hash of its token.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, operator: &Operator, token_hash: &[u8]) -> StoreResult<()> {
    tx.execute_one(
        INSERT,
        params![
            operator.sid,
            operator.name.as_str(),
            operator.role.as_str(),
            token_hash,
            operator.created_at
        ],
    )
}

/// The operator, if there is one.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, sid: OperatorSid) -> StoreResult<Option<Operator>> {
    tx.optional(GET, params![sid], read)
}

/// The operator whose token has this hash, revoked or not.
///
/// # Errors
/// When the database fails.
pub fn by_token(tx: &mut Tx<'_>, token_hash: &[u8]) -> StoreResult<Option<Operator>> {
    tx.optional(BY_TOKEN, params![token_hash], read)
}

/// Up to `limit` operators, oldest first, behind a place in that order.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, after: Option<Position>, limit: u32) -> StoreResult<Vec<Operator>> {
    let (time, sid) = after.map_or((i64::MIN, String::new()), |last| (last.key, last.sid.to_string()));
    tx.list(LIST, params![time, sid, i64::from(limit)], read)
}

/// The operators of a role whose tokens work. None of them can be revoked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub fn lock_active(tx: &mut Tx<'_>, role: Role) -> StoreResult<Vec<OperatorSid>> {
    tx.list(LOCK_ACTIVE, params![i64::MIN, role.as_str(), ACTIVE_MAX], |row| row.columns().next())
}

/// Ends an operator's token. `false` when it had ended before.
///
/// # Errors
/// When the database fails.
pub fn revoke(tx: &mut Tx<'_>, sid: OperatorSid, now: Timestamp) -> StoreResult<bool> {
    Ok(tx.execute(REVOKE, params![sid, now])? == 1)
}

fn read(row: &Row<'_>) -> StoreResult<Operator> {
    let mut columns = row.columns();
    Ok(Operator {
        sid: columns.next()?,
        name: columns.next()?,
        role: columns.next()?,
        created_at: columns.next()?,
        revoked_at: columns.next()?,
    })
}

impl<'a> FromColumn<'a> for Role {
    const EXPECTED: &'static str = "a role";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}
