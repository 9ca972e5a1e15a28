//! Writes rules as constraint strings.
//!
//! Two conventions are ours, because no such rule was ever seen: the age of a date is a call of
//! `months_since`, and an apostrophe in a value of an enumeration is written `\x27`.

use super::MONTHS_SINCE;
use crate::EndUserType;
use crate::regulation::{AcceptedDocument, Field, Rule, Text};

/// `business != null`
pub fn of_end_user(end_user_type: EndUserType) -> String {
    format!("{end_user_type} != null")
}

/// `tax_document != null`, after `business != null && ` when a field refers to the end user.
pub fn of_document(document: &AcceptedDocument, end_user_type: EndUserType) -> String {
    let refers = document.fields.iter().any(|field| matches!(field.rule, Rule::EqualsEndUser(_)));
    let end_user = if refers { format!("{end_user_type} != null && ") } else { String::new() };
    format!("{end_user}{} != null", document.document_type)
}

/// The rule of a field of `object`, which is the machine name of a type. Empty when there is none.
pub fn of_field(object: &str, end_user_type: EndUserType, field: &Field) -> String {
    let value = format!("{object}['{}']", field.machine_name);
    match &field.rule {
        Rule::Optional => String::new(),
        Rule::Required | Rule::Addresses => format!("{value} != null"),
        Rule::OneOf(values) => format!("{value} =~ '^({})$'", alternatives(values)),
        Rule::Pattern(pattern) => format!("{value} =~ '{}'", pattern.as_str()),
        Rule::EqualsEndUser(other) => {
            format!("{value} != null && {value} == {end_user_type}['{other}']")
        }
        Rule::NotOlderThan { months } => format!("{value} != null && {MONTHS_SINCE}({value}) <= {months}"),
    }
}

fn alternatives(values: &[Text]) -> String {
    let escaped: Vec<_> = values.iter().map(|value| regex::escape(value).replace('\'', r"\x27")).collect();
    escaped.join("|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regulation::Pattern;

    fn field(machine_name: &str, rule: Rule) -> Field {
        Field { machine_name: machine_name.into(), friendly_name: "F".into(), description: "D".into(), rule }
    }

    #[test]
    fn fields_take_the_observed_forms() {
        let one_of = |values: &[&str]| Rule::OneOf(values.iter().map(|&value| value.into()).collect());
        for (object, field, expected) in [
            ("business", field("comments", Rule::Optional), ""),
            ("business", field("business_name", Rule::Required), "business['business_name'] != null"),
            (
                "business",
                field("email", Rule::Pattern(Pattern::new(r"^\S+@\S+\.\S+$").unwrap())),
                r"business['email'] =~ '^\S+@\S+\.\S+$'",
            ),
            (
                "business",
                field("is_subassigned", one_of(&["YES", "NO"])),
                "business['is_subassigned'] =~ '^(YES|NO)$'",
            ),
            (
                "business",
                field("size", one_of(&["1.5", "o'clock"])),
                r"business['size'] =~ '^(1\.5|o\x27clock)$'",
            ),
            (
                "passport",
                field("first_name", Rule::EqualsEndUser("first_name".into())),
                "passport['first_name'] != null && passport['first_name'] == business['first_name']",
            ),
            ("utility_bill", field("address_sids", Rule::Addresses), "utility_bill['address_sids'] != null"),
            (
                "utility_bill",
                field("issue_date", Rule::NotOlderThan { months: 3 }),
                "utility_bill['issue_date'] != null && months_since(utility_bill['issue_date']) <= 3",
            ),
        ] {
            assert_eq!(of_field(object, EndUserType::Business, &field), expected);
        }
    }

    #[test]
    fn a_document_names_the_end_user_only_when_it_is_compared_with_it() {
        let document = |rule| AcceptedDocument {
            document_type: "government_issued_document".into(),
            name: "Government-issued document".into(),
            requires_file: true,
            fields: vec![field("first_name", rule)],
        };
        assert_eq!(
            of_document(&document(Rule::EqualsEndUser("first_name".into())), EndUserType::Individual),
            "individual != null && government_issued_document != null"
        );
        assert_eq!(
            of_document(&document(Rule::Required), EndUserType::Individual),
            "government_issued_document != null"
        );
        assert_eq!(of_end_user(EndUserType::Business), "business != null");
    }
}
