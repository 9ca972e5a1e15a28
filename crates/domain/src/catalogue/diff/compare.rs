//! Puts two entries side by side.

use super::{Availability, Difference, FieldDifference, RequirementDifference};
use crate::catalogue::Entry;
use crate::regulation::{
    AcceptedDocument, AddressScope, DocumentRequirement, Field, Provenance, Regulation, Text,
};

pub(super) fn entries(old: Option<&Entry>, new: Option<&Entry>) -> Vec<Difference> {
    let mut found = Vec::new();
    let availabilities = (availability(old), availability(new));
    if availabilities.0 != availabilities.1 {
        found.push(Difference::Availability(availabilities.0, availabilities.1));
    }
    if let (Some(old), Some(new)) = (old, new) {
        let (old, new) = (old.provenance(), new.provenance());
        let same_revision = old.revision == new.revision;
        if same_revision && old.effective_from != new.effective_from {
            found.push(Difference::EffectiveFrom(old.effective_from, new.effective_from));
        }
        let later_end =
            |entry: &Provenance| Some(entry.approvals_end).filter(|end| *end > entry.effective_from);
        if same_revision && later_end(old) != later_end(new) {
            found.push(Difference::Description("how long approvals under the rule before hold"));
        }
        let known = (&old.sources, old.confidence, &old.note) != (&new.sources, new.confidence, &new.note);
        // A new revision is known from somewhere else as a matter of course.
        if same_revision && known {
            found.push(Difference::Description("how the rule is known"));
        }
    }
    let rules = |entry: Option<&Entry>| entry.and_then(Entry::regulation).cloned();
    match (rules(old), rules(new)) {
        (Some(old), Some(new)) => regulations(&old, &new, &mut found),
        // What there is to know about a regulation that comes or goes, its requirements say.
        (None, Some(new)) => {
            against_nothing(&new, Difference::RequirementAdded, FieldDifference::Added, &mut found);
        }
        (Some(old), None) => {
            against_nothing(&old, Difference::RequirementRemoved, FieldDifference::Removed, &mut found);
        }
        (None, None) => {}
    }
    found
}

fn availability(entry: Option<&Entry>) -> Availability {
    match entry {
        None => Availability::Unknown,
        Some(Entry::Served(_)) => Availability::Regulated,
        Some(Entry::Unserved(_, why, _)) => Availability::Unserved(*why),
    }
}

fn against_nothing(
    regulation: &Regulation,
    requirement: fn(Text, Text) -> Difference,
    field: fn(Text, crate::regulation::Rule) -> FieldDifference,
    found: &mut Vec<Difference>,
) {
    for asked in regulation.end_users.iter().flat_map(|end_user| &end_user.fields) {
        found.push(Difference::EndUser(field(Text::clone(&asked.machine_name), asked.rule.clone())));
    }
    for DocumentRequirement { requirement_name, name, .. } in &regulation.documents {
        found.push(requirement(Text::clone(requirement_name), Text::clone(name)));
    }
}

fn regulations(old: &Regulation, new: &Regulation, found: &mut Vec<Difference>) {
    if old.sid != new.sid {
        found.push(Difference::Description("the SID"));
    }
    let end_user_words = |regulation: &Regulation| -> Vec<_> {
        let end_users = regulation.end_users.iter();
        end_users
            .map(|end_user| (Text::clone(&end_user.name), Text::clone(&end_user.requirement_name)))
            .collect()
    };
    if old.friendly_name != new.friendly_name || end_user_words(old) != end_user_words(new) {
        found.push(Difference::Description("the title"));
    }
    // Without addresses before or after, the fields that ask for them are said to come or go.
    if old.address_scope != new.address_scope
        && ![old.address_scope, new.address_scope].contains(&AddressScope::None)
    {
        found.push(Difference::AddressScope(old.address_scope, new.address_scope));
    }
    let asked = |regulation: &Regulation| -> Vec<Field> {
        regulation.end_users.iter().flat_map(|end_user| end_user.fields.clone()).collect()
    };
    found.extend(fields(&asked(old), &asked(new)).into_iter().map(Difference::EndUser));
    requirements(&old.documents, &new.documents, found);
}

