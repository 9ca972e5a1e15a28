//! Evaluations: whether what a bundle contains satisfies its regulation as of now.

use std::sync::Arc;

use dossier_domain::Timestamp;
use dossier_domain::address::{Address, is_po_box};
use dossier_domain::audit::Action;
use dossier_domain::bundle::Bundle;
use dossier_domain::catalogue::{Catalogue, Entry};
use dossier_domain::document::Document;
use dossier_domain::end_user::EndUser;
use dossier_domain::evaluation::{
    self, Contents, DocumentContents, EndUserContents, Evaluation, KnownAddress, Switches, address_references,
};
use dossier_domain::paging::{Page, Window};
use dossier_domain::regulation::{Combination, Regulation};
use dossier_domain::sid::{AddressSid, BundleSid, DocumentSid, EndUserSid, EvaluationSid, RegulationSid};
use dossier_store::evaluations::{self, StoredEvaluation};
use dossier_store::{
    Owner, StoreResult, Tx, addresses, audit, bundles, documents, end_users, item_assignments,
};

use crate::campaigns::rules_for;
use crate::random::random_sid;
use crate::{App, Caller, Result, not_found};

impl App {
    /// Evaluates a bundle in whatever state it is, and keeps the result (contract section 5.3).
    ///
    /// # Errors
    /// Code 20404.
    pub async fn evaluate_bundle(&self, caller: Caller, sid: BundleSid) -> Result<StoredEvaluation> {
        let (now, reader) = (self.now(), self.reader());
        self.db
            .write(move |tx| {
                let owner = &caller.owner;
                let bundle = bundles::lock(tx, owner, sid)?.ok_or_else(|| not_found(sid))?;
                let contents = reader.contents(tx, owner, sid)?;
                let rules = rules_for(tx, &reader, &bundle, now)?;
                let stored = evaluate(&reader, &rules, &bundle, &contents, now);
                evaluations::insert(tx, owner, &stored)?;
                let mut event = caller.event(now, Action::BundleEvaluated, stored.sid);
                event.rule_revision = Some(stored.evaluation.revision);
                audit::append(tx, &event)?;
                Ok(stored)
            })
            .await
    }

    /// One evaluation of a bundle.
    ///
    /// # Errors
    /// Code 20404.
    pub async fn evaluation(
        &self,
        caller: Caller,
        bundle: BundleSid,
        sid: EvaluationSid,
    ) -> Result<StoredEvaluation> {
        self.db
            .read(move |tx| evaluations::get(tx, &caller.owner, bundle, sid))
            .await?
            .ok_or_else(|| not_found(sid))
    }

    /// One page of a bundle's evaluations, newest first.
    ///
    /// # Errors
    /// Code 20404 for the bundle.
    pub async fn list_evaluations(
        &self,
        caller: Caller,
        bundle: BundleSid,
        window: Window,
    ) -> Result<Page<StoredEvaluation>> {
        self.db
            .read(move |tx| {
                bundles::get(tx, &caller.owner, bundle)?.ok_or_else(|| not_found(bundle))?;
                Ok(evaluations::list(tx, &caller.owner, bundle, &window)?)
            })
            .await
    }

    /// What an evaluation needs besides a transaction.
    pub(crate) fn reader(&self) -> Reader {
        Reader { catalogue: self.catalogue(), switches: self.options.evaluation }
    }
}

/// Reads what is in bundles and holds the rules it is measured by.
pub(crate) struct Reader {
    catalogue: Arc<Catalogue>,
    switches: Switches,
}

/// What is in a bundle.
#[derive(Default)]
pub(crate) struct BundleItems {
    pub(crate) end_user: Option<EndUser>,
    pub(crate) documents: Vec<Document>,
    /// At least those that the documents name, as far as they exist.
    pub(crate) addresses: Vec<KnownAddress>,
}

impl Reader {
    /// What is in the bundle now.
    pub(crate) fn contents(
        &self,
        tx: &mut Tx<'_>,
        owner: &Owner,
        bundle: BundleSid,
    ) -> StoreResult<BundleItems> {
        read_items(
            tx,
            owner,
            bundle,
            &Reads { end_user: end_users::get, document: documents::get, address: addresses::get },
        )
    }

    /// The regulation in the revision in force, if the catalogue has one.
    pub(crate) fn in_force(&self, sid: RegulationSid, now: Timestamp) -> Option<Arc<Regulation>> {
        self.catalogue.regulation(sid, now.date()).cloned()
    }

