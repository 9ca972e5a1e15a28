//! Dates on the wire: what a caller may write, and the older form of the 2010 API.

use std::time::Duration;

use dossier_domain::{Fault, Timestamp};

use super::params::invalid;

/// A second, or a day, as a caller names it (contract 14.1 row 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Its first microsecond.
    pub(crate) first: Timestamp,
    /// Its last microsecond.
    pub(crate) last: Timestamp,
}

impl Moment {
    /// Parses `2022-11-29T23:59:59Z` or `2022-11-29`, the value of the parameter `name`.
    ///
    /// # Errors
    /// Code 20001.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        let second = text.parse::<jiff::Timestamp>().map(|time| (time, Duration::from_secs(1)));
        let found = second.or_else(|_| {
            // Without this, a date with a time but no zone would be cut down to its day.
            let day: jiff::civil::Date = jiff::fmt::strtime::parse("%Y-%m-%d", text)?.to_date()?;
            let start = day.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp();
            Ok::<_, jiff::Error>((start, Duration::from_secs(24 * 60 * 60)))
        });
        let (first, length) = found.map_err(|_| {
            invalid(format!("{name}: it must be a date such as `2022-11-29` or `2022-11-29T23:59:59Z`"))
        })?;
        let first = Timestamp::from(first).whole_second();
        Ok(Self { first, last: first.plus(length - Duration::from_micros(1)) })
    }
}

/// The form of the 2010 API (contract section 9.4): `Tue, 18 Aug 2015 17:07:30 +0000`. Days have two
/// digits, as in every answer of the original, though the RFC allows one.
pub(crate) fn rfc_2822(time: Timestamp) -> String {
    time.to_jiff().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_second_or_a_day() {
        let second = Moment::parse("X", "2022-11-29T23:59:59Z").unwrap();
        assert_eq!(second.first.to_string(), "2022-11-29T23:59:59Z");
        assert_eq!(second.last.as_micros() - second.first.as_micros(), 999_999);
        let offset = Moment::parse("X", "2022-11-30T00:59:59+01:00").unwrap();
        assert_eq!(offset, second);
        let day = Moment::parse("X", "2022-11-29").unwrap();
        assert_eq!(day.first.to_string(), "2022-11-29T00:00:00Z");
        assert_eq!(day.last, second.last);
    }

    #[test]
    fn other_texts_are_refused_with_the_name_of_the_parameter() {
        for text in ["", "yesterday", "2022-13-01", "2022-11-29T23:59:59", "1669766399", "99999-01-01"] {
            let fault = Moment::parse("ValidUntilDate", text).unwrap_err();
            assert!(fault.message.starts_with("Invalid ValidUntilDate"), "{text}: {}", fault.message);
        }
    }

    #[test]
    fn the_older_form_has_a_weekday_and_an_offset() {
        let time = Timestamp::from_micros(1_439_917_650_999_999);
        assert_eq!(rfc_2822(time), "Tue, 18 Aug 2015 17:07:30 +0000");
        assert_eq!(rfc_2822(Timestamp::from_micros(0)), "Thu, 01 Jan 1970 00:00:00 +0000");
    }
}
