//! Numbers in service. The register belongs to the installation, so what walks over all of it takes no
//! owner; what is asked for one account does.

use dossier_domain::Timestamp;
use dossier_domain::bundle::BundleStatus;
use dossier_domain::paging::Position;
use dossier_domain::phone_number::PhoneNumber;
use dossier_domain::sid::{AccountSid, AddressSid, BundleSid, PhoneNumberSid};

use crate::Owner;
use crate::bundles::end_of_validity;
use crate::db::{FromColumn, Row, StoreResult, Tx, Value, params, statements};

macro_rules! select {
    () => {
        "SELECT n.sid, n.e164, n.account_sid, n.bundle_sid, n.address_sid, n.created_at, n.updated_at, b.status, \
         b.valid_until FROM numbers n JOIN bundles b ON b.account_sid = n.account_sid AND b.sid = n.bundle_sid"
    };
}

statements! {
    INSERT = "INSERT INTO numbers (account_sid, sid, e164, bundle_sid, address_sid, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $6)";
    LOCK = "SELECT account_sid, sid FROM numbers WHERE e164 = $1 FOR UPDATE";
    SAVE = "UPDATE numbers SET bundle_sid = $3, address_sid = $4, updated_at = $5 WHERE account_sid = $1 AND sid = $2";
    GET = concat!(select!(), " WHERE n.e164 = $1");
    ALL = concat!(
        select!(),
        " WHERE (n.created_at, n.sid) > ($1, $2) ORDER BY n.created_at, n.sid LIMIT $3"
    );
    OF_ACCOUNT = concat!(
        select!(),
        " WHERE n.account_sid = $1 AND (n.created_at, n.sid) > ($2, $3) ORDER BY n.created_at, n.sid LIMIT $4"
    );
    OF_BUNDLE = concat!(
        select!(),
        " WHERE n.account_sid = $1 AND n.bundle_sid = $2 AND (n.created_at, n.sid) > ($3, $4) \
         ORDER BY n.created_at, n.sid LIMIT $5"
    );
    USES_BUNDLE = "SELECT 1 FROM numbers WHERE account_sid = $1 AND bundle_sid = $2 LIMIT 1";
    DELETE = "DELETE FROM numbers WHERE account_sid = $1 AND sid = $2";
    DELETE_ALL = "DELETE FROM numbers WHERE account_sid = $1 RETURNING sid";
}

/// A number in service, and how the bundle stands that it is leased with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberInUse {
    /// Its identifier.
    pub sid: PhoneNumberSid,
    /// The number.
    pub number: PhoneNumber,
    /// Who leases it.
    pub account: AccountSid,
    /// What it is leased with.
    pub with: NumberUse,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When what it is leased with last changed.
    pub updated_at: Timestamp,
    /// Where the bundle stands.
    pub bundle_status: BundleStatus,
    /// When the bundle's approval ends, if ever.
    pub valid_until: Option<Timestamp>,
}

/// What a number is leased with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberUse {
    /// The bundle.
    pub bundle: BundleSid,
    /// The address, where one is needed.
    pub address: Option<AddressSid>,
}

/// Which numbers are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberScope {
    /// Those of all accounts.
    All,
    /// Those of one account.
    Account(AccountSid),
    /// Those of one bundle of an account.
    Bundle(AccountSid, BundleSid),
}

/// Puts a number that is not registered into the register.
///
/// # Errors
/// When somebody else registered it a moment ago.
pub fn insert(
    tx: &mut Tx<'_>,
    owner: &Owner,
    sid: PhoneNumberSid,
    number: &PhoneNumber,
    with: NumberUse,
    now: Timestamp,
) -> StoreResult<()> {
    let NumberUse { bundle, address } = with;
    tx.execute_one(INSERT, params![owner.account, sid, number.as_str(), bundle, address, now])
}

/// Changes what the account's number is leased with.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when the account has no such number.
pub fn save(
    tx: &mut Tx<'_>,
    owner: &Owner,
    sid: PhoneNumberSid,
    with: NumberUse,
    now: Timestamp,
) -> StoreResult<()> {
    tx.execute_one(SAVE, params![owner.account, sid, with.bundle, with.address, now])
}

/// Who has the number, if anybody; nobody else changes that until this unit ends.
///
/// # Errors
/// When the database fails.
pub fn lock(tx: &mut Tx<'_>, number: &PhoneNumber) -> StoreResult<Option<(AccountSid, PhoneNumberSid)>> {
    tx.optional(LOCK, params![number.as_str()], |row| {
        let mut columns = row.columns();
        Ok((columns.next()?, columns.next()?))
    })
}

/// The number, if it is registered.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, number: &PhoneNumber) -> StoreResult<Option<NumberInUse>> {
    tx.optional(GET, params![number.as_str()], read)
}

/// Up to `limit` numbers, the one that was registered first first, behind the given position.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    scope: NumberScope,
    after: Option<Position>,
    limit: u32,
) -> StoreResult<Vec<NumberInUse>> {
    let (time, sid) =
        after.map_or((i64::MIN, String::new()), |position| (position.key, position.sid.to_string()));
    let limit = i64::from(limit);
    match scope {
        NumberScope::All => tx.list(ALL, params![time, sid, limit], read),
        NumberScope::Account(account) => tx.list(OF_ACCOUNT, params![account, time, sid, limit], read),
        NumberScope::Bundle(account, bundle) => {
            tx.list(OF_BUNDLE, params![account, bundle, time, sid, limit], read)
        }
    }
}

/// Whether any number is leased with the bundle.
///
/// # Errors
/// When the database fails.
pub fn use_bundle(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid) -> StoreResult<bool> {
    tx.exists(USES_BUNDLE, params![owner.account, bundle])
}

/// Takes a number out of the register.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when it is not there.
pub fn delete(tx: &mut Tx<'_>, owner: &Owner, sid: PhoneNumberSid) -> StoreResult<()> {
    tx.execute_one(DELETE, params![owner.account, sid])
}

/// Takes all numbers of an account out of the register, and says which those were.
///
/// # Errors
/// When the database fails.
pub fn delete_all(tx: &mut Tx<'_>, account: AccountSid) -> StoreResult<Vec<PhoneNumberSid>> {
    tx.list(DELETE_ALL, params![account], |row| row.columns().next())
}

fn read(row: &Row<'_>) -> StoreResult<NumberInUse> {
    let mut columns = row.columns();
    Ok(NumberInUse {
        sid: columns.next()?,
        number: columns.next()?,
        account: columns.next()?,
        with: NumberUse { bundle: columns.next()?, address: columns.next()? },
        created_at: columns.next()?,
        updated_at: columns.next()?,
        bundle_status: columns.next()?,
        valid_until: end_of_validity(columns.next()?),
    })
}

impl<'a> FromColumn<'a> for PhoneNumber {
    const EXPECTED: &'static str = "a phone number";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}
