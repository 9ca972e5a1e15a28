//! What is written of a rule reads back as the same rule.

use dossier_domain::EndUserType;
use dossier_domain::regulation::Field;
use dossier_domain::regulation::Rule;
use dossier_domain::regulation::constraint::{FieldPlace, of_field, parse_field};

/// Writes the rule of a field and reads it back.
pub(crate) fn check(object: &str, end_user_type: EndUserType, field: &Field) {
    let written = of_field(object, end_user_type, field);
    let place = FieldPlace { object, end_user_type, machine_name: &field.machine_name };
    match (&field.rule, parse_field(&written, place)) {
        // A pattern that is a list of plain texts says the same as the list.
        (Rule::Pattern(pattern), Ok(Rule::OneOf(values))) => {
            assert!(values.iter().all(|value| pattern.is_match(value)), "{written}");
        }
        (rule, read) => assert_eq!(read.as_ref(), Ok(rule), "{written}"),
    }
}
