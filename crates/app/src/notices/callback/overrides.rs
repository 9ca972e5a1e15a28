//! What the fragment of a callback address says about waiting: `#ct=2000&rt=3000&tt=5000&rc=2`
//! (contract section 7). It is never sent. A value outside its range counts as not given.

use std::ops::RangeInclusive;
use std::time::Duration;

/// How long to wait, and how often to knock again at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    /// For a connection, the look-up of the name and TLS included.
    pub(super) connect: Duration,
    /// For the head of the answer.
    pub(super) read: Duration,
    /// For everything, knocking again included.
    pub(super) total: Duration,
    /// Connections that are tried again at once.
    pub(super) retries: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(15),
            total: Duration::from_secs(15),
            retries: 1,
        }
    }
}

impl Patience {
    pub(super) fn from_fragment(fragment: &str) -> Self {
        let mut patience = Self::default();
        for pair in fragment.split('&') {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let millis = |range| number(value, range).map(|millis| Duration::from_millis(millis.into()));
            match name {
                "ct" => patience.connect = millis(100..=10_000).unwrap_or(patience.connect),
                "rt" => patience.read = millis(100..=15_000).unwrap_or(patience.read),
                "tt" => patience.total = millis(100..=15_000).unwrap_or(patience.total),
                "rc" => patience.retries = number(value, 0..=5).unwrap_or(patience.retries),
                _ => {}
            }
        }
        patience
    }
}

fn number(text: &str, range: RangeInclusive<u32>) -> Option<u32> {
    text.parse().ok().filter(|number| range.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_within_their_range_count() {
        let default = Patience::default();
        let millis = Duration::from_millis;
        for (fragment, expected) in [
            ("", default),
            ("top", default),
            (
                "ct=100&rt=200&tt=300&rc=5",
                Patience { connect: millis(100), read: millis(200), total: millis(300), retries: 5 },
            ),
            ("rc=0", Patience { retries: 0, ..default }),
            ("rc=6&ct=99", default),
            ("ct=10001&rt=15001&tt=99999", default),
            ("ct=10000&rp=all", Patience { connect: millis(10_000), ..default }),
            ("ct=-1&rc=x&rt=", default),
        ] {
            assert_eq!(Patience::from_fragment(fragment), expected, "{fragment}");
        }
    }
}
