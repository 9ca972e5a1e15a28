//! What belongs to the subject of an erasure, wherever it went.
//!
//! From an end user to the bundles it is in, to the documents in them that are about nobody else, to the
//! addresses that only those documents name; and from each of these to what was made of it by copying and
//! cloning, in whatever account, and on. Never to what it was made from: that is a subject of its own.

use std::collections::HashSet;

use dossier_domain::sid::{AccountSid, AddressSid, AnySid, BundleSid, DocumentSid, EndUserSid};
use dossier_domain::{Code, Fault};
use dossier_store::erasures::{self, Erasure};
use dossier_store::{Tx, lineage};

use super::{Obstacle, account_obstacles};
use crate::Result;
use crate::legal_holds::hold_on;

/// Objects of one erasure, other than of a whole account: many times what a person leaves behind.
const OBJECTS_MAX: usize = 10_000;
/// Copies of one bundle.
const BUNDLES_MAX: u32 = 10_000;
/// Copies of one object that are read at once.
const PAGE: u32 = 500;

/// The objects of an erasure. That of an account has none: they are found while it is walked over.
#[derive(Default)]
pub(super) struct Plan {
    objects: Vec<(AccountSid, AnySid)>,
    known: HashSet<(AccountSid, AnySid)>,
}

impl Plan {
    /// What belongs to a subject.
    ///
    /// # Errors
    /// Code 20409 when it is too much for one erasure.
    pub(super) fn of(tx: &mut Tx<'_>, account: AccountSid, subject: AnySid) -> Result<Self> {
        let mut plan = Self::default();
        if subject.of_kind() == Some(account) {
            return Ok(plan);
        }
        plan.add(tx, account, subject)?;
        plan.follow_end_users(tx)?;
        plan.follow_bundles(tx)?;
        plan.follow_documents(tx)?;
        Ok(plan)
    }

    pub(super) fn objects(&self) -> &[(AccountSid, AnySid)] {
        &self.objects
    }

    /// What is in the way.
    pub(super) fn obstacles(&self, tx: &mut Tx<'_>, erasure: &Erasure) -> Result<Vec<Obstacle>> {
        if let Some(account) = erasure.of_account() {
            return account_obstacles(tx, account, erasure.even_if_in_use);
        }
        let mut obstacles = Vec::new();
        for (account, object) in &self.objects {
            obstacles.extend(hold_on(tx, *account, *object)?.map(|hold| Obstacle::Held(hold, *object)));
        }
        if !erasure.even_if_in_use {
            self.uses(tx, &mut obstacles)?;
        }
        Ok(obstacles)
    }

    /// # Errors
    /// Code 20409 with what is in the way.
    pub(super) fn refuse_if_blocked(&self, tx: &mut Tx<'_>, erasure: &Erasure) -> Result<()> {
        let obstacles = self.obstacles(tx, erasure)?;
        if obstacles.is_empty() { Ok(()) } else { Err(Obstacle::refusal(&obstacles)) }
    }

    /// The bundles under review or in service that have any of it.
    fn uses(&self, tx: &mut Tx<'_>, obstacles: &mut Vec<Obstacle>) -> Result<()> {
        let mut bundles = Vec::new();
        for (account, object) in &self.objects {
            bundles.extend(bundles_of(tx, *account, *object)?.into_iter().map(|bundle| (*account, bundle)));
        }
        bundles.sort_unstable();
        bundles.dedup();
        for (account, bundle) in bundles {
            let Some((status, in_service)) = erasures::use_of_bundle(tx, account, bundle)? else { continue };
            if status.is_under_review() {
                obstacles.push(Obstacle::UnderReview(bundle));
            } else if in_service {
                obstacles.push(Obstacle::InService(bundle));
            }
        }
        // A number may be leased with an address and no bundle.
        for (account, address) in self.of_kind::<AddressSid>(AnySid::of_kind) {
            if erasures::is_address_in_service(tx, account, address)? {
                obstacles.push(Obstacle::AddressInService(address));
            }
        }
        Ok(())
    }

    /// Adds an object that exists with everything that was made of it.
    fn add(&mut self, tx: &mut Tx<'_>, account: AccountSid, object: AnySid) -> Result<()> {
        let mut found = vec![(account, object)];
        while let Some((account, object)) = found.pop() {
            if self.known.contains(&(account, object)) {
                continue;
            }
            // What was made of an object that is gone may still be there.
            found.extend(made_from(tx, account, object)?);
            self.known.insert((account, object));
            if erasures::exists(tx, account, object)? {
                self.objects.push((account, object));
            }
            if self.known.len() > OBJECTS_MAX {
                let message = format!("More than {OBJECTS_MAX} objects belong to it; erase them in parts");
                return Err(Fault::new(Code::Conflict, message).into());
            }
        }
        Ok(())
    }

