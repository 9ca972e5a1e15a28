//! The end of a bundle's validity: who is reminded of it when, and when it comes (contract section 1.7,
//! 14.2 row 40).

use std::time::Duration;

use crate::Timestamp;

/// So many days before the end, people are reminded of it.
pub const REMINDER_DAYS: [u8; 3] = [30, 7, 1];

/// What is to be done about the end of a bundle's validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Remind its people that it is no more than so many days away.
    Remind(u8),
    /// It has come.
    End,
}

/// The next step after `now`, and when it is to be done.
pub fn next_step(valid_until: Timestamp, now: Timestamp) -> (Timestamp, Step) {
    let reminders = REMINDER_DAYS.map(|days| (before(valid_until, days), Step::Remind(days)));
    let ahead = reminders.into_iter().find(|(time, _)| *time > now);
    ahead.unwrap_or((valid_until, Step::End))
}

/// The step that is due when none was done for a while: of several reminders only the last.
pub fn due_step(valid_until: Timestamp, now: Timestamp) -> Option<Step> {
    if valid_until <= now {
        return Some(Step::End);
    }
    let passed = REMINDER_DAYS.into_iter().rev().find(|days| before(valid_until, *days) <= now);
    passed.map(Step::Remind)
}

fn before(time: Timestamp, days: u8) -> Timestamp {
    let days = Duration::from_secs(u64::from(days) * 24 * 60 * 60);
    Timestamp::from_micros(time.as_micros() - i64::try_from(days.as_micros()).expect("some days fit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn days_before(days: i64) -> Timestamp {
        Timestamp::from_micros(END.as_micros() - days * 24 * 60 * 60 * 1_000_000)
    }

    #[test]
    fn people_are_reminded_three_times() {
        let table = [
            // now, next step in so many days before the end
            (days_before(100), 30, Step::Remind(30)),
            (days_before(30), 7, Step::Remind(7)),
            (days_before(8), 7, Step::Remind(7)),
            (days_before(7), 1, Step::Remind(1)),
            (days_before(1), 0, Step::End),
            (days_before(0), 0, Step::End),
            (days_before(-5), 0, Step::End),
        ];
        for (now, days, step) in table {
            assert_eq!(next_step(END, now), (days_before(days), step), "{now}");
        }
    }

    #[test]
    fn of_what_was_missed_only_the_last_counts() {
        let table = [
            (days_before(31), None),
            (days_before(30), Some(Step::Remind(30))),
            (days_before(8), Some(Step::Remind(30))),
            (days_before(3), Some(Step::Remind(7))),
            (days_before(1), Some(Step::Remind(1))),
            (days_before(0), Some(Step::End)),
            (days_before(-400), Some(Step::End)),
        ];
        for (now, step) in table {
            assert_eq!(due_step(END, now), step, "{now}");
        }
    }
}
