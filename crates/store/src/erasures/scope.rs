//! What belongs together: from an object to the bundles it is or was in, and on.
//!
//! What a case was handed over with counts as much as what is in a bundle now.

use dossier_domain::bundle::BundleStatus;
use dossier_domain::sid::{AccountSid, AddressSid, AnySid, BundleSid, DocumentSid, EndUserSid};

use crate::db::{StoreResult, Tx, params, statements};

/// The account of an object that is named alone: nothing is indexed so, and each account is asked.
macro_rules! account_of {
    ($table:literal) => {
        concat!(
            "SELECT o.account_sid FROM accounts a JOIN ",
            $table,
            " o ON o.account_sid = a.account_sid AND o.sid = $1 LIMIT 1"
        )
    };
}
macro_rules! has {
    ($table:literal) => {
        concat!("SELECT 1 FROM ", $table, " WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL")
    };
}
macro_rules! walk {
    ($table:literal) => {
        concat!(
            "SELECT sid FROM ",
            $table,
            " WHERE account_sid = $1 AND sid > $2 AND erased_at IS NULL ORDER BY sid LIMIT $3"
        )
    };
}

statements! {
    ACCOUNT_OF_BUNDLE = account_of!("bundles");
    ACCOUNT_OF_END_USER = account_of!("end_users");
    ACCOUNT_OF_DOCUMENT = account_of!("documents");
    ACCOUNT_OF_ADDRESS = account_of!("addresses");
    HAS_BUNDLE = has!("bundles");
    HAS_END_USER = has!("end_users");
    HAS_DOCUMENT = has!("documents");
    HAS_ADDRESS = has!("addresses");
    WALK_BUNDLES = walk!("bundles");
    WALK_END_USERS = walk!("end_users");
    WALK_DOCUMENTS = walk!("documents");
    WALK_ADDRESSES = walk!("addresses");

    BUNDLES_WITH = "SELECT bundle_sid FROM item_assignments WHERE account_sid = $1 AND object_sid = $2 LIMIT $3";
    BUNDLES_ONCE_WITH = "SELECT c.bundle_sid FROM case_items i JOIN cases c ON c.sid = i.case_sid \
                         WHERE i.account_sid = $1 AND i.object_sid = $2 LIMIT $3";
    ITEMS_OF = "SELECT object_sid FROM item_assignments WHERE account_sid = $1 AND bundle_sid = $2 LIMIT $3";
    ITEMS_ONCE_OF = "SELECT i.object_sid FROM cases c JOIN case_items i ON i.account_sid = c.account_sid AND i.case_sid = c.sid \
                     WHERE c.account_sid = $1 AND c.bundle_sid = $2 LIMIT $3";
    STATUS_OF = "SELECT status FROM bundles WHERE account_sid = $1 AND sid = $2";
    NUMBER_WITH = "SELECT 1 FROM numbers WHERE account_sid = $1 AND bundle_sid = $2 LIMIT 1";
    NUMBER_AT = "SELECT 1 FROM numbers WHERE account_sid = $1 AND address_sid = $2 LIMIT 1";
    NUMBER_OF = "SELECT bundle_sid FROM numbers WHERE account_sid = $1 AND bundle_sid IS NOT NULL LIMIT 1";
    ADDRESSES_OF = "SELECT address_sid FROM document_addresses WHERE account_sid = $1 AND document_sid = $2 LIMIT $3";
    DOCUMENTS_NAMING = "SELECT document_sid FROM document_addresses WHERE account_sid = $1 AND address_sid = $2 LIMIT $3";
}

/// Most rows of one relation that are followed: many times what anybody has.
const FOLLOWED_MAX: i64 = 100_000;

/// The kinds of objects of an account, in the order in which a walk over all of it goes.
const WALKS: [(&str, &str); 4] =
    [("BU", WALK_BUNDLES), ("IT", WALK_END_USERS), ("RD", WALK_DOCUMENTS), ("AD", WALK_ADDRESSES)];

/// Whose an account, a bundle, an end user, a document or an address is. For operators, who may know nothing
/// but the identifier; it takes longer the more accounts there are.
///
/// # Errors
/// When the database fails.
pub fn account_of(tx: &mut Tx<'_>, object: AnySid) -> StoreResult<Option<AccountSid>> {
    if let Some(account) = object.of_kind() {
        return Ok(crate::accounts::get(tx, account)?.map(|found| found.sid));
    }
    let statements = [ACCOUNT_OF_BUNDLE, ACCOUNT_OF_END_USER, ACCOUNT_OF_DOCUMENT, ACCOUNT_OF_ADDRESS];
    let Some(sql) = by_kind(object, statements) else { return Ok(None) };
    tx.optional(sql, params![object], |row| row.columns().next())
}

/// Whether the account has the object, and it is not erased.
///
/// # Errors
/// When the database fails.
pub fn exists(tx: &mut Tx<'_>, account: AccountSid, object: AnySid) -> StoreResult<bool> {
    match by_kind(object, [HAS_BUNDLE, HAS_END_USER, HAS_DOCUMENT, HAS_ADDRESS]) {
        Some(sql) => tx.exists(sql, params![account, object]),
        None => Ok(false),
    }
}

