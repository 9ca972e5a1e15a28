//! Phone numbers, as the whole world writes them (ITU-T E.164).

mod leased;
mod plan;
mod settings;

pub use self::leased::LeasedNumber;
pub use self::settings::{NumberSettings, Setting};

use std::fmt;

/// The fewest digits: country code and subscriber's number.
const DIGITS_MIN: usize = 7;
/// The most digits of E.164.
const DIGITS_MAX: usize = 15;

/// A phone number: a plus sign and 7 to 15 digits, the first of them no zero.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Parses a number in exactly this form; there is no guessing of country codes or separators.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let fine = (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        fine.then(|| Self(text.to_owned()))
    }

    /// The number with its plus sign.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// A number leads to a person.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_international_form_is_read() {
        for text in ["+4930123456", "+12025550123", "+8821612345678", "+1234567", "+123456789012345"] {
            assert_eq!(PhoneNumber::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "+",
            "4930123456",
            "004930123456",
            "+049301234",
            "+123456",
            "+1234567890123456",
            "+49 30 123456",
            "+49-30-123456",
            "+٤٩٣٠١٢٣٤٥٦",
        ] {
            assert_eq!(PhoneNumber::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_not_printed_by_accident() {
        let number = PhoneNumber::parse("+4930123456").unwrap();
        assert!(!format!("{number:?}").contains("4930"));
    }
}
