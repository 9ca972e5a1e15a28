//! Countries, as ISO 3166-1 alpha-2 codes.

mod names;

use std::fmt;

use names::{ISO_3166, OTHERS};

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

    /// The everyday English name; none when nobody uses the code.
    ///
    /// Covers ISO 3166-1 and the few other codes that regulations are published under, such as `AC`.
    pub fn name(&self) -> Option<&'static str> {
        find(ISO_3166, self.as_str()).or_else(|| find(OTHERS, self.as_str()))
    }

    /// Whether an address can be there: the code has a name, and is neither a group of countries
    /// (`AP`, `EU`) nor one that no longer exists (`AN`).
    pub fn is_place(&self) -> bool {
        self.name().is_some() && !matches!(self.as_str(), "AN" | "AP" | "EU")
    }

    /// All codes of ISO 3166-1 in alphabetical order.
    pub fn iso_3166() -> impl Iterator<Item = Self> {
        ISO_3166.iter().filter_map(|(code, _)| Self::parse(code))
    }
}

fn find(names: &[(&str, &'static str)], code: &str) -> Option<&'static str> {
    let index = names.binary_search_by_key(&code, |(known, _)| known).ok()?;
    Some(names[index].1)
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

    fn country(code: &str) -> IsoCountry {
        IsoCountry::parse(code).unwrap()
    }

    #[test]
    fn names_are_sorted_by_code_and_complete() {
        for table in [ISO_3166, OTHERS] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
        }
        assert_eq!(IsoCountry::iso_3166().count(), 249);
        for (code, name) in ISO_3166.iter().chain(OTHERS) {
            assert_eq!(country(code).name(), Some(*name));
        }
        assert_eq!(country("ZZ").name(), None);
    }

    #[test]
    fn an_address_is_in_a_place_that_exists() {
        for code in ["DE", "HK", "PR", "AC", "XK"] {
            assert!(country(code).is_place(), "{code}");
        }
        for code in ["EU", "AP", "AN", "ZZ", "UK"] {
            assert!(!country(code).is_place(), "{code}");
        }
    }
}