    /// A bundle whose end user is erased says of people what nobody else's does: its contact, its name. One
    /// that has another end user by now stays; what it was handed over with before goes with the end user.
    fn follow_end_users(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let mut next = 0;
        while let Some((account, object)) = self.objects.get(next).copied() {
            next += 1;
            let end_user: Option<EndUserSid> = object.of_kind();
            let bundles = if let Some(bundle) = object.of_kind() {
                // A copy whose end user was taken out has the contact still.
                let made = lineage::made_from(tx, account, bundle, None, BUNDLES_MAX)?;
                made.iter().map(|made| (made.account_sid, made.bundle_sid)).collect()
            } else if end_user.is_some() {
                let with = erasures::bundles_ever_with(tx, account, object)?;
                with.into_iter().map(|bundle| (account, bundle)).collect()
            } else {
                Vec::new()
            };
            for (account, bundle) in bundles {
                if self.is_about_nobody_else(tx, account, bundle)? {
                    self.add(tx, account, bundle.into())?;
                }
            }
        }
        Ok(())
    }

    fn follow_bundles(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        for (account, bundle) in self.of_kind::<BundleSid>(AnySid::of_kind) {
            for item in erasures::items_ever_of(tx, account, bundle)? {
                let document: Option<DocumentSid> = item.of_kind();
                if document.is_some() && self.document_is_about_nobody_else(tx, account, item)? {
                    self.add(tx, account, item)?;
                }
            }
        }
        // Addresses that were handed over, and that documents name no longer.
        for (account, bundle) in self.of_kind::<BundleSid>(AnySid::of_kind) {
            for item in erasures::items_ever_of(tx, account, bundle)? {
                if let Some(address) = item.of_kind() {
                    self.add_if_unshared(tx, account, address)?;
                }
            }
        }
        Ok(())
    }

    fn follow_documents(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        // The subject alone is one document: its addresses are subjects of their own.
        if self.of_kind::<BundleSid>(AnySid::of_kind).is_empty() {
            return Ok(());
        }
        for (account, document) in self.of_kind::<DocumentSid>(AnySid::of_kind) {
            for address in erasures::addresses_of(tx, account, document)? {
                self.add_if_unshared(tx, account, address)?;
            }
        }
        Ok(())
    }

    /// Adds an address that no document names that stays.
    fn add_if_unshared(&mut self, tx: &mut Tx<'_>, account: AccountSid, address: AddressSid) -> Result<()> {
        let naming = erasures::documents_naming(tx, account, address)?;
        if naming.iter().all(|document| self.known.contains(&(account, (*document).into()))) {
            self.add(tx, account, address.into())?;
        }
        Ok(())
    }

    fn is_about_nobody_else(&self, tx: &mut Tx<'_>, account: AccountSid, bundle: BundleSid) -> Result<bool> {
        let Some(end_user) = erasures::end_user_of(tx, account, bundle)? else { return Ok(true) };
        // One that was erased before is nobody any more.
        let end_user = end_user.into();
        Ok(self.known.contains(&(account, end_user)) || !erasures::exists(tx, account, end_user)?)
    }

    fn document_is_about_nobody_else(
        &self,
        tx: &mut Tx<'_>,
        account: AccountSid,
        document: AnySid,
    ) -> Result<bool> {
        for bundle in erasures::bundles_ever_with(tx, account, document)? {
            if !self.is_about_nobody_else(tx, account, bundle)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn of_kind<K>(&self, kind: impl Fn(&AnySid) -> Option<K>) -> Vec<(AccountSid, K)> {
        self.objects.iter().filter_map(|(account, object)| Some((*account, kind(object)?))).collect()
    }
}

/// The bundles that have an object: itself, or those it is in, or those in which a document names it.
fn bundles_of(tx: &mut Tx<'_>, account: AccountSid, object: AnySid) -> Result<Vec<BundleSid>> {
    if let Some(bundle) = object.of_kind() {
        return Ok(vec![bundle]);
    }
    let Some(address) = object.of_kind() else {
        return Ok(erasures::bundles_with(tx, account, object)?);
    };
    let mut bundles = Vec::new();
    for document in erasures::documents_naming(tx, account, address)? {
        bundles.extend(erasures::bundles_with(tx, account, document.into())?);
    }
    Ok(bundles)
}

/// What was made of an object by copying or cloning.
fn made_from(tx: &mut Tx<'_>, account: AccountSid, object: AnySid) -> Result<Vec<(AccountSid, AnySid)>> {
    let mut made: Vec<(AccountSid, AnySid)> = Vec::new();
    loop {
        let page = lineage::items_made_from(tx, account, object, made.last().copied(), PAGE)?;
        let is_last = page.len() < PAGE as usize;
        made.extend(page.iter().map(|item| (item.account_sid, item.sid)));
        if is_last || made.len() > OBJECTS_MAX {
            return Ok(made);
        }
    }
}
