//! What is in the bundle that something is made from.

use std::collections::BTreeSet;

use dossier_domain::document::Document;
use dossier_domain::end_user::EndUser;
use dossier_domain::evaluation::address_references;
use dossier_domain::sid::{AddressSid, BundleSid, DocumentSid, EndUserSid};
use dossier_store::{Owner, StoreResult, Tx, documents, end_users, item_assignments};

/// An item of a bundle.
pub(super) enum Original {
    EndUser(EndUser),
    Document(Document),
}

impl Original {
    pub(super) fn document(&self) -> Option<&Document> {
        match self {
            Self::EndUser(_) => None,
            Self::Document(document) => Some(document),
        }
    }
}

/// The items of a bundle, in the order in which they were put there.
pub(super) struct Originals(pub(super) Vec<Original>);

type Read<S, T> = fn(&mut Tx<'_>, &Owner, S) -> StoreResult<Option<T>>;

impl Originals {
    pub(super) fn read(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid) -> StoreResult<Self> {
        Self::by(tx, owner, bundle, end_users::get, documents::get)
    }

    /// As [`Originals::read`], and none of them changes until this unit ends.
    pub(super) fn lock(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid) -> StoreResult<Self> {
        Self::by(tx, owner, bundle, end_users::lock, documents::lock)
    }

    fn by(
        tx: &mut Tx<'_>,
        owner: &Owner,
        bundle: BundleSid,
        end_user: Read<EndUserSid, EndUser>,
        document: Read<DocumentSid, Document>,
    ) -> StoreResult<Self> {
        let mut originals = Vec::new();
        for object in item_assignments::objects(tx, owner, bundle)? {
            if let Some(sid) = object.of_kind() {
                originals.extend(end_user(tx, owner, sid)?.map(Original::EndUser));
            } else if let Some(sid) = object.of_kind() {
                originals.extend(document(tx, owner, sid)?.map(Original::Document));
            }
        }
        Ok(Self(originals))
    }

    pub(super) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.0.iter().filter_map(Original::document)
    }

    /// The addresses that the documents name, each once.
    pub(super) fn addresses(&self) -> BTreeSet<AddressSid> {
        self.documents().flat_map(|document| address_references(&document.attributes).sids).collect()
    }
}
