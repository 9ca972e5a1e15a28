//! The gate: whether a number may be leased with what is offered for it (contract section 11).
//!
//! Four questions in a fixed order, each of which hides the next: is an address needed and given, is it
//! where it must be, is there an approved bundle for this kind of number, and is the address in it.

use crate::bundle::BundleStatus;
use crate::catalogue::{Catalogue, Entry, Unserved};
use crate::fault::{Code, Fault};
use crate::phone_number::PhoneNumber;
use crate::regulation::{AddressScope, Combination, Regulation};
use crate::sid::{AddressSid, BundleSid, RegulationSid};
use crate::{EndUserType, IsoCountry, NumberType, Timestamp};

/// The kinds of numbers, the most usual first.
const BY_FREQUENCY: [NumberType; 4] =
    [NumberType::Local, NumberType::National, NumberType::Mobile, NumberType::TollFree];

/// A number that somebody wants, and what is offered for it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The country of the number.
    pub iso_country: IsoCountry,
    /// The kind of number.
    pub number_type: NumberType,
    /// Who wants it; a bundle knows that better.
    pub end_user_type: Option<EndUserType>,
    /// The places of which the address must be in one, for numbers that belong to an area. All places
    /// of the country when empty.
    pub localities: Vec<String>,
    /// The address.
    pub address: Offered<AddressSid, OfferedAddress>,
    /// The bundle.
    pub bundle: Offered<BundleSid, OfferedBundle>,
}

/// Something that is offered by its identifier.
#[derive(Debug, Clone)]
pub enum Offered<S, T> {
    /// It is not.
    Nothing,
    /// The account has nothing of this identifier.
    Unknown(S),
    /// The account has it.
    Known(T),
}

/// What the gate looks at in an address.
#[derive(Clone)]
pub struct OfferedAddress {
    /// Which.
    pub sid: AddressSid,
    /// Where it is.
    pub iso_country: IsoCountry,
    /// In which place.
    pub city: String,
}

// Where somebody lives is personal.
impl std::fmt::Debug for OfferedAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OfferedAddress").field("sid", &self.sid).finish_non_exhaustive()
    }
}

/// What the gate looks at in a bundle.
#[derive(Debug, Clone)]
pub struct OfferedBundle {
    /// Which.
    pub sid: BundleSid,
    /// For which numbers and whom it is.
    pub combination: Combination,
    /// Where it stands.
    pub status: BundleStatus,
    /// When its approval ends, if ever.
    pub valid_until: Option<Timestamp>,
    /// The addresses that its documents name.
    pub addresses: Vec<AddressSid>,
}

/// A number that may be leased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The regulation that was looked at, with its revision; `None` when nothing is asked of anybody.
    pub regulation: Option<(RegulationSid, u32)>,
    /// When the approval of the bundle ends, if ever.
    pub valid_until: Option<Timestamp>,
}

/// Whether the number may be leased now.
///
/// # Errors
/// Code 22201 when the catalogue does not know such numbers, 21422 when there are none to be had; then
/// in this order 21631, 21615, 21649, 21651 (contract section 11).
pub fn judge(catalogue: &Catalogue, offer: &Offer, now: Timestamp) -> Result<Grant, Fault> {
    let Some(rules) = rules(catalogue, offer, now)? else {
        return Ok(Grant { regulation: None, valid_until: None });
    };
    let address = needed_address(&rules, offer)?;
    let (bundle, regulation) = usable_bundle(&rules, offer, now)?;
    if let Some(address) = address.filter(|address| !bundle.addresses.contains(address)) {
        let message = format!("Address [{address}] is not in Bundle [{}]", bundle.sid);
        return Err(Fault::new(Code::AddressNotInBundle, message));
    }
    Ok(Grant {
        regulation: Some((regulation.sid, regulation.provenance.revision)),
        valid_until: bundle.valid_until,
    })
}

/// Country and kind of a number that somebody wants: those of the bundle that is offered, where the number
/// can be of that country; else what its first digits tell, and where they leave a choice, the first kind
/// for which the country asks for something.
///
/// # Errors
/// Code 21421 when no country has such numbers.
pub fn kind_of(
    catalogue: &Catalogue,
    number: &PhoneNumber,
    bundle: Option<Combination>,
    now: Timestamp,
) -> Result<(IsoCountry, NumberType), Fault> {
    let countries = number.countries();
    let of_bundle = bundle.filter(|bundle| countries.is_empty() || countries.contains(&bundle.iso_country));
    if let Some(bundle) = of_bundle {
        return Ok((bundle.iso_country, bundle.number_type));
    }
    let Some(country) = countries.first().copied() else {
        let message = "Invalid PhoneNumber: no country has numbers that begin like this";
        return Err(Fault::new(Code::InvalidPhoneNumber, message));
    };
    let asks = |number_type: &NumberType| !served(catalogue, country, *number_type, None, now).is_empty();
    let number_type = number.apparent_type().or_else(|| BY_FREQUENCY.into_iter().find(asks));
    Ok((country, number_type.unwrap_or(NumberType::Local)))
}

/// Where the address must be that is asked of everybody who wants such a number.
pub fn address_scope(
    catalogue: &Catalogue,
    iso_country: IsoCountry,
    number_type: NumberType,
    now: Timestamp,
) -> AddressScope {
    let rules = served(catalogue, iso_country, number_type, None, now);
    rules.iter().map(|rule| rule.address_scope).min().unwrap_or(AddressScope::None)
}

