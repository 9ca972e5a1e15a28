//! Bundles.

use dossier_domain::bundle::{Bundle, BundleStatus, Contact};
use dossier_domain::paging::{Page, Window};
use dossier_domain::regulation::Combination;
use dossier_domain::sid::{AccountSid, BundleSid, RegulationSid};
use dossier_domain::text::{CallbackUrl, Email, FriendlyName};
use dossier_domain::{EndUserType, IsoCountry, NumberType, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Owner;
use crate::db::{FromColumn, Row, StoreError, StoreResult, ToValue, Tx, Value, params, statements};
use crate::list::{Listing, condition};
use crate::owner::Sealed;

const CONTACT: Sealed = Sealed { table: "bundles", column: "contact_sealed" };

/// The columns that [`read`] reads.
macro_rules! columns {
    () => {
        "sid, regulation_sid, iso_country, number_type, end_user_type, friendly_name, status, contact_sealed, valid_until, \
         is_test, created_at, updated_at"
    };
}
pub(crate) use columns;

macro_rules! select {
    () => {
        concat!("SELECT ", columns!(), " FROM bundles")
    };
}

statements! {
    INSERT = "INSERT INTO bundles (account_sid, sid, regulation_sid, iso_country, number_type, end_user_type, friendly_name, \
              status, contact_sealed, valid_until, is_test, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    GET = concat!(select!(), " WHERE account_sid = $1 AND sid = $2");
    LOCK = concat!(select!(), " WHERE account_sid = $1 AND sid = $2 FOR UPDATE");
    SAVE = "UPDATE bundles SET friendly_name = $4, status = $5, contact_sealed = $6, updated_at = $7, valid_until = $8 \
            WHERE account_sid = $1 AND sid = $2 AND status = $3";
    /// Nothing is indexed by its identifier alone, so each account is asked.
    ACCOUNT_OF = "SELECT b.account_sid FROM accounts a \
                  JOIN bundles b ON b.account_sid = a.account_sid AND b.sid = $1 LIMIT 1";
    WALK = "SELECT sid, regulation_sid, status, created_at FROM bundles WHERE account_sid = $1 AND (created_at, sid) > ($2, $3) \
            ORDER BY created_at, sid LIMIT $4";
    DELETE = "DELETE FROM bundles WHERE account_sid = $1 AND sid = $2 AND status = $3";
}

/// Which bundles a list shows. Every condition that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct BundleFilter {
    /// In this state.
    pub status: Option<BundleStatus>,
    /// One of these; at most 20.
    pub sids: Vec<BundleSid>,
    /// Of exactly this name.
    pub friendly_name: Option<String>,
    /// For this regulation.
    pub regulation: Option<RegulationSid>,
    /// For this country.
    pub iso_country: Option<IsoCountry>,
    /// For this number type.
    pub number_type: Option<NumberType>,
    /// For this end-user type.
    pub end_user_type: Option<EndUserType>,
    /// Whether there is an end of validity.
    pub has_valid_until: Option<bool>,
    /// An end of validity at or after this time.
    pub valid_from: Option<Timestamp>,
    /// An end of validity at or before this time.
    pub valid_to: Option<Timestamp>,
    /// What is sorted by.
    pub sort_by: BundleSort,
    /// Whether the smallest comes first.
    pub ascending: bool,
}

/// What a list of bundles is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BundleSort {
    /// When they were created.
    #[default]
    Created,
    /// When they last changed.
    Updated,
    /// When their validity ends; those without an end are last in ascending order.
    ValidUntil,
}

impl BundleSort {
    /// The value of this order for one bundle, as positions carry it.
    pub fn key(self, bundle: &Bundle) -> i64 {
        match self {
            Self::Created => bundle.created_at.as_micros(),
            Self::Updated => bundle.updated_at.as_micros(),
            Self::ValidUntil => stored_valid_until(bundle.valid_until),
        }
    }

    const fn column(self) -> &'static str {
        match self {
            Self::Created => "created_at",
            Self::Updated => "updated_at",
            Self::ValidUntil => "valid_until",
        }
    }
}

