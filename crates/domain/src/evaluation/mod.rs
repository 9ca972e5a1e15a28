//! Evaluation: does what a bundle contains satisfy its regulation, and if not, what is missing?
//!
//! [`evaluate`] is a plain function of the regulation and the [`Contents`]: it never fails, whatever
//! the attributes are, and the same input gives the same result. The typed rules decide; the
//! sentences and codes are those of the contract (sections 5.3 and 14.4).

mod addresses;
mod contents;
mod judge;
mod readdress;
mod sentences;
mod stored;
#[cfg(test)]
mod tests;
mod values;

pub use addresses::{AddressReferences, address_references};
pub use contents::{Contents, DocumentContents, EndUserContents, KnownAddress, Switches};
pub use readdress::readdress;
pub use stored::UnreadableEvaluation;

use crate::Code;
use crate::regulation::Regulation;
use crate::sid::RegulationSid;

/// What an evaluation found, in the words of the regulation as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The regulation that was used.
    pub regulation: RegulationSid,
    /// Which of its revisions.
    pub revision: u32,
    /// One result per requirement: the end user first, then documents in the regulation's order
    /// (contract 14.4 row 73).
    pub results: Vec<RequirementResult>,
}

impl Evaluation {
    /// Whether every requirement is satisfied.
    pub fn is_compliant(&self) -> bool {
        self.results.iter().all(RequirementResult::passed)
    }

    /// `compliant` or `noncompliant`, as on the wire.
    pub fn status(&self) -> &'static str {
        if self.is_compliant() { "compliant" } else { "noncompliant" }
    }
}

/// How one requirement came out (contract section 5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementResult {
    /// The name of the end-user type, or of the accepted document that was looked at.
    pub friendly_name: String,
    /// The machine name of that type.
    pub object_type: String,
    /// The title of the requirement.
    pub requirement_friendly_name: String,
    /// The machine name of the requirement.
    pub requirement_name: String,
    /// Why the requirement is not satisfied; nothing when it is.
    pub failure: Option<Failure>,
    /// The fields that are right.
    pub valid: Vec<ValidField>,
    /// The fields that are missing or wrong. May be empty in a failed result: a missing document
    /// of a type without fields.
    pub invalid: Vec<InvalidField>,
}

impl RequirementResult {
    /// Whether the requirement is satisfied.
    pub fn passed(&self) -> bool {
        self.failure.is_none()
    }
}

/// Why something is not right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For programs.
    pub code: Code,
    /// For people; no attribute value is in it.
    pub reason: String,
}

/// A field that is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidField {
    /// The label.
    pub friendly_name: String,
    /// The key in the attributes.
    pub object_field: String,
}

/// A field that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidField {
    /// The label.
    pub friendly_name: String,
    /// The key in the attributes.
    pub object_field: String,
    /// What is wrong with it.
    pub failure: Failure,
}

/// Evaluates what a bundle contains against a regulation.
pub fn evaluate(regulation: &Regulation, contents: &Contents<'_>) -> Evaluation {
    Evaluation {
        regulation: regulation.sid,
        revision: regulation.provenance.revision,
        results: judge::Judge::new(regulation, contents).results(),
    }
}