/// The regulations in force for such numbers.
fn served(
    catalogue: &Catalogue,
    iso_country: IsoCountry,
    number_type: NumberType,
    wanted: Option<EndUserType>,
    now: Timestamp,
) -> Vec<&Regulation> {
    let entries = entries(catalogue, iso_country, number_type, wanted, now);
    entries.filter_map(Entry::regulation).map(AsRef::as_ref).collect()
}

fn entries(
    catalogue: &Catalogue,
    iso_country: IsoCountry,
    number_type: NumberType,
    wanted: Option<EndUserType>,
    now: Timestamp,
) -> impl Iterator<Item = &Entry> {
    EndUserType::ALL
        .into_iter()
        .filter(move |kind| wanted.is_none_or(|wanted| wanted == *kind))
        .map(move |end_user_type| Combination { iso_country, number_type, end_user_type })
        .filter_map(move |combination| catalogue.in_force(combination, now.date()))
}

/// The regulations that come into question; `None` when nothing is asked of anybody.
fn rules<'a>(
    catalogue: &'a Catalogue,
    offer: &Offer,
    now: Timestamp,
) -> Result<Option<Vec<&'a Regulation>>, Fault> {
    let Offer { iso_country, number_type, .. } = *offer;
    let bundle = match &offer.bundle {
        Offered::Known(bundle) => Some(bundle.combination.end_user_type),
        Offered::Nothing | Offered::Unknown(_) => None,
    };
    let wanted = offer.end_user_type.or(bundle);
    let served = served(catalogue, iso_country, number_type, wanted, now);
    if !served.is_empty() {
        return Ok(Some(served));
    }
    let entries: Vec<&Entry> = entries(catalogue, iso_country, number_type, wanted, now).collect();
    let is_free = |entry: &&Entry| matches!(entry, Entry::Unserved(_, Unserved::NothingRequired, _));
    if entries.iter().any(is_free) {
        return Ok(None);
    }
    let kind = shown_kind(iso_country, number_type);
    Err(if entries.is_empty() {
        Fault::new(Code::NoRegulation, format!("No regulation is known for {kind}"))
    } else {
        Fault::new(Code::NumberUnavailable, format!("Phone numbers are not available for {kind}"))
    })
}

/// The address, when one is needed: the first two questions.
fn needed_address(rules: &[&Regulation], offer: &Offer) -> Result<Option<AddressSid>, Fault> {
    // Where it is not known who wants the number, only what is asked of everybody is asked for.
    let scope = rules.iter().map(|rule| rule.address_scope).min();
    let Some(scope @ (AddressScope::World | AddressScope::Country | AddressScope::Area)) = scope else {
        return Ok(None);
    };
    let address = match &offer.address {
        Offered::Known(address) => address,
        Offered::Nothing => {
            let message = "Phone Number Requires an Address but the 'AddressSid' parameter was empty.";
            return Err(Fault::new(Code::AddressRequired, message));
        }
        Offered::Unknown(sid) => {
            let message = format!("No valid address created for: {}; there is no {sid}", places(offer));
            return Err(Fault::new(Code::LocalAddressRequired, message));
        }
    };
    let in_country = address.iso_country == offer.iso_country;
    let is_where_it_must_be = match scope {
        AddressScope::None | AddressScope::World => true,
        AddressScope::Country => in_country,
        AddressScope::Area => in_country && is_in(&offer.localities, &address.city),
    };
    if is_where_it_must_be {
        return Ok(Some(address.sid));
    }
    Err(Fault::new(Code::LocalAddressRequired, format!("No valid address created for: {}", places(offer))))
}

/// The bundle and its regulation: the third question.
fn usable_bundle<'a>(
    rules: &[&'a Regulation],
    offer: &'a Offer,
    now: Timestamp,
) -> Result<(&'a OfferedBundle, &'a Regulation), Fault> {
    let refused = |message| Err(Fault::new(Code::BundleRequired, message));
    let kind = shown_kind(offer.iso_country, offer.number_type);
    let bundle = match &offer.bundle {
        Offered::Known(bundle) => bundle,
        Offered::Nothing => return refused(format!("Bundle required and not provided for {kind}")),
        Offered::Unknown(_) => return refused("Bundle not found".to_owned()),
    };
    let Some(regulation) = rules.iter().find(|rule| rule.combination() == bundle.combination) else {
        let Combination { iso_country, number_type, end_user_type } = bundle.combination;
        let its = shown_kind(iso_country, number_type);
        return refused(format!("Bundle [{}] is for {its} and endUserType: [{end_user_type}]", bundle.sid));
    };
    if bundle.status != BundleStatus::Approved {
        return refused(format!("Bundle [{}] status is not twilio-approved", bundle.sid));
    }
    if let Some(end) = bundle.valid_until.filter(|end| *end <= now) {
        return refused(format!("Bundle [{}] was valid until {end} only", bundle.sid));
    }
    Ok((bundle, regulation))
}

/// Whether a city is one of those that are admitted, whatever the case of its letters.
fn is_in(localities: &[String], city: &str) -> bool {
    let city = city.trim().to_lowercase();
    localities.is_empty() || localities.iter().any(|place| place.trim().to_lowercase() == city)
}

fn places(offer: &Offer) -> String {
    if offer.localities.is_empty() { offer.iso_country.to_string() } else { offer.localities.join(", ") }
}

/// `country: [GB] and numberType: [LOCAL]`
fn shown_kind(country: IsoCountry, number_type: NumberType) -> String {
    format!("country: [{country}] and numberType: [{}]", number_type.as_str().to_uppercase())
}

#[cfg(test)]
mod tests;