/// Adds a bundle.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, owner: &Owner, bundle: &Bundle) -> StoreResult<()> {
    let contact = seal_contact(owner, bundle);
    tx.execute_one(
        INSERT,
        params![
            owner.account,
            bundle.sid,
            bundle.regulation_sid,
            bundle.combination.iso_country.as_str(),
            bundle.combination.number_type.as_str(),
            bundle.combination.end_user_type.as_str(),
            bundle.friendly_name.as_str(),
            bundle.status.as_str(),
            contact,
            stored_valid_until(bundle.valid_until),
            bundle.is_test,
            bundle.created_at,
            bundle.updated_at
        ],
    )
}

/// The bundle, if the account has it.
///
/// # Errors
/// When the database fails or the row cannot be opened.
pub fn get(tx: &mut Tx<'_>, owner: &Owner, sid: BundleSid) -> StoreResult<Option<Bundle>> {
    tx.optional(GET, params![owner.account, sid], |row| read(row, owner))
}

/// As [`get`], and nobody else changes the bundle or what is in it until this unit ends.
///
/// # Errors
/// As [`get`].
pub fn lock(tx: &mut Tx<'_>, owner: &Owner, sid: BundleSid) -> StoreResult<Option<Bundle>> {
    tx.optional(LOCK, params![owner.account, sid], |row| read(row, owner))
}

/// Whose the bundle is. For operators, who may know nothing but its identifier; it takes longer the
/// more accounts there are.
///
/// # Errors
/// When the database fails.
pub fn account_of(tx: &mut Tx<'_>, sid: BundleSid) -> StoreResult<Option<AccountSid>> {
    tx.optional(ACCOUNT_OF, params![sid], |row| row.columns().next())
}

/// One page of the account's bundles.
///
/// # Errors
/// When the database fails or a row cannot be opened.
pub fn list(
    tx: &mut Tx<'_>,
    owner: &Owner,
    filter: &BundleFilter,
    window: &Window,
) -> StoreResult<Page<Bundle>> {
    let status = filter.status.map(BundleStatus::as_str);
    let country = filter.iso_country.as_ref().map(IsoCountry::as_str);
    let number_type = filter.number_type.map(NumberType::as_str);
    let end_user_type = filter.end_user_type.map(EndUserType::as_str);
    let endless = NEVER;
    let mut conditions = vec![("account_sid =", owner.account.to_value())];
    condition(&mut conditions, "friendly_name =", filter.friendly_name.as_ref());
    condition(&mut conditions, "status =", status.as_ref());
    condition(&mut conditions, "regulation_sid =", filter.regulation.as_ref());
    condition(&mut conditions, "iso_country =", country.as_ref());
    condition(&mut conditions, "number_type =", number_type.as_ref());
    condition(&mut conditions, "end_user_type =", end_user_type.as_ref());
    condition(&mut conditions, "valid_until >=", filter.valid_from.as_ref());
    condition(&mut conditions, "valid_until <=", filter.valid_to.as_ref());
    // An end of validity that is compared with must exist.
    let wants_end = filter.has_valid_until == Some(true) || filter.valid_from.is_some();
    condition(&mut conditions, "valid_until <", wants_end.then_some(&endless));
    condition(&mut conditions, "valid_until =", (filter.has_valid_until == Some(false)).then_some(&endless));
    let listing = Listing {
        select: select!(),
        conditions,
        sids: filter.sids.iter().map(ToValue::to_value).collect(),
        sort_by: filter.sort_by.column(),
        descending: !filter.ascending,
    };
    listing.page(tx, window, |row| read(row, owner))
}

/// What of a bundle decides which rules it is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BundleHead {
    /// Its identifier.
    pub sid: BundleSid,
    /// What it has to satisfy.
    pub regulation_sid: RegulationSid,
    /// Where it stands.
    pub status: BundleStatus,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Up to `limit` bundles of the account, oldest first, behind the one of this time, for walking over all.
/// What was made at about the same time is stored close together.
///
/// # Errors
/// When the database fails.
pub fn walk(
    tx: &mut Tx<'_>,
    owner: &Owner,
    after: Option<(Timestamp, BundleSid)>,
    limit: u32,
) -> StoreResult<Vec<BundleHead>> {
    let (time, sid) = after.map_or((i64::MIN, Value::Text("")), |(created_at, sid)| {
        (created_at.as_micros(), Value::Sid(sid.text()))
    });
    tx.list(WALK, params![owner.account, time, sid, i64::from(limit)], |row| {
        let mut columns = row.columns();
        Ok(BundleHead {
            sid: columns.next()?,
            regulation_sid: columns.next()?,
            status: columns.next()?,
            created_at: columns.next()?,
        })
    })
}

