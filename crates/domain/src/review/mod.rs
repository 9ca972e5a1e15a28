//! Review: what becomes of a bundle that was handed over (contract sections 1.3-1.5, 14.2).
//!
//! A submission opens a [`Case`]. A person claims it, judges its documents one by one, and decides; a
//! second person confirms where the [rules](FourEyes) ask for it. [`Case::after`] is the only place that
//! says who may do what in which state.
//!
//! The case waits, not the bundle: a bundle that a person has opened stays `in-review` when the claim
//! ends, because its customer has seen that and nothing about it went backwards.

mod case;
mod changes;
mod decision;
mod four_eyes;
mod magic;
mod state;
mod submitted;
#[cfg(test)]
mod tests;
mod transition;

pub use case::Case;
pub use changes::{Change, ChangeKind};
pub use decision::{
    Decision, DocumentOutcome, NotApprovable, Outcome, ReviewText, Sharing, Verdict, VerdictKind, approvable,
};
pub use four_eyes::{ConfirmationRule, FourEyes};
pub use magic::MagicWord;
pub use state::{CaseAction, CaseActor, CaseRefusal, CaseState, StateName};
pub use submitted::{Submitted, SubmittedItem, UnreadableSubmission};
