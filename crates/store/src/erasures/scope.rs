//! What belongs together: from an object to the bundles it is or was in, and on.
//!
//! What a case was handed over with counts as much as what is in a bundle now.

use dossier_domain::sid::{AccountSid, AddressSid, AnySid, BundleSid, DocumentSid, kinds};

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
    let sql = if object.of_kind::<kinds::Bundle>().is_some() {
        ACCOUNT_OF_BUNDLE
    } else if object.of_kind::<kinds::EndUser>().is_some() {
        ACCOUNT_OF_END_USER
    } else if object.of_kind::<kinds::Document>().is_some() {
        ACCOUNT_OF_DOCUMENT
    } else if object.of_kind::<kinds::Address>().is_some() {
        ACCOUNT_OF_ADDRESS
    } else {
        return Ok(None);
    };
    tx.optional(sql, params![object], |row| row.columns().next())
}

/// The bundles an object is in, or was handed over with, each once.
///
/// # Errors
/// When the database fails.
pub fn bundles_with(tx: &mut Tx<'_>, account: AccountSid, object: AnySid) -> StoreResult<Vec<BundleSid>> {
    both(tx, [BUNDLES_WITH, BUNDLES_ONCE_WITH], account, object)
}

/// The end users, documents and addresses that are in a bundle, or were handed over with it, each once;
/// of the addresses those that were handed over.
///
/// # Errors
/// When the database fails.
pub fn items_of(tx: &mut Tx<'_>, account: AccountSid, bundle: BundleSid) -> StoreResult<Vec<AnySid>> {
    let rows: Vec<String> = both_texts(tx, [ITEMS_OF, ITEMS_ONCE_OF], account, bundle.into())?;
    Ok(rows.iter().filter_map(|text| AnySid::parse(text).ok()).collect())
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

fn both(
    tx: &mut Tx<'_>,
    statements: [&str; 2],
    account: AccountSid,
    object: AnySid,
) -> StoreResult<Vec<BundleSid>> {
    let texts = both_texts(tx, statements, account, object)?;
    Ok(texts.iter().filter_map(|text| BundleSid::parse(text).ok()).collect())
}

fn both_texts(
    tx: &mut Tx<'_>,
    statements: [&str; 2],
    account: AccountSid,
    object: AnySid,
) -> StoreResult<Vec<String>> {
    let mut texts: Vec<String> = Vec::new();
    for sql in statements {
        texts.extend(
            tx.list(sql, params![account, object, FOLLOWED_MAX], |row| row.columns().next::<String>())?,
        );
    }
    texts.sort_unstable();
    texts.dedup();
    Ok(texts)
}
