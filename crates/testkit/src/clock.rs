//! A clock that stands still until it is moved.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use dossier_domain::Timestamp;

/// Time for tests: it starts at 2026-01-01T00:00:00Z and moves when it is told to.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Where every clock starts: 2026-01-01T00:00:00Z.
    pub const START: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }

    /// Moves it forward and returns the time it shows then.
    pub fn advance(&self, duration: Duration) -> Timestamp {
        let now = self.now().plus(duration);
        self.set(now);
        now
    }

    /// Sets it, backwards too.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_micros(), Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self(AtomicI64::new(Self::START.as_micros()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_where_it_says_and_moves_when_told() {
        let clock = ManualClock::default();
        assert_eq!(clock.now().to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(clock.advance(Duration::from_secs(61)).to_string(), "2026-01-01T00:01:01Z");
        assert_eq!(clock.now().to_string(), "2026-01-01T00:01:01Z");
    }
}
