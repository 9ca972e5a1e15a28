//! Normalising an address and comparing it with what its country uses (contract 14.7 rows 104, 105, 107
//! and 108).

use std::fmt;

use super::lines::AddressLines;
use super::{postal, regions};
use crate::country::IsoCountry;
use crate::fault::{Code, Fault};

/// The longest `CustomerName`, in characters.
pub const CUSTOMER_NAME_CHARS_MAX: usize = 255;
/// The longest `FriendlyName`, in characters (contract 14.1 row 14).
pub const FRIENDLY_NAME_CHARS_MAX: usize = 64;
/// The longest of the other lines, in characters.
pub const LINE_CHARS_MAX: usize = 255;

/// An address that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validated {
    /// The normalised text.
    pub lines: AddressLines,
    /// Postal code and region were compared with what the country uses, and fit.
    pub validated: bool,
}

/// Why an address is refused, and how it would be accepted.
///
/// The fault may be logged. The suggestion is personal data and for the caller only, so neither
/// `Debug` nor `Display` shows it.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct Refusal {
    /// The code, and a sentence that names parameters and no text of the address.
    pub fault: Fault,
    /// The corrected address; present with 21629 only.
    pub suggestion: Option<Box<AddressLines>>,
}

impl Refusal {
    /// The sentence for the caller: that of the fault, then the suggested address. Never log it.
    pub fn caller_message(&self) -> String {
        let Some(lines) = &self.suggestion else { return self.fault.message.clone() };
        let place: Vec<String> = lines
            .place()
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(parameter, text)| format!("{parameter}: {text}"))
            .collect();
        format!("{}. Suggested address: {}", self.fault.message, place.join("; "))
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self { fault, suggestion: None }
    }
}

/// Normalises `given` and compares it with what `country` uses.
///
/// Surrounding and repeated spaces go, postal codes become upper case with the country's spacing,
/// regions get the name used on an envelope. What comes out goes through again unchanged.
/// Where the country has no postal codes, or we have no table for it, any text is accepted.
///
/// # Errors
/// * 21238 for an unknown country, and for a line that is blank, too long or has control characters;
///   20002 when that line is `FriendlyName`.
/// * 21628 when postal code or region are not of the country.
/// * 21629 with a suggestion when `auto_correct` is false and the place is not given in its normal
///   form. Names are no part of the place; spaces around them are not worth a refusal.
pub fn validate(given: &AddressLines, country: IsoCountry, auto_correct: bool) -> Result<Validated, Refusal> {
    if !country.is_place() {
        return Err(
            Fault::new(Code::InvalidAddressParameter, "IsoCountry is not the code of a country").into()
        );
    }
    let lines = AddressLines {
        customer_name: line("CustomerName", &given.customer_name, CUSTOMER_NAME_CHARS_MAX)?,
        friendly_name: friendly_name(given.friendly_name.as_deref())?,
        street: line("Street", &given.street, LINE_CHARS_MAX)?,
        street_secondary: optional_line("StreetSecondary", given.street_secondary.as_deref())?,
        city: line("City", &given.city, LINE_CHARS_MAX)?,
        region: line("Region", &given.region, LINE_CHARS_MAX)?,
        postal_code: line("PostalCode", &given.postal_code, LINE_CHARS_MAX)?,
    };
    let conforming = conform(lines, country)?;
    if !auto_correct {
        check_unchanged(given, &conforming.lines)?;
    }
    Ok(conforming)
}

/// The lines with region and postal code as the country writes them.
fn conform(lines: AddressLines, country: IsoCountry) -> Result<Validated, Fault> {
    let region = match regions::table_of(country) {
        Some(table) => {
            table.canonical(&lines.region).ok_or_else(|| not_valid("Region", "a region", country))?.to_owned()
        }
        None => lines.region,
    };
    let format = postal::format_of(country);
    let postal_code = match format {
        Some(format) => format
            .canonical(&lines.postal_code)
            .ok_or_else(|| not_valid("PostalCode", "a postal code", country))?,
        None => lines.postal_code.to_ascii_uppercase(),
    };
    Ok(Validated { lines: AddressLines { region, postal_code, ..lines }, validated: format.is_some() })
}

fn not_valid(parameter: &str, noun: &str, country: IsoCountry) -> Fault {
    Fault::new(Code::AddressNotValid, format!("{parameter} is not {noun} of {country}"))
}

fn check_unchanged(given: &AddressLines, correct: &AddressLines) -> Result<(), Refusal> {
    let corrections: Vec<&str> = given
        .place()
        .into_iter()
        .zip(correct.place())
        .filter(|((_, given), (_, correct))| given != correct && !(is_blank(given) && correct.is_empty()))
        .map(|((parameter, _), _)| parameter)
        .collect();
    if corrections.is_empty() {
        return Ok(());
    }
    let message = format!(
        "AutoCorrectAddress is false and the address needs a correction of {}",
        corrections.join(", ")
    );
    let fault = Fault::new(Code::AddressNeedsCorrection, message);
    Err(Refusal { fault, suggestion: Some(Box::new(correct.clone())) })
}

/// `FriendlyName` without surrounding and repeated spaces; none when nothing is left.
///
/// # Errors
/// 20002 when it is too long or has control characters.
pub(super) fn friendly_name(given: Option<&str>) -> Result<Option<String>, Fault> {
    let name = tidy(given.unwrap_or_default(), FRIENDLY_NAME_CHARS_MAX)
        .map_err(|reason| Fault::new(Code::InvalidFriendlyName, format!("FriendlyName {reason}")))?;
    Ok(Some(name).filter(|name| !name.is_empty()))
}

fn optional_line(parameter: &str, given: Option<&str>) -> Result<Option<String>, Fault> {
    given.filter(|text| !is_blank(text)).map(|text| line(parameter, text, LINE_CHARS_MAX)).transpose()
}

fn line(parameter: &str, given: &str, chars_max: usize) -> Result<String, Fault> {
    let refused = |reason: String| Fault::new(Code::InvalidAddressParameter, format!("{parameter} {reason}"));
    let text = tidy(given, chars_max).map_err(refused)?;
    if text.is_empty() { Err(refused("must not be blank".to_owned())) } else { Ok(text) }
}

/// `given` without surrounding and repeated spaces, or why it is refused.
fn tidy(given: &str, chars_max: usize) -> Result<String, String> {
    if given.contains(is_invisible) {
        return Err("must not have control characters".to_owned());
    }
    let text = given.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > chars_max {
        return Err(format!("must have at most {chars_max} characters"));
    }
    Ok(text)
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Control characters, and those that change how a reviewer sees the text around them. Joiners stay:
/// Persian and Indian scripts need them.
fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
