//! Every question with every answer, and which hides which.

use std::sync::LazyLock;

use super::*;
use crate::catalogue::RegulationFilter;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);
/// 2026-11-22T00:00:00Z
const NOW: Timestamp = Timestamp::from_micros(1_795_305_600_000_000);
const ADDRESS: AddressSid = AddressSid::from_bytes([1; 16]);
const BUNDLE: BundleSid = BundleSid::from_bytes([2; 16]);

fn regulation(scope: AddressScope) -> &'static Regulation {
    let mut all = CATALOGUE.list(RegulationFilter::default(), NOW.date());
    all.find(|rule| rule.address_scope == scope).expect("the built-in catalogue has every scope")
}

fn unserved(wanted: Unserved) -> Combination {
    let mut entries = CATALOGUE.entries();
    let found = entries.find_map(|entry| match entry {
        Entry::Unserved(combination, why, _) if *why == wanted => Some(*combination),
        Entry::Unserved(..) | Entry::Served(_) => None,
    });
    found.expect("the built-in catalogue has both")
}

/// An offer that satisfies the regulation.
fn good(rule: &Regulation) -> Offer {
    Offer {
        iso_country: rule.iso_country,
        number_type: rule.number_type,
        end_user_type: Some(rule.end_user_type),
        localities: Vec::new(),
        address: Offered::Known(address(rule.iso_country)),
        bundle: Offered::Known(OfferedBundle {
            sid: BUNDLE,
            combination: rule.combination(),
            status: BundleStatus::Approved,
            valid_until: None,
            addresses: vec![ADDRESS],
        }),
    }
}

fn address(iso_country: IsoCountry) -> OfferedAddress {
    OfferedAddress { sid: ADDRESS, iso_country, city: "Köln".to_owned() }
}

fn with_bundle(rule: &Regulation, change: impl FnOnce(&mut OfferedBundle)) -> Offer {
    let mut offer = good(rule);
    let Offered::Known(bundle) = &mut offer.bundle else { unreachable!("a good offer has a bundle") };
    change(bundle);
    offer
}

#[track_caller]
fn refuses(offer: &Offer, code: Code, message: &str) {
    let fault = judge(&CATALOGUE, offer, NOW).expect_err("the offer is not good");
    assert_eq!((fault.code, fault.message.as_str()), (code, message));
}

fn foreign() -> IsoCountry {
    IsoCountry::parse("AQ").unwrap()
}

#[test]
fn what_satisfies_the_regulation_is_let_through() {
    for scope in AddressScope::ALL {
        let rule = regulation(scope);
        let granted = judge(&CATALOGUE, &good(rule), NOW);
        let expected = Grant { regulation: Some((rule.sid, rule.provenance.revision)), valid_until: None };
        assert_eq!(granted, Ok(expected), "{scope:?}");
    }
}

#[test]
fn numbers_that_ask_nothing_need_nothing() {
    let Combination { iso_country, number_type, end_user_type } = unserved(Unserved::NothingRequired);
    let offer = Offer {
        iso_country,
        number_type,
        end_user_type: Some(end_user_type),
        localities: Vec::new(),
        address: Offered::Nothing,
        bundle: Offered::Nothing,
    };
    assert_eq!(judge(&CATALOGUE, &offer, NOW), Ok(Grant { regulation: None, valid_until: None }));
}

#[test]
fn numbers_that_are_not_to_be_had_or_not_known_are_refused() {
    let Combination { iso_country, number_type, end_user_type } = unserved(Unserved::Unavailable);
    let rule = regulation(AddressScope::None);
    let offer = Offer { iso_country, number_type, end_user_type: Some(end_user_type), ..good(rule) };
    let kind = shown_kind(iso_country, number_type);
    refuses(&offer, Code::NumberUnavailable, &format!("Phone numbers are not available for {kind}"));
    let offer = Offer { iso_country: foreign(), ..good(rule) };
    let kind = shown_kind(foreign(), rule.number_type);
    refuses(&offer, Code::NoRegulation, &format!("No regulation is known for {kind}"));
}

/// Each question hides those after it: the offer fails all that follow.
#[test]
fn the_questions_come_in_their_order() {
    let rule = regulation(AddressScope::Country);
    let country = rule.iso_country;
    let kind = shown_kind(country, rule.number_type);
    let offer = Offer { address: Offered::Nothing, bundle: Offered::Nothing, ..good(rule) };
    let message = "Phone Number Requires an Address but the 'AddressSid' parameter was empty.";
    refuses(&offer, Code::AddressRequired, message);
    let offer = Offer { address: Offered::Known(address(foreign())), ..offer };
    refuses(&offer, Code::LocalAddressRequired, &format!("No valid address created for: {country}"));
    let offer = Offer { address: Offered::Known(address(country)), ..offer };
    refuses(&offer, Code::BundleRequired, &format!("Bundle required and not provided for {kind}"));
    let offer = with_bundle(rule, |bundle| bundle.addresses.clear());
    let message = format!("Address [{ADDRESS}] is not in Bundle [{BUNDLE}]");
    refuses(&offer, Code::AddressNotInBundle, &message);
}

