//! What is in many bundles, read with few statements. It says the same as reading them one by one.

use std::collections::HashMap;

use dossier_domain::address::is_po_box;
use dossier_domain::document::Document;
use dossier_domain::end_user::EndUser;
use dossier_domain::evaluation::{KnownAddress, address_references};
use dossier_domain::sid::{AddressSid, AnySid, BundleSid, DocumentSid, EndUserSid, Kind, Sid};
use dossier_store::{Owner, StoreResult, Tx, addresses, documents, end_users, item_assignments};

use crate::evaluations::BundleItems;

/// What is in each of the bundles now. All of them know the addresses that any of them names.
pub(crate) fn contents_of_many(
    tx: &mut Tx<'_>,
    owner: &Owner,
    bundles: &[BundleSid],
) -> StoreResult<Vec<BundleItems>> {
    let objects = item_assignments::objects_of_many(tx, owner, bundles)?;
    let end_users = end_users::get_many(tx, owner, &of_kind(&objects))?;
    let documents = documents::get_many(tx, owner, &of_kind(&objects))?;
    let addresses = known_addresses(tx, owner, &documents)?;
    let end_users: HashMap<EndUserSid, EndUser> =
        end_users.into_iter().map(|end_user| (end_user.sid, end_user)).collect();
    let documents: HashMap<DocumentSid, Document> =
        documents.into_iter().map(|document| (document.sid, document)).collect();
    let items = |bundle: &BundleSid| {
        let mut items = BundleItems { addresses: addresses.clone(), ..BundleItems::default() };
        for (_, object) in objects.iter().filter(|(of, _)| of == bundle) {
            if let Some(sid) = object.of_kind() {
                items.end_user = end_users.get(&sid).cloned();
            } else if let Some(sid) = object.of_kind() {
                items.documents.extend(documents.get(&sid).cloned());
            }
        }
        items
    };
    Ok(bundles.iter().map(items).collect())
}

/// The identifiers of a kind, each once.
fn of_kind<K: Kind>(objects: &[(BundleSid, AnySid)]) -> Vec<Sid<K>> {
    once(objects.iter().filter_map(|(_, object)| object.of_kind()).collect())
}

fn once<K: Kind>(mut sids: Vec<Sid<K>>) -> Vec<Sid<K>> {
    sids.sort_unstable();
    sids.dedup();
    sids
}

fn known_addresses(tx: &mut Tx<'_>, owner: &Owner, documents: &[Document]) -> StoreResult<Vec<KnownAddress>> {
    let named = documents.iter().flat_map(|document| address_references(&document.attributes).sids);
    let sids: Vec<AddressSid> = once(named.collect());
    let known = addresses::lines_of_many(tx, owner, &sids)?.into_iter();
    Ok(known
        .map(|(sid, lines, iso_country)| KnownAddress { sid, iso_country, is_po_box: is_po_box(&lines) })
        .collect())
}
