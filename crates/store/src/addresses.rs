//! Addresses. All lines are sealed; two of them can be searched for through blind indexes.

use dossier_domain::IsoCountry;
use dossier_domain::address::{Address, AddressLines};
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::AddressSid;

use crate::Owner;
use crate::db::{Row, StoreError, StoreResult, ToValue, Tx, params, statements};
use crate::list::{Listing, NOT_ERASED, condition, many, places};
use crate::owner::Sealed;
use crate::seal::blind_index;

const LINES: Sealed = Sealed { table: "addresses", column: "lines_sealed" };
/// What keeps the blind indexes of the two lines apart, so that equal texts in them do not show.
const CUSTOMER_NAME: &str = "addresses.customer_name";
const FRIENDLY_NAME: &str = "addresses.friendly_name";

// An address is verified while a document that names it is approved (contract 14.7 row 106).
macro_rules! select {
    () => {
        "SELECT sid, lines_sealed, iso_country, emergency_enabled, validated, created_at, updated_at, \
         EXISTS (SELECT 1 FROM document_addresses l JOIN documents d ON d.account_sid = l.account_sid AND d.sid = l.document_sid \
         WHERE l.account_sid = addresses.account_sid AND l.address_sid = addresses.sid AND d.status = 'approved') \
         FROM addresses"
    };
}

statements! {
    INSERT = "INSERT INTO addresses (account_sid, sid, lines_sealed, customer_name_index, friendly_name_index, iso_country, \
              emergency_enabled, validated, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    GET = concat!(select!(), " WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL");
    LINES_OF_MANY = concat!("SELECT sid, lines_sealed, iso_country FROM addresses WHERE account_sid = $1 AND erased_at IS NULL \
                             AND sid IN ", places!());
    LOCK = "SELECT sid FROM addresses WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL FOR UPDATE";
    SAVE = "UPDATE addresses SET lines_sealed = $3, customer_name_index = $4, friendly_name_index = $5, emergency_enabled = $6, \
            validated = $7, updated_at = $8 WHERE account_sid = $1 AND sid = $2";
    DELETE = "DELETE FROM addresses WHERE account_sid = $1 AND sid = $2";
    LINKED = "SELECT 1 FROM document_addresses l JOIN documents d ON d.account_sid = l.account_sid AND d.sid = l.document_sid \
              WHERE l.account_sid = $1 AND l.address_sid = $2 \
              AND d.status IN ('pending-review', 'approved', 'provisionally-approved') LIMIT 1";
}

/// Which addresses a list shows. Every condition that is given must hold.
#[derive(Clone, Default)]
pub struct AddressFilter {
    /// Of exactly this customer name.
    pub customer_name: Option<String>,
    /// Of exactly this name.
    pub friendly_name: Option<String>,
    /// Enabled for emergency calls or not.
    pub emergency_enabled: Option<bool>,
    /// In this country.
    pub iso_country: Option<IsoCountry>,
}

/// Adds an address.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, owner: &Owner, address: &Address) -> StoreResult<()> {
    let stored = Stored::seal(owner, address);
    tx.execute_one(
        INSERT,
        params![
            owner.account,
            address.sid,
            stored.lines,
            stored.customer_name,
            stored.friendly_name,
            address.iso_country.as_str(),
            address.emergency_enabled,
            address.validated,
            address.created_at,
            address.updated_at
        ],
    )
}

/// The address, if the account has it.
///
/// # Errors
/// When the database fails or the row cannot be opened.
pub fn get(tx: &mut Tx<'_>, owner: &Owner, sid: AddressSid) -> StoreResult<Option<Address>> {
    tx.optional(GET, params![owner.account, sid], |row| read(row, owner))
}

/// Identifier, text and country of those of the addresses that the account has, in no order.
///
/// # Errors
/// As [`get`].
pub fn lines_of_many(
    tx: &mut Tx<'_>,
    owner: &Owner,
    sids: &[AddressSid],
) -> StoreResult<Vec<(AddressSid, AddressLines, IsoCountry)>> {
    many(tx, LINES_OF_MANY, owner, sids, |row| {
        let mut columns = row.columns();
        let sid = columns.next()?;
        Ok((sid, open_lines(owner, sid, columns.next()?)?, columns.next()?))
    })
}

