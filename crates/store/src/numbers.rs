//! Numbers in service. The register belongs to the installation, so what walks over all of it takes no
//! owner; what is asked for one account does.

use dossier_domain::Timestamp;
use dossier_domain::bundle::BundleStatus;
use dossier_domain::paging::{Page, Position, Window};
use dossier_domain::phone_number::{LeasedNumber, NumberSettings, PhoneNumber};
use dossier_domain::sid::{AccountSid, AddressSid, BundleSid, PhoneNumberSid};

use crate::Owner;
use crate::bundles::end_of_validity;
use crate::db::{FromColumn, Row, StoreError, StoreResult, ToValue, Tx, Value, params, statements};
use crate::list::{Listing, condition};
use crate::owner::Sealed;
use crate::seal::blind_index;

const SETTINGS: Sealed = Sealed { table: "numbers", column: "settings_sealed" };
/// What the blind index of names is for.
const FRIENDLY_NAME: &str = "numbers.friendly_name";

macro_rules! select {
    () => {
        "SELECT n.sid, n.e164, n.account_sid, n.bundle_sid, n.address_sid, n.created_at, n.updated_at, b.status, \
         b.valid_until FROM numbers n LEFT JOIN bundles b ON b.account_sid = n.account_sid AND b.sid = n.bundle_sid"
    };
}

macro_rules! select_leased {
    () => {
        "SELECT sid, e164, iso_country, number_type, bundle_sid, address_sid, settings_sealed, created_at, updated_at FROM numbers"
    };
}

statements! {
    INSERT = "INSERT INTO numbers (account_sid, sid, e164, iso_country, number_type, bundle_sid, address_sid, \
              settings_sealed, friendly_name_index, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (e164) DO NOTHING";
    LOCK = "SELECT account_sid, sid FROM numbers WHERE e164 = $1 FOR UPDATE";
    LEASED = concat!(select_leased!(), " WHERE account_sid = $1 AND sid = $2");
    LOCK_LEASED = concat!(select_leased!(), " WHERE account_sid = $1 AND sid = $2 FOR UPDATE");
    SAVE = "UPDATE numbers SET iso_country = $3, number_type = $4, bundle_sid = $5, address_sid = $6, settings_sealed = $7, \
            friendly_name_index = $8, updated_at = $9 WHERE account_sid = $1 AND sid = $2";
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
    /// Where the bundle stands, if there is one.
    pub bundle_status: Option<BundleStatus>,
    /// When the bundle's approval ends, if ever.
    pub valid_until: Option<Timestamp>,
}

/// What a number is leased with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberUse {
    /// The bundle; none where nothing is required.
    pub bundle: Option<BundleSid>,
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

/// Which of its numbers an account wants to see. Every condition that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct LeasedFilter {
    /// Which numbers.
    pub number: Option<NumberPattern>,
    /// Of exactly this name.
    pub friendly_name: Option<String>,
    /// Leased with this address.
    pub address: Option<AddressSid>,
}

/// Which numbers: all that match the digits that are given.
#[derive(Debug, Clone)]
pub struct NumberPattern(String);

impl NumberPattern {
    /// A whole number stands for itself. In anything else `*` stands for any digit, and whatever comes
    /// behind it, or before it unless it begins with a plus sign, does not matter. `None` when no number
    /// can match.
    pub fn parse(text: &str) -> Option<Self> {
        if PhoneNumber::parse(text).is_some() {
            return Some(Self(text.to_owned()));
        }
        let (start, digits) = text.strip_prefix('+').map_or(("%", text), |digits| ("+", digits));
        let fine = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*');
        fine.then(|| Self(format!("{start}{}%", digits.replace('*', "_"))))
    }
}

/// Puts a number into the register. `false` when somebody has it.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, owner: &Owner, number: &LeasedNumber) -> StoreResult<bool> {
    let (settings, name) = sealed(owner, number);
    let inserted = tx.execute(
        INSERT,
        params![
            owner.account,
            number.sid,
            number.number.as_str(),
            number.iso_country.as_str(),
            number.number_type.as_str(),
            number.bundle_sid,
            number.address_sid,
            settings,
            name,
            number.created_at,
            number.updated_at
        ],
    )?;
    Ok(inserted == 1)
}

