//! Evaluation as the contract tells it (sections 5.3 and 14.4), written a second time.
//!
//! This one knows nothing of the other: it works on values that were never JSON, computes dates by
//! hand, tries everything and is slow. Both must say the same about any bundle, to the letter.

use std::collections::BTreeMap;

use dossier_domain::catalogue::Catalogue;
use dossier_domain::evaluation::{Failure, InvalidField, RequirementResult, ValidField, evaluate};
use dossier_domain::regulation::{AcceptedDocument, AddressScope, Field, Rule};
use dossier_domain::{Code, sid::AddressSid};
use jiff::civil::Date;
use proptest::prelude::*;
use std::sync::LazyLock;

use crate::bundles::{Case, Choices, Given, Value, case};

static BUILTIN: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);

/// What the contract says about a case.
fn reference(case: &Case) -> Vec<RequirementResult> {
    let mut results = Vec::new();
    for requirement in &case.regulation.end_users {
        let assigned = case.end_user.as_ref().filter(|(kind, _)| *kind == requirement.end_user_type);
        let nothing = Given::new();
        let given = assigned.map_or(&nothing, |(_, given)| given);
        let (mut valid, mut invalid) = (vec![], vec![]);
        for field in &requirement.fields {
            judge(case, field, given, None, &requirement.name, &mut valid, &mut invalid);
        }
        let failure = if assigned.is_none() {
            let (article, name) = (article(&requirement.name), &requirement.name);
            let reason =
                format!("{article} {name} End-User is missing. Please add one to the regulatory bundle.");
            Some(Failure { code: Code::EndUserMissing, reason })
        } else {
            first(&invalid)
        };
        results.push(RequirementResult {
            friendly_name: requirement.name.to_string(),
            object_type: requirement.end_user_type.to_string(),
            requirement_friendly_name: requirement.name.to_string(),
            requirement_name: requirement.requirement_name.to_string(),
            failure,
            valid,
            invalid,
        });
    }
    let business = case.regulation.end_users[0].name.to_string();
    for requirement in &case.regulation.documents {
        let result = |accepted: &AcceptedDocument, given: Option<&Given>| {
            let (mut valid, mut invalid) = (vec![], vec![]);
            for field in &accepted.fields {
                let given = given.cloned().unwrap_or_default();
                judge(case, field, &given, Some(&accepted.name), &business, &mut valid, &mut invalid);
            }
            let missing = Failure {
                code: Code::DocumentMissing,
                reason: format!(
                    "{} {} is missing. Please add one to the regulatory bundle.",
                    article(&accepted.name),
                    accepted.name
                ),
            };
            RequirementResult {
                friendly_name: accepted.name.to_string(),
                object_type: accepted.document_type.to_string(),
                requirement_friendly_name: requirement.name.to_string(),
                requirement_name: requirement.requirement_name.to_string(),
                failure: if given.is_some() { first(&invalid) } else { Some(missing) },
                valid,
                invalid,
            }
        };
        // Every pair of an accepted type and an assigned document, with the places of both.
        let mut tried = BTreeMap::new();
        for (catalogue_place, accepted) in requirement.any_of.iter().enumerate() {
            for (assigned_place, document) in case.documents.iter().enumerate() {
                let file_missing =
                    case.switches.require_files && accepted.requires_file && !document.has_file;
                if document.document_type == *accepted.document_type && !file_missing {
                    tried.insert((catalogue_place, assigned_place), result(accepted, Some(&document.given)));
                }
            }
        }
        let passed = tried.iter().find(|(_, result)| result.failure.is_none());
        let assigned_first = tried.iter().min_by_key(|((_, assigned_place), _)| *assigned_place);
        let best = passed.or(assigned_first).map(|(_, result)| result.clone());
        results.push(best.unwrap_or_else(|| result(&requirement.any_of[0], None)));
    }
    results
}

fn article(noun: &str) -> &'static str {
    if "aeiouAEIOU".contains(noun.chars().next().unwrap()) { "An" } else { "A" }
}

fn first(invalid: &[InvalidField]) -> Option<Failure> {
    invalid.first().map(|field| field.failure.clone())
}

