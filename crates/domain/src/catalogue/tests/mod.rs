//! The built-in catalogue, and what the loader says about broken ones.

mod mistakes;
mod overlay;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use super::{Catalogue, Entry, RegulationFilter, Unserved, builtin_files};
use crate::regulation::{AddressScope, Combination, Field, Regulation, Rule, ValueKind};
use crate::{EndUserType, IsoCountry, NumberType};

const TODAY: Date = date(2026, 11, 22);

fn combination(text: &str) -> Combination {
    let [country, number_type, end_user_type]: [&str; 3] =
        text.split('/').collect::<Vec<_>>().try_into().unwrap();
    Combination {
        iso_country: IsoCountry::parse(country).unwrap(),
        number_type: NumberType::parse(number_type).unwrap(),
        end_user_type: EndUserType::parse(end_user_type).unwrap(),
    }
}

#[test]
fn every_known_combination_is_there() {
    let catalogue = Catalogue::builtin();
    let count = |wanted: fn(&Entry) -> bool| catalogue.entries().filter(|&entry| wanted(entry)).count();
    assert_eq!(catalogue.entries().count(), 585);
    assert_eq!(count(|entry| matches!(entry, Entry::Unserved(_, Unserved::Unavailable, _))), 72);
    assert_eq!(count(|entry| matches!(entry, Entry::Unserved(_, Unserved::NothingRequired, _))), 20);
    assert_eq!(catalogue.list(RegulationFilter::default(), TODAY).count(), 493);
    assert_eq!(catalogue.end_user_types().len(), 2);
    assert_eq!(catalogue.document_types().len(), 43);
    let countries: BTreeSet<_> = catalogue.entries().map(|entry| entry.combination().iso_country).collect();
    assert_eq!(countries.len(), 140);
}

#[test]
fn listed_sids_are_kept_and_others_follow_from_the_name() {
    let catalogue = Catalogue::builtin();
    for (name, sid, friendly_name) in [
        ("DE/local/business", "RNfd11dde5d4b7252abf96139766f68034", "Germany: Local - Business"),
        (
            "GB/toll-free/business",
            "RN86a5860a853f40aa43c3e00f7064b004",
            "United Kingdom: Toll-Free - Business",
        ),
        // Not listed: the first half of the SHA-256 of `regulation/CW/national/business`.
        ("CW/national/business", "RN25b093d3490a2794394265bc592c80e9", "Curaçao: National - Business"),
    ] {
        let regulation = catalogue.find(combination(name), TODAY).unwrap();
        assert_eq!(regulation.sid.to_string(), sid);
        assert_eq!(&*regulation.friendly_name, friendly_name);
        assert_eq!(catalogue.regulation(regulation.sid, TODAY), Some(regulation));
    }
}

#[test]
fn lists_are_filtered_and_sorted_by_name() {
    let catalogue = Catalogue::builtin();
    let names = |filter| {
        catalogue.list(filter, TODAY).map(|found| found.friendly_name.to_string()).collect::<Vec<_>>()
    };
    let germany = RegulationFilter { iso_country: IsoCountry::parse("DE"), ..RegulationFilter::default() };
    assert_eq!(
        names(germany),
        [
            "Germany: Local - Business",
            "Germany: Mobile - Business",
            "Germany: National - Business",
            "Germany: National - Individual",
            "Germany: Toll-Free - Business",
        ]
    );
    let individuals = RegulationFilter { end_user_type: Some(EndUserType::Individual), ..germany };
    assert_eq!(names(individuals), ["Germany: National - Individual"]);
    let toll_free = RegulationFilter { number_type: Some(NumberType::TollFree), ..germany };
    assert_eq!(names(toll_free), ["Germany: Toll-Free - Business"]);
    let united_states =
        RegulationFilter { iso_country: IsoCountry::parse("US"), ..RegulationFilter::default() };
    assert!(names(united_states).is_empty());
    assert!(names(RegulationFilter::default()).is_sorted());
}

