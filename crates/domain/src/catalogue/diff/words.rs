//! Differences as sentences for people.

use std::fmt;

use super::{Availability, Difference, FieldDifference, RequirementDifference};
use crate::catalogue::Unserved;
use crate::regulation::Rule;

impl Availability {
    /// The name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Regulated => "regulated",
            Self::Unserved(Unserved::Unavailable) => "unavailable",
            Self::Unserved(Unserved::NothingRequired) => "nothing-required",
            Self::Unknown => "unknown",
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Regulated => "there are rules",
            Self::Unserved(Unserved::Unavailable) => "such numbers are not to be had",
            Self::Unserved(Unserved::NothingRequired) => "nothing is required",
            Self::Unknown => "nothing is known",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Availability(old, new) => {
                write!(f, "{}; before, {}", new.in_words(), old.in_words())
            }
            Self::EffectiveFrom(old, new) => write!(f, "in force from {new}; before, from {old}"),
            Self::Description(what) => write!(f, "{what} is different"),
            Self::AddressScope(old, new) => {
                write!(f, "addresses must be {}; before, {}", new.in_words(), old.in_words())
            }
            Self::EndUser(difference) => write!(f, "end user: {difference}"),
            Self::RequirementAdded(requirement_name, name) => {
                write!(f, "requirement `{requirement_name}` ({name}) added")
            }
            Self::RequirementRemoved(requirement_name, name) => {
                write!(f, "requirement `{requirement_name}` ({name}) removed")
            }
            Self::RequirementsReordered => f.write_str("the requirements have another order"),
            Self::Requirement(requirement_name, difference) => {
                write!(f, "`{requirement_name}`: {difference}")
            }
        }
    }
}

impl fmt::Display for RequirementDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words => f.write_str("title or description is different"),
            Self::DocumentAccepted(document) => write!(f, "`{document}` is accepted now"),
            Self::DocumentRefused(document) => write!(f, "`{document}` is not accepted any more"),
            Self::DocumentsReordered => f.write_str("the documents have another order"),
            Self::DocumentName(document) => write!(f, "`{document}` has another name"),
            Self::File(document, true) => write!(f, "`{document}` needs a file now"),
            Self::File(document, false) => write!(f, "`{document}` needs no file any more"),
            Self::Document(document, difference) => write!(f, "`{document}`: {difference}"),
        }
    }
}

impl fmt::Display for FieldDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(field, Rule::Required) => write!(f, "`{field}` is asked for now"),
            Self::Added(field, rule) => write!(f, "`{field}` is asked for now and {}", rule.in_words()),
            Self::Removed(field, _) => write!(f, "`{field}` is not asked for any more"),
            Self::Rule(field, old, new) => {
                write!(f, "`{field}` {}; before, it {}", new.in_words(), old.in_words())
            }
            Self::Words(field) => write!(f, "the label or description of `{field}` is different"),
            Self::Reordered => f.write_str("the fields have another order"),
        }
    }
}
