//! End users.

use dossier_domain::Attributes;
use dossier_domain::end_user::EndUser;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::EndUserSid;

use crate::Owner;
use crate::db::{Row, StoreResult, ToValue, Tx, params, statements};
use crate::list::{Listing, NOT_ERASED, many, places};
use crate::owner::Sealed;

const ATTRIBUTES: Sealed = Sealed { table: "end_users", column: "attributes_sealed" };

macro_rules! select {
    () => {
        "SELECT sid, type, friendly_name, attributes_sealed, created_at, updated_at FROM end_users"
    };
}

statements! {
    INSERT = "INSERT INTO end_users (account_sid, sid, type, friendly_name, attributes_sealed, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    GET = concat!(select!(), " WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL");
    GET_MANY = concat!(select!(), " WHERE account_sid = $1 AND erased_at IS NULL AND sid IN ", places!());
    LOCK = concat!(select!(), " WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL FOR UPDATE");
    SAVE = "UPDATE end_users SET friendly_name = $3, attributes_sealed = $4, updated_at = $5 WHERE account_sid = $1 AND sid = $2";
    DELETE = "DELETE FROM end_users WHERE account_sid = $1 AND sid = $2";
}

/// Adds an end user.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, owner: &Owner, end_user: &EndUser) -> StoreResult<()> {
    let attributes = owner.seal(ATTRIBUTES, end_user.sid, end_user.attributes.as_str());
    tx.execute_one(
        INSERT,
        params![
            owner.account,
            end_user.sid,
            end_user.kind.as_str(),
            end_user.friendly_name.as_str(),
            attributes,
            end_user.created_at,
            end_user.updated_at
        ],
    )
}

/// The end user, if the account has it.
///
/// # Errors
/// When the database fails or the row cannot be opened.
pub fn get(tx: &mut Tx<'_>, owner: &Owner, sid: EndUserSid) -> StoreResult<Option<EndUser>> {
    tx.optional(GET, params![owner.account, sid], |row| read(row, owner))
}

/// Those of the end users that the account has, in no order.
///
/// # Errors
/// As [`get`].
pub fn get_many(tx: &mut Tx<'_>, owner: &Owner, sids: &[EndUserSid]) -> StoreResult<Vec<EndUser>> {
    many(tx, GET_MANY, owner, sids, |row| read(row, owner))
}

/// As [`get`], and nobody else changes the end user or assigns it until this unit ends.
///
/// # Errors
/// As [`get`].
pub fn lock(tx: &mut Tx<'_>, owner: &Owner, sid: EndUserSid) -> StoreResult<Option<EndUser>> {
    tx.optional(LOCK, params![owner.account, sid], |row| read(row, owner))
}

/// One page of the account's end users, newest first.
///
/// # Errors
/// When the database fails or a row cannot be opened.
pub fn list(tx: &mut Tx<'_>, owner: &Owner, window: &Window) -> StoreResult<Page<EndUser>> {
    let conditions = vec![("account_sid =", owner.account.to_value()), NOT_ERASED];
    let listing =
        Listing { select: select!(), conditions, sids: Vec::new(), sort_by: "created_at", descending: true };
    listing.page(tx, window, |row| read(row, owner))
}

/// Saves the name and the attributes.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when there is no such end user.
pub fn save(tx: &mut Tx<'_>, owner: &Owner, end_user: &EndUser) -> StoreResult<()> {
    let attributes = owner.seal(ATTRIBUTES, end_user.sid, end_user.attributes.as_str());
    tx.execute_one(
        SAVE,
        params![
            owner.account,
            end_user.sid,
            end_user.friendly_name.as_str(),
            attributes,
            end_user.updated_at
        ],
    )
}

/// Deletes an end user.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when there is no such end user.
pub fn delete(tx: &mut Tx<'_>, owner: &Owner, sid: EndUserSid) -> StoreResult<()> {
    tx.execute_one(DELETE, params![owner.account, sid])
}

fn read(row: &Row<'_>, owner: &Owner) -> StoreResult<EndUser> {
    let mut columns = row.columns();
    let sid = columns.next()?;
    Ok(EndUser {
        sid,
        account_sid: owner.account,
        kind: columns.next()?,
        friendly_name: columns.next()?,
        attributes: Attributes::from_stored(owner.open(ATTRIBUTES, sid, columns.next()?)?),
        created_at: columns.next()?,
        updated_at: columns.next()?,
    })
}
