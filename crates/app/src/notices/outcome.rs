//! What came of a try, and what is done next: tried again later, or given up.

use std::borrow::Cow;
use std::time::Duration;

use dossier_domain::Timestamp;
use dossier_domain::delivery::{Channel, Delivery, DeliveryState};
use dossier_store::deliveries::Progress;

/// How long a receiver that asks for patience gets it without being counted, at most.
const PATIENCE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// How soon it is asked again, whatever it says.
const PATIENCE_MIN: Duration = Duration::from_secs(5);
/// After so many tries it is counted all the same.
const PATIENT_ATTEMPTS_MAX: u32 = 50;
/// How long a mail server may be away.
const MAIL_AGE_MAX: Duration = Duration::from_secs(48 * 60 * 60);

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    /// For the delivery log; nothing personal.
    pub(super) words: Cow<'static, str>,
    /// The HTTP status or the SMTP reply.
    pub(super) status: Option<u16>,
    /// What it means.
    pub(super) verdict: Verdict,
}

/// What the outcome of a try means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The receiver has it.
    Delivered,
    /// It may work later.
    Again,
    /// It will work after this time, says the receiver.
    Patience(Duration),
    /// It will never work.
    Hopeless,
}

impl Outcome {
    pub(super) fn delivered(words: &'static str) -> Self {
        Self { words: words.into(), status: None, verdict: Verdict::Delivered }
    }

    pub(super) fn again(words: &'static str) -> Self {
        Self { words: words.into(), status: None, verdict: Verdict::Again }
    }

    pub(super) fn hopeless(words: &'static str) -> Self {
        Self { words: words.into(), status: None, verdict: Verdict::Hopeless }
    }
}

/// When to stop trying, and how long to wait in between.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    first: Duration,
    factor: u32,
    longest: Duration,
    end: End,
}

#[derive(Debug, Clone, Copy)]
enum End {
    /// After so many tries in vain.
    Failures(u32),
    /// When it was wanted so long ago.
    Age(Duration),
}

impl Schedule {
    /// That of a channel. Five callbacks go out over 19 hours: after 2 and 16 minutes, 2 and 17 hours.
    /// Mail is tried every hour at last, for two days, because a mail server may be away for one.
    pub(super) const fn of(channel: Channel, callback_retries: u32) -> Self {
        match channel {
            Channel::Callback => Self {
                first: Duration::from_secs(2 * 60),
                factor: 8,
                longest: Duration::from_secs(24 * 60 * 60),
                end: End::Failures(callback_retries),
            },
            Channel::Mail => Self {
                first: Duration::from_secs(60),
                factor: 2,
                longest: Duration::from_secs(60 * 60),
                end: End::Age(MAIL_AGE_MAX),
            },
        }
    }

    /// What a try makes of a delivery. `chance`, from 0 up to 1, spreads the next ones over a fifth of
    /// their pause in both directions, so that a receiver that comes back does not get all at once.
    pub(super) fn progress(
        self,
        delivery: &Delivery,
        verdict: Verdict,
        now: Timestamp,
        chance: f64,
    ) -> Progress {
        let failures = delivery.failures.saturating_add(1);
        let dead = Progress { state: DeliveryState::Dead, failures, due_at: now };
        let waiting =
            |failures, pause| Progress { state: DeliveryState::Waiting, failures, due_at: now.plus(pause) };
        let is_counted =
            now >= delivery.wanted_at.plus(PATIENCE_MAX) || delivery.attempts >= PATIENT_ATTEMPTS_MAX;
        match verdict {
            Verdict::Delivered => {
                Progress { state: DeliveryState::Delivered, failures: delivery.failures, due_at: now }
            }
            Verdict::Hopeless => dead,
            Verdict::Patience(pause) if !is_counted => {
                waiting(delivery.failures, pause.clamp(PATIENCE_MIN, PATIENCE_MAX))
            }
            Verdict::Again | Verdict::Patience(_) => match self.end {
                End::Failures(most) if failures > most => dead,
                End::Age(longest) if now >= delivery.wanted_at.plus(longest) => dead,
                End::Failures(_) | End::Age(_) => {
                    waiting(failures, self.pause(failures).mul_f64(0.8 + 0.4 * chance))
                }
            },
        }
    }

