//! What the value of a field must be.

use regex::{Regex, RegexBuilder};

use super::Text;
use std::sync::Arc;

/// The rule of one field. Every rule but [`Rule::Optional`] also asks that there is a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Nothing is checked.
    Optional,
    /// There is a value.
    Required,
    /// The value is one of these, letter by letter. Never empty.
    OneOf(Arc<[Text]>),
    /// The value contains a match of the pattern.
    Pattern(Pattern),
    /// The value equals that of the end user's field with this machine name, letter by letter.
    EqualsEndUser(Text),
    /// The value is a date, written `YYYY-MM-DD`, at most this many months ago.
    NotOlderThan {
        /// Calendar months, at least 1.
        months: u32,
    },
    /// The value names addresses of the account (contract 14.3 row 59).
    Addresses,
}

/// A regular expression that takes linear time, searched for anywhere in a value (contract 14.4
/// row 80).
#[derive(Clone)]
pub struct Pattern {
    source: Text,
    regex: Regex,
}

/// The text is no regular expression, too large a one, or has an apostrophe in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidPattern(String);

impl Pattern {
    /// The largest compiled size, in bytes: room for any honest pattern.
    const COMPILED_BYTES_MAX: usize = 1 << 20;

    /// Compiles a pattern.
    ///
    /// # Errors
    /// [`InvalidPattern`] with the reason. An apostrophe is refused because the wire quotes
    /// patterns with it; `\x27` means the same.
    pub fn new(source: &str) -> Result<Self, InvalidPattern> {
        if source.contains('\'') {
            return Err(InvalidPattern("a pattern writes an apostrophe as `\\x27`".to_owned()));
        }
        let regex = RegexBuilder::new(source)
            .size_limit(Self::COMPILED_BYTES_MAX)
            .build()
            .map_err(|error| InvalidPattern(error.to_string()))?;
        Ok(Self { source: source.into(), regex })
    }

    /// The text of the regular expression.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether the pattern matches anywhere in the value.
    pub fn is_match(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pattern({:?})", self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_searched_for_anywhere() {
        let pattern = Pattern::new("b+c").unwrap();
        assert!(pattern.is_match("abbbcd"));
        assert!(!pattern.is_match("abd"));
        assert_eq!(pattern.as_str(), "b+c");
    }

    #[test]
    fn bad_patterns_are_refused_with_a_reason() {
        assert!(Pattern::new("(").unwrap_err().to_string().contains("unclosed group"));
        assert!(Pattern::new("it's").unwrap_err().to_string().contains(r"\x27"));
        assert!(Pattern::new(r"(?=a)").unwrap_err().to_string().contains("look-around"));
        assert!(Pattern::new(r"\w{1000}{1000}").unwrap_err().to_string().contains("size"));
    }
}
