//! What is to be made from which bundle, and whether it may be.

use dossier_domain::account::AccountStatus;
use dossier_domain::address::Address;
use dossier_domain::audit::Action;
use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::document::{DocumentFile, DocumentStatus};
use dossier_domain::lineage::LineageKind;
use dossier_domain::sid::{AccountSid, BundleSid, DocumentSid};
use dossier_domain::text::FriendlyName;
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::{Owner, Tx, accounts, addresses, bundles};

use super::originals::Originals;
use crate::legal_holds::refuse_if_erased;
use crate::{Caller, Result, not_found};

/// An order to make a bundle from another.
pub(super) struct Order {
    /// Who gives it; the source is theirs.
    pub(super) caller: Caller,
    /// What the new bundle is made from.
    pub(super) source: BundleSid,
    /// Whose the new one will be.
    pub(super) target: Owner,
    /// Its name, if it is not its source's.
    pub(super) friendly_name: Option<FriendlyName>,
    pub(super) way: Way,
}

/// In which way a bundle is made from another.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    /// A draft, to be changed and put in its source's place. `without_end` allows it of a bundle whose
    /// approval has no end.
    Copy { without_end: bool },
    /// The same for another account, approved unless it is to be a draft.
    Clone { to_draft: bool },
}

impl Way {
    pub(super) const fn kind(self) -> LineageKind {
        match self {
            Self::Copy { .. } => LineageKind::Copy,
            Self::Clone { .. } => LineageKind::Clone,
        }
    }

    /// What is recorded about the source.
    pub(super) const fn action(self) -> Action {
        match self {
            Self::Copy { .. } => Action::BundleCopied,
            Self::Clone { .. } => Action::BundleCloned,
        }
    }

    /// Status and end of validity of the new bundle. A draft has no approval that could end; its review
    /// decides anew.
    pub(super) const fn standing(self, source: &Bundle) -> (BundleStatus, Option<Timestamp>) {
        match self {
            Self::Copy { .. } | Self::Clone { to_draft: true } => (BundleStatus::Draft, None),
            Self::Clone { to_draft: false } => (source.status, source.valid_until),
        }
    }

    /// The status of a document that is made from one of this status. A verdict goes along with an
    /// approved clone; a review under way elsewhere, and a refusal with its reasons, do not.
    pub(super) const fn document_status(self, original: DocumentStatus) -> DocumentStatus {
        match (self, original) {
            (
                Self::Clone { to_draft: false },
                DocumentStatus::Approved | DocumentStatus::Expired | DocumentStatus::ProvisionallyApproved,
            ) => original,
            _ => DocumentStatus::Draft,
        }
    }
}

impl Order {
    /// The documents with files that are in the source now, if it may be carried out.
    pub(super) fn files(&self, tx: &mut Tx<'_>) -> Result<Vec<(DocumentSid, DocumentFile)>> {
        let owner = &self.caller.owner;
        let source = bundles::get(tx, owner, self.source)?.ok_or_else(|| not_found(self.source))?;
        let originals = Originals::read(tx, owner, self.source)?;
        self.check(tx, &source, &originals)?;
        let files = originals.documents().filter_map(|document| Some((document.sid, document.file.clone()?)));
        Ok(files.collect())
    }

    /// Whether it may be carried out as things are. Returns the addresses that the documents name.
    ///
    /// # Errors
    /// Code 22223 for the bundle, 22230 for its addresses, 20403 and 20404 for the target.
    pub(super) fn check(
        &self,
        tx: &mut Tx<'_>,
        source: &Bundle,
        originals: &Originals,
    ) -> Result<Vec<Address>> {
        let needs_end = matches!(self.way, Way::Copy { without_end: false });
        family_member(tx, self.caller.account(), self.target.account)?;
        refuse_if_erased(source)?;
        if source.status != BundleStatus::Approved {
            let message = format!(
                "Bundle {} is `{}`; only a bundle that is `twilio-approved` can be copied or cloned",
                source.sid, source.status
            );
            return Err(not_copyable(message));
        }
        if needs_end && source.valid_until.is_none() {
            return Err(not_copyable(format!(
                "Bundle {} is valid without an end; only a bundle with a valid_until can be copied",
                source.sid
            )));
        }
        let mut found = Vec::new();
        for sid in originals.addresses() {
            let address = addresses::get(tx, &self.caller.owner, sid)?;
            found.push(address.ok_or_else(|| {
                let message = format!(
                    "Bundle {} cannot be copied: a document of it names address {sid}, which was deleted",
                    source.sid
                );
                Fault::new(Code::AddressDeleted, message)
            })?);
        }
        Ok(found)
    }
}

fn not_copyable(message: String) -> crate::Error {
    Fault::new(Code::NotCopyable, message).into()
}

/// Whether clones may be made for `target` by `account`: for itself, its parent, a child or a sibling
/// (contract 14.5 row 93).
///
/// # Errors
/// Code 20404 when there is no such account; 20403 when it is another's, or may not act.
pub(super) fn family_member(tx: &mut Tx<'_>, account: AccountSid, target: AccountSid) -> Result<()> {
    let found = accounts::get(tx, target)?.ok_or_else(|| not_found(target))?;
    let own = accounts::get(tx, account)?.ok_or_else(|| not_found(account))?;
    let is_parent_or_child = own.parent_sid == Some(target) || found.parent_sid == Some(account);
    let is_sibling = own.parent_sid.is_some() && own.parent_sid == found.parent_sid;
    let refused = |message| Err(Fault::new(Code::Forbidden, message).into());
    if target != account && !is_parent_or_child && !is_sibling {
        return refused(format!(
            "Account {target} is neither the parent nor a child nor a sibling of account {account}"
        ));
    }
    match found.status {
        AccountStatus::Active => Ok(()),
        status @ (AccountStatus::Suspended | AccountStatus::Closed) => {
            refused(format!("Account {target} is {status}"))
        }
    }
}
