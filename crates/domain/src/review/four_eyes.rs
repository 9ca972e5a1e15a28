//! Which decisions a second person has to confirm.

use std::fmt;

use aws_lc_rs::digest;

use super::{Case, Outcome};
use crate::sid::CaseSid;
use crate::{IsoCountry, NumberType};

/// The rules of an installation. Any of them that applies is enough.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FourEyes {
    /// Every decision for numbers of these countries.
    pub countries: Vec<IsoCountry>,
    /// Every decision for numbers of these kinds.
    pub number_types: Vec<NumberType>,
    /// So many in a hundred of all decisions, 0 to 100.
    pub percent: u32,
    /// So many approvals under a revision of a regulation, its first ones.
    pub first_approvals: u32,
}

/// Why a second person has to confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConfirmationRule {
    /// Because of the country.
    Country,
    /// Because of the number type.
    NumberType,
    /// It is one of the share that is looked at twice.
    Share,
    /// It is one of the first approvals under its revision.
    FirstApprovals,
}

impl ConfirmationRule {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Country, Self::NumberType, Self::Share, Self::FirstApprovals];

    /// The name in the database and on the operator surface.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::NumberType => "number_type",
            Self::Share => "share",
            Self::FirstApprovals => "first_approvals",
        }
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == text)
    }
}

impl fmt::Display for ConfirmationRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FourEyes {
    /// The rule because of which a decision has to be confirmed, if there is one.
    ///
    /// `approvals` is how many approvals there are under the revision of the case; counting may stop at
    /// [`FourEyes::first_approvals`].
    pub fn applies(&self, case: &Case, outcome: Outcome, approvals: u32) -> Option<ConfirmationRule> {
        let first = outcome != Outcome::Rejected && approvals < self.first_approvals;
        self.applies_always(case).or(first.then_some(ConfirmationRule::FirstApprovals))
    }

    /// The rule that applies however the case ends, if there is one.
    pub fn applies_always(&self, case: &Case) -> Option<ConfirmationRule> {
        if self.countries.contains(&case.combination.iso_country) {
            Some(ConfirmationRule::Country)
        } else if self.number_types.contains(&case.combination.number_type) {
            Some(ConfirmationRule::NumberType)
        } else if hundredth(case.sid) < self.percent {
            Some(ConfirmationRule::Share)
        } else {
            None
        }
    }
}

/// A number from 0 to 99 that belongs to a case: chance falls once, however often is asked, and nobody
/// can wait for a better one.
fn hundredth(sid: CaseSid) -> u32 {
    let hash = digest::digest(&digest::SHA256, sid.as_bytes());
    let (four, _) = hash.as_ref().split_first_chunk::<4>().expect("SHA-256 has 32 bytes");
    u32::from_be_bytes(*four) % 100
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::case;

    fn rules() -> FourEyes {
        FourEyes::default()
    }

    #[test]
    fn without_rules_nothing_is_confirmed() {
        for outcome in Outcome::ALL {
            assert_eq!(rules().applies(&case(1), outcome, 0), None);
        }
    }

    #[test]
    fn countries_and_number_types_are_confirmed_however_they_end() {
        let germany = FourEyes { countries: vec![IsoCountry::parse("DE").unwrap()], ..rules() };
        let mobile = FourEyes { number_types: vec![NumberType::Mobile], ..rules() };
        let local = FourEyes { number_types: vec![NumberType::Local], ..rules() };
        for outcome in Outcome::ALL {
            assert_eq!(germany.applies(&case(1), outcome, 9), Some(ConfirmationRule::Country));
            assert_eq!(mobile.applies(&case(1), outcome, 9), None);
            assert_eq!(local.applies(&case(1), outcome, 9), Some(ConfirmationRule::NumberType));
        }
    }

    #[test]
    fn the_first_approvals_are_confirmed_and_no_rejections() {
        let three = FourEyes { first_approvals: 3, ..rules() };
        let rule = Some(ConfirmationRule::FirstApprovals);
        for (approvals, expected) in [(0, rule), (2, rule), (3, None), (4, None)] {
            assert_eq!(three.applies(&case(1), Outcome::Approved, approvals), expected);
            assert_eq!(three.applies(&case(1), Outcome::ProvisionallyApproved, approvals), expected);
            assert_eq!(three.applies(&case(1), Outcome::Rejected, approvals), None);
        }
    }

    #[test]
    fn a_share_is_about_as_large_as_asked_for_and_stays_the_same() {
        for percent in [0, 1, 25, 100] {
            let share = FourEyes { percent, ..rules() };
            let cases: Vec<_> = (0..4000).map(case).collect();
            let picked = || cases.iter().filter(|case| share.applies_always(case).is_some()).count();
            let expected = 4000 * usize::try_from(percent).unwrap() / 100;
            assert!(picked().abs_diff(expected) <= 120, "{percent}: {}", picked());
            assert_eq!(picked(), picked());
        }
    }
}
