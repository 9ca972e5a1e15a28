//! Numbers: whether one may be leased, and which ones are.

use std::time::Duration;

use dossier_domain::account::AccountStatus;
use dossier_domain::audit::Action;
use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::eligibility::{self, Grant, Offer, Offered, OfferedAddress, OfferedBundle};
use dossier_domain::evaluation::address_references;
use dossier_domain::operator::Permission;
use dossier_domain::paging::{Page, Position, Window};
use dossier_domain::phone_number::{LeasedNumber, PhoneNumber};
use dossier_domain::sid::{AccountSid, AddressSid, AnySid, BundleSid};
use dossier_domain::{Code, EndUserType, Fault, IsoCountry, NumberType, Timestamp};
use dossier_store::numbers::{self, NumberInUse, NumberScope, NumberUse};
use dossier_store::{Owner, Tx, accounts, addresses, audit, bundles, documents, item_assignments};

use crate::random::random_sid;
use crate::{App, Error, OperatorCaller, Result, keys, not_found};

/// Numbers that are looked at in one unit while those at risk are searched for.
const BATCH: u32 = 500;

/// A number somebody wants to lease, and what is offered for it.
#[derive(Debug, Clone)]
pub struct EligibilityQuestion {
    /// Who wants it.
    pub account: AccountSid,
    /// The country of the number.
    pub iso_country: IsoCountry,
    /// The kind of number.
    pub number_type: NumberType,
    /// Who it is for; a bundle knows that better.
    pub end_user_type: Option<EndUserType>,
    /// The places of which the address must be in one; all of the country when empty.
    pub localities: Vec<String>,
    /// The bundle that is offered.
    pub bundle: Option<BundleSid>,
    /// The address that is offered.
    pub address: Option<AddressSid>,
}

/// What a number is to be registered with.
#[derive(Debug, Clone)]
pub struct RegisterNumber {
    /// Who leases it.
    pub account: AccountSid,
    /// With what.
    pub with: NumberUse,
    /// The places of which the address must be in one; all of the country when empty.
    pub localities: Vec<String>,
    /// The number is in service already, so it is registered whether it may be leased or not.
    pub in_service: bool,
}

/// Which numbers a list shows, and which part of it.
#[derive(Debug, Clone, Copy)]
pub struct NumberQuery {
    /// Whose.
    pub scope: NumberScope,
    /// Only those whose bundle is not approved, or not for that much longer.
    pub at_risk_within: Option<Duration>,
    /// Which part.
    pub window: Window,
}

impl App {
    /// Whether a number may be leased: the outer result is about the question, the inner one is the
    /// answer, with the code and the sentence of contract section 11.
    ///
    /// # Errors
    /// Code 20403 when the role may not ask; 20404 when there is no such account.
    pub async fn eligibility(
        &self,
        caller: &OperatorCaller,
        question: EligibilityQuestion,
    ) -> Result<std::result::Result<Grant, Fault>> {
        caller.must(Permission::SeeNumbers)?;
        let owner = self.owner_of(question.account).await?;
        let (catalogue, now) = (self.catalogue(), self.now());
        let judged = self.db.read(move |tx| {
            active_account(tx, owner.account)?;
            let offer = offer(tx, &owner, &question)?;
            Ok::<_, Error>(eligibility::judge(&catalogue, &offer, now))
        });
        match judged.await {
            Err(Error::Fault(fault)) if fault.code == Code::AccountNotActive => Ok(Err(fault)),
            judged => judged,
        }
    }