/// Saves all that can change about the account's number.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when the account has no such number.
pub fn save(tx: &mut Tx<'_>, owner: &Owner, number: &LeasedNumber) -> StoreResult<()> {
    let (settings, name) = sealed(owner, number);
    tx.execute_one(
        SAVE,
        params![
            owner.account,
            number.sid,
            number.iso_country.as_str(),
            number.number_type.as_str(),
            number.bundle_sid,
            number.address_sid,
            settings,
            name,
            number.updated_at
        ],
    )
}

/// The account's number, if it has it.
///
/// # Errors
/// When the database fails or the row cannot be opened.
pub fn leased(tx: &mut Tx<'_>, owner: &Owner, sid: PhoneNumberSid) -> StoreResult<Option<LeasedNumber>> {
    tx.optional(LEASED, params![owner.account, sid], |row| read_leased(row, owner))
}

/// As [`leased`], and nobody else changes the number until this unit ends.
///
/// # Errors
/// As [`leased`].
pub fn lock_leased(tx: &mut Tx<'_>, owner: &Owner, sid: PhoneNumberSid) -> StoreResult<Option<LeasedNumber>> {
    tx.optional(LOCK_LEASED, params![owner.account, sid], |row| read_leased(row, owner))
}

/// One page of the account's numbers, newest first.
///
/// # Errors
/// As [`leased`].
pub fn list_leased(
    tx: &mut Tx<'_>,
    owner: &Owner,
    filter: &LeasedFilter,
    window: &Window,
) -> StoreResult<Page<LeasedNumber>> {
    let name = filter.friendly_name.as_deref().map(|name| blind_index(&owner.key, FRIENDLY_NAME, name));
    let pattern = filter.number.as_ref().map(|pattern| &pattern.0);
    let mut conditions = vec![("account_sid =", owner.account.to_value())];
    condition(&mut conditions, "address_sid =", filter.address.as_ref());
    condition(&mut conditions, "e164 LIKE", pattern);
    condition(&mut conditions, "friendly_name_index =", name.as_ref());
    let listing = Listing {
        select: select_leased!(),
        conditions,
        sids: Vec::new(),
        sort_by: "created_at",
        descending: true,
    };
    listing.page(tx, window, |row| read_leased(row, owner))
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

/// The settings, if there are any, and the index its name is found by.
fn sealed(owner: &Owner, number: &LeasedNumber) -> (Option<Vec<u8>>, [u8; 16]) {
    let name = blind_index(&owner.key, FRIENDLY_NAME, &number.friendly_name());
    if number.settings.is_empty() {
        return (None, name);
    }
    let json = serde_json::to_string(&number.settings).expect("texts can be written as JSON");
    (Some(owner.seal(SETTINGS, number.sid, &json)), name)
}

fn read_leased(row: &Row<'_>, owner: &Owner) -> StoreResult<LeasedNumber> {
    let mut columns = row.columns();
    let sid = columns.next()?;
    Ok(LeasedNumber {
        sid,
        account_sid: owner.account,
        number: columns.next()?,
        iso_country: columns.next()?,
        number_type: columns.next()?,
        bundle_sid: columns.next()?,
        address_sid: columns.next()?,
        settings: open_settings(owner, sid, columns.next()?)?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
    })
}

fn open_settings(owner: &Owner, sid: PhoneNumberSid, sealed: Option<Vec<u8>>) -> StoreResult<NumberSettings> {
    let Some(sealed) = sealed else { return Ok(NumberSettings::default()) };
    let json = owner.open(SETTINGS, sid, &sealed)?;
    serde_json::from_str(&json)
        .map_err(|_| StoreError::Column { column: 6, expected: "settings of a number" })
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
        valid_until: columns.next::<Option<i64>>()?.and_then(end_of_validity),
    })
}

impl<'a> FromColumn<'a> for PhoneNumber {
    const EXPECTED: &'static str = "a phone number";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}
