//! Which addresses a document refers to (contract 14.3 row 59).

use super::values::{Value, Values};
use crate::Attributes;
use crate::regulation::ADDRESS_SIDS;
use crate::sid::AddressSid;

/// The addresses that attributes name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressReferences {
    /// In the order in which they are named, each once.
    pub sids: Vec<AddressSid>,
    /// Whether something else than address SIDs is there as well.
    pub has_unreadable: bool,
}

/// Reads `address_sids` out of attributes: an array of SIDs, one SID, or SIDs between commas.
pub fn address_references(attributes: &Attributes) -> AddressReferences {
    let value = Values::read(attributes).get(ADDRESS_SIDS);
    value.map_or_else(AddressReferences::default, |value| AddressReferences::read(&value))
}

impl AddressReferences {
    pub(super) fn read(value: &Value<'_>) -> Self {
        let mut references = Self::default();
        references.add(value);
        references
    }

    fn add(&mut self, value: &Value<'_>) {
        match value {
            Value::Null => {}
            Value::Object => self.has_unreadable = true,
            Value::List(items) => items.iter().for_each(|item| self.add(item)),
            Value::Text(text) => {
                for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                    match AddressSid::parse(part) {
                        Ok(sid) if self.sids.contains(&sid) => {}
                        Ok(sid) => self.sids.push(sid),
                        Err(_) => self.has_unreadable = true,
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let a = format!("AD{}", "a".repeat(32));
        let b = format!("AD{}", "b".repeat(32));
        let bundle = format!("BU{}", "b".repeat(32));
        let (first, second) = (AddressSid::parse(&a).unwrap(), AddressSid::parse(&b).unwrap());
        for (json, sids, has_unreadable) in [
            (format!(r#""{a}""#), vec![first], false),
            (format!(r#"["{a}"]"#), vec![first], false),
            (format!(r#"["{b}", "{a}", "{b}"]"#), vec![second, first], false),
            (format!(r#"" {a} ,{b},""#), vec![first, second], false),
            (format!(r#"["{a},{b}"]"#), vec![first, second], false),
            (format!(r#"["{a}", null, ""]"#), vec![first], false),
            (format!(r#"["{a}", "{bundle}"]"#), vec![first], true),
            (format!(r#"["{a}", 5, {{}}]"#), vec![first], true),
            (r#""Baker Street""#.to_owned(), vec![], true),
            ("{}".to_owned(), vec![], true),
            ("null".to_owned(), vec![], false),
            ("[]".to_owned(), vec![], false),
        ] {
            let attributes = Attributes::parse(&format!(r#"{{"address_sids":{json}}}"#)).unwrap();
            let expected = AddressReferences { sids, has_unreadable };
            assert_eq!(address_references(&attributes), expected, "{json}");
        }
        assert_eq!(address_references(&Attributes::empty()), AddressReferences::default());
    }
}
