//! Writing the new bundle with everything in it.

use std::collections::HashMap;

use dossier_domain::Timestamp;
use dossier_domain::address::Address;
use dossier_domain::audit::Action;
use dossier_domain::bundle::Bundle;
use dossier_domain::campaign::Happening;
use dossier_domain::document::{Document, DocumentFile};
use dossier_domain::end_user::EndUser;
use dossier_domain::evaluation::{address_references, readdress};
use dossier_domain::item_assignment::{ItemAssignment, Slot};
use dossier_domain::lineage::{BundleLineage, ItemLineage};
use dossier_domain::sid::{AddressSid, AnySid, BundleSid, DocumentSid, ItemAssignmentSid};
use dossier_store::{Owner, Tx, addresses, audit, bundles, documents, end_users, item_assignments, lineage};

use super::files::CopiedFiles;
use super::order::{Order, Way};
use super::originals::{Original, Originals};
use crate::campaigns::{Carrying, concern_clone, follow_bundle};
use crate::random::random_sid;
use crate::{Caller, Result, not_found, validity};

/// What became of an order.
pub(super) enum Made {
    /// The new bundle, and the files that were copied in vain: what they were for has left the source.
    Bundle(Bundle, Vec<DocumentFile>),
    /// Nothing was written: a file that is needed was not copied.
    Nothing,
}

impl Order {
    /// Reads the source with locks, and writes what is made from it.
    pub(super) fn make(
        &self,
        tx: &mut Tx<'_>,
        files: &CopiedFiles,
        carrying: &Carrying,
        now: Timestamp,
    ) -> Result<Made> {
        let owner = &self.caller.owner;
        let source = bundles::lock(tx, owner, self.source)?.ok_or_else(|| not_found(self.source))?;
        let originals = Originals::lock(tx, owner, self.source)?;
        let addresses = self.check(tx, &source, &originals)?;
        if originals.documents().any(|document| files.for_document(document).is_none()) {
            return Ok(Made::Nothing);
        }
        let bundle = self.new_bundle(&source, now);
        let mut maker = Maker { order: self, files, by: self.maker(), now, readdressed: HashMap::new() };
        maker.add_bundle(tx, &bundle)?;
        if let Way::Clone { .. } = self.way {
            addresses.into_iter().try_for_each(|address| maker.add_address(tx, address))?;
        }
        maker.add_items(tx, bundle.sid, &originals)?;
        validity::plan(tx, &self.target, &bundle, now)?;
        audit::append(tx, &self.caller.event(now, self.way.action(), self.source))?;
        match self.way {
            Way::Copy { .. } => follow_bundle(tx, owner.account, self.source, Happening::Copied, now)?,
            Way::Clone { .. } => concern_clone(tx, carrying, &self.target, bundle.clone(), now)?,
        }
        Ok(Made::Bundle(bundle, files.unused(&originals)))
    }

    fn new_bundle(&self, source: &Bundle, now: Timestamp) -> Bundle {
        let (status, valid_until) = self.way.standing(source);
        Bundle {
            sid: random_sid(),
            account_sid: self.target.account,
            friendly_name: self.friendly_name.clone().unwrap_or_else(|| source.friendly_name.clone()),
            status,
            valid_until,
            is_test: false,
            created_at: now,
            updated_at: now,
            ..source.clone()
        }
    }

    /// Who gave the order, as recorded in the target account.
    fn maker(&self) -> Caller {
        Caller { owner: self.target.clone(), ..self.caller.clone() }
    }
}

/// Writes into the target account.
struct Maker<'a> {
    order: &'a Order,
    files: &'a CopiedFiles,
    by: Caller,
    now: Timestamp,
    /// The addresses that were made, by what they were made from.
    readdressed: HashMap<AddressSid, AddressSid>,
}

