//! What is in a bundle.

use dossier_domain::audit::Action;
use dossier_domain::item_assignment::{Item, ItemAssignment, Slot};
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::{BundleSid, ItemAssignmentSid};
use dossier_store::{Owner, Tx, audit, bundles, documents, end_users, item_assignments};

use crate::legal_holds::refuse_if_fixed;
use crate::random::random_sid;
use crate::{App, Caller, Result, not_found};

impl App {
    /// Puts an end user or a document into a bundle.
    ///
    /// # Errors
    /// Code 20404 for the bundle, 20409 when it is under review or approved, 22205 for the item, 22214
    /// for a second end user, 70002 for a second document of a type (contract section 4, 14.3).
    pub async fn assign_item(
        &self,
        caller: Caller,
        bundle_sid: BundleSid,
        item: Item,
    ) -> Result<ItemAssignment> {
        let now = self.now();
        let assignment = ItemAssignment {
            sid: random_sid(),
            account_sid: caller.account(),
            bundle_sid,
            object_sid: item.sid(),
            created_at: now,
        };
        self.db
            .write(move |tx| {
                let owner = &caller.owner;
                let bundle = bundles::lock(tx, owner, bundle_sid)?.ok_or_else(|| not_found(bundle_sid))?;
                bundle.status.allows_items(bundle_sid)?;
                refuse_if_fixed(tx, owner, &bundle)?;
                let slot = lock_item(tx, owner, item)?;
                if item_assignments::is_taken(tx, owner, bundle_sid, &slot)? {
                    return Err(slot.taken().into());
                }
                item_assignments::insert(tx, owner, &assignment, &slot)?;
                audit::append(tx, &caller.event(now, Action::ItemAssigned, assignment.sid))?;
                Ok(assignment.clone())
            })
            .await
    }

    /// One assignment of a bundle.
    ///
    /// # Errors
    /// Code 20404.
    pub async fn item_assignment(
        &self,
        caller: Caller,
        bundle: BundleSid,
        sid: ItemAssignmentSid,
    ) -> Result<ItemAssignment> {
        self.db
            .read(move |tx| item_assignments::get(tx, &caller.owner, bundle, sid))
            .await?
            .ok_or_else(|| not_found(sid))
    }

    /// One page of what is in a bundle, newest first.
    ///
    /// # Errors
    /// Code 20404 for the bundle.
    pub async fn list_item_assignments(
        &self,
        caller: Caller,
        bundle: BundleSid,
        window: Window,
    ) -> Result<Page<ItemAssignment>> {
        self.db
            .read(move |tx| {
                bundles::get(tx, &caller.owner, bundle)?.ok_or_else(|| not_found(bundle))?;
                Ok(item_assignments::list(tx, &caller.owner, bundle, &window)?)
            })
            .await
    }

    /// Takes an item out of a bundle.
    ///
    /// # Errors
    /// Code 20404; 20409 when the bundle is under review or approved (contract 14.2 row 32).
    pub async fn remove_item(
        &self,
        caller: Caller,
        bundle_sid: BundleSid,
        sid: ItemAssignmentSid,
    ) -> Result<()> {
        let now = self.now();
        self.db
            .write(move |tx| {
                let owner = &caller.owner;
                let bundle = bundles::lock(tx, owner, bundle_sid)?.ok_or_else(|| not_found(bundle_sid))?;
                item_assignments::get(tx, owner, bundle_sid, sid)?.ok_or_else(|| not_found(sid))?;
                bundle.status.allows_items(bundle_sid)?;
                refuse_if_fixed(tx, owner, &bundle)?;
                item_assignments::delete(tx, owner, bundle_sid, sid)?;
                Ok(audit::append(tx, &caller.event(now, Action::ItemRemoved, sid))?)
            })
            .await
    }
}

/// Locks the item, so that nobody deletes it meanwhile, and says which place it takes.
fn lock_item(tx: &mut Tx<'_>, owner: &Owner, item: Item) -> Result<Slot> {
    match item {
        Item::EndUser(sid) => {
            end_users::lock(tx, owner, sid)?.ok_or_else(Item::unknown)?;
            Ok(Slot::EndUser)
        }
        Item::Document(sid) => {
            let document = documents::lock(tx, owner, sid)?.ok_or_else(Item::unknown)?;
            Ok(Slot::Document(document.kind))
        }
    }
}