/// Saves the name, the contact, the status and the end of validity of a bundle that was in state `was`.
///
/// # Errors
/// [`StoreError::RowCount`] when it is in that state no longer.
pub fn save(tx: &mut Tx<'_>, owner: &Owner, bundle: &Bundle, was: BundleStatus) -> StoreResult<()> {
    let contact = seal_contact(owner, bundle);
    tx.execute_one(
        SAVE,
        params![
            owner.account,
            bundle.sid,
            was.as_str(),
            bundle.friendly_name.as_str(),
            bundle.status.as_str(),
            contact,
            bundle.updated_at,
            stored_valid_until(bundle.valid_until)
        ],
    )
}

/// Deletes a bundle that is in state `was`.
///
/// # Errors
/// [`StoreError::RowCount`] when it is in that state no longer.
pub fn delete(tx: &mut Tx<'_>, owner: &Owner, sid: BundleSid, was: BundleStatus) -> StoreResult<()> {
    tx.execute_one(DELETE, params![owner.account, sid, was.as_str()])
}

/// The stored end of validity of a bundle that has none.
const NEVER: i64 = i64::MAX;

/// The end of validity behind its stored form.
pub(crate) fn end_of_validity(stored: i64) -> Option<Timestamp> {
    Some(stored).filter(|time| *time != NEVER).map(Timestamp::from_micros)
}

/// The form in which an end of validity is stored.
pub(crate) fn stored_valid_until(time: Option<Timestamp>) -> i64 {
    time.map_or(NEVER, Timestamp::as_micros)
}

/// The sealed form of a [`Contact`]. Names are short because every row has them.
#[derive(Serialize, Deserialize)]
struct StoredContact {
    email: String,
    #[serde(rename = "callback", skip_serializing_if = "Option::is_none", default)]
    status_callback: Option<String>,
}

/// Nothing at all when there is no contact: the bundle was erased.
fn seal_contact(owner: &Owner, bundle: &Bundle) -> Vec<u8> {
    if bundle.contact.is_erased() {
        return Vec::new();
    }
    let contact = StoredContact {
        email: bundle.contact.email.as_str().to_owned(),
        status_callback: bundle.contact.status_callback.as_ref().map(|url| url.as_str().to_owned()),
    };
    let json = serde_json::to_string(&contact).expect("two texts can be written as JSON");
    owner.seal(CONTACT, bundle.sid, &json)
}

fn open_contact(owner: &Owner, sid: BundleSid, sealed: &[u8]) -> StoreResult<Contact> {
    if sealed.is_empty() {
        return Ok(Contact::erased());
    }
    let json = owner.open(CONTACT, sid, sealed)?;
    let contact: StoredContact =
        serde_json::from_str(&json).map_err(|_| StoreError::Column { column: 7, expected: "a contact" })?;
    Ok(Contact {
        email: Email::from_stored(contact.email),
        status_callback: contact.status_callback.map(CallbackUrl::from_stored),
    })
}

/// The bundle in a row of [`columns`].
pub(crate) fn read(row: &Row<'_>, owner: &Owner) -> StoreResult<Bundle> {
    let mut columns = row.columns();
    let sid = columns.next()?;
    Ok(Bundle {
        sid,
        account_sid: owner.account,
        regulation_sid: columns.next()?,
        combination: Combination {
            iso_country: columns.next()?,
            number_type: columns.next()?,
            end_user_type: columns.next()?,
        },
        friendly_name: columns.next::<FriendlyName>()?,
        status: columns.next()?,
        contact: open_contact(owner, sid, columns.next()?)?,
        valid_until: end_of_validity(columns.next()?),
        is_test: columns.next()?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
    })
}

macro_rules! from_text {
    ($($type:ty, $expected:literal, $parse:expr;)*) => {$(
        impl<'a> FromColumn<'a> for $type {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: Value<'a>) -> Option<Self> {
                <&str>::from_value(value).and_then($parse)
            }
        }
    )*};
}

from_text! {
    IsoCountry, "a country", Self::parse;
    NumberType, "a number type", Self::parse;
    EndUserType, "an end-user type", Self::parse;
    BundleStatus, "a bundle status", |text| Self::parse(text).ok();
}
