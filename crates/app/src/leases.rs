//! Numbers as accounts lease them (contract section 11): the gate, and what is kept about each number.
//!
//! There is no inventory. Whoever asks for a number knows which one it is, and that it is to be had; what is
//! decided here is whether it may be leased with what is offered for it.

use dossier_domain::audit::Action;
use dossier_domain::catalogue::Catalogue;
use dossier_domain::eligibility::{self, Grant, Offered};
use dossier_domain::paging::{Page, Window};
use dossier_domain::phone_number::{LeasedNumber, NumberSettings, PhoneNumber, Setting};
use dossier_domain::regulation::AddressScope;
use dossier_domain::sid::{AddressSid, BundleSid, PhoneNumberSid};
use dossier_domain::{Code, Fault, IsoCountry, NumberType, Timestamp};
use dossier_store::numbers::{self, LeasedFilter, NumberUse};
use dossier_store::{Tx, audit, bundles};

use crate::numbers::{EligibilityQuestion, offer};
use crate::random::random_sid;
use crate::{App, Caller, Error, Result, not_found};

/// A number that an account wants, with what is offered for it.
#[derive(Debug, Clone)]
pub struct LeaseNumber {
    /// The number.
    pub number: PhoneNumber,
    /// With what.
    pub with: NumberUse,
    /// What it is to do.
    pub settings: Vec<(Setting, Option<String>)>,
}

/// What changes about a leased number; what is `None` or not mentioned stays.
#[derive(Debug, Clone, Default)]
pub struct UpdateLease {
    /// Another bundle, or none.
    pub bundle: Option<Option<BundleSid>>,
    /// Another address, or none.
    pub address: Option<Option<AddressSid>>,
    /// What it is to do.
    pub settings: Vec<(Setting, Option<String>)>,
}

/// A leased number, and where its address must be.
#[derive(Debug, Clone)]
pub struct ShownNumber {
    /// The number.
    pub leased: LeasedNumber,
    /// What is asked of everybody who leases such a number.
    pub address_scope: AddressScope,
}

/// Which of its numbers an account wants to see, and which part of the list.
#[derive(Debug, Clone)]
pub struct LeaseQuery {
    /// Which numbers.
    pub filter: LeasedFilter,
    /// Which part.
    pub window: Window,
}

impl App {
    /// Leases a number.
    ///
    /// # Errors
    /// Those of [`eligibility::kind_of`] and [`eligibility::judge`], with 21422 where the catalogue knows
    /// nothing; 21615 and 21649 for an address and a bundle that are not the account's, also where none is
    /// needed; 21422 when somebody has the number.
    pub async fn lease_number(&self, caller: Caller, command: LeaseNumber) -> Result<ShownNumber> {
        let (catalogue, now) = (self.catalogue(), self.now());
        let mut settings = NumberSettings::default();
        for (setting, value) in command.settings {
            settings.set(setting, value);
        }
        let (number, with) = (command.number, command.with);
        let leased = self
            .db
            .write(move |tx| {
                let gate = Gate { catalogue: &catalogue, caller: &caller, number: &number, now };
                let (iso_country, number_type) = gate.pass(tx, with)?;
                let leased = LeasedNumber {
                    sid: random_sid(),
                    account_sid: caller.account(),
                    number: number.clone(),
                    iso_country,
                    number_type,
                    bundle_sid: with.bundle,
                    address_sid: with.address,
                    settings: settings.clone(),
                    created_at: now,
                    updated_at: now,
                };
                if !numbers::insert(tx, &caller.owner, &leased)? {
                    // Without the number: faults are logged.
                    return Err(Fault::new(Code::NumberUnavailable, "PhoneNumber is not available").into());
                }
                audit::append(tx, &caller.event(now, Action::NumberRegistered, leased.sid))?;
                Ok::<_, Error>(leased)
            })
            .await?;
        Ok(self.shown_number(leased))
    }

    /// One of the account's numbers.
    ///
    /// # Errors
    /// Code 20404.
    pub async fn leased_number(&self, caller: Caller, sid: PhoneNumberSid) -> Result<ShownNumber> {
        let leased = self.db.read(move |tx| numbers::leased(tx, &caller.owner, sid)).await?;
        Ok(self.shown_number(leased.ok_or_else(|| not_found(sid))?))
    }

