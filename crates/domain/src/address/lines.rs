//! The text of an address.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Name and lines of an address, as given or as kept; only [`super::validate`] makes the latter.
///
/// An optional line is absent, never empty, once it is kept: the wire shows `null`. The serialised
/// names are those of the sealed text in the database and must not change. All of it is personal
/// data: `Debug` prints none.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressLines {
    /// Who is there: a person or a company.
    #[serde(rename = "name")]
    pub customer_name: String,
    /// What the account calls the address.
    #[serde(rename = "label", default, skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Street and house number.
    pub street: String,
    /// Flat, floor or unit.
    #[serde(rename = "unit", default, skip_serializing_if = "Option::is_none")]
    pub street_secondary: Option<String>,
    /// City, with the postal district where one is usual (`Dublin 8`).
    pub city: String,
    /// State, province or county; its usual abbreviation where the country has one.
    pub region: String,
    /// Postal code in the form that the country writes.
    #[serde(rename = "postcode")]
    pub postal_code: String,
}

impl AddressLines {
    /// Whether these lines differ from `other` in nothing, or in nothing but `FriendlyName`.
    pub(super) fn is_renamed(&self, other: &Self) -> bool {
        self.customer_name == other.customer_name && self.place() == other.place()
    }

    /// The parameters that make up the place, by their wire names; an absent line is empty.
    pub(super) fn place(&self) -> [(&'static str, &str); 5] {
        [
            ("Street", &self.street),
            ("StreetSecondary", self.street_secondary.as_deref().unwrap_or_default()),
            ("City", &self.city),
            ("Region", &self.region),
            ("PostalCode", &self.postal_code),
        ]
    }
}

impl fmt::Debug for AddressLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressLines(…)")
    }
}
