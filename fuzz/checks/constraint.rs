//! Any text is read as a constraint or refused, and what was read survives being written.

use dossier_domain::EndUserType;
use dossier_domain::regulation::Field;
use dossier_domain::regulation::constraint::{FieldPlace, parse, parse_field, parse_presence};

use super::rules;

/// Objects and fields that constraints may be about.
const PLACES: [(&str, &str); 3] = [("passport", "a"), ("business", "a"), ("passport", "address_sids")];

/// Panics when something does not hold.
pub(crate) fn check(text: &str) {
    let syntax = parse(text);
    if let Err(error) = &syntax {
        assert!(text.is_char_boundary(error.offset), "{error} in {text:?}");
    }
    for (object, machine_name) in PLACES {
        let place = FieldPlace { object, end_user_type: EndUserType::Business, machine_name };
        if let Ok(rule) = parse_field(text, place) {
            assert!(syntax.is_ok() || text.trim().is_empty(), "{text:?} is no expression and {rule:?}");
            let (friendly_name, description) = ("F".into(), "D".into());
            let field = Field { machine_name: machine_name.into(), friendly_name, description, rule };
            rules::check(object, EndUserType::Business, &field);
        }
        if parse_presence(text, object, EndUserType::Business).is_ok() {
            assert!(text.contains(object) && syntax.is_ok(), "{text:?}");
        }
    }
}