#[test]
fn types_are_found_by_name_and_by_sid() {
    let catalogue = Catalogue::builtin();
    let passport = catalogue.document_type("passport").unwrap();
    assert_eq!(&*passport.friendly_name, "Passport");
    assert!(passport.requires_file);
    assert_eq!(catalogue.document_type_by_sid(passport.sid), Some(passport));
    let kinds: BTreeMap<_, _> =
        passport.fields.iter().map(|field| (&*field.machine_name, field.value_kind())).collect();
    assert_eq!((kinds["address_sids"], kinds["first_name"]), (ValueKind::List, ValueKind::String));

    // Address records never have a file (contract section 2.3).
    for name in
        ["address", "business_address", "individual_address", "emergency_address", "customer_profile_address"]
    {
        assert!(!catalogue.document_type(name).unwrap().requires_file, "{name}");
    }
    let business = catalogue.end_user_type(EndUserType::Business).unwrap();
    assert_eq!(catalogue.end_user_type_by_sid(business.sid), Some(business));
    assert!(catalogue.document_types().is_sorted_by_key(|info| &info.friendly_name));
    assert!(catalogue.end_user_types().is_sorted_by_key(|info| &info.friendly_name));
}

fn fields(regulation: &Regulation) -> impl Iterator<Item = &Field> {
    let documents = regulation.documents.iter().flat_map(|requirement| &requirement.any_of);
    let of_end_users = regulation.end_users.iter().flat_map(|requirement| &requirement.fields);
    of_end_users.chain(documents.flat_map(|document| &document.fields))
}

#[test]
fn rules_fit_the_regulation_they_are_in() {
    let catalogue = Catalogue::builtin();
    for regulation in catalogue.list(RegulationFilter::default(), TODAY) {
        let name = &regulation.friendly_name;
        let asked: BTreeSet<_> = regulation
            .end_users
            .iter()
            .flat_map(|end_user| &end_user.fields)
            .map(|field| &field.machine_name)
            .collect();
        for field in fields(regulation) {
            if let Rule::EqualsEndUser(other) = &field.rule {
                assert!(asked.contains(other), "{name}: {other}");
            }
        }
        let addresses = fields(regulation).any(|field| field.rule == Rule::Addresses);
        assert_eq!(addresses, regulation.address_scope != AddressScope::None, "{name}");
        for requirement in &regulation.documents {
            assert!(!requirement.any_of.is_empty(), "{name}");
            assert!(!requirement.description.contains('{'), "{name}: {}", requirement.description);
        }
    }
}

#[test]
fn germany_reads_as_documented() {
    let catalogue = Catalogue::builtin();
    let regulation = catalogue.find(combination("DE/local/business"), TODAY).unwrap();
    assert_eq!(regulation.address_scope, AddressScope::Area);
    let end_user = &regulation.end_users[0];
    let constraints: Vec<_> = end_user.fields.iter().map(|field| end_user.field_constraint(field)).collect();
    assert_eq!(
        constraints,
        [
            "business['business_name'] != null",
            "business['business_registration_number'] != null",
            "business['business_website'] != null",
            "business['first_name'] != null",
            "business['last_name'] != null",
            r"business['email'] =~ '^\S+@\S+\.\S+$'",
            "",
        ]
    );
    let excerpt = &regulation.documents[0].any_of[0];
    assert_eq!(
        excerpt.constraint(EndUserType::Business),
        "business != null && commercial_registrar_excerpt != null"
    );
    assert_eq!(
        excerpt.field_constraint(&excerpt.fields[1], EndUserType::Business),
        "commercial_registrar_excerpt['business_registration_number'] != null && \
         commercial_registrar_excerpt['business_registration_number'] == business['business_registration_number']"
    );
    let address = &regulation.documents[2].any_of[1];
    assert_eq!(address.constraint(EndUserType::Business), "trade_license != null");
    assert_eq!(
        address.field_constraint(&address.fields[0], EndUserType::Business),
        "trade_license['address_sids'] != null"
    );
}

