//! A number that an account leases, and what it is to do there.

use crate::phone_number::{NumberSettings, PhoneNumber, Setting};
use crate::sid::{AccountSid, AddressSid, BundleSid, PhoneNumberSid};
use crate::{IsoCountry, NumberType, Timestamp};

/// A number in service. What it does there is kept and shown; nothing here carries a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedNumber {
    /// Its identifier.
    pub sid: PhoneNumberSid,
    /// Who leases it.
    pub account_sid: AccountSid,
    /// The number.
    pub number: PhoneNumber,
    /// The country it belongs to.
    pub iso_country: IsoCountry,
    /// What kind of number it is.
    pub number_type: NumberType,
    /// The bundle it is leased with; none where nothing is required.
    pub bundle_sid: Option<BundleSid>,
    /// The address it is leased with, where one is needed or was given.
    pub address_sid: Option<AddressSid>,
    /// What the account wants it to do.
    pub settings: NumberSettings,
    /// When it was leased.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

impl LeasedNumber {
    /// Its name: the one that was given, or else the number in the way people write it.
    pub fn friendly_name(&self) -> String {
        self.settings.get(Setting::FriendlyName).map_or_else(|| self.number.for_people(), str::to_owned)
    }
}