/// Pairs things of two lists by name: those of both, those gone, those added, and whether those of
/// both have another order.
struct Paired<'a, T> {
    both: Vec<(&'a T, &'a T)>,
    gone: Vec<&'a T>,
    added: Vec<&'a T>,
    reordered: bool,
}

fn pair<'a, T>(old: &'a [T], new: &'a [T], name: impl Fn(&T) -> &Text) -> Paired<'a, T> {
    let of = |list: &'a [T], wanted: &T| list.iter().position(|thing| name(thing) == name(wanted));
    let positions: Vec<_> = old.iter().filter_map(|thing| of(new, thing)).collect();
    Paired {
        both: old.iter().filter_map(|thing| Some((thing, &new[of(new, thing)?]))).collect(),
        gone: old.iter().filter(|thing| of(new, thing).is_none()).collect(),
        added: new.iter().filter(|thing| of(old, thing).is_none()).collect(),
        reordered: !positions.is_sorted(),
    }
}

fn requirements(old: &[DocumentRequirement], new: &[DocumentRequirement], found: &mut Vec<Difference>) {
    let paired = pair(old, new, |requirement| &requirement.requirement_name);
    let names = |requirement: &DocumentRequirement| {
        (Text::clone(&requirement.requirement_name), Text::clone(&requirement.name))
    };
    for (old, new) in paired.both {
        for difference in requirement(old, new) {
            found.push(Difference::Requirement(Text::clone(&old.requirement_name), difference));
        }
    }
    for gone in paired.gone {
        let (requirement_name, name) = names(gone);
        found.push(Difference::RequirementRemoved(requirement_name, name));
    }
    for added in paired.added {
        let (requirement_name, name) = names(added);
        found.push(Difference::RequirementAdded(requirement_name, name));
    }
    if paired.reordered {
        found.push(Difference::RequirementsReordered);
    }
}

fn requirement(old: &DocumentRequirement, new: &DocumentRequirement) -> Vec<RequirementDifference> {
    use RequirementDifference::{DocumentAccepted, DocumentRefused, DocumentsReordered, Words};
    let mut found = Vec::new();
    if (&old.name, &old.description) != (&new.name, &new.description) {
        found.push(Words);
    }
    let paired = pair(&old.any_of, &new.any_of, |document| &document.document_type);
    for (old, new) in paired.both {
        document(old, new, &mut found);
    }
    found.extend(paired.gone.iter().map(|document| DocumentRefused(Text::clone(&document.document_type))));
    found.extend(paired.added.iter().map(|document| DocumentAccepted(Text::clone(&document.document_type))));
    if paired.reordered {
        found.push(DocumentsReordered);
    }
    found
}

fn document(old: &AcceptedDocument, new: &AcceptedDocument, found: &mut Vec<RequirementDifference>) {
    let name = || Text::clone(&old.document_type);
    if old.name != new.name {
        found.push(RequirementDifference::DocumentName(name()));
    }
    if old.requires_file != new.requires_file {
        found.push(RequirementDifference::File(name(), new.requires_file));
    }
    let differences = fields(&old.fields, &new.fields).into_iter();
    found.extend(differences.map(|difference| RequirementDifference::Document(name(), difference)));
}

fn fields(old: &[Field], new: &[Field]) -> Vec<FieldDifference> {
    use FieldDifference::{Added, Removed, Reordered, Rule, Words};
    let mut found = Vec::new();
    let paired = pair(old, new, |field| &field.machine_name);
    for (old, new) in paired.both {
        if old.rule != new.rule {
            found.push(Rule(Text::clone(&old.machine_name), old.rule.clone(), new.rule.clone()));
        }
        if (&old.friendly_name, &old.description) != (&new.friendly_name, &new.description) {
            found.push(Words(Text::clone(&old.machine_name)));
        }
    }
    found.extend(
        paired.gone.iter().map(|field| Removed(Text::clone(&field.machine_name), field.rule.clone())),
    );
    found
        .extend(paired.added.iter().map(|field| Added(Text::clone(&field.machine_name), field.rule.clone())));
    if paired.reordered {
        found.push(Reordered);
    }
    found
}
