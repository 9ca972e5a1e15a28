//! What was made from what, for operators.

use dossier_domain::lineage::BundleLineage;
use dossier_domain::operator::Permission;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::{AccountSid, BundleSid};
use dossier_store::{bundles, lineage};

use crate::{App, OperatorCaller, Result, not_found};

/// Where a bundle comes from, and one page of what was made from it. Nothing personal.
#[derive(Debug, Clone)]
pub struct BundleLineagePage {
    /// The bundle. It may be gone by now.
    pub bundle: BundleSid,
    /// Whose it is, or was.
    pub account: AccountSid,
    /// What it was made from, if it was made from another.
    pub source: Option<BundleLineage>,
    /// What was made from it, newest first.
    pub made: Page<BundleLineage>,
}

impl App {
    /// Where a bundle comes from and what was made from it, for an operator. Both are remembered when the
    /// bundles are gone.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404 when there is no such bundle, and never was one with a
    /// lineage.
    pub async fn bundle_lineage(
        &self,
        caller: &OperatorCaller,
        bundle: BundleSid,
        window: Window,
    ) -> Result<BundleLineagePage> {
        caller.must(Permission::SeeCases)?;
        self.db
            .read(move |tx| {
                let account = match bundles::account_of(tx, bundle)? {
                    Some(account) => Some(account),
                    None => lineage::account_of(tx, bundle)?,
                };
                let account = account.ok_or_else(|| not_found(bundle))?;
                let source = lineage::source_of(tx, account, bundle)?;
                let made = lineage::made_from(tx, account, bundle, window.position(), window.size + 1)?;
                Ok(BundleLineagePage { bundle, account, source, made: Page::from_read(made, &window) })
            })
            .await
    }
}