/// As [`get`], and nobody else changes the address until this unit ends.
///
/// # Errors
/// As [`get`].
pub fn lock(tx: &mut Tx<'_>, owner: &Owner, sid: AddressSid) -> StoreResult<Option<Address>> {
    if tx.exists(LOCK, params![owner.account, sid])? { get(tx, owner, sid) } else { Ok(None) }
}

/// One page of the account's addresses, newest first.
///
/// # Errors
/// When the database fails or a row cannot be opened.
pub fn list(
    tx: &mut Tx<'_>,
    owner: &Owner,
    filter: &AddressFilter,
    window: &Window,
) -> StoreResult<Page<Address>> {
    let customer_name =
        filter.customer_name.as_deref().map(|name| blind_index(&owner.key, CUSTOMER_NAME, name));
    let friendly_name =
        filter.friendly_name.as_deref().map(|name| blind_index(&owner.key, FRIENDLY_NAME, name));
    let country = filter.iso_country.as_ref().map(IsoCountry::as_str);
    let mut conditions = vec![("account_sid =", owner.account.to_value()), NOT_ERASED];
    condition(&mut conditions, "customer_name_index =", customer_name.as_ref());
    condition(&mut conditions, "friendly_name_index =", friendly_name.as_ref());
    condition(&mut conditions, "emergency_enabled =", filter.emergency_enabled.as_ref());
    condition(&mut conditions, "iso_country =", country.as_ref());
    let listing =
        Listing { select: select!(), conditions, sids: Vec::new(), sort_by: "created_at", descending: true };
    listing.page(tx, window, |row| read(row, owner))
}

/// Saves everything that can change.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such address.
pub fn save(tx: &mut Tx<'_>, owner: &Owner, address: &Address) -> StoreResult<()> {
    let stored = Stored::seal(owner, address);
    tx.execute_one(
        SAVE,
        params![
            owner.account,
            address.sid,
            stored.lines,
            stored.customer_name,
            stored.friendly_name,
            address.emergency_enabled,
            address.validated,
            address.updated_at
        ],
    )
}

/// Deletes an address.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such address.
pub fn delete(tx: &mut Tx<'_>, owner: &Owner, sid: AddressSid) -> StoreResult<()> {
    tx.execute_one(DELETE, params![owner.account, sid])
}

/// Whether a document under review or approved names the address.
///
/// # Errors
/// When the database fails.
pub fn is_linked(tx: &mut Tx<'_>, owner: &Owner, sid: AddressSid) -> StoreResult<bool> {
    tx.exists(LINKED, params![owner.account, sid])
}

/// What of an address goes into its row unreadable.
struct Stored {
    lines: Vec<u8>,
    customer_name: [u8; 16],
    friendly_name: [u8; 16],
}

impl Stored {
    fn seal(owner: &Owner, address: &Address) -> Self {
        let lines = &address.lines;
        let json = serde_json::to_string(lines).expect("texts can be written as JSON");
        Self {
            lines: owner.seal(LINES, address.sid, &json),
            customer_name: blind_index(&owner.key, CUSTOMER_NAME, &lines.customer_name),
            friendly_name: blind_index(
                &owner.key,
                FRIENDLY_NAME,
                lines.friendly_name.as_deref().unwrap_or_default(),
            ),
        }
    }
}

fn open_lines(owner: &Owner, sid: AddressSid, sealed: &[u8]) -> StoreResult<AddressLines> {
    let json = owner.open(LINES, sid, sealed)?;
    serde_json::from_str(&json).map_err(|_| StoreError::Column { column: 1, expected: "address lines" })
}

fn read(row: &Row<'_>, owner: &Owner) -> StoreResult<Address> {
    let mut columns = row.columns();
    let sid = columns.next()?;
    Ok(Address {
        sid,
        account_sid: owner.account,
        lines: open_lines(owner, sid, columns.next()?)?,
        iso_country: columns.next()?,
        emergency_enabled: columns.next()?,
        validated: columns.next()?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
        verified: columns.next()?,
    })
}
