//! What an account wants a number to do. It is checked for its form, kept, and shown; nothing here does it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::{Code, Fault};
use crate::sid::AnySid;
use crate::text::{CallbackUrl, FriendlyName};

/// The most characters of a number's name.
const NAME_CHARS_MAX: usize = 64;
/// The most characters of a value without a form of its own.
const WORD_CHARS_MAX: usize = 64;

/// The form of a value.
enum Form {
    Name,
    Url,
    Method,
    Boolean,
    Word,
    Sid(&'static str),
    OneOf([&'static str; 2]),
}

macro_rules! settings {
    ($($name:ident $form:expr;)*) => {
        /// A setting, by its name on the wire, which is also that in the sealed text of the database.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "the names are those of the wire, and the forms say the rest")]
        pub enum Setting { $($name,)* }

        impl Setting {
            /// All settings.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            fn form(self) -> Form {
                match self { $(Self::$name => $form,)* }
            }
        }
    };
}

settings! {
    ApiVersion Form::Word;
    EmergencyAddressSid Form::Sid("AD");
    EmergencyStatus Form::OneOf(["Active", "Inactive"]);
    FriendlyName Form::Name;
    IdentitySid Form::Sid("RI");
    SmsApplicationSid Form::Sid("AP");
    SmsFallbackMethod Form::Method;
    SmsFallbackUrl Form::Url;
    SmsMethod Form::Method;
    SmsUrl Form::Url;
    StatusCallback Form::Url;
    StatusCallbackMethod Form::Method;
    TrunkSid Form::Sid("TK");
    VoiceApplicationSid Form::Sid("AP");
    VoiceCallerIdLookup Form::Boolean;
    VoiceFallbackMethod Form::Method;
    VoiceFallbackUrl Form::Url;
    VoiceMethod Form::Method;
    VoiceReceiveMode Form::OneOf(["voice", "fax"]);
    VoiceUrl Form::Url;
}

impl Setting {
    /// Checks a value, and brings it into its one form; a blank one takes the setting away.
    ///
    /// # Errors
    /// Code 20001, or 20002 for the name.
    pub fn parse(self, text: &str) -> Result<Option<String>, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let found = match self.form() {
            Form::Name => {
                return FriendlyName::parse_within(text, NAME_CHARS_MAX)
                    .map(|name| Some(name.as_str().to_owned()));
            }
            Form::Url => CallbackUrl::parse(text)
                .ok()
                .map(|_| text.to_owned())
                .ok_or("it must be an absolute URL that starts with `http://` or `https://`".to_owned()),
            Form::Method => one_of(text, ["GET", "POST"]),
            Form::Boolean => one_of(text, ["true", "false"]),
            Form::OneOf(values) => one_of(text, values),
            Form::Word => {
                let fine = text.chars().count() <= WORD_CHARS_MAX && !text.chars().any(char::is_control);
                if fine { Ok(text.to_owned()) } else { Err("it is too long, or no plain text".to_owned()) }
            }
            Form::Sid(prefix) => {
                let sid = AnySid::parse(text).map(|sid| sid.to_string());
                let sid = sid.ok().filter(|sid| sid.starts_with(prefix));
                sid.ok_or(format!("it must be `{prefix}` and 32 hexadecimal digits"))
            }
        };
        found.map(Some).map_err(|reason| {
            Fault::new(Code::InvalidParameter, format!("Invalid {}: {reason}", self.name()))
        })
    }
}

/// The value as it is written, whatever the case of its letters.
fn one_of(text: &str, values: [&'static str; 2]) -> Result<String, String> {
    let found = values.into_iter().find(|value| value.eq_ignore_ascii_case(text));
    found.map(str::to_owned).ok_or(format!("it must be `{}` or `{}`", values[0], values[1]))
}

/// The settings that were given.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NumberSettings(BTreeMap<Setting, String>);

impl NumberSettings {
    /// The value of a setting, if one was given.
    pub fn get(&self, setting: Setting) -> Option<&str> {
        self.0.get(&setting).map(String::as_str)
    }

    /// Whether none was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives a setting another value, as [`Setting::parse`] made it, or none. A trunk and an application
    /// for calls take each other's place.
    pub fn set(&mut self, setting: Setting, value: Option<String>) {
        let Some(value) = value else {
            self.0.remove(&setting);
            return;
        };
        match setting {
            Setting::TrunkSid => self.0.remove(&Setting::VoiceApplicationSid),
            Setting::VoiceApplicationSid => self.0.remove(&Setting::TrunkSid),
            _ => None,
        };
        self.0.insert(setting, value);
    }
}

// Addresses may hold credentials, and names are people's.
impl fmt::Debug for NumberSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_and_brought_into_one_form() {
        let sid = |prefix: &str| format!("{prefix}{}", "0a".repeat(16));
        for (setting, text, expected) in [
            (Setting::SmsUrl, " https://a:b@sms.example/x?y ", "https://a:b@sms.example/x?y"),
            (Setting::VoiceMethod, "get", "GET"),
            (Setting::VoiceCallerIdLookup, "True", "true"),
            (Setting::EmergencyStatus, "active", "Active"),
            (Setting::VoiceReceiveMode, "FAX", "fax"),
            (Setting::ApiVersion, "2010-04-01", "2010-04-01"),
            (Setting::FriendlyName, "Front desk", "Front desk"),
            (Setting::TrunkSid, &sid("TK").replace('a', "A"), &sid("TK")),
        ] {
            assert_eq!(setting.parse(text), Ok(Some(expected.to_owned())), "{setting:?} {text}");
        }
        for (setting, text, code) in [
            (Setting::SmsUrl, "sms.example", Code::InvalidParameter),
            (Setting::SmsUrl, "ftp://sms.example", Code::InvalidParameter),
            (Setting::VoiceMethod, "PUT", Code::InvalidParameter),
            (Setting::VoiceCallerIdLookup, "1", Code::InvalidParameter),
            (Setting::EmergencyStatus, "on", Code::InvalidParameter),
            (Setting::TrunkSid, &sid("AP"), Code::InvalidParameter),
            (Setting::TrunkSid, "TK", Code::InvalidParameter),
            (Setting::ApiVersion, &"x".repeat(65), Code::InvalidParameter),
            (Setting::FriendlyName, &"x".repeat(65), Code::InvalidFriendlyName),
        ] {
            let fault = setting.parse(text).unwrap_err();
            assert_eq!(fault.code, code, "{setting:?} {text}");
            assert!(fault.message.contains(setting.name()), "{}", fault.message);
        }
        for setting in Setting::ALL {
            assert_eq!(setting.parse(" "), Ok(None), "{setting:?}");
        }
    }

    #[test]
    fn a_trunk_and_an_application_take_each_others_place() {
        let mut settings = NumberSettings::default();
        settings.set(Setting::TrunkSid, Some("TK".to_owned()));
        settings.set(Setting::VoiceApplicationSid, Some("AP".to_owned()));
        assert_eq!(
            (settings.get(Setting::TrunkSid), settings.get(Setting::VoiceApplicationSid)),
            (None, Some("AP"))
        );
        settings.set(Setting::TrunkSid, Some("TK".to_owned()));
        settings.set(Setting::VoiceApplicationSid, None);
        assert_eq!(
            (settings.get(Setting::TrunkSid), settings.get(Setting::VoiceApplicationSid)),
            (Some("TK"), None)
        );
    }

    #[test]
    fn what_is_stored_is_read_again_and_not_printed_by_accident() {
        let mut settings = NumberSettings::default();
        for setting in Setting::ALL {
            settings.set(*setting, Some("secret".to_owned()));
        }
        let json = serde_json::to_string(&settings).unwrap();
        assert!(json.contains("\"VoiceUrl\":\"secret\""), "{json}");
        assert_eq!(serde_json::from_str::<NumberSettings>(&json).unwrap(), settings);
        assert!(!format!("{settings:?}").contains("secret"));
    }
}