    /// One page of the account's numbers, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_leased_numbers(&self, caller: Caller, query: LeaseQuery) -> Result<Page<ShownNumber>> {
        let LeaseQuery { filter, window } = query;
        let page = self.db.read(move |tx| numbers::list_leased(tx, &caller.owner, &filter, &window)).await?;
        let Page { items, more_before, more_after } = page;
        let items = items.into_iter().map(|leased| self.shown_number(leased)).collect();
        Ok(Page { items, more_before, more_after })
    }

    /// Changes what a number is leased with, which the gate is asked about, or what it is to do.
    ///
    /// # Errors
    /// Code 20404; as [`App::lease_number`] when bundle or address change.
    pub async fn update_lease(
        &self,
        caller: Caller,
        sid: PhoneNumberSid,
        command: UpdateLease,
    ) -> Result<ShownNumber> {
        let (catalogue, now) = (self.catalogue(), self.now());
        let leased = self
            .db
            .write(move |tx| {
                let was = numbers::leased(tx, &caller.owner, sid)?.ok_or_else(|| not_found(sid))?;
                let with = NumberUse {
                    bundle: command.bundle.unwrap_or(was.bundle_sid),
                    address: command.address.unwrap_or(was.address_sid),
                };
                let mut leased = was.clone();
                if (with.bundle, with.address) != (was.bundle_sid, was.address_sid) {
                    let gate = Gate { catalogue: &catalogue, caller: &caller, number: &was.number, now };
                    (leased.iso_country, leased.number_type) = gate.pass(tx, with)?;
                    (leased.bundle_sid, leased.address_sid) = (with.bundle, with.address);
                }
                // Bundles are locked before numbers; if somebody was faster, their change is not undone.
                if numbers::lock_leased(tx, &caller.owner, sid)?.as_ref() != Some(&was) {
                    let message = "Somebody else changed the number at the same time; try again";
                    return Err(Fault::new(Code::Conflict, message).into());
                }
                let action = if leased == was { Action::NumberUpdated } else { Action::NumberRegistered };
                for (setting, value) in &command.settings {
                    leased.settings.set(*setting, value.clone());
                }
                if leased == was {
                    return Ok(was);
                }
                leased.updated_at = now;
                numbers::save(tx, &caller.owner, &leased)?;
                audit::append(tx, &caller.event(now, action, sid))?;
                Ok::<_, Error>(leased)
            })
            .await?;
        Ok(self.shown_number(leased))
    }

    /// Gives a number back, so that it holds its bundle no longer.
    ///
    /// # Errors
    /// Code 20404.
    pub async fn release_lease(&self, caller: Caller, sid: PhoneNumberSid) -> Result<()> {
        let now = self.now();
        self.db
            .write(move |tx| {
                numbers::lock_leased(tx, &caller.owner, sid)?.ok_or_else(|| not_found(sid))?;
                numbers::delete(tx, &caller.owner, sid)?;
                Ok(audit::append(tx, &caller.event(now, Action::NumberReleased, sid))?)
            })
            .await
    }

    fn shown_number(&self, leased: LeasedNumber) -> ShownNumber {
        let LeasedNumber { iso_country, number_type, .. } = leased;
        let address_scope =
            eligibility::address_scope(&self.catalogue(), iso_country, number_type, self.now());
        ShownNumber { leased, address_scope }
    }
}

/// Who wants which number, under which rules.
struct Gate<'a> {
    catalogue: &'a Catalogue,
    caller: &'a Caller,
    number: &'a PhoneNumber,
    now: Timestamp,
}

impl Gate<'_> {
    /// Asks the gate, and says what kind of number it is. The bundle is locked, so that it is not deleted
    /// before the number shows in the register.
    fn pass(&self, tx: &mut Tx<'_>, with: NumberUse) -> Result<(IsoCountry, NumberType)> {
        let owner = &self.caller.owner;
        let bundle = match with.bundle {
            Some(sid) => bundles::lock(tx, owner, sid)?.map(|bundle| bundle.combination),
            None => None,
        };
        let (iso_country, number_type) = eligibility::kind_of(self.catalogue, self.number, bundle, self.now)?;
        let question = EligibilityQuestion {
            account: owner.account,
            iso_country,
            number_type,
            end_user_type: None,
            localities: Vec::new(),
            bundle: with.bundle,
            address: with.address,
        };
        let offer = offer(tx, owner, &question)?;
        let granted = eligibility::judge(self.catalogue, &offer, self.now);
        let grant = granted.map_err(|fault| match fault.code {
            // The code is about bundles; to whoever buys, there simply are no such numbers.
            Code::NoRegulation => Fault::new(Code::NumberUnavailable, fault.message),
            _ => fault,
        })?;
        check_what_was_not_needed(&grant, &offer.address, &offer.bundle, with)?;
        Ok((iso_country, number_type))
    }
}

/// What is not asked for may be given all the same, if it is there; but a bundle that nothing asks for is one
/// for other numbers.
fn check_what_was_not_needed<A, B>(
    grant: &Grant,
    address: &Offered<AddressSid, A>,
    bundle: &Offered<BundleSid, B>,
    with: NumberUse,
) -> std::result::Result<(), Fault> {
    if let Offered::Unknown(sid) = address {
        let message = format!("No valid address created for this number; there is no {sid}");
        return Err(Fault::new(Code::LocalAddressRequired, message));
    }
    if let Offered::Unknown(_) = bundle {
        return Err(Fault::new(Code::BundleRequired, "Bundle not found"));
    }
    if let (None, Some(sid)) = (grant.regulation, with.bundle) {
        let message = format!("Bundle [{sid}] is for other numbers; nothing is required for this one");
        return Err(Fault::new(Code::BundleRequired, message));
    }
    Ok(())
}
