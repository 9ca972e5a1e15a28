//! What reads back, what is refused, and what never panics.

use proptest::prelude::*;

use super::{FieldPlace, of_document, of_end_user, of_field, parse, parse_field, parse_presence};
use crate::EndUserType;
use crate::regulation::{ADDRESS_SIDS, AcceptedDocument, Field, Pattern, Rule};

fn place<'a>(object: &'a str, machine_name: &'a str) -> FieldPlace<'a> {
    FieldPlace { object, end_user_type: EndUserType::Business, machine_name }
}

fn one_of(values: &[&str]) -> Rule {
    Rule::OneOf(values.iter().map(|&value| value.into()).collect())
}

#[test]
fn observed_strings_are_understood() {
    let pattern = |source| Rule::Pattern(Pattern::new(source).unwrap());
    for (object, name, text, expected) in [
        ("business", "comments", "", Rule::Optional),
        ("business", "comments", " \n", Rule::Optional),
        ("business", "business_name", "business['business_name'] != null", Rule::Required),
        ("business", "business_name", "business['business_name']!=null", Rule::Required),
        ("business", "business_name", "null != business.business_name", Rule::Required),
        ("business", "business_name", "(business[\"business_name\"] != null)", Rule::Required),
        ("business", "a", "business != null && business['a'] != null", Rule::Required),
        ("business", "address_sids", "business['address_sids'] != null", Rule::Required),
        ("business_address", "address_sids", "business_address['address_sids'] != null", Rule::Addresses),
        ("business", "email", r"business['email'] =~ '^\S+@\S+\.\S+$'", pattern(r"^\S+@\S+\.\S+$")),
        ("business", "a", r"business['a'] != null && business['a'] =~ '^\+[1-9]'", pattern(r"^\+[1-9]")),
        ("business", "is_subassigned", "business['is_subassigned'] =~ '^(YES|NO)$'", one_of(&["YES", "NO"])),
        ("business", "a", r"business['a'] =~ '^(1\.5|o\x27clock)$'", one_of(&["1.5", "o'clock"])),
        ("business", "a", "business['a'] =~ '^(Y.S)$'", pattern("^(Y.S)$")),
        ("business", "a", r"business['a'] =~ '^(\d)$'", pattern(r"^(\d)$")),
        ("business", "a", "business['a'] =~ '^(YES|)$'", pattern("^(YES|)$")),
        ("business", "a", "business['a'] =~ '^(A)|(B)$'", pattern("^(A)|(B)$")),
        ("business", "a", "business['a'] == 'YES'", one_of(&["YES"])),
        ("business", "a", "business['a'] == 'YES' || 'NO' == business['a']", one_of(&["YES", "NO"])),
        (
            "passport",
            "first_name",
            "passport['first_name'] != null && passport['first_name'] == business['first_name']",
            Rule::EqualsEndUser("first_name".into()),
        ),
        (
            "passport",
            "name",
            "business['first_name'] == passport['name'] && passport['name'] != null",
            Rule::EqualsEndUser("first_name".into()),
        ),
        (
            "tax_document",
            "issued",
            "tax_document['issued'] != null && months_since(tax_document['issued']) <= 3",
            Rule::NotOlderThan { months: 3 },
        ),
    ] {
        assert_eq!(parse_field(text, place(object, name)), Ok(expected), "{text}");
    }
}

#[test]
fn what_no_rule_says_is_refused_with_its_reason() {
    for (text, reason) in [
        ("passport['a'] == null", "can only equal"),
        ("passport['b'] != null", "no rule of the field `a` of `passport` says that"),
        ("passport != null", "says nothing about the field"),
        ("!(passport['a'] == null)", "no rule of the field"),
        ("passport['a'] == business['a']", "holds as well when there is no value"),
        ("months_since(passport['a']) <= 3", "holds as well when there is no value"),
        ("passport['a'] != null && months_since(passport['b']) <= 3", "only `months_since` of the field"),
        ("passport['a'] != null && months_since(passport['a']) <= 0", "at least one"),
        ("passport['a'] != null && months_since(passport['a']) <= 1.5", "whole months"),
        ("passport['a'] != null && months_since(passport['a']) < 3", "no rule of the field"),
        ("passport['a'] != null && passport['a'] == individual['a']", "can only equal"),
        ("passport['a'] == passport['b']", "can only equal"),
        ("passport['a'] == 3", "can only equal"),
        ("passport['a'] == ''", "a value cannot be blank"),
        ("passport['a'] == null || passport['a'] == 'A'", "`||` can only stand between"),
        ("passport['a'] =~ 'A' && passport['a'] =~ 'B'", "two claims"),
        ("passport['a'] =~ business['a']", "the pattern must be a text"),
        ("passport['a'] =~ '('", "unclosed group"),
        ("passport['a'] =~ '^(?!0)'", "look-around"),
        ("passport['a'] =~ \"it's\"", r"\x27"),
        ("passport['a']", "no rule of the field"),
        ("passport['a'] =~ 'it\\'s'", "expected an operator or the end at byte 22"),
        ("passport['a'] = 'A'", "at byte 14"),
        ("passport['a'] !=", "expected a value, but the text ends at byte 16"),
        ("passport[a] != null", "expected a key in quotes at byte 9"),
        ("size(passport['a']) != null", "there is only the function `months_since` at byte 4"),
        ("(passport['a'] != null", "expected `)` at byte 22"),
        ("passport['a'] != null passport", "expected an operator or the end at byte 22"),
    ] {
        let refusal = parse_field(text, place("passport", "a")).map_err(|error| error.to_string());
        assert!(refusal.as_ref().is_err_and(|message| message.contains(reason)), "{text}: {refusal:?}");
    }
}

