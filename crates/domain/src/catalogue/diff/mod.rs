//! What changes for whom between two catalogues.
//!
//! Each revision is compared with the one it takes the place of: in the other catalogue the one with
//! the same number, or else the revision before it. A difference says whether it asks for more or
//! for less, so that a reader sees at once whose bundles may stop being compliant.

mod compare;
mod effect;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;

use jiff::civil::Date;

pub use effect::Effect;

use super::{Catalogue, Entry, Unserved};
use crate::regulation::{AddressScope, Combination, Rule, Text};

/// What changes for a combination from a day on.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryChange {
    /// Whom it is about.
    pub combination: Combination,
    /// What held before; nothing when nothing was known.
    pub old: Option<Entry>,
    /// What holds instead; nothing when nothing is known any more.
    pub new: Option<Entry>,
    /// What is different, in the order of the regulation. Never empty.
    pub differences: Vec<Difference>,
}

impl EntryChange {
    /// What all differences together do. When rules come or go, that alone counts.
    pub fn effect(&self) -> Effect {
        if let Some(first @ Difference::Availability(..)) = self.differences.first() {
            return first.effect();
        }
        self.differences.iter().map(Difference::effect).fold(Effect::Neutral, Effect::and)
    }

    /// The first day on which it matters.
    pub fn effective_from(&self) -> Option<Date> {
        let entry = self.new.as_ref().or(self.old.as_ref())?;
        Some(entry.provenance().effective_from)
    }
}

/// What can be had for a combination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// There are rules.
    Regulated,
    /// There are none, and it is known why.
    Unserved(Unserved),
    /// There are none.
    Unknown,
}

/// One thing that is different. Requirements, documents and fields go by their machine names.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// Whether there are rules at all.
    Availability(Availability, Availability),
    /// The day on which a revision comes into force.
    EffectiveFrom(Date, Date),
    /// The SID, the title, or how the rule is known.
    Description(&'static str),
    /// Where addresses must be.
    AddressScope(AddressScope, AddressScope),
    /// What the end user is asked.
    EndUser(FieldDifference),
    /// A requirement is new; with its name and title.
    RequirementAdded(Text, Text),
    /// A requirement is gone; with its name and title.
    RequirementRemoved(Text, Text),
    /// The requirements have another order.
    RequirementsReordered,
    /// What a requirement accepts.
    Requirement(Text, RequirementDifference),
}

/// What is different about a requirement.
#[derive(Debug, Clone, PartialEq)]
pub enum RequirementDifference {
    /// Its title or description.
    Words,
    /// A kind of document is accepted now.
    DocumentAccepted(Text),
    /// A kind of document is not accepted any more.
    DocumentRefused(Text),
    /// The documents have another order, so another one is preferred.
    DocumentsReordered,
    /// The name that a document has here.
    DocumentName(Text),
    /// Whether a document needs a file now.
    File(Text, bool),
    /// What a document must show.
    Document(Text, FieldDifference),
}

/// What is different about a list of fields.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldDifference {
    /// A field is asked for now.
    Added(Text, Rule),
    /// A field is not asked for any more.
    Removed(Text, Rule),
    /// A field has another rule: the old one, and the new one.
    Rule(Text, Rule, Rule),
    /// The label or description of a field.
    Words(Text),
    /// The fields have another order.
    Reordered,
}

/// Everything that changes from one catalogue to another, by combination and revision.
pub fn diff(old: &Catalogue, new: &Catalogue) -> Vec<EntryChange> {
    let combinations: BTreeSet<_> = old.entries.keys().chain(new.entries.keys()).collect();
    let changes = combinations.into_iter();
    changes.flat_map(|&combination| of_combination(combination, old, new)).collect()
}

fn of_combination(combination: Combination, old: &Catalogue, new: &Catalogue) -> Vec<EntryChange> {
    let (before, after) = (old.revisions(combination), new.revisions(combination));
    let with_number =
        |entries: &[Entry], number| entries.iter().find(|entry| entry.revision() == number).cloned();
    let mut pairs = Vec::new();
    for (position, entry) in after.iter().enumerate() {
        let replaced = with_number(before, entry.revision())
            .or_else(|| after[..position].last().cloned())
            .or_else(|| before.last().cloned());
        pairs.push((replaced, Some(entry.clone())));
    }
    for entry in before {
        if with_number(after, entry.revision()).is_none() {
            let earlier = after.iter().rev().find(|other| other.revision() < entry.revision());
            // Where it was replaced by a later one, that pair is there already.
            if earlier.is_some() || after.is_empty() {
                pairs.push((Some(entry.clone()), earlier.cloned()));
            }
        }
    }
    let changes = pairs.into_iter().map(|(old, new)| {
        let differences = compare::entries(old.as_ref(), new.as_ref());
        EntryChange { combination, old, new, differences }
    });
    changes.filter(|change| !change.differences.is_empty()).collect()
}