/// Puts a field among the valid or the invalid ones, or neither. `document` is the name of the document
/// that shows it; without one it is a field of the end user.
fn judge(
    case: &Case,
    field: &Field,
    given: &Given,
    document: Option<&str>,
    end_user: &str,
    valid: &mut Vec<ValidField>,
    invalid: &mut Vec<InvalidField>,
) {
    let value = given.iter().find(|(name, _)| **name == *field.machine_name).map(|(_, value)| value);
    let value = value.filter(|value| !is_blank(value));
    let (friendly_name, object_field) = (field.friendly_name.to_string(), field.machine_name.to_string());
    let verdict = match (&field.rule, value) {
        (Rule::Optional, None) => return,
        (Rule::Optional | Rule::Required, Some(_)) => None,
        (_, None) => Some(missing(field, document, end_user)),
        (Rule::OneOf(values), Some(value)) => {
            let right = text(value).is_some_and(|text| values.iter().any(|value| **value == *text));
            (!right).then(|| missing(field, document, end_user))
        }
        (Rule::Pattern(pattern), Some(value)) => {
            let right = text(value).is_some_and(|text| pattern.is_match(&text));
            (!right).then(|| missing(field, document, end_user))
        }
        (Rule::EqualsEndUser(other), Some(value)) => {
            let end_users = case.end_user.iter().filter(|(kind, _)| *kind == case.regulation.end_user_type);
            let others: Vec<_> =
                end_users.flat_map(|(_, given)| given).filter(|(name, _)| **name == **other).collect();
            let same = others.first().is_some_and(|(_, other)| !is_blank(other) && same(other, value));
            (!same)
                .then(|| Failure { code: Code::DocumentFieldMismatch, ..missing(field, document, end_user) })
        }
        (Rule::NotOlderThan { months }, Some(value)) => {
            too_old(value, *months, case.today, field, document, end_user)
        }
        (Rule::Addresses, Some(value)) => wrong_address(case, value, field, document, end_user),
    };
    match verdict {
        None => valid.push(ValidField { friendly_name, object_field }),
        Some(failure) => invalid.push(InvalidField { friendly_name, object_field, failure }),
    }
}

fn missing(field: &Field, document: Option<&str>, end_user: &str) -> Failure {
    let label = &field.friendly_name;
    let (code, reason) = match (document, &field.rule) {
        (None, _) => (
            Code::EndUserFieldMissing,
            format!("The {label} is missing. Please enter in a {label} on the {end_user} information."),
        ),
        (Some(name), Rule::Addresses) => (
            Code::AddressMissing,
            format!("The Address is missing. Please enter in the address shown on the {name}."),
        ),
        (Some(name), Rule::EqualsEndUser(_)) => (
            Code::DocumentFieldMissing,
            format!(
                "The {label} is missing. Or, it does not match the {label} you entered within {end_user} information. Please enter in the {label} shown on the {name} or make sure both {label} fields use the same exact inputs."
            ),
        ),
        (Some(name), _) => (
            Code::DocumentFieldMissing,
            format!("The {label} is missing. Please enter in the {label} shown on the {name}."),
        ),
    };
    Failure { code, reason }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.chars().all(char::is_whitespace),
        Value::List(items) => items.iter().all(is_blank),
        Value::Number(_) | Value::Boolean(_) | Value::Object => false,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Null | Value::List(_) | Value::Object => None,
    }
}

fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::List(these), Value::List(those)) => {
            these.len() == those.len() && (0..these.len()).all(|index| same(&these[index], &those[index]))
        }
        (Value::Null, Value::Null) => true,
        _ => text(one).is_some() && text(one) == text(other),
    }
}

/// Year, month and day of a date that there is.
fn parts(text: &str) -> Option<(i32, i32, i32)> {
    let digits = |range: std::ops::Range<usize>| {
        let part = text.get(range)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().unwrap())
    };
    if text.len() != 10 || text.get(4..5)? != "-" || text.get(7..8)? != "-" {
        return None;
    }
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    ((1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day)).then_some((year, month, day))
}