#[test]
fn entries_say_that_something_is_there() {
    for text in [
        "passport != null",
        "passport!=null",
        "business != null && passport != null",
        "null != passport && (business != null)",
    ] {
        assert_eq!(parse_presence(text, "passport", EndUserType::Business), Ok(()), "{text}");
    }
    for text in [
        "",
        "passport",
        "business != null",
        "individual != null && passport != null",
        "passport != null && passport['a'] != null",
        "passport != null || business != null",
    ] {
        assert!(parse_presence(text, "passport", EndUserType::Business).is_err(), "{text}");
    }
}

#[test]
fn size_and_depth_are_bounded() {
    let deep = |levels| format!("{}business['a'] != null{}", "(".repeat(levels), ")".repeat(levels));
    assert_eq!(parse_field(&deep(31), place("business", "a")), Ok(Rule::Required));
    assert!(parse(&deep(32)).unwrap_err().to_string().contains("nested too deeply"));
    assert!(parse(&deep(5_000)).unwrap_err().to_string().contains("nested too deeply"));
    assert!(parse(&"!".repeat(5_000)).unwrap_err().to_string().contains("nested too deeply"));
    let long = format!("business['a'] != null{}", " ".repeat(20_000));
    assert!(parse(&long).unwrap_err().to_string().contains("too long"));
    let chain = |length| vec!["business['a'] != null"; length].join("&&");
    assert_eq!(parse_field(&chain(128), place("business", "a")), Ok(Rule::Required));
    assert!(parse(&chain(129)).unwrap_err().to_string().contains("too many operators"));
}

/// Every rule that the loader lets through.
fn rule() -> impl Strategy<Value = Rule> {
    let value = ".{0,6}[!-~é].{0,6}";
    prop_oneof![
        Just(Rule::Optional),
        Just(Rule::Required),
        prop::collection::vec(value, 1..4)
            .prop_map(|values| Rule::OneOf(values.iter().map(|value| value.as_str().into()).collect())),
        prop_oneof![
            r#"[\^\$a-z0-9|.\\(){}\[\]*+?" ]{0,12}"#,
            r"\^?(\\[dSw][+*]?|[a-z@]|\\[.+|]){1,6}\$?",
            r"\^\([A-Z|.]{0,6}\)\$"
        ]
        .prop_filter_map("no pattern", |source| Pattern::new(&source).ok())
        .prop_map(Rule::Pattern),
        "[a-z_]{1,12}".prop_map(|name| Rule::EqualsEndUser(name.into())),
        (1..u32::MAX).prop_map(|months| Rule::NotOlderThan { months }),
        Just(Rule::Addresses),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_written_reads_back(rule in rule(), object in "[a-z][a-z0-9_]{0,12}", name in "[a-z][a-z0-9_]{0,12}") {
        prop_assume!(object != "business" && object != "null" && name != ADDRESS_SIDS);
        let name = if rule == Rule::Addresses { ADDRESS_SIDS.to_owned() } else { name };
        let field = Field {
            machine_name: name.as_str().into(),
            friendly_name: "F".into(),
            description: "D".into(),
            rule: rule.clone(),
        };
        let written = of_field(&object, EndUserType::Business, &field);
        let read = parse_field(&written, place(&object, &name));
        match (&rule, &read) {
            // A pattern that is a list of plain texts says the same as the list.
            (Rule::Pattern(pattern), Ok(Rule::OneOf(values))) => {
                prop_assert!(pattern.as_str().starts_with("^("));
                for value in values.iter() {
                    prop_assert!(pattern.is_match(value), "{} {}", pattern.as_str(), value);
                }
                let again = Field { rule: Rule::OneOf(std::sync::Arc::clone(values)), ..field.clone() };
                let again = of_field(&object, EndUserType::Business, &again);
                prop_assert_eq!(parse_field(&again, place(&object, &name)), read);
            }
            _ => prop_assert_eq!(read, Ok(rule), "{}", written),
        }
        let document = AcceptedDocument {
            document_type: object.as_str().into(),
            name: "N".into(),
            requires_file: true,
            fields: vec![field],
        };
        let presence = of_document(&document, EndUserType::Business);
        prop_assert_eq!(parse_presence(&presence, &object, EndUserType::Business), Ok(()));
        let presence = of_end_user(EndUserType::Business);
        prop_assert_eq!(parse_presence(&presence, "business", EndUserType::Business), Ok(()));
    }

    #[test]
    fn no_text_panics(
        any in ".{0,60}",
        likely in r#"(business|passport|null|months_since|[='"!~&|<>().\[\] ]|\\|'[a-z]{0,3}'|[0-9.]|é){0,30}"#,
    ) {
        for text in [any, likely] {
            if let Err(error) = parse(&text) {
                prop_assert!(error.offset <= text.len());
            }
            let _ = parse_field(&text, place("passport", "a"));
            let _ = parse_presence(&text, "passport", EndUserType::Business);
        }
    }
}
