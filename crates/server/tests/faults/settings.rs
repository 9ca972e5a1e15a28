//! What a person may choose about a run: its seed, and how long it goes on.

use std::hash::{BuildHasher, RandomState};

const SEED: &str = "DOSSIER_TEST_SEED";
const KILLS: &str = "DOSSIER_TEST_KILLS";
/// Kills per test when nobody asks for more.
const KILLS_USUAL: u64 = 20;

/// The seed of this run, which is printed so that a failure can be repeated.
pub(crate) fn seed(test: &str) -> u64 {
    let seed = number(SEED).unwrap_or_else(|| RandomState::new().hash_one(test));
    println!("{test}: {SEED}={seed}");
    seed
}

/// How often to kill.
pub(crate) fn kills() -> u64 {
    number(KILLS).unwrap_or(KILLS_USUAL)
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration but these two variables")]
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is `{text}`, which is no number")))
}
