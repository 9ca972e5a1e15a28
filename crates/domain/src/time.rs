//! Points in time, as they are stored: microseconds since 1970, UTC.

use std::fmt;
use std::time::Duration;

/// A point in time in microseconds since 1970-01-01T00:00:00Z.
///
/// Nothing in the domain asks for the current time: it is always an argument. The wire shows whole
/// seconds; the extra digits keep lists in the order in which things happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last whole second of year 9999, the latest time that can be written on the wire.
    pub const MAX: Self = Self(253_402_300_799_000_000);

    /// The time `micros` microseconds after 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This time plus `duration`, at most [`Timestamp::MAX`].
    pub fn plus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros)).min(Self::MAX)
    }

    /// The same time with the part below one second cut off.
    pub const fn whole_second(self) -> Self {
        Self(self.0.div_euclid(1_000_000) * 1_000_000)
    }

    /// The civil date in UTC.
    ///
    /// # Panics
    /// When the time is outside the years -9999 to 9999, which no constructor of ours produces.
    pub fn date(self) -> jiff::civil::Date {
        self.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    /// The same time as the calendar library's type.
    ///
    /// # Panics
    /// As [`Timestamp::date`].
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).expect("a stored time lies within the calendar")
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(time: jiff::Timestamp) -> Self {
        Self(time.as_microsecond())
    }
}

/// `YYYY-MM-DDTHH:MM:SSZ`, the form of the v2 API (contract section 9.4).
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.whole_second().to_jiff())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_are_written() {
        assert_eq!(Timestamp::from_micros(1_564_525_764_999_999).to_string(), "2019-07-30T22:29:24Z");
    }

    #[test]
    fn adding_stops_at_the_end_of_the_calendar() {
        assert_eq!(Timestamp::from_micros(0).plus(Duration::MAX), Timestamp::MAX);
    }
}
