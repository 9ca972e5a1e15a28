//! Bundles made from bundles: copies, clones, and copies that take their source's place (contract section
//! 6, 14.5).
//!
//! Copying and cloning are an [`Order`], carried out in two passes, because no file can be copied in a
//! transaction. The first pass reads what is in the bundle, and stores its files once more, sealed for
//! documents that are about to be made. The second reads everything again, with locks, and writes the new
//! bundle in one transaction. Only files can have changed in between in a way that matters: a document
//! whose file is another one by then sends the order back to the first pass.

mod files;
mod lineage;
mod make;
mod order;
mod originals;
mod replace;

use std::sync::Arc;

use dossier_domain::bundle::Bundle;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::{AccountSid, BundleSid};
use dossier_domain::text::FriendlyName;
use dossier_domain::{Code, Fault};
use dossier_store::{bundles, lineage as rows};

pub use self::lineage::BundleLineagePage;
use self::make::Made;
use self::order::{Order, Way, family_member};
use crate::{App, Caller, Error, Result, keys, not_found};

/// How often files are copied for one order: whoever replaces them all the time gets a conflict.
const PASSES_MAX: usize = 3;

/// What a clone is made of.
#[derive(Debug, Clone)]
pub struct CloneBundle {
    /// Who gets it.
    pub target: AccountSid,
    /// As a draft; otherwise it is approved as its source is.
    pub to_draft: bool,
    /// Its name; its source's when not given.
    pub friendly_name: Option<FriendlyName>,
}

impl App {
    /// Copies an approved bundle with everything in it: the copy is a draft of the same account. Equal
    /// requests make several.
    ///
    /// # Errors
    /// Code 20404; 22223 when it is not approved, or its approval has no end; 22230 when a document of it
    /// names an address that there is not; 20409 when files are replaced all the time.
    pub async fn copy_bundle(
        &self,
        caller: Caller,
        source: BundleSid,
        friendly_name: Option<FriendlyName>,
    ) -> Result<Bundle> {
        let way = Way::Copy { without_end: self.options.copy_without_end };
        let target = caller.owner.clone();
        self.carry_out(Order { caller, source, target, friendly_name, way }).await
    }

    /// Clones an approved bundle with everything in it, addresses included, for an account of the same
    /// family, or for the same once more. Equal requests make several.
    ///
    /// # Errors
    /// Code 20404 for the bundle and the target; 20403 when the target is not of the family, or may not
    /// act; 22223 when the bundle is not approved; 22230 and 20409 as [`App::copy_bundle`].
    pub async fn clone_bundle(
        &self,
        caller: Caller,
        source: BundleSid,
        command: CloneBundle,
    ) -> Result<Bundle> {
        let CloneBundle { target, to_draft, friendly_name } = command;
        let owner = caller.owner.clone();
        self.db
            .read(move |tx| {
                bundles::get(tx, &owner, source)?.ok_or_else(|| not_found(source))?;
                family_member(tx, owner.account, target)
            })
            .await?;
        let target = keys::owner(&self.db, &self.keyring, target).await?;
        let way = Way::Clone { to_draft };
        let made = self.carry_out(Order { caller, source, target, friendly_name, way }).await?;
        // Its approval may have an end.
        self.alarm.ring();
        Ok(made)
    }

    /// One page of the copies of a bundle that still exist, newest first.
    ///
    /// # Errors
    /// Code 20404 for the bundle.
    pub async fn list_copies(&self, caller: Caller, sid: BundleSid, window: Window) -> Result<Page<Bundle>> {
        self.db
            .read(move |tx| {
                bundles::get(tx, &caller.owner, sid)?.ok_or_else(|| not_found(sid))?;
                Ok(rows::copies(tx, &caller.owner, sid, &window)?)
            })
            .await
    }

    async fn carry_out(&self, order: Order) -> Result<Bundle> {
        let order = Arc::new(order);
        for _ in 0..PASSES_MAX {
            let reading = Arc::clone(&order);
            let files = self.db.read(move |tx| reading.files(tx)).await?;
            let Some(copied) = self.copy_files(&order, files).await? else { continue };
            let copied = Arc::new(copied);
            let (making, files, carrying) = (Arc::clone(&order), Arc::clone(&copied), self.carrying());
            // Copying files may have taken a while.
            let now = self.now();
            match self.db.write(move |tx| making.make(tx, &files, &carrying, now)).await {
                Ok(Made::Bundle(bundle, unused)) => {
                    self.delete_files(unused).await;
                    return Ok(bundle);
                }
                Ok(Made::Nothing) => self.delete_files(copied.all()).await,
                Err(error @ Error::Fault(_)) => {
                    self.delete_files(copied.all()).await;
                    return Err(error);
                }
                // Nobody knows whether the rows are there; the sweep finds out.
                Err(error) => return Err(error),
            }
        }
        let message = format!("The files of bundle {} are being changed; try again", order.source);
        Err(Fault::new(Code::Conflict, message).into())
    }
}
