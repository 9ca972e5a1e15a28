//! Addresses.

use dossier_domain::address::{Address, AddressInput, AddressPatch};
use dossier_domain::audit::Action;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::AddressSid;
use dossier_domain::{Code, Fault};
use dossier_store::addresses::AddressFilter;
use dossier_store::{addresses, audit};

use crate::legal_holds::refuse_if_held;
use crate::random::random_sid;
use crate::{App, Caller, Result, not_found};

/// Which addresses a list shows, and which part of it.
#[derive(Clone)]
pub struct AddressQuery {
    /// Which addresses.
    pub filter: AddressFilter,
    /// Which part.
    pub window: Window,
}

impl App {
    /// Makes an address, checked and corrected offline (contract 14.7 rows 104 and 105).
    ///
    /// # Errors
    /// Codes 20002, 21238, 21628 and 21629, as [`Address::create`] says.
    pub async fn create_address(&self, caller: Caller, input: AddressInput) -> Result<Address> {
        let now = self.now();
        let address = Address::create(random_sid(), caller.account(), &input, now)?;
        self.db
            .write(move |tx| {
                addresses::insert(tx, &caller.owner, &address)?;
                audit::append(tx, &caller.event(now, Action::AddressCreated, address.sid))?;
                Ok(address.clone())
            })
            .await
    }

    /// One address.
    ///
    /// # Errors
    /// Code 20404.
    pub async fn address(&self, caller: Caller, sid: AddressSid) -> Result<Address> {
        self.db.read(move |tx| addresses::get(tx, &caller.owner, sid)).await?.ok_or_else(|| not_found(sid))
    }

    /// One page of the account's addresses, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_addresses(&self, caller: Caller, query: AddressQuery) -> Result<Page<Address>> {
        Ok(self.db.read(move |tx| addresses::list(tx, &caller.owner, &query.filter, &query.window)).await?)
    }

    /// Changes an address.
    ///
    /// # Errors
    /// Code 20404; 21630 when a document under review or approved names it; else as
    /// [`App::create_address`].
    pub async fn update_address(
        &self,
        caller: Caller,
        sid: AddressSid,
        patch: AddressPatch,
    ) -> Result<Address> {
        let now = self.now();
        self.db
            .write(move |tx| {
                let owner = &caller.owner;
                let address = addresses::lock(tx, owner, sid)?.ok_or_else(|| not_found(sid))?;
                refuse_if_held(tx, owner, sid)?;
                let linked = addresses::is_linked(tx, owner, sid)?;
                let address = address.update(patch.clone(), linked, now)?;
                addresses::save(tx, owner, &address)?;
                audit::append(tx, &caller.event(now, Action::AddressUpdated, sid))?;
                Ok(address)
            })
            .await
    }

    /// Deletes an address. A draft that names it is not compliant any more.
    ///
    /// # Errors
    /// Code 20404; 21630 when a document under review or approved names it (contract 14.7 row 109).
    pub async fn delete_address(&self, caller: Caller, sid: AddressSid) -> Result<()> {
        let now = self.now();
        self.db
            .write(move |tx| {
                let owner = &caller.owner;
                addresses::lock(tx, owner, sid)?.ok_or_else(|| not_found(sid))?;
                refuse_if_held(tx, owner, sid)?;
                if addresses::is_linked(tx, owner, sid)? {
                    let message = format!("Address {sid} is linked to a document under review or approved");
                    return Err(Fault::new(Code::AddressLinked, message).into());
                }
                addresses::delete(tx, owner, sid)?;
                Ok(audit::append(tx, &caller.event(now, Action::AddressDeleted, sid))?)
            })
            .await
    }
}
