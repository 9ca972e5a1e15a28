//! Countries, as ISO 3166-1 alpha-2 codes.

use std::fmt;

/// Two capital letters. Whether a country has that code, or rules, is decided elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsoCountry([u8; 2]);

impl IsoCountry {
    /// Parses two letters of either case (contract 14.1 row 12).
    pub fn parse(text: &str) -> Option<Self> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Some(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => None,
        }
    }

    /// The two capital letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("two ASCII letters")
    }
}

impl fmt::Display for IsoCountry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for IsoCountry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_of_either_case_are_a_country() {
        assert_eq!(IsoCountry::parse("de").unwrap().as_str(), "DE");
        for text in ["", "D", "DEU", "D1", "ä"] {
            assert_eq!(IsoCountry::parse(text), None, "{text}");
        }
    }
}
