//! What the people behind a bundle are told (contract section 7, 14.6).

use std::fmt;

use crate::campaign::MissingItem;

/// Something about a bundle that its people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind<'a> {
    /// Its status is another one.
    StatusChanged,
    /// It got an end of validity, or another one.
    ValidUntilSet,
    /// A rule changes, and so it got an end of validity: this is what it lacks.
    RulesChanged(&'a [MissingItem]),
    /// It has no end of validity any more.
    ValidUntilCleared,
    /// Its validity ends in so many days.
    ValidUntilNear(u8),
    /// Its validity has ended, and so it is rejected.
    ValidUntilPassed,
}

/// Why a bundle was rejected, for its people.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct FailureReason {
    /// What the reviewer wrote, or the sentences of the reasons.
    pub text: String,
    /// Codes of contract section 8.3.
    pub codes: Vec<u32>,
}

// What a reviewer writes is free text about somebody.
impl fmt::Debug for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailureReason").field("codes", &self.codes).finish_non_exhaustive()
    }
}
