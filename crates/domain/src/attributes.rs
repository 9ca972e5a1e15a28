//! The free-form attributes of end users and supporting documents.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::fault::{Code, Fault};

/// A JSON object, kept as the text the caller sent (contract 14.3 rows 46-49).
///
/// Keeping the text costs nothing to return, and a number or an order of keys is never changed.
/// What is inside is personal data: `Debug` prints only the length.
#[derive(Clone, PartialEq, Eq)]
pub struct Attributes(String);

impl Attributes {
    /// The largest accepted text, in bytes (contract 14.3 row 47).
    pub const BYTES_MAX: usize = 64 * 1024;
    /// How deep objects and arrays may nest, the outermost object counted.
    pub const DEPTH_MAX: usize = 8;

    /// No attributes: `{}`.
    pub fn empty() -> Self {
        Self("{}".to_owned())
    }

    /// Checks that `text` is one JSON object within the limits, without duplicate keys.
    ///
    /// An empty text and `null` mean no attributes.
    ///
    /// # Errors
    /// A fault with code 22207 that names the reason, never a value.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.is_empty() || text == "null" {
            return Ok(Self::empty());
        }
        if text.len() > Self::BYTES_MAX {
            return Err(refused(format!("larger than {} bytes", Self::BYTES_MAX)));
        }
        if !text.starts_with('{') {
            return Err(refused("not a JSON object"));
        }
        check(text).map_err(refused)?;
        Ok(Self(text.to_owned()))
    }

    /// Attributes that were checked before they were stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attributes({} bytes)", self.0.len())
    }
}

fn refused(reason: impl fmt::Display) -> Fault {
    Fault::new(Code::InvalidAttributes, format!("Invalid Attributes: {reason}"))
}

fn check(text: &str) -> Result<(), &'static str> {
    let mut json = serde_json::Deserializer::from_str(text);
    // serde's own messages may quote the input, so only our own reasons get out.
    let reason = |error: serde_json::Error| match error.to_string() {
        message if message.starts_with(TOO_DEEP) => TOO_DEEP,
        message if message.starts_with(DUPLICATE) => DUPLICATE,
        _ => "not valid JSON",
    };
    Checked { depth_left: Attributes::DEPTH_MAX }.deserialize(&mut json).map_err(reason)?;
    json.end().map_err(reason)
}

const TOO_DEEP: &str = "nested too deeply";
const DUPLICATE: &str = "a key is there twice";

/// Walks a JSON value and keeps nothing of it.
#[derive(Clone, Copy)]
struct Checked {
    depth_left: usize,
}

impl Checked {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth_left = self.depth_left.checked_sub(1).ok_or_else(|| E::custom(TOO_DEEP))?;
        Ok(Self { depth_left })
    }
}

impl<'de> DeserializeSeed<'de> for Checked {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut keys: Vec<Cow<'de, str>> = Vec::new();
        while let Some(Key(key)) = map.next_key()? {
            keys.push(key);
            map.next_value_seed(inner)?;
        }
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(A::Error::custom(DUPLICATE));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while seq.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A key, borrowed from the text unless it has escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_object_is_kept_to_the_letter() {
        let text = r#"{"b": 1.10, "a":["x", null, 123456789012345678901234567890]}"#;
        assert_eq!(Attributes::parse(text).unwrap().as_str(), text);
    }

    #[test]
    fn nothing_means_an_empty_object() {
        for text in ["", "  ", "null", "{}"] {
            assert_eq!(Attributes::parse(text), Ok(Attributes::empty()), "{text:?}");
        }
    }

    #[test]
    fn refusals_name_the_reason_and_never_a_value() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(9), "}".repeat(9));
        let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(Attributes::BYTES_MAX));
        for (text, reason) in [
            ("[1]", "not a JSON object"),
            ("Jane", "not a JSON object"),
            (r#"{"name": Jane}"#, "not valid JSON"),
            (r#"{"name":"Jane"} x"#, "not valid JSON"),
            (r#"{"name":"Jane","name":"Joan"}"#, "a key is there twice"),
            (r#"{"a":{"n\u0061me":"Jane","name":"Joan"}}"#, "a key is there twice"),
            (&deep, "nested too deeply"),
            (&large, "larger than 65536 bytes"),
        ] {
            let fault = Attributes::parse(text).unwrap_err();
            assert_eq!(fault.code, Code::InvalidAttributes);
            assert_eq!(fault.message, format!("Invalid Attributes: {reason}"));
        }
    }

    #[test]
    fn eight_levels_are_allowed() {
        let text = format!("{}1{}", r#"{"a":"#.repeat(8), "}".repeat(8));
        assert!(Attributes::parse(&text).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in r#"[{}\[\]:,"a0 \\]{0,40}"#) {
            let _ = Attributes::parse(&text);
        }
    }
}
