//! Short texts a caller chooses: names, e-mail addresses, callback addresses.

use std::fmt;

use url::Url;

use crate::fault::{Code, Fault};

/// The name of an object: 1 to 255 characters, none of them a control character (contract 14.1 row 14).
#[derive(Clone, PartialEq, Eq)]
pub struct FriendlyName(String);

impl FriendlyName {
    /// The most characters of a name.
    pub const CHARS_MAX: usize = 255;

    /// Checks a name; blanks around it are kept, as the caller may search for it later.
    ///
    /// # Errors
    /// Code 20002 when it is blank, too long or has control characters.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        Self::parse_within(text, Self::CHARS_MAX)
    }

    /// As [`FriendlyName::parse`], for what has shorter names.
    ///
    /// # Errors
    /// As [`FriendlyName::parse`].
    pub fn parse_within(text: &str, chars_max: usize) -> Result<Self, Fault> {
        let refused = |reason: &str| {
            Err(Fault::new(Code::InvalidFriendlyName, format!("Invalid FriendlyName: {reason}")))
        };
        if text.trim().is_empty() {
            return refused("it must not be blank");
        }
        if text.chars().count() > chars_max {
            return refused(&format!("it must not be longer than {chars_max} characters"));
        }
        if text.chars().any(char::is_control) {
            return refused("it must not contain control characters");
        }
        Ok(Self(text.to_owned()))
    }

    /// A name that was checked before it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// Many are names of people.
impl fmt::Debug for FriendlyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FriendlyName(…)")
    }
}

/// An e-mail address: something before and after one `@`. Whether mail arrives shows when it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The longest address a mail server has to accept (RFC 5321, 4.5.3.1.3).
    pub const BYTES_MAX: usize = 254;

    /// Checks the form of an address.
    ///
    /// # Errors
    /// Code 20001.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        let plausible = text.len() <= Self::BYTES_MAX
            && !text
                .chars()
                .any(|c| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';'))
            && text.split_once('@').is_some_and(|(local, host)| {
                !local.is_empty()
                    && !host.is_empty()
                    && !host.contains('@')
                    && !host.starts_with('.')
                    && !host.ends_with('.')
            });
        if plausible {
            Ok(Self(text.to_owned()))
        } else {
            Err(Fault::new(
                Code::InvalidParameter,
                "Invalid Email: it must be one address of the form `name@host`",
            ))
        }
    }

    /// An address that was checked before it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// Where status callbacks go: an absolute `http` or `https` address, kept as the caller wrote it,
/// because the signature covers every character of it (contract 14.1 row 4, 14.6 row 100).
#[derive(Clone, PartialEq, Eq)]
pub struct CallbackUrl(String);

impl CallbackUrl {
    /// The longest address that is accepted.
    pub const BYTES_MAX: usize = 2048;

    /// Checks the form of an address. Whether it may be called is decided when it is.
    ///
    /// # Errors
    /// Code 20001.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        let absolute = text.len() <= Self::BYTES_MAX
            && !text.chars().any(|c| c.is_control() || c.is_whitespace())
            && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if absolute {
            Ok(Self(text.to_owned()))
        } else {
            Err(Fault::new(
                Code::InvalidParameter,
                "Invalid StatusCallback: it must be an absolute URL that starts with `http://` or `https://`",
            ))
        }
    }

    /// An address that was checked before it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// The address may hold credentials.
impl fmt::Debug for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallbackUrl(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_1_to_255_printable_characters() {
        assert!(FriendlyName::parse(&"ä".repeat(255)).is_ok());
        for text in ["", "  ", "a\0b", "a\nb", &"ä".repeat(256)] {
            assert_eq!(FriendlyName::parse(text).unwrap_err().code, Code::InvalidFriendlyName, "{text:?}");
        }
    }

    #[test]
    fn email_addresses_have_one_name_and_one_host() {
        for text in ["a@b", "first.last+tag@mail.example.com", " a@b.c "] {
            assert!(Email::parse(text).is_ok(), "{text:?}");
        }
        let long = format!("{}@b.c", "a".repeat(255));
        for text in [
            "",
            "email",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b, c@d",
            "A <a@b>",
            "a@.b",
            "a@b.",
            "a@b\r\nBcc: c@d",
            &long,
        ] {
            assert_eq!(Email::parse(text).unwrap_err().code, Code::InvalidParameter, "{text:?}");
        }
    }

    #[test]
    fn callbacks_are_absolute_and_kept_to_the_letter() {
        for text in ["http://a", "HTTPS://User:pa%20ss@Host:8443/Path?q=1#rc=2"] {
            assert_eq!(CallbackUrl::parse(text).unwrap().as_str(), text);
        }
        for text in
            ["", "a", "/path", "//host/path", "ftp://a", "javascript:alert(1)", "http://", "http://a b"]
        {
            assert_eq!(CallbackUrl::parse(text).unwrap_err().code, Code::InvalidParameter, "{text:?}");
        }
    }

    #[test]
    fn personal_texts_are_not_printed() {
        assert_eq!(format!("{:?}", FriendlyName::parse("Jane Doe").unwrap()), "FriendlyName(…)");
        assert_eq!(format!("{:?}", Email::parse("jane@example.com").unwrap()), "Email(…)");
        assert_eq!(format!("{:?}", CallbackUrl::parse("http://u:p@h").unwrap()), "CallbackUrl(…)");
    }
}
