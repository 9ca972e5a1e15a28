//! What was made from what. Rows hold identifiers and times only, so nothing is sealed, and they stay when
//! the objects are gone.

use dossier_domain::Timestamp;
use dossier_domain::bundle::Bundle;
use dossier_domain::lineage::{BundleLineage, ItemLineage, LineageKind, Replacement};
use dossier_domain::paging::{Page, Position, Window};
use dossier_domain::sid::{AccountSid, AnySid, BundleSid};

use crate::Owner;
use crate::bundles;
use crate::db::{FromColumn, Row, StoreResult, ToValue, Tx, Value, params, statements};
use crate::list::Listing;

macro_rules! select {
    () => {
        "SELECT account_sid, bundle_sid, kind, source_account_sid, source_bundle_sid, made_at, made_by, replaced_at, \
         replaced_by FROM bundle_lineage"
    };
}

/// Bundles with their lineage: what lists of copies read, under names that the conditions of a list can use.
const COPIES: &str = concat!(
    "SELECT ",
    bundles::columns!(),
    " FROM (SELECT l.account_sid, l.bundle_sid AS sid, l.kind, l.source_bundle_sid, l.made_at, b.regulation_sid, \
     b.iso_country, b.number_type, b.end_user_type, b.friendly_name, b.status, b.contact_sealed, b.valid_until, \
     b.is_test, b.created_at, b.updated_at FROM bundle_lineage l \
     JOIN bundles b ON b.account_sid = l.account_sid AND b.sid = l.bundle_sid) AS made"
);

statements! {
    INSERT = "INSERT INTO bundle_lineage (account_sid, bundle_sid, kind, source_account_sid, source_bundle_sid, made_at, made_by) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    INSERT_ITEM = "INSERT INTO item_lineage (account_sid, sid, source_account_sid, source_sid, made_at) \
                   VALUES ($1, $2, $3, $4, $5)";
    SOURCE = concat!(select!(), " WHERE account_sid = $1 AND bundle_sid = $2");
    MADE_FROM = concat!(
        select!(),
        " WHERE source_account_sid = $1 AND source_bundle_sid = $2 AND (made_at, bundle_sid) < ($3, $4) \
         ORDER BY made_at DESC, bundle_sid DESC LIMIT $5"
    );
    /// Nothing is indexed by its identifier alone, so each account is asked.
    ACCOUNT_OF_MADE = "SELECT l.account_sid FROM accounts a \
                       JOIN bundle_lineage l ON l.account_sid = a.account_sid AND l.bundle_sid = $1 LIMIT 1";
    ACCOUNT_OF_SOURCE = "SELECT l.source_account_sid FROM accounts a \
                         JOIN bundle_lineage l ON l.source_account_sid = a.account_sid AND l.source_bundle_sid = $1 LIMIT 1";
    MARK_REPLACED = "UPDATE bundle_lineage SET replaced_at = $3, replaced_by = $4 WHERE account_sid = $1 AND bundle_sid = $2";
    ITEMS_MADE_FROM = "SELECT account_sid, sid, source_account_sid, source_sid, made_at FROM item_lineage \
                       WHERE source_account_sid = $1 AND source_sid = $2 AND (account_sid, sid) > ($3, $4) \
                       ORDER BY account_sid, sid LIMIT $5";
}

/// Records where a bundle comes from, in the unit that makes it. `replaced` is not looked at: it comes
/// later, by [`mark_replaced`].
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, lineage: &BundleLineage) -> StoreResult<()> {
    tx.execute_one(
        INSERT,
        params![
            lineage.account_sid,
            lineage.bundle_sid,
            lineage.kind.as_str(),
            lineage.source_account_sid,
            lineage.source_bundle_sid,
            lineage.made_at,
            lineage.made_by
        ],
    )
}

/// Records where an end user, a document or an address comes from, in the unit that makes it.
///
/// # Errors
/// When the database fails.
pub fn insert_item(tx: &mut Tx<'_>, lineage: &ItemLineage) -> StoreResult<()> {
    let ItemLineage { account_sid, sid, source_account_sid, source_sid, made_at } = lineage;
    tx.execute_one(INSERT_ITEM, params![account_sid, sid, source_account_sid, source_sid, made_at])
}