    /// Registers that an account leases a number with a bundle, or that it does so with another one
    /// now. `true` beside the number when it is new in the register.
    ///
    /// # Errors
    /// Code 20403 when the role may not; 20404 for account and bundle; 20409 when another account has the
    /// number; 21472 and those of [`eligibility::judge`] when it may not be leased.
    pub async fn register_number(
        &self,
        caller: &OperatorCaller,
        number: PhoneNumber,
        command: RegisterNumber,
    ) -> Result<(NumberInUse, bool)> {
        caller.must(Permission::RegisterNumbers)?;
        let bundle = command.with.bundle.ok_or_else(no_bundle)?;
        let owner = self.owner_of(command.account).await?;
        let (catalogue, now, caller) = (self.catalogue(), self.now(), caller.clone());
        self.db
            .write(move |tx| {
                // The lock keeps the bundle from being deleted before the number shows in the register.
                let found = bundles::lock(tx, &owner, bundle)?.ok_or_else(|| not_found(bundle))?;
                if !command.in_service {
                    active_account(tx, owner.account)?;
                    let offer = offer(tx, &owner, &command.question(&found))?;
                    eligibility::judge(&catalogue, &offer, now)?;
                }
                let known = match numbers::lock(tx, &number)? {
                    None => None,
                    Some((account, sid)) if account == owner.account => numbers::leased(tx, &owner, sid)?,
                    Some(_) => return Err(taken()),
                };
                let (sid, is_new) =
                    (known.as_ref().map_or_else(random_sid, |known| known.sid), known.is_none());
                let leased = LeasedNumber {
                    sid,
                    account_sid: owner.account,
                    number: number.clone(),
                    iso_country: found.combination.iso_country,
                    number_type: found.combination.number_type,
                    bundle_sid: Some(bundle),
                    address_sid: command.with.address,
                    settings: known.as_ref().map(|known| known.settings.clone()).unwrap_or_default(),
                    created_at: known.map_or(now, |known| known.created_at),
                    updated_at: now,
                };
                if !is_new {
                    numbers::save(tx, &owner, &leased)?;
                } else if !numbers::insert(tx, &owner, &leased)? {
                    return Err(taken());
                }
                audit::append(tx, &caller.event(owner.account, now, Action::NumberRegistered, sid))?;
                let number = numbers::get(tx, &number)?.ok_or_else(|| not_found(sid))?;
                Ok((number, is_new))
            })
            .await
    }

    /// Takes a number out of the register, so that it holds its bundle no longer.
    ///
    /// # Errors
    /// Code 20403 when the role may not; 20404 when it is not registered.
    pub async fn release_number(&self, caller: &OperatorCaller, number: PhoneNumber) -> Result<()> {
        caller.must(Permission::RegisterNumbers)?;
        let found = self.number(caller, number.clone()).await?;
        let owner = self.owner_of(found.account).await?;
        let (now, caller) = (self.now(), caller.clone());
        self.db
            .write(move |tx| {
                let Some((account, sid)) = numbers::lock(tx, &number)? else { return Err(no_number()) };
                if account != owner.account {
                    return Err(taken());
                }
                numbers::delete(tx, &owner, sid)?;
                Ok(audit::append(tx, &caller.event(account, now, Action::NumberReleased, sid))?)
            })
            .await
    }

    /// One number.
    ///
    /// # Errors
    /// Code 20403 when the role may not; 20404 when it is not registered.
    pub async fn number(&self, caller: &OperatorCaller, number: PhoneNumber) -> Result<NumberInUse> {
        caller.must(Permission::SeeNumbers)?;
        self.db.read(move |tx| numbers::get(tx, &number)).await?.ok_or_else(no_number)
    }

    /// One page of the register, in the order of registration. Numbers at risk are searched for in
    /// small units, so that a long register holds up nobody.
    ///
    /// # Errors
    /// Code 20403 when the role may not.
    pub async fn list_numbers(
        &self,
        caller: &OperatorCaller,
        query: NumberQuery,
    ) -> Result<Page<NumberInUse>> {
        caller.must(Permission::SeeNumbers)?;
        let NumberQuery { scope, at_risk_within, window } = query;
        let before = at_risk_within.map(|within| self.now().plus(within));
        let wanted = window.size + 1;
        let limit = if before.is_some() { wanted.max(BATCH) } else { wanted };
        let (mut items, mut after) = (Vec::new(), window.position());
        loop {
            let read = self.db.read(move |tx| numbers::list(tx, scope, after, limit)).await?;
            let is_last = read.len() < limit as usize;
            after = read.last().map(position);
            items
                .extend(read.into_iter().filter(|number| before.is_none_or(|time| is_at_risk(number, time))));
            if is_last || items.len() >= wanted as usize {
                items.truncate(wanted as usize);
                return Ok(Page::from_read(items, &window));
            }
        }
    }

