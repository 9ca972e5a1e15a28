//! Attributes, parsed as far as an evaluation needs them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Attributes;

/// The attributes of one object, by key. Values stay JSON text until a rule asks for them.
#[derive(Default)]
pub(super) struct Values<'a>(BTreeMap<Key<'a>, &'a RawValue>);

/// A key, borrowed from the text unless it has escapes.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Values<'a> {
    /// Reads attributes. Text that is no JSON object, which nothing stores, counts as empty.
    pub(super) fn read(attributes: &'a Attributes) -> Self {
        Self(serde_json::from_str(attributes.as_str()).unwrap_or_default())
    }

    /// The value of a key; nothing when it is missing, `null` or blank (contract 14.3 row 48).
    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        let raw = self.0.get(&Key(Cow::Borrowed(key)))?;
        Some(Value::read(raw)).filter(|value| !value.is_blank())
    }
}

/// A value as rules see it: everything is text (contract 14.3 row 48).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// `null`, or nothing a rule could look at.
    Null,
    /// A string, or the text of a number or boolean.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Value<'a>>),
    /// An object: something is there, but it equals nothing and matches nothing.
    Object,
}

impl<'a> Value<'a> {
    fn read(raw: &'a RawValue) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            None | Some(b'n') => Self::Null,
            Some(b'{') => Self::Object,
            Some(b'"') => serde_json::from_str::<Key<'a>>(text).map_or(Self::Null, |key| Self::Text(key.0)),
            Some(b'[') => {
                let items = serde_json::from_str::<Vec<&RawValue>>(text).unwrap_or_default();
                Self::List(items.into_iter().map(Self::read).collect())
            }
            Some(_) => Self::Text(Cow::Borrowed(text)),
        }
    }

    fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(items) => items.iter().all(Self::is_blank),
            Self::Object => false,
        }
    }

    /// The text of a value that is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::List(_) | Self::Object => None,
        }
    }

    /// Whether two values are the same, letter by letter.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Object, _) | (_, Self::Object) => false,
            (Self::List(these), Self::List(those)) => {
                these.len() == those.len() && these.iter().zip(those).all(|(this, that)| this.equals(that))
            }
            (this, that) => this == that,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(json: &str) -> Option<String> {
        let attributes = Attributes::parse(json).unwrap();
        Values::read(&attributes).get("a").map(|value| format!("{value:?}"))
    }

    #[test]
    fn scalars_are_text_as_it_was_sent() {
        for (json, expected) in [
            (r#"{"a":"x"}"#, r#"Text("x")"#),
            (r#"{"a":"\u00e9\n"}"#, r#"Text("é\n")"#),
            (r#"{"\u0061":" x "}"#, r#"Text(" x ")"#),
            (r#"{"a":1.10}"#, r#"Text("1.10")"#),
            (r#"{"a":-5e3}"#, r#"Text("-5e3")"#),
            (r#"{"a":true}"#, r#"Text("true")"#),
            (r#"{"a":["x", 1]}"#, r#"List([Text("x"), Text("1")])"#),
            (r#"{"a":{}}"#, "Object"),
        ] {
            assert_eq!(get(json).as_deref(), Some(expected), "{json}");
        }
    }

    #[test]
    fn blank_values_are_missing() {
        for json in
            ["{}", r#"{"a":null}"#, r#"{"a":""}"#, r#"{"a":" \t\n"}"#, r#"{"a":[]}"#, r#"{"a":["", null]}"#]
        {
            assert_eq!(get(json), None, "{json}");
        }
    }

    #[test]
    fn equality_is_by_text() {
        let attributes = Attributes::parse(
            r#"{"number":1,"text":"1","list":["1"],"same":[1],"object":{},"other":{}, "longer":["1","1"]}"#,
        )
        .unwrap();
        let values = Values::read(&attributes);
        let equal = |a, b| values.get(a).unwrap().equals(&values.get(b).unwrap());
        assert!(equal("number", "text"));
        assert!(equal("list", "same"));
        assert!(!equal("text", "list"));
        assert!(!equal("list", "longer"));
        assert!(!equal("object", "other"));
    }

    #[test]
    fn stored_text_that_is_no_object_counts_as_empty() {
        let attributes = Attributes::from_stored("[1".to_owned());
        assert!(Values::read(&attributes).get("a").is_none());
    }
}
