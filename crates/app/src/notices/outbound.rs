//! Everything that leaves the service by itself: callbacks and mail, and what is counted about them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dossier_domain::delivery::{Channel, DeliveryState};

use super::callback::{Callbacks, Resolver, SystemResolver};
use super::mail::{MailError, Mailer};
use super::outcome::Schedule;
use super::places::Places;
use super::{NoticeOptions, Telling};

/// What sends, opened once at the start.
pub struct Outbound {
    pub(super) callbacks: Callbacks,
    pub(super) mailer: Option<Mailer>,
    pub(super) places: Places,
    pub(super) counts: Counts,
    options: NoticeOptions,
}

impl Outbound {
    /// Makes what sends. Nothing is connected to yet, but mail needs a runtime to be called in.
    ///
    /// # Errors
    /// [`MailError`] when the mail server, the sender or a template cannot be used.
    pub fn open(options: NoticeOptions) -> Result<Self, MailError> {
        Self::with_resolver(options, Arc::new(SystemResolver))
    }

    /// As [`Outbound::open`], with names looked up elsewhere.
    ///
    /// # Errors
    /// As [`Outbound::open`].
    pub fn with_resolver(options: NoticeOptions, resolver: Arc<dyn Resolver>) -> Result<Self, MailError> {
        Ok(Self {
            callbacks: Callbacks::new(&options, resolver),
            mailer: options.mail.as_ref().map(Mailer::open).transpose()?,
            places: Places::default(),
            counts: Counts::default(),
            options,
        })
    }

    /// What is told at all.
    pub(super) fn telling(&self) -> Telling {
        let options = &self.options;
        Telling { in_review: options.callbacks.include_in_review, mail: options.mail.is_some() }
    }

    /// When a channel tries again.
    pub(super) const fn schedule(&self, channel: Channel) -> Schedule {
        Schedule::of(channel, self.options.callbacks.retries)
    }
}

/// Tries since the start of the process, by channel and by what they made of the delivery.
#[derive(Debug, Default)]
pub(super) struct Counts([[AtomicU64; 3]; 2]);

/// One of the numbers that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryCount {
    /// Over which channel.
    pub channel: Channel,
    /// What a try made of the delivery; `waiting` when it is to be tried again.
    pub state: DeliveryState,
    /// How many tries.
    pub tries: u64,
}

impl Counts {
    pub(super) fn add(&self, channel: Channel, state: DeliveryState) {
        self.0[channel as usize][state as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn all(&self) -> Vec<DeliveryCount> {
        let states = |channel: Channel| {
            DeliveryState::ALL.iter().map(move |&state| DeliveryCount {
                channel,
                state,
                tries: self.0[channel as usize][state as usize].load(Ordering::Relaxed),
            })
        };
        Channel::ALL.iter().copied().flat_map(states).collect()
    }
}
