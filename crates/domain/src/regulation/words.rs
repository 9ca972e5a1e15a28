//! Rules in plain words.

use super::{AddressScope, Rule};

impl AddressScope {
    /// Where addresses must be, as a phrase.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::None => "no address is asked for",
            Self::World => "anywhere in the world",
            Self::Country => "in the country of the number",
            Self::Area => "in the area that belongs to the prefix of the number",
        }
    }
}

impl Rule {
    /// What the value must be, as the end of a sentence that begins with the name of the field:
    /// `must be filled in`.
    pub fn in_words(&self) -> String {
        match self {
            Self::Optional => "may be left out".to_owned(),
            Self::Required => "must be filled in".to_owned(),
            Self::OneOf(values) => {
                let values: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
                match values.as_slice() {
                    [only] => format!("must be {only}"),
                    values => format!("must be one of {}", values.join(", ")),
                }
            }
            Self::Pattern(pattern) => format!("must match `{}`", pattern.as_str()),
            Self::EqualsEndUser(field) => format!("must equal the end user's `{field}`"),
            Self::NotOlderThan { months: 1 } => "must be a date at most one month ago".to_owned(),
            Self::NotOlderThan { months } => format!("must be a date at most {months} months ago"),
            Self::Addresses => "must name addresses of the account".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regulation::Pattern;

    #[test]
    fn every_rule_has_words() {
        for (rule, words) in [
            (Rule::Optional, "may be left out"),
            (Rule::Required, "must be filled in"),
            (Rule::OneOf(["A".into(), "B".into()].into()), "must be one of `A`, `B`"),
            (Rule::OneOf(["A".into()].into()), "must be `A`"),
            (Rule::Pattern(Pattern::new("^a").unwrap()), "must match `^a`"),
            (Rule::EqualsEndUser("first_name".into()), "must equal the end user's `first_name`"),
            (Rule::NotOlderThan { months: 1 }, "must be a date at most one month ago"),
            (Rule::NotOlderThan { months: 3 }, "must be a date at most 3 months ago"),
            (Rule::Addresses, "must name addresses of the account"),
        ] {
            assert_eq!(rule.in_words(), words);
        }
    }
}
