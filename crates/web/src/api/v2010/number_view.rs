//! A number on the wire, in the two forms that the original has.

use std::fmt;

use dossier_app::ShownNumber;
use dossier_domain::phone_number::{LeasedNumber, Setting};
use dossier_domain::regulation::AddressScope;
use dossier_domain::sid::{AccountSid, AddressSid, BundleSid, PhoneNumberSid};
use serde::Serialize;

use crate::api::dates::rfc_2822;
use crate::api::json::Shown;

/// A number of a list of numbers.
#[derive(Serialize)]
pub(super) struct IncomingView<'a> {
    #[serde(flatten)]
    number: NumberView<'a>,
    address_sid: Option<Shown<AddressSid>>,
    beta: bool,
    bundle_sid: Option<Shown<BundleSid>>,
    emergency_address_status: &'static str,
    identity_sid: Option<&'a str>,
    origin: &'static str,
    status: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    voice_receive_mode: &'a str,
}

/// A number that depends on an address: what both forms have.
#[derive(Serialize)]
pub(super) struct NumberView<'a> {
    account_sid: Shown<AccountSid>,
    address_requirements: &'static str,
    api_version: &'a str,
    capabilities: Capabilities,
    date_created: String,
    date_updated: String,
    emergency_address_sid: Option<&'a str>,
    emergency_status: &'a str,
    friendly_name: String,
    phone_number: &'a str,
    sid: Shown<PhoneNumberSid>,
    sms_application_sid: &'a str,
    sms_fallback_method: &'a str,
    sms_fallback_url: &'a str,
    sms_method: &'a str,
    sms_url: &'a str,
    status_callback: &'a str,
    status_callback_method: &'a str,
    trunk_sid: Option<&'a str>,
    uri: Shown<Uri>,
    voice_application_sid: &'a str,
    voice_caller_id_lookup: bool,
    voice_fallback_method: &'a str,
    voice_fallback_url: Option<&'a str>,
    voice_method: &'a str,
    voice_url: Option<&'a str>,
}

/// What a number can do here: nothing, since no call is carried and no message.
#[derive(Serialize)]
struct Capabilities {
    voice: bool,
    sms: bool,
    mms: bool,
    fax: bool,
}

/// Addresses of the 2010 API are relative.
struct Uri {
    account: AccountSid,
    sid: PhoneNumberSid,
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/2010-04-01/Accounts/{}/IncomingPhoneNumbers/{}.json", self.account, self.sid)
    }
}

impl<'a> From<&'a ShownNumber> for NumberView<'a> {
    fn from(shown: &'a ShownNumber) -> Self {
        let LeasedNumber { sid, account_sid, number, settings, created_at, updated_at, .. } = &shown.leased;
        let text = |setting| settings.get(setting).unwrap_or_default();
        let method = |setting| settings.get(setting).unwrap_or("POST");
        Self {
            account_sid: Shown(*account_sid),
            address_requirements: match shown.address_scope {
                AddressScope::None => "none",
                AddressScope::World => "any",
                AddressScope::Country | AddressScope::Area => "local",
            },
            api_version: settings.get(Setting::ApiVersion).unwrap_or("2010-04-01"),
            capabilities: Capabilities { voice: false, sms: false, mms: false, fax: false },
            date_created: rfc_2822(*created_at),
            date_updated: rfc_2822(*updated_at),
            emergency_address_sid: settings.get(Setting::EmergencyAddressSid),
            emergency_status: settings.get(Setting::EmergencyStatus).unwrap_or("Inactive"),
            friendly_name: shown.leased.friendly_name(),
            phone_number: number.as_str(),
            sid: Shown(*sid),
            sms_application_sid: text(Setting::SmsApplicationSid),
            sms_fallback_method: method(Setting::SmsFallbackMethod),
            sms_fallback_url: text(Setting::SmsFallbackUrl),
            sms_method: method(Setting::SmsMethod),
            sms_url: text(Setting::SmsUrl),
            status_callback: text(Setting::StatusCallback),
            status_callback_method: method(Setting::StatusCallbackMethod),
            trunk_sid: settings.get(Setting::TrunkSid),
            uri: Shown(Uri { account: *account_sid, sid: *sid }),
            voice_application_sid: text(Setting::VoiceApplicationSid),
            voice_caller_id_lookup: settings.get(Setting::VoiceCallerIdLookup) == Some("true"),
            voice_fallback_method: method(Setting::VoiceFallbackMethod),
            voice_fallback_url: settings.get(Setting::VoiceFallbackUrl),
            voice_method: method(Setting::VoiceMethod),
            voice_url: settings.get(Setting::VoiceUrl),
        }
    }
}

impl<'a> From<&'a ShownNumber> for IncomingView<'a> {
    fn from(shown: &'a ShownNumber) -> Self {
        let LeasedNumber { address_sid, bundle_sid, number_type, settings, .. } = &shown.leased;
        Self {
            number: NumberView::from(shown),
            address_sid: address_sid.map(Shown),
            beta: false,
            bundle_sid: bundle_sid.map(Shown),
            emergency_address_status: "unregistered",
            identity_sid: settings.get(Setting::IdentitySid),
            // The original's word for numbers that were bought from it, and so here.
            origin: "twilio",
            status: "in-use",
            kind: number_type.as_str(),
            voice_receive_mode: settings.get(Setting::VoiceReceiveMode).unwrap_or("voice"),
        }
    }
}
