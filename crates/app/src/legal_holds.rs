//! Legal holds: what must not be changed or erased, because somebody may have to see it.

use dossier_domain::audit::Action;
use dossier_domain::bundle::Bundle;
use dossier_domain::operator::Permission;
use dossier_domain::paging::{Page, Window};
use dossier_domain::review::ReviewText;
use dossier_domain::sid::{AccountSid, AnySid, LegalHoldSid};
use dossier_domain::{Code, Fault};
use dossier_store::legal_holds::{self, LegalHold, SealedHold};
use dossier_store::{Owner, Tx, accounts, addresses, audit, bundles, documents, end_users, erasures};

use crate::random::random_sid;
use crate::{App, Error, OperatorCaller, Result, keys, not_found};

impl App {
    /// Holds an account, a bundle with what is in it, an end user, a document or an address.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404 when there is no such thing, or it is erased.
    pub async fn set_legal_hold(
        &self,
        caller: &OperatorCaller,
        subject: AnySid,
        reason: ReviewText,
    ) -> Result<LegalHold> {
        caller.must(Permission::Administer)?;
        let owner = self.owner_of_subject(subject).await?;
        let hold = LegalHold {
            sid: random_sid(),
            account: owner.account,
            subject,
            reason: reason.as_str().to_owned(),
            set_by: caller.operator.sid,
            set_at: self.now(),
            released: None,
        };
        let event = caller.event(owner.account, hold.set_at, Action::HoldSet, hold.sid);
        self.db
            .write(move |tx| {
                // Whoever changes or erases the subject at this moment is done before, or sees the hold.
                lock_subject(tx, &owner, subject)?;
                legal_holds::insert(tx, &owner, &hold)?;
                audit::append(tx, &event)?;
                Ok(hold.clone())
            })
            .await
    }

    /// Ends a hold. One that had ended stays as it is.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404.
    pub async fn release_legal_hold(&self, caller: &OperatorCaller, sid: LegalHoldSid) -> Result<LegalHold> {
        caller.must(Permission::Administer)?;
        let account = self.sealed_hold(sid).await?.account();
        let (by, now) = (caller.operator.sid, self.now());
        let event = caller.event(account, now, Action::HoldReleased, sid);
        self.db
            .write(move |tx| {
                if legal_holds::release(tx, account, sid, by, now)? {
                    audit::append(tx, &event)?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        self.legal_hold(caller, sid).await
    }

    /// A hold. Its reason is for admins only.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404.
    pub async fn legal_hold(&self, caller: &OperatorCaller, sid: LegalHoldSid) -> Result<LegalHold> {
        caller.must(Permission::ReadAudit)?;
        let sealed = self.sealed_hold(sid).await?;
        self.open_hold(caller, sealed).await
    }

    /// A page of the holds of all accounts, the newest first.
    ///
    /// # Errors
    /// Code 20403 without the permission.
    pub async fn list_legal_holds(&self, caller: &OperatorCaller, window: Window) -> Result<Page<LegalHold>> {
        caller.must(Permission::ReadAudit)?;
        let read = self.db.read(move |tx| legal_holds::list(tx, window.position(), window.size + 1)).await?;
        let mut holds = Vec::with_capacity(read.len());
        for sealed in read {
            holds.push(self.open_hold(caller, sealed).await?);
        }
        Ok(Page::from_read(holds, &window))
    }

    async fn sealed_hold(&self, sid: LegalHoldSid) -> Result<SealedHold> {
        self.db.read(move |tx| legal_holds::find(tx, sid)).await?.ok_or_else(|| not_found(sid))
    }

    async fn open_hold(&self, caller: &OperatorCaller, sealed: SealedHold) -> Result<LegalHold> {
        let owner = keys::owner(&self.db, &self.keyring, sealed.account()).await?;
        let mut hold = sealed.open(&owner)?;
        if !caller.operator.role.may(Permission::Administer) {
            hold.reason.clear();
        }
        Ok(hold)
    }

    /// Whose the subject of a hold or an erasure is.
    pub(crate) async fn owner_of_subject(&self, subject: AnySid) -> Result<Owner> {
        let account = self.db.read(move |tx| erasures::account_of(tx, subject)).await?;
        keys::owner(&self.db, &self.keyring, account.ok_or_else(|| not_found(subject))?).await
    }
}

/// Locks an account, a bundle, an end user, a document or an address that is not erased.
///
/// # Errors
/// Code 20404.
pub(crate) fn lock_subject(tx: &mut Tx<'_>, owner: &Owner, subject: AnySid) -> Result<()> {
    let is_there = if let Some(sid) = subject.of_kind::<dossier_domain::sid::kinds::Account>() {
        accounts::lock(tx, sid)?.is_some() && !erasures::is_account_erased(tx, sid)?
    } else if let Some(sid) = subject.of_kind() {
        bundles::lock(tx, owner, sid)?.is_some_and(|bundle| !bundle.contact.is_erased())
    } else if let Some(sid) = subject.of_kind() {
        end_users::lock(tx, owner, sid)?.is_some()
    } else if let Some(sid) = subject.of_kind() {
        documents::lock(tx, owner, sid)?.is_some()
    } else if let Some(sid) = subject.of_kind() {
        addresses::lock(tx, owner, sid)?.is_some()
    } else {
        false
    };
    if is_there { Ok(()) } else { Err(not_found(subject)) }
}

/// Refuses to change or delete what is held. The customer is not told why: a hold may be about the customer.
/// The object is locked.
///
/// # Errors
/// Code 20409.
pub(crate) fn refuse_if_held(tx: &mut Tx<'_>, owner: &Owner, sid: impl Into<AnySid>) -> Result<()> {
    let sid = sid.into();
    if legal_holds::holding(tx, owner.account, sid)?.is_none() {
        return Ok(());
    }
    Err(Fault::new(Code::Conflict, format!("{sid} cannot be changed or deleted now")).into())
}

/// Refuses to change a bundle whose people were erased.
///
/// # Errors
/// Code 20409.
pub(crate) fn refuse_if_erased(bundle: &Bundle) -> Result<()> {
    if !bundle.contact.is_erased() {
        return Ok(());
    }
    let message = format!("Bundle {} was erased, so it cannot be changed any more", bundle.sid);
    Err(Fault::new(Code::Conflict, message).into())
}

/// Refuses to change what is in a bundle that is held or erased.
///
/// # Errors
/// Code 20409.
pub(crate) fn refuse_if_fixed(tx: &mut Tx<'_>, owner: &Owner, bundle: &Bundle) -> Result<()> {
    refuse_if_erased(bundle)?;
    refuse_if_held(tx, owner, bundle.sid)
}

/// The hold that keeps something from being erased.
pub(crate) fn hold_on(tx: &mut Tx<'_>, account: AccountSid, object: AnySid) -> Result<Option<LegalHoldSid>> {
    if object.of_kind() == Some(account) {
        return Ok(legal_holds::any_of_account(tx, account)?);
    }
    Ok(legal_holds::holding(tx, account, object)?)
}