/// The bundles an object is in.
///
/// # Errors
/// When the database fails.
pub fn bundles_with(tx: &mut Tx<'_>, account: AccountSid, object: AnySid) -> StoreResult<Vec<BundleSid>> {
    tx.list(BUNDLES_WITH, params![account, object, FOLLOWED_MAX], |row| row.columns().next())
}

/// The bundles an object is in, or was handed over with, each once.
///
/// # Errors
/// When the database fails.
pub fn bundles_ever_with(
    tx: &mut Tx<'_>,
    account: AccountSid,
    object: AnySid,
) -> StoreResult<Vec<BundleSid>> {
    let mut bundles = bundles_with(tx, account, object)?;
    bundles.extend(tx.list(BUNDLES_ONCE_WITH, params![account, object, FOLLOWED_MAX], |row| {
        row.columns().next::<BundleSid>()
    })?);
    bundles.sort_unstable();
    bundles.dedup();
    Ok(bundles)
}

/// The end user of a bundle.
///
/// # Errors
/// When the database fails.
pub fn end_user_of(
    tx: &mut Tx<'_>,
    account: AccountSid,
    bundle: BundleSid,
) -> StoreResult<Option<EndUserSid>> {
    let items: Vec<AnySid> =
        tx.list(ITEMS_OF, params![account, bundle, FOLLOWED_MAX], |row| row.columns().next())?;
    Ok(items.iter().find_map(AnySid::of_kind))
}

/// What is in a bundle or was handed over with it; of the addresses those that were handed over. Some may be
/// there twice.
///
/// # Errors
/// When the database fails.
pub fn items_ever_of(tx: &mut Tx<'_>, account: AccountSid, bundle: BundleSid) -> StoreResult<Vec<AnySid>> {
    let mut items = Vec::new();
    for sql in [ITEMS_OF, ITEMS_ONCE_OF] {
        items.extend(
            tx.list(sql, params![account, bundle, FOLLOWED_MAX], |row| row.columns().next::<AnySid>())?,
        );
    }
    Ok(items)
}

/// Where a bundle stands, and whether a number in service is leased with it.
///
/// # Errors
/// When the database fails.
pub fn use_of_bundle(
    tx: &mut Tx<'_>,
    account: AccountSid,
    bundle: BundleSid,
) -> StoreResult<Option<(BundleStatus, bool)>> {
    let Some(status) = tx.optional(STATUS_OF, params![account, bundle], |row| row.columns().next())? else {
        return Ok(None);
    };
    Ok(Some((status, tx.exists(NUMBER_WITH, params![account, bundle])?)))
}

/// Whether a number in service is leased with an address, with or without a bundle.
///
/// # Errors
/// When the database fails.
pub fn is_address_in_service(tx: &mut Tx<'_>, account: AccountSid, address: AddressSid) -> StoreResult<bool> {
    tx.exists(NUMBER_AT, params![account, address])
}

/// A bundle of the account that a number in service is leased with, if there is one.
///
/// # Errors
/// When the database fails.
pub fn bundle_in_service(tx: &mut Tx<'_>, account: AccountSid) -> StoreResult<Option<BundleSid>> {
    tx.optional(NUMBER_OF, params![account], |row| row.columns().next())
}

/// The addresses that a document names. They need not exist.
///
/// # Errors
/// When the database fails.
pub fn addresses_of(
    tx: &mut Tx<'_>,
    account: AccountSid,
    document: DocumentSid,
) -> StoreResult<Vec<AddressSid>> {
    tx.list(ADDRESSES_OF, params![account, document, FOLLOWED_MAX], |row| row.columns().next())
}

/// The documents that name an address.
///
/// # Errors
/// When the database fails.
pub fn documents_naming(
    tx: &mut Tx<'_>,
    account: AccountSid,
    address: AddressSid,
) -> StoreResult<Vec<DocumentSid>> {
    tx.list(DOCUMENTS_NAMING, params![account, address, FOLLOWED_MAX], |row| row.columns().next())
}

/// Up to `limit` objects of an account that are not erased: bundles first, then end users, documents and
/// addresses, behind the given one. Empty text is in front of the first.
///
/// # Errors
/// When the database fails.
pub fn next_of_account(
    tx: &mut Tx<'_>,
    account: AccountSid,
    place: &str,
    limit: u32,
) -> StoreResult<Vec<AnySid>> {
    let begun = WALKS.iter().position(|(prefix, _)| place.starts_with(prefix)).unwrap_or(0);
    for (_, sql) in &WALKS[begun..] {
        // Behind an identifier of another kind means from the first of this kind on, or behind the last.
        let prefix = WALKS.iter().find(|(_, other)| other == sql).map_or("", |(prefix, _)| prefix);
        let behind = if place.starts_with(prefix) { place } else { "" };
        let found = tx.list(sql, params![account, behind, i64::from(limit)], |row| row.columns().next())?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The statement for the kind of an object.
fn by_kind(object: AnySid, [bundle, end_user, document, address]: [&str; 4]) -> Option<&str> {
    let text = object.text();
    match &text[..2] {
        BundleSid::PREFIX => Some(bundle),
        EndUserSid::PREFIX => Some(end_user),
        DocumentSid::PREFIX => Some(document),
        AddressSid::PREFIX => Some(address),
        _ => None,
    }
}