#[test]
fn an_address_may_have_to_be_in_one_of_several_places() {
    let rule = regulation(AddressScope::Area);
    let among = |places: &[&str]| Offer {
        localities: places.iter().map(|place| (*place).to_owned()).collect(),
        ..good(rule)
    };
    assert!(judge(&CATALOGUE, &among(&["Bonn", " KÖLN "]), NOW).is_ok());
    refuses(
        &among(&["Bonn", "Berlin"]),
        Code::LocalAddressRequired,
        "No valid address created for: Bonn, Berlin",
    );
    let unknown = Offer { address: Offered::Unknown(ADDRESS), ..good(rule) };
    let message = format!("No valid address created for: {}; there is no {ADDRESS}", rule.iso_country);
    refuses(&unknown, Code::LocalAddressRequired, &message);
}

#[test]
fn an_address_that_nobody_asks_for_is_not_looked_at() {
    let rule = regulation(AddressScope::None);
    for address in [Offered::Nothing, Offered::Unknown(ADDRESS), Offered::Known(address(foreign()))] {
        assert!(judge(&CATALOGUE, &Offer { address, ..good(rule) }, NOW).is_ok());
    }
}

#[test]
fn only_an_approved_bundle_of_the_kind_will_do() {
    let rule = regulation(AddressScope::World);
    refuses(
        &Offer { bundle: Offered::Unknown(BUNDLE), ..good(rule) },
        Code::BundleRequired,
        "Bundle not found",
    );
    for status in BundleStatus::ALL.into_iter().filter(|status| *status != BundleStatus::Approved) {
        let offer = with_bundle(rule, |bundle| bundle.status = status);
        let message = format!("Bundle [{BUNDLE}] status is not twilio-approved");
        refuses(&offer, Code::BundleRequired, &message);
    }
    let offer = with_bundle(rule, |bundle| bundle.combination.iso_country = foreign());
    let its = shown_kind(foreign(), rule.number_type);
    let message = format!("Bundle [{BUNDLE}] is for {its} and endUserType: [{}]", rule.end_user_type);
    refuses(&offer, Code::BundleRequired, &message);
}

#[test]
fn an_approval_ends_on_the_second() {
    let rule = regulation(AddressScope::None);
    let later = Timestamp::from_micros(NOW.as_micros() + 1);
    let offer = with_bundle(rule, |bundle| bundle.valid_until = Some(later));
    assert_eq!(judge(&CATALOGUE, &offer, NOW).unwrap().valid_until, Some(later));
    let offer = with_bundle(rule, |bundle| bundle.valid_until = Some(NOW));
    let message = format!("Bundle [{BUNDLE}] was valid until 2026-11-22T00:00:00Z only");
    refuses(&offer, Code::BundleRequired, &message);
}

#[test]
fn who_wants_the_number_is_told_by_the_bundle() {
    let rule = regulation(AddressScope::Country);
    let offer = Offer { end_user_type: None, ..good(rule) };
    assert!(judge(&CATALOGUE, &offer, NOW).is_ok());
    let other = EndUserType::ALL.into_iter().find(|kind| *kind != rule.end_user_type);
    let offer = Offer { end_user_type: other, ..offer };
    assert!(judge(&CATALOGUE, &offer, NOW).is_err(), "the bundle is somebody else's kind");
}

#[test]
fn the_kind_of_a_number_is_its_bundles_or_what_it_looks_like() {
    let (germany, britain) = (IsoCountry::parse("DE").unwrap(), IsoCountry::parse("GB").unwrap());
    let bundle = |iso_country, number_type| {
        Some(Combination { iso_country, number_type, end_user_type: EndUserType::Business })
    };
    for (number, bundle, expected) in [
        ("+4930123456", None, (germany, NumberType::Local)),
        ("+4915112345678", None, (germany, NumberType::Mobile)),
        ("+498001234567", None, (germany, NumberType::TollFree)),
        ("+4930123456", bundle(germany, NumberType::National), (germany, NumberType::National)),
        ("+4930123456", bundle(britain, NumberType::Mobile), (germany, NumberType::Local)),
        ("+447700900123", bundle(britain, NumberType::Mobile), (britain, NumberType::Mobile)),
        ("+999123456", bundle(britain, NumberType::Mobile), (britain, NumberType::Mobile)),
        ("+12025550123", None, (IsoCountry::parse("US").unwrap(), NumberType::Local)),
    ] {
        let number = PhoneNumber::parse(number).unwrap();
        assert_eq!(kind_of(&CATALOGUE, &number, bundle, NOW), Ok(expected), "{number}");
    }
    let nowhere = PhoneNumber::parse("+999123456").unwrap();
    assert_eq!(kind_of(&CATALOGUE, &nowhere, None, NOW).unwrap_err().code, Code::InvalidPhoneNumber);
}

#[test]
fn the_address_that_is_asked_of_everybody_has_a_scope() {
    let scope = |country, number_type| {
        address_scope(&CATALOGUE, IsoCountry::parse(country).unwrap(), number_type, NOW)
    };
    assert_eq!(scope("US", NumberType::Local), AddressScope::None);
    assert_ne!(scope("DE", NumberType::Local), AddressScope::None);
}
