//! What kind of number is leased, and what kind of end user leases it.

use std::fmt;

/// The kinds of numbers that regulations tell apart (contract section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberType {
    /// Tied to an area.
    Local,
    /// Mobile.
    Mobile,
    /// Valid in the whole country.
    National,
    /// Free for the caller.
    TollFree,
}

impl NumberType {
    /// All of them, in the order of the contract.
    pub const ALL: [Self; 4] = [Self::Local, Self::Mobile, Self::National, Self::TollFree];

    /// Parses a name in any case; toll-free in any of its four spellings (contract 14.1 row 12).
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "local" => Some(Self::Local),
            "mobile" => Some(Self::Mobile),
            "national" => Some(Self::National),
            "toll-free" | "tollfree" | "toll_free" | "toll free" => Some(Self::TollFree),
            _ => None,
        }
    }

    /// The canonical name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Mobile => "mobile",
            Self::National => "national",
            Self::TollFree => "toll-free",
        }
    }
}

impl fmt::Display for NumberType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who leases the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndUserType {
    /// A person.
    Individual,
    /// A company or another organisation.
    Business,
}

impl EndUserType {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Individual, Self::Business];

    /// Parses a name in any case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(text))
    }

    /// The machine name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Individual => "individual",
            Self::Business => "business",
        }
    }
}

impl fmt::Display for EndUserType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_case_and_written_in_one() {
        for kind in NumberType::ALL {
            assert_eq!(NumberType::parse(&kind.as_str().to_uppercase()), Some(kind));
        }
        for spelling in ["toll-free", "tollfree", "TOLL_FREE", "toll free"] {
            assert_eq!(NumberType::parse(spelling), Some(NumberType::TollFree));
        }
        for kind in EndUserType::ALL {
            assert_eq!(EndUserType::parse(&kind.as_str().to_uppercase()), Some(kind));
        }
        assert_eq!(NumberType::parse("short"), None);
        assert_eq!(EndUserType::parse("person"), None);
    }
}