/// The built-in files with changes: a text to replace in a file, or a new file.
fn load_with(changes: &[(&str, &str, &str)]) -> Result<Catalogue, Vec<String>> {
    let mut files: BTreeMap<&str, String> =
        builtin_files().iter().map(|&(name, text)| (name, text.to_owned())).collect();
    for &(name, from, to) in changes {
        let text = files.entry(name).or_default();
        assert!(text.contains(from), "{name} no longer contains {from:?}");
        *text = text.replacen(from, to, 1);
    }
    let files: Vec<_> = files.iter().map(|(&name, text)| (name, text.as_str())).collect();
    Catalogue::load(&files).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

const TEST_COUNTRY: &str = r#"country = "XT"
name = "Testland"
effective_from = 2025-01-01
confidence = "documented"
sources = ["a test"]

[[local.business]]
address_scope = "country"
end_user = ["business_name"]
documents = ["business-address"]
"#;

#[test]
fn blocks_can_be_used_with_small_changes() {
    let text = TEST_COUNTRY.replace(
        "\"business-address\"",
        r#"{ block = "business-address", name = "Seat", description = "The seat, {where}.", requirement_name = "seat_info", any_of = [
            { types = ["utility_bill"], fields = [{ field = "address_sids", description = "Where." }], name = "Water bill" },
        ] }"#,
    );
    let catalogue = load_with(&[("countries/XT.toml", "", &text)]).unwrap();
    let regulation = catalogue.find(combination("XT/local/business"), TODAY).unwrap();
    assert_eq!(&*regulation.friendly_name, "Testland: Local - Business");
    let seat = &regulation.documents[0];
    assert_eq!((&*seat.name, &*seat.requirement_name), ("Seat", "seat_info"));
    assert_eq!(&*seat.description, "The seat, in the country of the number.");
    let bill = &seat.any_of[0];
    assert_eq!((&*bill.document_type, &*bill.name, bill.requires_file), ("utility_bill", "Water bill", true));
    assert_eq!((&*bill.fields[0].description, &bill.fields[0].rule), ("Where.", &Rule::Addresses));
}

#[test]
fn the_revision_in_force_depends_on_the_day() {
    let later = "[[local.business]]\nrevision = 2\neffective_from = 2026-07-01\napprovals_end = 2026-09-01\nend_user = [\"email\"]\ndocuments = []\n\n\
                 [[local.business]]\nrevision = 3\neffective_from = 2027-01-01\nstatus = \"unavailable\"\n";
    let text = format!("{TEST_COUNTRY}\n{later}");
    let catalogue = load_with(&[("countries/XT.toml", "", &text)]).unwrap();
    let revision = |today| {
        let found = catalogue.find(combination("XT/local/business"), today);
        found.map(|regulation| (regulation.provenance.revision, regulation.provenance.line))
    };
    assert_eq!(revision(date(2024, 12, 31)), None);
    assert_eq!(revision(date(2025, 1, 1)), Some((1, 7)));
    assert_eq!(revision(date(2026, 6, 30)), Some((1, 7)));
    assert_eq!(revision(date(2026, 7, 1)), Some((2, 12)));
    assert_eq!(revision(date(2027, 1, 1)), None);
    let revisions = catalogue.revisions(combination("XT/local/business"));
    let ends: Vec<_> = revisions.iter().map(|entry| entry.provenance().approvals_end).collect();
    assert_eq!(ends, [date(2025, 1, 1), date(2026, 9, 1), date(2027, 1, 1)]);

    for (from, to, expected) in [
        (
            "revision = 2",
            "revision = 1",
            "countries/XT.toml:12: this is revision 1, after revision 1 in line 7",
        ),
        (
            "2026-07-01",
            "2025-01-01",
            "countries/XT.toml:12: revision 2 must come into force after revision 1",
        ),
    ] {
        let problems = load_with(&[("countries/XT.toml", "", &text.replacen(from, to, 1))]);
        let problems = problems.unwrap_err();
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{problems:#?}");
    }
    let twice = text.replacen("2026-07-01", "2025-01-01", 1);
    assert!(load_with(&[("countries/XT.toml", "", &twice)]).is_err());
}
