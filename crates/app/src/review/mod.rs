//! Review: cases are opened by submissions, claimed, judged, decided, and confirmed where rules ask for
//! it. Every change of a case is one version of it, one event of its history, and one audit event.
//!
//! A unit locks the case first, then the bundle, then what is in the bundle, then jobs.

mod automatic;
mod claim;
mod confirm;
mod decide;
mod file;
mod open;
mod queue;
mod settle;
mod step;
mod verdict;
mod view;

use std::time::Duration;

use dossier_domain::review::{FourEyes, Outcome};
use dossier_store::cases::CaseEvent;

pub use automatic::PolicyDecision;
pub use confirm::Confirmation;
pub use decide::DecideCase;
pub use file::DocumentDownload;
pub use verdict::JudgeDocument;
pub use view::{CaseFile, CaseFileDocument, ConfirmationNeed};

pub(crate) use open::{close_erased, close_expired, close_withdrawn, open_case};

/// What can be chosen about review.
#[derive(Debug, Clone)]
pub struct ReviewOptions {
    /// How long a claim lasts when nothing is done about it.
    pub claim: Duration,
    /// How long a test bundle waits for its rejection (contract 14.2 row 39).
    pub test_rejection_delay: Duration,
    /// Rehearsal mode: the name of a bundle may say what becomes of it.
    pub magic_words: bool,
    /// How every bundle ends without a person, on test installations (contract 14.2 row 34).
    pub automatic: Option<Outcome>,
    /// Whose decisions a second person confirms.
    pub four_eyes: FourEyes,
}

impl Default for ReviewOptions {
    fn default() -> Self {
        Self {
            claim: Duration::from_secs(30 * 60),
            test_rejection_delay: Duration::from_secs(5),
            magic_words: false,
            automatic: None,
            four_eyes: FourEyes::default(),
        }
    }
}

/// A case that has changed since the caller looked at it.
#[derive(Debug)]
pub struct StaleCase {
    /// The version it has now.
    pub version: u32,
    /// What happened since the version the caller knows.
    pub changes: Vec<CaseEvent>,
}
