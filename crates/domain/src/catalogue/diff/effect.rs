//! Whether a difference asks for more or for less.

use super::{Availability, Difference, FieldDifference, RequirementDifference};
use crate::catalogue::Unserved;
use crate::regulation::{AddressScope, Rule};

/// What a difference does to bundles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing: other words, or another order.
    Neutral,
    /// Bundles that were compliant may not be any more.
    Narrower,
    /// Bundles that were not compliant may be now.
    Wider,
    /// Both.
    Mixed,
}

impl Effect {
    /// The name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Narrower => "narrower",
            Self::Wider => "wider",
            Self::Mixed => "mixed",
        }
    }

    /// The effect of two differences together.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Neutral, effect) | (effect, Self::Neutral) => effect,
            (Self::Narrower, Self::Narrower) => Self::Narrower,
            (Self::Wider, Self::Wider) => Self::Wider,
            (Self::Mixed | Self::Narrower | Self::Wider, _) => Self::Mixed,
        }
    }

    fn unless(neutral: bool, effect: Self) -> Self {
        if neutral { Self::Neutral } else { effect }
    }

    /// The effect of going from one place in an order of strictness to another.
    fn of_order(old: usize, new: usize) -> Self {
        match old.cmp(&new) {
            std::cmp::Ordering::Less => Self::Narrower,
            std::cmp::Ordering::Equal => Self::Neutral,
            std::cmp::Ordering::Greater => Self::Wider,
        }
    }
}

impl Difference {
    /// What the difference does to bundles.
    pub fn effect(&self) -> Effect {
        match self {
            Self::Availability(old, new) => Effect::of_order(strictness(*old), strictness(*new)),
            Self::AddressScope(old, new) => {
                let place = |scope| AddressScope::ALL.iter().position(|&known| known == scope).unwrap_or(0);
                Effect::of_order(place(*old), place(*new))
            }
            Self::RequirementAdded(..) => Effect::Narrower,
            Self::RequirementRemoved(..) => Effect::Wider,
            Self::EndUser(field) => field.effect(),
            Self::Requirement(_, difference) => difference.effect(),
            Self::EffectiveFrom(..) | Self::Description(_) | Self::RequirementsReordered => Effect::Neutral,
        }
    }
}

fn strictness(availability: Availability) -> usize {
    match availability {
        Availability::Unserved(Unserved::NothingRequired) => 0,
        Availability::Regulated => 1,
        Availability::Unknown | Availability::Unserved(Unserved::Unavailable) => 2,
    }
}

impl RequirementDifference {
    /// What the difference does to bundles.
    pub fn effect(&self) -> Effect {
        match self {
            Self::DocumentAccepted(_) | Self::File(_, false) => Effect::Wider,
            Self::DocumentRefused(_) | Self::File(_, true) => Effect::Narrower,
            Self::Document(_, field) => field.effect(),
            Self::Words | Self::DocumentsReordered | Self::DocumentName(_) => Effect::Neutral,
        }
    }
}

impl FieldDifference {
    /// What the difference does to bundles.
    pub fn effect(&self) -> Effect {
        match self {
            Self::Added(_, rule) => Effect::unless(*rule == Rule::Optional, Effect::Narrower),
            Self::Removed(_, rule) => Effect::unless(*rule == Rule::Optional, Effect::Wider),
            Self::Rule(_, old, new) => of_rules(old, new),
            Self::Words(_) | Self::Reordered => Effect::Neutral,
        }
    }
}

/// A rule is narrower than another when every value that satisfies it satisfies the other.
fn of_rules(old: &Rule, new: &Rule) -> Effect {
    if old == new {
        return Effect::Neutral;
    }
    match (implies(new, old), implies(old, new)) {
        (true, true) => Effect::Neutral,
        (true, false) => Effect::Narrower,
        (false, true) => Effect::Wider,
        (false, false) => Effect::Mixed,
    }
}

/// Whether what satisfies one rule always satisfies another, as far as that can be told.
fn implies(rule: &Rule, other: &Rule) -> bool {
    match (rule, other) {
        (_, Rule::Optional) => true,
        (Rule::Optional, _) => false,
        (_, Rule::Required) => true,
        (Rule::OneOf(these), Rule::OneOf(those)) => these.iter().all(|value| those.contains(value)),
        (Rule::OneOf(values), Rule::Pattern(pattern)) => values.iter().all(|value| pattern.is_match(value)),
        (Rule::NotOlderThan { months: these }, Rule::NotOlderThan { months: those }) => these <= those,
        _ => rule == other,
    }
}
