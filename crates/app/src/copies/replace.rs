//! A copy takes its source's place: the source gets the copy's items, and numbers stay where they are.

use dossier_domain::audit::Action;
use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::campaign::Happening;
use dossier_domain::item_assignment::{ItemAssignment, Slot};
use dossier_domain::lineage::{LineageKind, Replacement};
use dossier_domain::paging::{Start, Window};
use dossier_domain::sid::{BundleSid, ItemAssignmentSid};
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::{Owner, Tx, audit, bundles, item_assignments, lineage};

use super::originals::{Original, Originals};
use crate::campaigns::{check_rules, follow_bundle};
use crate::legal_holds::{refuse_if_erased, refuse_if_fixed};
use crate::random::random_sid;
use crate::{App, Caller, Result, not_found, validity};

impl App {
    /// Replaces what is in a bundle by what is in a copy of it. The items are in both from now on, and what
    /// the bundle had before is in neither. It stays approved, until the end that the copy's approval has:
    /// mostly there is none. Nobody is told.
    ///
    /// # Errors
    /// Code 20404 for the bundle; for the copy 22225, 22226, 22224, 22228 and 22229, in this order
    /// (contract 14.5 row 92). 22228 as well when a campaign carries a revision to the bundle that the copy
    /// does not satisfy.
    pub async fn replace_items(&self, caller: Caller, target: BundleSid, from: BundleSid) -> Result<Bundle> {
        let (now, carrying) = (self.now(), self.carrying());
        let replaced = self
            .db
            .write(move |tx| {
                let owner = &caller.owner;
                let (target, from) = lock_both(tx, owner, target, from)?;
                refuse_if_fixed(tx, owner, &target)?;
                refuse_if_erased(&from)?;
                check(tx, owner, &target, &from)?;
                check_rules(tx, &carrying, owner, &target, &from, now)?;
                let old = Originals::lock(tx, owner, target.sid)?;
                let new = Originals::lock(tx, owner, from.sid)?;
                if old.addresses() != new.addresses() {
                    let message = format!(
                        "The documents of bundle {} must name the addresses that those of bundle {} name",
                        from.sid, target.sid
                    );
                    return Err(Fault::new(Code::OtherAddresses, message).into());
                }
                remove_items(tx, &caller, target.sid, now)?;
                add_items(tx, &caller, target.sid, &new, now)?;
                let bundle = Bundle { valid_until: from.valid_until, updated_at: now, ..target };
                bundles::save(tx, owner, &bundle, BundleStatus::Approved)?;
                validity::plan(tx, owner, &bundle, now)?;
                let replacement = Replacement { at: now, by: caller.actor.text() };
                follow_bundle(tx, owner.account, bundle.sid, Happening::Replaced, now)?;
                lineage::mark_replaced(tx, owner.account, from.sid, &replacement)?;
                audit::append(tx, &caller.event(now, Action::ItemsReplaced, bundle.sid))?;
                Ok::<_, crate::Error>(bundle)
            })
            .await?;
        self.alarm.ring();
        Ok(replaced)
    }
}

/// Locks the two in the order of their identifiers, so that nobody who locks several waits in a circle.
fn lock_both(
    tx: &mut Tx<'_>,
    owner: &Owner,
    target_sid: BundleSid,
    from_sid: BundleSid,
) -> Result<(Bundle, Bundle)> {
    let (target, from) = if from_sid < target_sid {
        let from = bundles::lock(tx, owner, from_sid)?;
        (bundles::lock(tx, owner, target_sid)?, from)
    } else {
        (bundles::lock(tx, owner, target_sid)?, bundles::lock(tx, owner, from_sid)?)
    };
    let target = target.ok_or_else(|| not_found(target_sid))?;
    let from = from.ok_or_else(|| {
        Fault::new(Code::NoFromBundle, format!("The account has no bundle {from_sid} to take items from"))
    })?;
    Ok((target, from))
}

fn check(tx: &mut Tx<'_>, owner: &Owner, target: &Bundle, from: &Bundle) -> Result<()> {
    if from.sid == target.sid {
        let message = format!("The items of bundle {} cannot be replaced by its own", target.sid);
        return Err(Fault::new(Code::SameBundle, message).into());
    }
    let made = lineage::source_of(tx, owner.account, from.sid)?;
    let is_copy = made.is_some_and(|made| {
        made.kind == LineageKind::Copy
            && (made.source_account_sid, made.source_bundle_sid) == (owner.account, target.sid)
    });
    let refused = |message| Err(Fault::new(Code::ItemsNotTransferable, message).into());
    if !is_copy {
        return refused(format!("Bundle {} is not a copy of bundle {}", from.sid, target.sid));
    }
    for bundle in [target, from] {
        if bundle.status != BundleStatus::Approved {
            return refused(format!(
                "Bundle {} is `{}`; both bundles must be `twilio-approved`",
                bundle.sid, bundle.status
            ));
        }
    }
    if from.regulation_sid != target.regulation_sid {
        let message =
            format!("Bundle {} is not for the regulation that bundle {} is for", from.sid, target.sid);
        return Err(Fault::new(Code::OtherRegulation, message).into());
    }
    Ok(())
}

fn remove_items(tx: &mut Tx<'_>, caller: &Caller, bundle: BundleSid, now: Timestamp) -> Result<()> {
    let all = Window { size: item_assignments::ITEMS_MAX, start: Start::First };
    for assignment in item_assignments::list(tx, &caller.owner, bundle, &all)?.items {
        audit::append(tx, &caller.event(now, Action::ItemRemoved, assignment.sid))?;
    }
    Ok(item_assignments::delete_all(tx, &caller.owner, bundle)?)
}

/// Puts items that exist into the bundle, in their order.
fn add_items(
    tx: &mut Tx<'_>,
    caller: &Caller,
    bundle_sid: BundleSid,
    items: &Originals,
    now: Timestamp,
) -> Result<()> {
    let mut sids: Vec<ItemAssignmentSid> = items.0.iter().map(|_| random_sid()).collect();
    sids.sort_unstable();
    for (sid, item) in sids.into_iter().zip(&items.0) {
        let (object_sid, slot) = match item {
            Original::EndUser(end_user) => (end_user.sid.into(), Slot::EndUser),
            Original::Document(document) => (document.sid.into(), Slot::Document(document.kind.clone())),
        };
        let account_sid = caller.account();
        let assignment = ItemAssignment { sid, account_sid, bundle_sid, object_sid, created_at: now };
        item_assignments::insert(tx, &caller.owner, &assignment, &slot)?;
        audit::append(tx, &caller.event(now, Action::ItemAssigned, sid))?;
    }
    Ok(())
}
