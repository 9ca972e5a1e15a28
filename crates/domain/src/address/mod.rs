//! Addresses: what a caller gives, what is kept, and when it may change (contract section 10).
//!
//! Text given by a caller becomes part of an address only through [`validate`], which normalises it
//! and compares postal code and region with what the country uses. It works offline: it knows the
//! forms of postal codes, not streets, so `validated` means "well formed", not "exists".

mod fold;
mod lines;
mod po_box;
mod postal;
mod regions;
mod validate;

use std::fmt;

use crate::country::IsoCountry;
use crate::fault::{Code, Fault};
use crate::sid::{AccountSid, AddressSid};
use crate::time::Timestamp;

pub use lines::AddressLines;
pub use po_box::is_po_box;
pub use validate::{CUSTOMER_NAME_CHARS_MAX, FRIENDLY_NAME_CHARS_MAX, LINE_CHARS_MAX};
pub use validate::{Refusal, Validated, validate};

/// A kept address of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Its identifier.
    pub sid: AddressSid,
    /// The owner.
    pub account_sid: AccountSid,
    /// The normalised text.
    pub lines: AddressLines,
    /// Never changes after creation.
    pub iso_country: IsoCountry,
    /// Kept and filterable, without further effect (contract 14.7 row 110).
    pub emergency_enabled: bool,
    /// Postal code and region have the forms that the country uses.
    pub validated: bool,
    /// A document that refers to the address is approved (contract 14.7 row 106).
    pub verified: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Address {
    /// A new address, not verified.
    ///
    /// # Errors
    /// As [`validate`].
    pub fn create(
        sid: AddressSid,
        account_sid: AccountSid,
        input: &AddressInput,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let Validated { lines, validated } = validate(&input.lines, input.iso_country, input.auto_correct)?;
        Ok(Self {
            sid,
            account_sid,
            lines,
            iso_country: input.iso_country,
            emergency_enabled: input.emergency_enabled,
            validated,
            verified: false,
            created_at: now,
            updated_at: now,
        })
    }

    /// The address after an update. `linked` says that a document under review or approved refers to it.
    ///
    /// An update that leaves everything but `FriendlyName` as it is does not check the rest again:
    /// an address accepted under older rules can still be renamed.
    ///
    /// # Errors
    /// As [`validate`]; 21630 when the address is linked and more than `FriendlyName` or
    /// `EmergencyEnabled` would change (contract 14.7 row 109).
    pub fn update(&self, patch: AddressPatch, linked: bool, now: Timestamp) -> Result<Self, Refusal> {
        let emergency_enabled = patch.emergency_enabled.unwrap_or(self.emergency_enabled);
        let auto_correct = patch.auto_correct;
        let given = patch.over(self.lines.clone());
        let Validated { lines, validated } = if given.is_renamed(&self.lines) {
            let friendly_name = validate::friendly_name(given.friendly_name.as_deref())?;
            Validated { lines: AddressLines { friendly_name, ..given }, validated: self.validated }
        } else {
            validate(&given, self.iso_country, auto_correct)?
        };
        if linked && !lines.is_renamed(&self.lines) {
            return Err(Fault::new(
                Code::AddressLinked,
                "The address is linked to a document under review or approved; only FriendlyName can change",
            )
            .into());
        }
        Ok(Self { lines, emergency_enabled, validated, updated_at: now, ..self.clone() })
    }
}

/// What a caller gives to create an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressInput {
    /// The text as given.
    pub lines: AddressLines,
    /// The country.
    pub iso_country: IsoCountry,
    /// `EmergencyEnabled`, false when not given.
    pub emergency_enabled: bool,
    /// `AutoCorrectAddress`, true when not given.
    pub auto_correct: bool,
}

/// What a caller gives to change an address; `None` leaves a line as it is. The country never changes.
///
/// The text is personal data: `Debug` prints none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct AddressPatch {
    /// `CustomerName`.
    pub customer_name: Option<String>,
    /// `FriendlyName`; empty removes it.
    pub friendly_name: Option<String>,
    /// `Street`.
    pub street: Option<String>,
    /// `StreetSecondary`; empty removes it.
    pub street_secondary: Option<String>,
    /// `City`.
    pub city: Option<String>,
    /// `Region`.
    pub region: Option<String>,
    /// `PostalCode`.
    pub postal_code: Option<String>,
    /// `EmergencyEnabled`.
    pub emergency_enabled: Option<bool>,
    /// `AutoCorrectAddress`, true when not given.
    pub auto_correct: bool,
}

impl AddressPatch {
    /// The lines with the given ones replaced, not yet checked.
    fn over(self, old: AddressLines) -> AddressLines {
        AddressLines {
            customer_name: self.customer_name.unwrap_or(old.customer_name),
            friendly_name: self.friendly_name.or(old.friendly_name),
            street: self.street.unwrap_or(old.street),
            street_secondary: self.street_secondary.or(old.street_secondary),
            city: self.city.unwrap_or(old.city),
            region: self.region.unwrap_or(old.region),
            postal_code: self.postal_code.unwrap_or(old.postal_code),
        }
    }
}

/// A patch that changes nothing.
impl Default for AddressPatch {
    fn default() -> Self {
        Self {
            customer_name: None,
            friendly_name: None,
            street: None,
            street_secondary: None,
            city: None,
            region: None,
            postal_code: None,
            emergency_enabled: None,
            auto_correct: true,
        }
    }
}

impl fmt::Debug for AddressPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressPatch(…)")
    }
}

#[cfg(test)]
mod tests;