/// Where the account's bundle comes from, if it was made from another. Either may be gone by now.
///
/// # Errors
/// When the database fails.
pub fn source_of(
    tx: &mut Tx<'_>,
    account: AccountSid,
    bundle: BundleSid,
) -> StoreResult<Option<BundleLineage>> {
    tx.optional(SOURCE, params![account, bundle], read)
}

/// Whose a bundle was that was made from another, or another from it. For operators, who may know nothing
/// but the identifier of a bundle that is gone; it takes longer the more accounts there are.
///
/// # Errors
/// When the database fails.
pub fn account_of(tx: &mut Tx<'_>, bundle: BundleSid) -> StoreResult<Option<AccountSid>> {
    if let Some(account) = tx.optional(ACCOUNT_OF_MADE, params![bundle], |row| row.columns().next())? {
        return Ok(Some(account));
    }
    tx.optional(ACCOUNT_OF_SOURCE, params![bundle], |row| row.columns().next())
}

/// Up to `limit` bundles, of whatever account, that were made from the bundle of `source`, newest first,
/// behind the given position: the time in microseconds and the bundle that was made. Each may be gone by
/// now, and so may the source.
///
/// # Errors
/// When the database fails.
pub fn made_from(
    tx: &mut Tx<'_>,
    source: AccountSid,
    bundle: BundleSid,
    after: Option<Position>,
    limit: u32,
) -> StoreResult<Vec<BundleLineage>> {
    let (time, sid) =
        after.map_or((i64::MAX, String::new()), |position| (position.key, position.sid.to_string()));
    tx.list(MADE_FROM, params![source, bundle, time, sid, i64::from(limit)], read)
}

/// One page of the copies of the account's bundle that still exist, newest first. Positions in it are those
/// of a list that is sorted by when the copies were created.
///
/// # Errors
/// When the database fails or a row cannot be opened.
pub fn copies(
    tx: &mut Tx<'_>,
    owner: &Owner,
    source: BundleSid,
    window: &Window,
) -> StoreResult<Page<Bundle>> {
    let conditions = vec![
        ("account_sid =", owner.account.to_value()),
        ("source_bundle_sid =", source.to_value()),
        ("kind =", Value::Text(LineageKind::Copy.as_str())),
    ];
    let listing =
        Listing { select: COPIES, conditions, sids: Vec::new(), sort_by: "made_at", descending: true };
    listing.page(tx, window, |row| bundles::read(row, owner))
}

/// Records that the items of the account's bundle were put in the place of its source's. The last time
/// counts.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when the bundle was not made from another.
pub fn mark_replaced(
    tx: &mut Tx<'_>,
    account: AccountSid,
    bundle: BundleSid,
    replaced: &Replacement,
) -> StoreResult<()> {
    tx.execute_one(MARK_REPLACED, params![account, bundle, replaced.at, replaced.by])
}

/// Up to `limit` items, of whatever account, that were made from the item of `source`, in the order of their
/// accounts and identifiers, behind the given one. What was made from those in turn is found by asking for
/// each of them.
///
/// # Errors
/// When the database fails.
pub fn items_made_from(
    tx: &mut Tx<'_>,
    source: AccountSid,
    item: AnySid,
    after: Option<(AccountSid, AnySid)>,
    limit: u32,
) -> StoreResult<Vec<ItemLineage>> {
    let (account, sid) =
        after.map(|(account, sid)| (account.to_string(), sid.to_string())).unwrap_or_default();
    tx.list(ITEMS_MADE_FROM, params![source, item, account, sid, i64::from(limit)], |row| {
        let mut columns = row.columns();
        Ok(ItemLineage {
            account_sid: columns.next()?,
            sid: columns.next()?,
            source_account_sid: columns.next()?,
            source_sid: columns.next()?,
            made_at: columns.next()?,
        })
    })
}

fn read(row: &Row<'_>) -> StoreResult<BundleLineage> {
    let mut columns = row.columns();
    Ok(BundleLineage {
        account_sid: columns.next()?,
        bundle_sid: columns.next()?,
        kind: columns.next()?,
        source_account_sid: columns.next()?,
        source_bundle_sid: columns.next()?,
        made_at: columns.next()?,
        made_by: columns.next()?,
        replaced: {
            let at: Option<Timestamp> = columns.next()?;
            let by: Option<String> = columns.next()?;
            at.zip(by).map(|(at, by)| Replacement { at, by })
        },
    })
}

impl<'a> FromColumn<'a> for LineageKind {
    const EXPECTED: &'static str = "a kind of lineage";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}
