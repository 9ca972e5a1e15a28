//! The built-in catalogue as a whole: the facts it was made from, and evaluation against a second opinion.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests may panic like the tests, which clippy cannot see"
)]

mod bundles;
mod facts;
mod reference_evaluation;
