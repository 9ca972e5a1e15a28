//! Reasons: why a reviewer refuses a document or a bundle (contract section 8.3).
//!
//! They are data of the [catalogue](crate::catalogue), so that an installation can word them its own
//! way and add its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::{Code, Fault};
use crate::regulation::Text;

/// The reason of the automatic rejection of a test bundle (contract 14.2 row 39).
pub const TEST_BUNDLE: u32 = 18099;

/// The codes that an installation may give to reasons of its own. Nobody else has such codes.
pub const OWN_CODES: std::ops::RangeInclusive<u32> = 900_000..=999_999;

/// A reason to refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The number by which programs know it.
    pub code: u32,
    /// What it is called, in a few words.
    pub name: Text,
    /// What the applicant reads: what is wrong, and what to do.
    pub applicant: Text,
    /// What colleagues read: when to choose it.
    pub colleague: Text,
    /// Whether the applicant can put it right and submit again.
    pub retryable: bool,
    /// What it is usually given for.
    pub applies_to: BTreeSet<Subject>,
}

/// What can be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// One document.
    Document,
    /// The bundle as a whole.
    Bundle,
}

impl Subject {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Document, Self::Bundle];

    /// The name in the catalogue and on the operator surface.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Bundle => "bundle",
        }
    }
}

/// All reasons of an installation, by code.
#[derive(Debug, Clone, Default)]
pub struct Reasons(BTreeMap<u32, Reason>);

impl Reasons {
    /// Reasons by code; of two with the same code, the later counts.
    pub fn new(reasons: impl IntoIterator<Item = Reason>) -> Self {
        Self(reasons.into_iter().map(|reason| (reason.code, reason)).collect())
    }

    /// The reason with this code.
    pub fn get(&self, code: u32) -> Option<&Reason> {
        self.0.get(&code)
    }

    /// All of them, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Reason> {
        self.0.values()
    }

    /// Checks that all codes are known and none is there twice.
    ///
    /// # Errors
    /// Code 20001 that names the code.
    pub fn check(&self, codes: &[u32]) -> Result<(), Fault> {
        let mut seen = BTreeSet::new();
        for code in codes {
            let refused = |reason: &str| {
                Fault::new(Code::InvalidParameter, format!("Invalid reasons: {code} {reason}"))
            };
            if self.get(*code).is_none() {
                return Err(refused("is no reason; GET /operator/v1/reasons lists them"));
            }
            if !seen.insert(code) {
                return Err(refused("is there twice"));
            }
        }
        Ok(())
    }

    /// What the applicant reads for these codes, each sentence once. A code that is known no longer
    /// says nothing.
    pub fn sentences(&self, codes: impl IntoIterator<Item = u32>) -> String {
        let mut seen = BTreeSet::new();
        let sentences: Vec<_> = codes
            .into_iter()
            .filter_map(|code| self.get(code))
            .filter(|reason| seen.insert(&reason.applicant))
            .map(|reason| &*reason.applicant)
            .collect();
        sentences.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn every_code_of_the_contract_is_there() {
        let catalogue = Catalogue::builtin();
        let codes: Vec<u32> = catalogue.reasons().iter().map(|reason| reason.code).collect();
        let mut expected: Vec<u32> = (18001..=18025).chain(18036..=18039).chain(18050..=18062).collect();
        expected.extend([18099, 180_017]);
        assert_eq!(codes, expected);
        for reason in catalogue.reasons().iter() {
            assert!(!reason.applies_to.is_empty(), "{}", reason.code);
            for sentence in [&reason.applicant, &reason.colleague] {
                assert!(sentence.ends_with('.') && sentence.len() > 20, "{}: {sentence}", reason.code);
            }
        }
    }

    #[test]
    fn sentences_are_joined_and_none_is_said_twice() {
        let reason = |code, applicant: &str| Reason {
            code,
            name: "x".into(),
            applicant: applicant.into(),
            colleague: "x".into(),
            retryable: true,
            applies_to: BTreeSet::new(),
        };
        let reasons = Reasons::new([reason(1, "A."), reason(2, "B."), reason(3, "A.")]);
        assert_eq!(reasons.sentences([2, 1, 3, 2, 9]), "B. A.");
        assert_eq!(reasons.sentences([]), "");
        assert_eq!(reasons.check(&[1, 2]), Ok(()));
        assert!(reasons.check(&[9]).unwrap_err().message.contains('9'));
        assert!(reasons.check(&[1, 1]).unwrap_err().message.contains("twice"));
    }
}
