//! Deliveries: one message to one place about one bundle, and what became of it.
//!
//! A delivery waits until it is delivered or dead. Deliveries of a bundle over one channel form a lane:
//! the oldest that waits is sent, and no other before its fate is known.

use std::fmt;

use crate::Timestamp;
use crate::bundle::BundleStatus;
use crate::notice::FailureReason;
use crate::regulation::Combination;
use crate::sid::{AccountSid, BundleSid, DeliverySid};
use crate::text::{CallbackUrl, Email};

/// A delivery. Its identifier stays the same however often it is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its identifier, which receivers get as the idempotency token.
    pub sid: DeliverySid,
    /// Whose bundle it is about.
    pub account_sid: AccountSid,
    /// What it is about.
    pub bundle_sid: BundleSid,
    /// What happened, for people who read the log: a bundle status, or a word such as `valid-until-set`.
    pub event: String,
    /// What is sent, and where to.
    pub message: Message,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried in all.
    pub attempts: u32,
    /// How often it was tried in vain since it was last wanted; receivers that ask for patience are not
    /// counted.
    pub failures: u32,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last wanted: at first, or by an operator again.
    pub wanted_at: Timestamp,
    /// When it is tried next, while it waits.
    pub due_at: Timestamp,
    /// When it was delivered or given up.
    pub finished_at: Option<Timestamp>,
}

/// One try to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// When it ended.
    pub at: Timestamp,
    /// What came of it, in a few words without anything personal: `status 500`, `address refused`.
    pub outcome: String,
    /// The HTTP status or the SMTP reply, if there was an answer.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub millis: u32,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A status callback.
    Callback(CallbackMessage),
    /// A mail.
    Mail(MailMessage),
}

impl Message {
    /// How it travels.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Callback(_) => Channel::Callback,
            Self::Mail(_) => Channel::Mail,
        }
    }
}

/// A status callback (contract section 7, 14.6 row 97).
#[derive(Clone, PartialEq, Eq)]
pub struct CallbackMessage {
    /// Where it goes.
    pub url: CallbackUrl,
    /// The status of the bundle at that time.
    pub status: BundleStatus,
    /// Why it was rejected.
    pub failure_reason: Option<String>,
    /// When its validity ends.
    pub valid_until: Option<Timestamp>,
    /// What it lacks under a rule that changes: names of requirements and fields, as
    /// [`MissingItem::path`](crate::campaign::MissingItem::path) has them. Empty otherwise.
    pub missing: Vec<String>,
}

// Why somebody was rejected is about them.
impl fmt::Debug for CallbackMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackMessage").field("status", &self.status).finish_non_exhaustive()
    }
}

/// A mail (contract 14.6 row 103).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailMessage {
    /// Who gets it.
    pub to: Email,
    /// What it says.
    pub kind: MailKind,
    /// What kind of numbers the bundle is for.
    pub combination: Combination,
    /// Why it was rejected.
    pub reason: Option<FailureReason>,
    /// When its validity ends.
    pub valid_until: Option<Timestamp>,
    /// What it lacks under a rule that changes, in sentences. Empty otherwise.
    pub missing: Vec<String>,
}

/// What a mail says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// The bundle was approved.
    Approved,
    /// It was approved for the time being.
    ProvisionallyApproved,
    /// It was rejected.
    Rejected,
    /// It got an end of validity, or another one.
    ValidUntilSet,
    /// A rule changes, and so it got an end of validity.
    RulesChanged,
    /// It has no end of validity any more.
    ValidUntilCleared,
    /// Its validity ends in so many days.
    ValidUntilNear(u8),
    /// Its validity has ended.
    ValidUntilPassed,
}

impl MailKind {
    /// One of each kind.
    pub const SAMPLES: [Self; 8] = [
        Self::Approved,
        Self::ProvisionallyApproved,
        Self::Rejected,
        Self::ValidUntilSet,
        Self::RulesChanged,
        Self::ValidUntilCleared,
        Self::ValidUntilNear(7),
        Self::ValidUntilPassed,
    ];

    /// The name, as templates have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::ProvisionallyApproved => "provisionally-approved",
            Self::Rejected => "rejected",
            Self::ValidUntilSet => "valid-until-set",
            Self::RulesChanged => "rules-changed",
            Self::ValidUntilCleared => "valid-until-cleared",
            Self::ValidUntilNear(_) => "valid-until-near",
            Self::ValidUntilPassed => "valid-until-passed",
        }
    }

    /// The kind of this name; `days` is for the one that has them.
    pub fn parse(text: &str, days: Option<u8>) -> Option<Self> {
        let kind = Self::SAMPLES.into_iter().find(|kind| kind.as_str() == text)?;
        match kind {
            Self::ValidUntilNear(_) => days.map(Self::ValidUntilNear),
            other => Some(other),
        }
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $name:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $type {
            $($(#[$variant_doc])* $name,)*
        }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in the database, on the operator surface and in metrics.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Parses a name.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

names! {
    /// How something is told.
    Channel {
        /// By a status callback.
        Callback "callback",
        /// By mail.
        Mail "mail",
    }
}

names! {
    /// Where a delivery stands.
    DeliveryState {
        /// It will be tried, for the first time or again.
        Waiting "waiting",
        /// The receiver took it.
        Delivered "delivered",
        /// It was given up. An operator can want it again.
        Dead "dead",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_about_people_is_not_printed() {
        let callback = CallbackMessage {
            url: CallbackUrl::from_stored("https://u:secret@example.com".to_owned()),
            status: BundleStatus::Rejected,
            failure_reason: Some("Jane's secret".to_owned()),
            valid_until: None,
            missing: Vec::new(),
        };
        assert!(!format!("{:?}", Message::Callback(callback)).contains("secret"));
    }

    #[test]
    fn names_are_read_back() {
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.as_str()), Some(*channel));
        }
        for state in DeliveryState::ALL {
            assert_eq!(DeliveryState::parse(state.as_str()), Some(*state));
        }
        for kind in MailKind::SAMPLES {
            assert_eq!(MailKind::parse(kind.as_str(), Some(7)), Some(kind));
        }
        assert_eq!(MailKind::parse("valid-until-near", None), None, "days are part of it");
        assert_eq!(MailKind::parse("approval", None), None);
    }
}
