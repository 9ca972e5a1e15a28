//! Types of the settings of review.

use super::value::Value;
use dossier_domain::review::Outcome;
use dossier_domain::{IsoCountry, NumberType};

fn list<T>(text: &str, parse: fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(|part| parse(part.trim())).collect()
}

/// Countries, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countries(pub Vec<IsoCountry>);

impl Value for Countries {
    const NAME: &'static str = "COUNTRIES";

    fn form() -> String {
        "countries of two letters behind commas, such as `DE,FR`".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        list(text, IsoCountry::parse).map(Self).ok_or_else(|| format!("must be {}", Self::form()))
    }

    fn shown(&self) -> String {
        self.0.iter().map(IsoCountry::as_str).collect::<Vec<_>>().join(",")
    }
}

/// Number types, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberTypes(pub Vec<NumberType>);

impl Value for NumberTypes {
    const NAME: &'static str = "TYPES";

    fn form() -> String {
        "number types behind commas, such as `mobile,toll-free`".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        list(text, NumberType::parse).map(Self).ok_or_else(|| format!("must be {}", Self::form()))
    }

    fn shown(&self) -> String {
        self.0.iter().map(|number_type| number_type.as_str()).collect::<Vec<_>>().join(",")
    }
}

/// How everything is decided without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AutoReview(pub Outcome);

impl Value for AutoReview {
    const NAME: &'static str = "OUTCOME";

    fn form() -> String {
        "`approved`, `provisionally_approved` or `rejected`".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        Outcome::parse(text).map(Self).ok_or_else(|| format!("must be {}", Self::form()))
    }

    fn shown(&self) -> String {
        self.0.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_with_blanks_and_shown_without() {
        for (text, shown) in
            [("DE", Some("DE")), ("de, FR", Some("DE,FR")), ("", None), ("DE,", None), ("Deutschland", None)]
        {
            assert_eq!(Countries::parse(text).ok().map(|list| list.shown()).as_deref(), shown, "{text}");
        }
        for (text, shown) in [("mobile, tollfree", Some("mobile,toll-free")), ("fax", None)] {
            assert_eq!(NumberTypes::parse(text).ok().map(|list| list.shown()).as_deref(), shown, "{text}");
        }
        assert_eq!(AutoReview::parse("rejected").unwrap().shown(), "rejected");
        assert!(AutoReview::parse("off").is_err());
    }
}
