//! Attributes that name other addresses: what a clone says, whose account has addresses of its own.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::Attributes;
use crate::regulation::ADDRESS_SIDS;
use crate::sid::AddressSid;

/// The same attributes with each address in `address_sids` replaced by what `replacement` says; `None`
/// keeps it. The form stays as it is (contract 14.3 row 59): an array, one identifier, or several between
/// commas. All other values stay as they were sent, to the letter, and so does the order of keys.
pub fn readdress(
    attributes: &Attributes,
    replacement: impl Fn(AddressSid) -> Option<AddressSid>,
) -> Attributes {
    let mut json = serde_json::Deserializer::from_str(attributes.as_str());
    // Text that is no JSON object, which nothing stores, names no addresses.
    let Ok(entries) = json.deserialize_map(Entries) else { return attributes.clone() };
    let entries = entries.into_iter().map(|(key, value)| {
        let value = match key.as_str() {
            ADDRESS_SIDS => replaced(value.get(), &replacement),
            _ => Cow::Borrowed(value.get()),
        };
        format!("{}:{value}", quoted(&key))
    });
    Attributes::from_stored(format!("{{{}}}", entries.collect::<Vec<_>>().join(",")))
}

/// JSON with the addresses in its texts replaced.
fn replaced<'a>(json: &'a str, replacement: &impl Fn(AddressSid) -> Option<AddressSid>) -> Cow<'a, str> {
    match json.as_bytes().first() {
        Some(b'"') => {
            let text: String = serde_json::from_str(json).unwrap_or_default();
            let part = |part: &str| {
                let named = part.trim();
                let other = AddressSid::parse(named).ok().and_then(replacement);
                other.map_or_else(|| part.to_owned(), |other| part.replace(named, &other.text()))
            };
            Cow::Owned(quoted(&text.split(',').map(part).collect::<Vec<_>>().join(",")))
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
            let items = items.into_iter().map(|item| replaced(item.get(), replacement));
            Cow::Owned(format!("[{}]", items.collect::<Vec<_>>().join(",")))
        }
        _ => Cow::Borrowed(json),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text can be written as JSON")
}

/// Keys and values of an object in their order.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::address_references;
    use proptest::prelude::*;

    fn sid(digit: &str) -> String {
        format!("AD{}", digit.repeat(32))
    }

    /// `a…` becomes `b…`; others stay.
    fn a_to_b(sid: AddressSid) -> Option<AddressSid> {
        (sid == AddressSid::from_bytes([0xaa; 16])).then(|| AddressSid::from_bytes([0xbb; 16]))
    }

    #[test]
    fn every_form_is_rewritten_and_stays_that_form() {
        let (a, b, c) = (sid("a"), sid("b"), sid("c"));
        for (before, after) in [
            (format!(r#""{a}""#), format!(r#""{b}""#)),
            (format!(r#""{}""#, a.replace('a', "A")), format!(r#""{b}""#)),
            (format!(r#"["{a}"]"#), format!(r#"["{b}"]"#)),
            (format!(r#"[ "{c}" , "{a}"]"#), format!(r#"["{c}","{b}"]"#)),
            (format!(r#"" {a} ,{c},""#), format!(r#"" {b} ,{c},""#)),
            (format!(r#"["{a},{c}",["{a}"]]"#), format!(r#"["{b},{c}",["{b}"]]"#)),
            (format!(r#"["{a}", null, 1.10, {{"x":"{a}"}}]"#), format!(r#"["{b}",null,1.10,{{"x":"{a}"}}]"#)),
            (r#""Baker Street""#.to_owned(), r#""Baker Street""#.to_owned()),
            ("{}".to_owned(), "{}".to_owned()),
            ("null".to_owned(), "null".to_owned()),
            ("[]".to_owned(), "[]".to_owned()),
        ] {
            let attributes = Attributes::parse(&format!(r#"{{"address_sids":{before}}}"#)).unwrap();
            let expected = format!(r#"{{"address_sids":{after}}}"#);
            assert_eq!(readdress(&attributes, a_to_b).as_str(), expected, "{before}");
        }
    }

    #[test]
    fn everything_else_stays_to_the_letter() {
        let a = sid("a");
        let text = format!(
            r#"{{ "z" : 1.10, "first_name":"Ø\u00e9\n", "other":["{a}"], "address_sids": "{a}", "":{{"address_sids":"{a}"}} }}"#
        );
        let expected = format!(
            r#"{{"z":1.10,"first_name":"Ø\u00e9\n","other":["{a}"],"address_sids":"{}","":{{"address_sids":"{a}"}}}}"#,
            sid("b")
        );
        assert_eq!(readdress(&Attributes::parse(&text).unwrap(), a_to_b).as_str(), expected);
        assert_eq!(readdress(&Attributes::empty(), a_to_b), Attributes::empty());
    }

    proptest! {
        /// What is read afterwards is what was read before, one by one replaced; and it is still fit to
        /// be stored.
        #[test]
        fn references_are_replaced_one_by_one(
            digits in proptest::collection::vec(0..16_u8, 0..6),
            spaced in any::<bool>(),
        ) {
            let sids: Vec<_> = digits.iter().map(|digit| AddressSid::from_bytes([digit * 17; 16])).collect();
            let joint = if spaced { " , " } else { "," };
            let joined = sids.iter().map(ToString::to_string).collect::<Vec<_>>().join(joint);
            let text = format!(r#"{{"a":"é","address_sids":["{joined}"]}}"#);
            let attributes = Attributes::parse(&text).unwrap();
            let other = |sid: AddressSid| {
                let bytes = sid.as_bytes().map(|byte| byte ^ 0x0f);
                Some(AddressSid::from_bytes(bytes))
            };
            let rewritten = readdress(&attributes, other);
            prop_assert!(Attributes::parse(rewritten.as_str()).is_ok());
            let expected: Vec<_> = address_references(&attributes).sids.into_iter().filter_map(other).collect();
            prop_assert_eq!(address_references(&rewritten).sids, expected);
        }
    }
}