    /// The pause after so many tries in vain, without its jitter.
    fn pause(self, failures: u32) -> Duration {
        let factor = self.factor.saturating_pow(failures.saturating_sub(1));
        self.first.saturating_mul(factor).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dossier_domain::bundle::BundleStatus;
    use dossier_domain::delivery::{CallbackMessage, Message};
    use dossier_domain::sid::{AccountSid, BundleSid, DeliverySid};
    use dossier_domain::text::CallbackUrl;
    use proptest::prelude::*;

    const START: Timestamp = Timestamp::from_micros(1_600_000_000_000_000);
    const HOUR: Duration = Duration::from_secs(60 * 60);

    fn delivery() -> Delivery {
        Delivery {
            sid: DeliverySid::from_bytes([1; 16]),
            account_sid: AccountSid::from_bytes([2; 16]),
            bundle_sid: BundleSid::from_bytes([3; 16]),
            event: "twilio-approved".to_owned(),
            message: Message::Callback(CallbackMessage {
                url: CallbackUrl::from_stored("http://h/".to_owned()),
                status: BundleStatus::Approved,
                failure_reason: None,
                valid_until: None,
                missing: Vec::new(),
            }),
            state: DeliveryState::Waiting,
            attempts: 0,
            failures: 0,
            created_at: START,
            wanted_at: START,
            due_at: START,
            finished_at: None,
        }
    }

    /// Tries until it is over, and returns how long after the start each try was.
    fn tries(schedule: Schedule, chance: f64, verdict: Verdict) -> Vec<Duration> {
        let (mut delivery, mut now, mut at) = (delivery(), START, Vec::new());
        while delivery.state == DeliveryState::Waiting {
            let since = u64::try_from(now.as_micros() - START.as_micros()).unwrap();
            at.push(Duration::from_micros(since));
            let progress = schedule.progress(&delivery, verdict, now, chance);
            assert!(progress.state != DeliveryState::Waiting || progress.due_at > now);
            delivery.attempts += 1;
            (delivery.state, delivery.failures, now) = (progress.state, progress.failures, progress.due_at);
        }
        assert_eq!(delivery.state, DeliveryState::Dead);
        at
    }

    #[test]
    fn a_callback_is_tried_five_times_in_a_day() {
        let schedule = Schedule::of(Channel::Callback, 4);
        let minutes: Vec<u64> =
            tries(schedule, 0.5, Verdict::Again).iter().map(|time| time.as_secs() / 60).collect();
        assert_eq!(minutes, [0, 2, 18, 146, 1170]);
        assert!(tries(schedule, 0.999, Verdict::Again)[4] < 24 * HOUR);
    }

    #[test]
    fn the_number_of_tries_can_be_chosen() {
        for retries in [0, 1, 12] {
            let made = tries(Schedule::of(Channel::Callback, retries), 0.0, Verdict::Again).len();
            assert_eq!(made, retries as usize + 1);
        }
    }

    #[test]
    fn mail_is_tried_for_two_days() {
        let at = tries(Schedule::of(Channel::Mail, 0), 0.5, Verdict::Again);
        assert!(*at.last().unwrap() >= 48 * HOUR, "{at:?}");
        assert!(at.iter().filter(|time| **time <= HOUR).count() > 5, "soon after it is back: {at:?}");
        assert!(at.len() < 80, "{}", at.len());
    }

    #[test]
    fn asking_for_patience_is_not_counted_for_a_day() {
        let schedule = Schedule::of(Channel::Callback, 1);
        let at = tries(schedule, 0.5, Verdict::Patience(HOUR));
        assert_eq!(at[..25], (0..25).map(|hours| hours * HOUR).collect::<Vec<_>>());
        assert_eq!(at.len(), 26, "then it is counted");
        // A receiver that always says "now" is not asked for ever either.
        let at = tries(schedule, 0.5, Verdict::Patience(Duration::ZERO));
        assert_eq!((at[1], at.len()), (PATIENCE_MIN, 52));
    }

    #[test]
    fn what_is_over_is_over() {
        let schedule = Schedule::of(Channel::Callback, 4);
        let state = |verdict| schedule.progress(&delivery(), verdict, START, 0.0).state;
        assert_eq!(state(Verdict::Delivered), DeliveryState::Delivered);
        assert_eq!(state(Verdict::Hopeless), DeliveryState::Dead);
    }

    proptest! {
        #[test]
        fn every_way_comes_to_an_end(retries in 0..30_u32, chance in 0.0..1.0_f64, seconds in 0..100_000_u64) {
            for verdict in [Verdict::Again, Verdict::Patience(Duration::from_secs(seconds))] {
                prop_assert!(tries(Schedule::of(Channel::Callback, retries), chance, verdict).len() < 150);
            }
        }
    }
}
