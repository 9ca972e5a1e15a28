//! What time it is. Everything that needs the time is given it; this is where it comes from.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use dossier_domain::Timestamp;

/// A clock. Tests and rehearsal mode move theirs by hand.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Sets the clock, or back to the time of the machine. `false` when it cannot be set.
    fn set(&self, _time: Option<Timestamp>) -> bool {
        false
    }
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)).min(Timestamp::MAX)
    }
}

/// The clock of rehearsal mode: it goes on as the machine's does, and can be set.
#[derive(Debug, Default)]
pub struct RehearsalClock {
    /// Microseconds it is ahead of the machine.
    ahead: AtomicI64,
}

impl Clock for RehearsalClock {
    fn now(&self) -> Timestamp {
        let micros = SystemClock.now().as_micros().saturating_add(self.ahead.load(Ordering::SeqCst));
        Timestamp::from_micros(micros).min(Timestamp::MAX)
    }

    fn set(&self, time: Option<Timestamp>) -> bool {
        let machine = SystemClock.now();
        let ahead = time.map_or(0, |time| time.as_micros().saturating_sub(machine.as_micros()));
        self.ahead.store(ahead, Ordering::SeqCst);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_of_rehearsal_mode_goes_on_from_where_it_was_set() {
        let clock = RehearsalClock::default();
        let time = Timestamp::from_micros(4_000_000_000_000_000);
        assert!(clock.set(Some(time)));
        assert!(clock.now() >= time);
        assert!(clock.set(None));
        assert!(clock.now() < time);
        assert!(!SystemClock.set(Some(time)), "nobody sets the clock of a real service");
    }
}
