//! Item assignments: what is in which bundle.

use dossier_domain::bundle::BundleStatus;
use dossier_domain::item_assignment::{ItemAssignment, Slot};
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::{AnySid, BundleSid, ItemAssignmentSid};

use crate::Owner;
use crate::db::{Row, StoreResult, ToValue, Tx, params, statements};
use crate::list::{Listing, many, places};

macro_rules! select {
    () => {
        "SELECT sid, bundle_sid, object_sid, created_at FROM item_assignments"
    };
}

statements! {
    INSERT = "INSERT INTO item_assignments (account_sid, bundle_sid, sid, object_sid, slot, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    GET = concat!(select!(), " WHERE account_sid = $1 AND bundle_sid = $2 AND sid = $3");
    TAKEN = "SELECT sid FROM item_assignments WHERE account_sid = $1 AND bundle_sid = $2 AND slot = $3";
    OBJECTS = "SELECT object_sid FROM item_assignments WHERE account_sid = $1 AND bundle_sid = $2 ORDER BY created_at, sid LIMIT $3";
    OBJECTS_OF_MANY = concat!("SELECT bundle_sid, object_sid FROM item_assignments WHERE account_sid = $1 AND bundle_sid IN ",
                      places!(), " ORDER BY bundle_sid, created_at, sid");
    ASSIGNED = "SELECT sid FROM item_assignments WHERE account_sid = $1 AND object_sid = $2 LIMIT 1";
    STATUSES = "SELECT DISTINCT b.status FROM item_assignments i JOIN bundles b ON b.account_sid = i.account_sid AND b.sid = i.bundle_sid \
                WHERE i.account_sid = $1 AND i.object_sid = $2";
    OTHERS = "SELECT DISTINCT b.status FROM item_assignments i JOIN bundles b ON b.account_sid = i.account_sid AND b.sid = i.bundle_sid \
              WHERE i.account_sid = $1 AND i.object_sid = $2 AND i.bundle_sid <> $3";
    DELETE = "DELETE FROM item_assignments WHERE account_sid = $1 AND bundle_sid = $2 AND sid = $3";
    DELETE_ALL = "DELETE FROM item_assignments WHERE account_sid = $1 AND bundle_sid = $2";
}

/// Items one bundle can have: its end user and one document of each type there is.
pub const ITEMS_MAX: u32 = 1000;

/// Puts an item into a bundle.
///
/// # Errors
/// When its slot is taken, which the caller has looked at before, holding the bundle's lock.
pub fn insert(tx: &mut Tx<'_>, owner: &Owner, assignment: &ItemAssignment, slot: &Slot) -> StoreResult<()> {
    tx.execute_one(
        INSERT,
        params![
            owner.account,
            assignment.bundle_sid,
            assignment.sid,
            assignment.object_sid,
            slot.text(),
            assignment.created_at
        ],
    )
}

/// The assignment, if the account's bundle has it.
///
/// # Errors
/// When the database fails.
pub fn get(
    tx: &mut Tx<'_>,
    owner: &Owner,
    bundle: BundleSid,
    sid: ItemAssignmentSid,
) -> StoreResult<Option<ItemAssignment>> {
    tx.optional(GET, params![owner.account, bundle, sid], |row| read(row, owner))
}

/// One page of what is in a bundle, newest first.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    owner: &Owner,
    bundle: BundleSid,
    window: &Window,
) -> StoreResult<Page<ItemAssignment>> {
    let conditions = vec![("account_sid =", owner.account.to_value()), ("bundle_sid =", bundle.to_value())];
    let listing =
        Listing { select: select!(), conditions, sids: Vec::new(), sort_by: "created_at", descending: true };
    listing.page(tx, window, |row| read(row, owner))
}

/// Whether the place in the bundle is taken.
///
/// # Errors
/// When the database fails.
pub fn is_taken(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid, slot: &Slot) -> StoreResult<bool> {
    tx.exists(TAKEN, params![owner.account, bundle, slot.text()])
}

/// Everything that is in a bundle, in the order in which it was put there.
///
/// # Errors
/// When the database fails.
pub fn objects(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid) -> StoreResult<Vec<AnySid>> {
    tx.list(OBJECTS, params![owner.account, bundle, i64::from(ITEMS_MAX)], |row| row.columns().next())
}

/// What is in these bundles: each object with its bundle, those of one bundle as in [`objects`].
///
/// # Errors
/// When the database fails.
pub fn objects_of_many(
    tx: &mut Tx<'_>,
    owner: &Owner,
    bundles: &[BundleSid],
) -> StoreResult<Vec<(BundleSid, AnySid)>> {
    many(tx, OBJECTS_OF_MANY, owner, bundles, |row| {
        let mut columns = row.columns();
        Ok((columns.next()?, columns.next()?))
    })
}

/// Whether any bundle has the object.
///
/// # Errors
/// When the database fails.
pub fn is_assigned(tx: &mut Tx<'_>, owner: &Owner, object: AnySid) -> StoreResult<bool> {
    tx.exists(ASSIGNED, params![owner.account, object])
}

/// The states of the bundles that have the object.
///
/// # Errors
/// When the database fails.
pub fn bundle_statuses(tx: &mut Tx<'_>, owner: &Owner, object: AnySid) -> StoreResult<Vec<BundleStatus>> {
    tx.list(STATUSES, params![owner.account, object], |row| row.columns().next())
}

/// The states of the bundles that have the object, apart from one.
///
/// # Errors
/// When the database fails.
pub fn other_bundle_statuses(
    tx: &mut Tx<'_>,
    owner: &Owner,
    object: AnySid,
    apart: BundleSid,
) -> StoreResult<Vec<BundleStatus>> {
    tx.list(OTHERS, params![owner.account, object, apart], |row| row.columns().next())
}

/// Takes an item out of a bundle.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when it is not there.
pub fn delete(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid, sid: ItemAssignmentSid) -> StoreResult<()> {
    tx.execute_one(DELETE, params![owner.account, bundle, sid])
}

/// Takes everything out of a bundle.
///
/// # Errors
/// When the database fails.
pub fn delete_all(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid) -> StoreResult<()> {
    tx.execute(DELETE_ALL, params![owner.account, bundle]).map(drop)
}

fn read(row: &Row<'_>, owner: &Owner) -> StoreResult<ItemAssignment> {
    let mut columns = row.columns();
    Ok(ItemAssignment {
        sid: columns.next()?,
        account_sid: owner.account,
        bundle_sid: columns.next()?,
        object_sid: columns.next()?,
        created_at: columns.next()?,
    })
}