    /// The owner that is named.
    async fn owner_of(&self, account: AccountSid) -> Result<Owner> {
        let owner = keys::known_owner(&self.db, &self.keyring, account).await?;
        owner.ok_or_else(|| not_found(account))
    }
}

impl RegisterNumber {
    /// The bundle says for which numbers it is.
    fn question(&self, bundle: &Bundle) -> EligibilityQuestion {
        EligibilityQuestion {
            account: self.account,
            iso_country: bundle.combination.iso_country,
            number_type: bundle.combination.number_type,
            end_user_type: Some(bundle.combination.end_user_type),
            localities: self.localities.clone(),
            bundle: Some(bundle.sid),
            address: self.with.address,
        }
    }
}

/// The place of a number in the register.
pub fn position(number: &NumberInUse) -> Position {
    Position { key: number.created_at.as_micros(), sid: AnySid::from(number.sid) }
}

/// Whether the bundle of a number is not approved, or will not be at that time. Where nothing is required,
/// nothing ends.
fn is_at_risk(number: &NumberInUse, time: Timestamp) -> bool {
    let Some(status) = number.bundle_status else { return false };
    let is_approved = matches!(status, BundleStatus::Approved | BundleStatus::ProvisionallyApproved);
    !is_approved || number.valid_until.is_some_and(|end| end <= time)
}

fn active_account(tx: &mut Tx<'_>, sid: AccountSid) -> Result<()> {
    let account = accounts::get(tx, sid)?.ok_or_else(|| not_found(sid))?;
    match account.status {
        AccountStatus::Active => Ok(()),
        status @ (AccountStatus::Suspended | AccountStatus::Closed) => {
            let message = format!("Account [{sid}] is {}", status.as_str());
            Err(Fault::new(Code::AccountNotActive, message).into())
        }
    }
}

/// Looks up what is offered.
pub(crate) fn offer(tx: &mut Tx<'_>, owner: &Owner, question: &EligibilityQuestion) -> Result<Offer> {
    Ok(Offer {
        iso_country: question.iso_country,
        number_type: question.number_type,
        end_user_type: question.end_user_type,
        localities: question.localities.clone(),
        address: offered(question.address, |sid| offered_address(tx, owner, sid))?,
        bundle: offered(question.bundle, |sid| offered_bundle(tx, owner, sid))?,
    })
}

fn offered<S: Copy, T>(sid: Option<S>, find: impl FnOnce(S) -> Result<Option<T>>) -> Result<Offered<S, T>> {
    let Some(sid) = sid else { return Ok(Offered::Nothing) };
    Ok(find(sid)?.map_or(Offered::Unknown(sid), Offered::Known))
}

fn offered_address(tx: &mut Tx<'_>, owner: &Owner, sid: AddressSid) -> Result<Option<OfferedAddress>> {
    let address = addresses::get(tx, owner, sid)?;
    Ok(address.map(|found| OfferedAddress { sid, iso_country: found.iso_country, city: found.lines.city }))
}

fn offered_bundle(tx: &mut Tx<'_>, owner: &Owner, sid: BundleSid) -> Result<Option<OfferedBundle>> {
    // A bundle whose people were erased proves nothing any more.
    let found = bundles::get(tx, owner, sid)?.filter(|bundle| !bundle.contact.is_erased());
    let Some(bundle) = found else { return Ok(None) };
    let mut addresses = Vec::new();
    for document in item_assignments::objects(tx, owner, sid)?.iter().filter_map(AnySid::of_kind) {
        let document = documents::get(tx, owner, document)?;
        addresses.extend(document.into_iter().flat_map(|found| address_references(&found.attributes).sids));
    }
    Ok(Some(OfferedBundle {
        sid,
        combination: bundle.combination,
        status: bundle.status,
        valid_until: bundle.valid_until,
        addresses,
    }))
}

fn no_bundle() -> Error {
    Fault::new(Code::BundleRequired, "A number is registered with its bundle").into()
}

fn taken() -> Error {
    let message = "Another account has this number; it must be released first";
    Fault::new(Code::Conflict, message).into()
}

/// Without the number: faults are logged.
fn no_number() -> Error {
    Fault::new(Code::NotFound, "This number is not registered").into()
}