    /// Whether the catalogue has a later revision of the rules for a combination.
    pub(crate) fn has_later(&self, combination: Combination, revision: u32) -> bool {
        self.catalogue.revisions(combination).iter().any(|entry| entry.revision() > revision)
    }

    /// The last revision of the rules for a combination before this one.
    pub(crate) fn revision_before(&self, combination: Combination, revision: u32) -> Option<u32> {
        let revisions = self.catalogue.revisions(combination).iter().filter_map(Entry::regulation);
        revisions.map(|found| found.provenance.revision).filter(|found| *found < revision).max()
    }

    /// The regulation for a combination in a revision, if the catalogue still has it.
    pub(crate) fn revision(&self, combination: Combination, revision: u32) -> Option<Arc<Regulation>> {
        let revisions = self.catalogue.revisions(combination).iter();
        revisions.filter_map(Entry::regulation).find(|found| found.provenance.revision == revision).cloned()
    }

    /// The addresses that the documents of a bundle name, as far as they exist.
    pub(crate) fn addresses(
        &self,
        tx: &mut Tx<'_>,
        owner: &Owner,
        items: &BundleItems,
    ) -> StoreResult<Vec<Address>> {
        let mut found = Vec::new();
        for known in &items.addresses {
            found.extend(addresses::get(tx, owner, known.sid)?);
        }
        Ok(found)
    }

    /// Measures items by a regulation.
    pub(crate) fn judge(&self, regulation: &Regulation, items: &BundleItems, now: Timestamp) -> Evaluation {
        let documents: Vec<_> = items.documents.iter().map(document_contents).collect();
        let end_user = items.end_user.as_ref();
        let contents = Contents {
            end_user: end_user
                .map(|found| EndUserContents { end_user_type: found.kind, attributes: &found.attributes }),
            documents: &documents,
            addresses: &items.addresses,
            today: now.date(),
            switches: self.switches,
        };
        evaluation::evaluate(regulation, &contents)
    }

    /// What is in the bundle; none of it changes until this unit ends.
    pub(crate) fn lock_contents(
        &self,
        tx: &mut Tx<'_>,
        owner: &Owner,
        bundle: BundleSid,
    ) -> StoreResult<BundleItems> {
        read_items(
            tx,
            owner,
            bundle,
            &Reads { end_user: end_users::lock, document: documents::lock, address: addresses::lock },
        )
    }
}

/// Evaluates the items of a bundle by a revision of its regulation.
pub(crate) fn evaluate(
    reader: &Reader,
    rules: &Regulation,
    bundle: &Bundle,
    items: &BundleItems,
    now: Timestamp,
) -> StoredEvaluation {
    StoredEvaluation {
        sid: random_sid(),
        account_sid: bundle.account_sid,
        bundle_sid: bundle.sid,
        evaluation: reader.judge(rules, items, now),
        created_at: now,
    }
}

fn document_contents(document: &Document) -> DocumentContents<'_> {
    DocumentContents {
        document_type: &document.kind,
        attributes: &document.attributes,
        has_file: document.file.is_some(),
    }
}

type Read<S, T> = fn(&mut Tx<'_>, &Owner, S) -> StoreResult<Option<T>>;

/// How items are read: just so, or with a lock.
struct Reads {
    end_user: Read<EndUserSid, EndUser>,
    document: Read<DocumentSid, Document>,
    address: Read<AddressSid, Address>,
}

fn read_items(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid, reads: &Reads) -> StoreResult<BundleItems> {
    let mut items = BundleItems::default();
    for object in item_assignments::objects(tx, owner, bundle)? {
        if let Some(sid) = object.of_kind() {
            items.end_user = (reads.end_user)(tx, owner, sid)?;
        } else if let Some(sid) = object.of_kind() {
            items.documents.extend((reads.document)(tx, owner, sid)?);
        }
    }
    for sid in items.documents.iter().flat_map(|document| address_references(&document.attributes).sids) {
        if items.addresses.iter().any(|known| known.sid == sid) {
            continue;
        }
        if let Some(address) = (reads.address)(tx, owner, sid)? {
            let is_po_box = is_po_box(&address.lines);
            items.addresses.push(KnownAddress { sid, iso_country: address.iso_country, is_po_box });
        }
    }
    Ok(items)
}