impl Maker<'_> {
    fn owner(&self) -> &Owner {
        &self.order.target
    }

    fn record(&self, tx: &mut Tx<'_>, action: Action, made: impl Into<AnySid>) -> Result<()> {
        Ok(audit::append(tx, &self.by.event(self.now, action, made))?)
    }

    /// Records the item that was made, and what it was made from.
    fn record_item(
        &self,
        tx: &mut Tx<'_>,
        action: Action,
        made: impl Into<AnySid>,
        source: impl Into<AnySid>,
    ) -> Result<()> {
        let sid = made.into();
        let item = ItemLineage {
            account_sid: self.owner().account,
            sid,
            source_account_sid: self.order.caller.account(),
            source_sid: source.into(),
            made_at: self.now,
        };
        lineage::insert_item(tx, &item)?;
        self.record(tx, action, sid)
    }

    fn add_bundle(&self, tx: &mut Tx<'_>, bundle: &Bundle) -> Result<()> {
        bundles::insert(tx, self.owner(), bundle)?;
        let made = BundleLineage {
            account_sid: bundle.account_sid,
            bundle_sid: bundle.sid,
            kind: self.order.way.kind(),
            source_account_sid: self.order.caller.account(),
            source_bundle_sid: self.order.source,
            made_at: self.now,
            made_by: self.by.actor.text(),
            replaced: None,
        };
        lineage::insert(tx, &made)?;
        self.record(tx, Action::BundleCreated, bundle.sid)
    }

    fn add_address(&mut self, tx: &mut Tx<'_>, original: Address) -> Result<()> {
        let (sid, source) = (random_sid(), original.sid);
        let account_sid = self.owner().account;
        let address = Address { sid, account_sid, created_at: self.now, updated_at: self.now, ..original };
        addresses::insert(tx, self.owner(), &address)?;
        self.readdressed.insert(source, sid);
        self.record_item(tx, Action::AddressCreated, sid, source)
    }

    /// Makes the items and puts them into the bundle, in the order of the originals.
    fn add_items(&self, tx: &mut Tx<'_>, bundle: BundleSid, originals: &Originals) -> Result<()> {
        // All are put there at the same moment, so identifiers decide about the order.
        let mut sids: Vec<ItemAssignmentSid> = originals.0.iter().map(|_| random_sid()).collect();
        sids.sort_unstable();
        for (sid, original) in sids.into_iter().zip(&originals.0) {
            let (object_sid, slot) = match original {
                Original::EndUser(original) => (self.add_end_user(tx, original)?, Slot::EndUser),
                Original::Document(original) => {
                    let (made, file) = self.files.for_document(original).expect("this was looked at before");
                    (self.add_document(tx, original, made, file)?, Slot::Document(original.kind.clone()))
                }
            };
            let (account_sid, created_at) = (self.owner().account, self.now);
            let assignment = ItemAssignment { sid, account_sid, bundle_sid: bundle, object_sid, created_at };
            item_assignments::insert(tx, self.owner(), &assignment, &slot)?;
            self.record(tx, Action::ItemAssigned, sid)?;
        }
        Ok(())
    }

    fn add_end_user(&self, tx: &mut Tx<'_>, original: &EndUser) -> Result<AnySid> {
        let end_user = EndUser {
            sid: random_sid(),
            account_sid: self.owner().account,
            created_at: self.now,
            updated_at: self.now,
            ..original.clone()
        };
        end_users::insert(tx, self.owner(), &end_user)?;
        self.record_item(tx, Action::EndUserCreated, end_user.sid, original.sid)?;
        Ok(end_user.sid.into())
    }

    fn add_document(
        &self,
        tx: &mut Tx<'_>,
        original: &Document,
        sid: DocumentSid,
        file: Option<DocumentFile>,
    ) -> Result<AnySid> {
        let document = Document {
            sid,
            account_sid: self.owner().account,
            status: self.order.way.document_status(original.status),
            attributes: readdress(&original.attributes, |address| self.readdressed.get(&address).copied()),
            file,
            rejection: None,
            created_at: self.now,
            updated_at: self.now,
            ..original.clone()
        };
        let addresses = address_references(&document.attributes).sids;
        documents::insert(tx, self.owner(), &document, &addresses)?;
        self.record_item(tx, Action::DocumentCreated, sid, original.sid)?;
        Ok(sid.into())
    }
}