fn days_in(year: i32, month: i32) -> i32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn too_old(
    value: &Value,
    months: u32,
    today: Date,
    field: &Field,
    document: Option<&str>,
    end_user: &str,
) -> Option<Failure> {
    let label = &field.friendly_name;
    let code = if document.is_some() { Code::DocumentFieldMissing } else { Code::EndUserFieldMissing };
    let Some(date) = text(value).and_then(|text| parts(&text)) else {
        let reason = format!("The {label} is not a date. Please enter in the {label} as YYYY-MM-DD.");
        return Some(Failure { code, reason });
    };
    // Back month by month; where a month is too short, its last day counts.
    let (mut year, mut month) = (i32::from(today.year()), i32::from(today.month()));
    for _ in 0..months {
        (year, month) = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
    }
    let earliest = (year, month, i32::from(today.day()).min(days_in(year, month)));
    let unit = if months == 1 { "month" } else { "months" };
    let thing = document.map_or_else(|| format!("{end_user} information"), str::to_owned);
    let reason =
        format!("The {label} on the {thing} is more than {months} {unit} ago. Please provide a newer one.");
    (date < earliest).then_some(Failure { code, reason })
}

/// Every part of a value that should name an address.
fn named(value: &Value) -> Vec<String> {
    match value {
        Value::Null => vec![],
        Value::List(items) => items.iter().flat_map(named).collect(),
        Value::Object => vec!["an object".to_owned()],
        other => {
            let text = text(other).unwrap();
            text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
        }
    }
}

fn wrong_address(
    case: &Case,
    value: &Value,
    field: &Field,
    document: Option<&str>,
    end_user: &str,
) -> Option<Failure> {
    let mut found = vec![];
    for part in named(value) {
        let known = AddressSid::parse(&part).ok();
        match known.and_then(|sid| case.addresses.iter().find(|address| address.sid == sid)) {
            Some(address) => found.push(address),
            None => return Some(missing(field, document, end_user)),
        }
    }
    if found.is_empty() {
        return Some(missing(field, document, end_user));
    }
    let scope = case.regulation.address_scope;
    if !case.switches.check_address_scope || scope == AddressScope::None {
        return None;
    }
    let reason = if found.iter().any(|address| address.is_po_box) {
        "The Address is a PO box. Please enter in an address with a street."
    } else if scope != AddressScope::World
        && found.iter().any(|address| address.iso_country != case.regulation.iso_country)
    {
        "The Address is not in the country of the phone number. Please enter in an address in that country."
    } else {
        return None;
    };
    Some(Failure { code: Code::AddressMissing, reason: reason.to_owned() })
}

fn made_up(choices: &[u16]) -> Case {
    case(&mut Choices(choices.iter()), &BUILTIN)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn both_say_the_same(choices in prop::collection::vec(any::<u16>(), 0..400)) {
        let case = made_up(&choices);
        let evaluation = case.with_contents(|contents| evaluate(&case.regulation, contents));
        prop_assert_eq!(&evaluation.results, &reference(&case));
        let again = made_up(&choices);
        let again = again.with_contents(|contents| evaluate(&case.regulation, contents));
        prop_assert_eq!(again.to_stored(), evaluation.to_stored(), "the same input gives the same bytes");
        prop_assert_eq!(evaluation.is_compliant(), reference(&case).iter().all(|result| result.failure.is_none()));
    }
}

/// The bundles are of use only if everything happens in them.
#[test]
fn the_bundles_show_every_outcome() {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u16::try_from(state >> 48).unwrap()
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..2_000 {
        let choices: Vec<_> = (0..400).map(|_| next()).collect();
        let case = made_up(&choices);
        let results = reference(&case);
        if results.iter().all(|result| result.failure.is_none()) {
            *seen.entry("compliant".to_owned()).or_default() += 1;
        }
        for failure in results.iter().filter_map(|result| result.failure.as_ref()) {
            *seen.entry(failure.code.number().to_string()).or_default() += 1;
            for words in ["PO box", "not in the country", "not a date", "ago"] {
                if failure.reason.contains(words) {
                    *seen.entry(words.to_owned()).or_default() += 1;
                }
            }
        }
    }
    for outcome in [
        "compliant",
        "22214",
        "22215",
        "22216",
        "22217",
        "22218",
        "22219",
        "PO box",
        "not in the country",
        "not a date",
        "ago",
    ] {
        assert!(seen.get(outcome).is_some_and(|&count| count >= 10), "{outcome}: {seen:?}");
    }
}
