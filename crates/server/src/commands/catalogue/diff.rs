//! `dossier catalogue diff`

use super::super::CommandError;
use super::print;
use dossier_domain::catalogue::diff::{
    Difference, Effect, EntryChange, FieldDifference, RequirementDifference, diff as compare,
};
use dossier_domain::catalogue::{Catalogue, Entry};
use dossier_domain::regulation::Rule;
use serde_json::{Value as Json, json};
use std::fmt::Write;
use std::process::ExitCode;

pub(super) fn diff(old: &Catalogue, new: &Catalogue, as_json: bool) -> Result<ExitCode, CommandError> {
    let changes = compare(old, new);
    if as_json {
        let json: Vec<_> = changes.iter().map(change_json).collect();
        print(&format!("{}\n", Json::from(json)))
    } else {
        print(&in_words(&changes))
    }
}

fn in_words(changes: &[EntryChange]) -> String {
    let mut text = String::new();
    for change in changes {
        let effect = match change.effect() {
            Effect::Neutral => "asks for the same",
            Effect::Narrower => "asks for more",
            Effect::Wider => "asks for less",
            Effect::Mixed => "asks for other things",
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "{} {effect}", change.combination);
        if let Some(date) = change.effective_from() {
            let _ = write!(text, " from {date}");
        }
        let _ = writeln!(text, " ({})", revisions(change));
        for difference in &change.differences {
            let sign = match difference.effect() {
                Effect::Neutral => ' ',
                Effect::Narrower => '+',
                Effect::Wider => '-',
                Effect::Mixed => '~',
            };
            let _ = writeln!(text, "  {sign} {difference}");
        }
    }
    if changes.is_empty() {
        text.push_str("Nothing changes.\n");
    }
    text
}

fn revisions(change: &EntryChange) -> String {
    let named = |entry: &Entry| format!("revision {}", entry.revision());
    match (&change.old, &change.new) {
        (Some(old), Some(new)) if old.revision() == new.revision() => format!("{}, changed", named(new)),
        (Some(old), Some(new)) => format!("{}, instead of {}", named(new), old.revision()),
        (None, Some(new)) => format!("{}, new", named(new)),
        (Some(old), None) => format!("{}, gone", named(old)),
        (None, None) => String::new(),
    }
}

fn change_json(change: &EntryChange) -> Json {
    let side = |entry: &Option<Entry>| {
        entry.as_ref().map(|entry| {
            let from = entry.provenance();
            json!({
                "revision": from.revision,
                "effective_from": from.effective_from.to_string(),
                "file": &*from.file,
                "line": from.line,
                "content_hash": entry.regulation().map(|regulation| regulation.content_hash().to_string()),
            })
        })
    };
    json!({
        "iso_country": change.combination.iso_country.as_str(),
        "number_type": change.combination.number_type.as_str(),
        "end_user_type": change.combination.end_user_type.as_str(),
        "effect": change.effect().as_str(),
        "old": side(&change.old),
        "new": side(&change.new),
        "differences": change.differences.iter().map(difference_json).collect::<Vec<_>>(),
    })
}

fn difference_json(difference: &Difference) -> Json {
    let mut json = match difference {
        Difference::Availability(old, new) => {
            json!({"kind": "availability", "old": old.as_str(), "new": new.as_str()})
        }
        Difference::EffectiveFrom(old, new) => {
            json!({"kind": "effective_from", "old": old.to_string(), "new": new.to_string()})
        }
        Difference::Description(_) => json!({"kind": "description"}),
        Difference::AddressScope(old, new) => {
            json!({"kind": "address_scope", "old": old.as_str(), "new": new.as_str()})
        }
        Difference::EndUser(field) => field_json("end_user", field),
        Difference::RequirementAdded(name, _) => json!({"kind": "requirement_added", "requirement": &**name}),
        Difference::RequirementRemoved(name, _) => {
            json!({"kind": "requirement_removed", "requirement": &**name})
        }
        Difference::RequirementsReordered => json!({"kind": "requirements_reordered"}),
        Difference::Requirement(name, difference) => {
            let mut json = requirement_json(difference);
            json["requirement"] = Json::from(&**name);
            json
        }
    };
    json["effect"] = Json::from(difference.effect().as_str());
    json["sentence"] = Json::from(difference.to_string());
    json
}

fn requirement_json(difference: &RequirementDifference) -> Json {
    let document = |kind: &str, document: &str| json!({"kind": kind, "document": document});
    match difference {
        RequirementDifference::Words => json!({"kind": "requirement_words"}),
        RequirementDifference::DocumentAccepted(name) => document("document_accepted", name),
        RequirementDifference::DocumentRefused(name) => document("document_refused", name),
        RequirementDifference::DocumentsReordered => json!({"kind": "documents_reordered"}),
        RequirementDifference::DocumentName(name) => document("document_name", name),
        RequirementDifference::File(name, needed) => {
            json!({"kind": "document_file", "document": &**name, "new": needed})
        }
        RequirementDifference::Document(name, field) => {
            let mut json = field_json("document", field);
            json["document"] = Json::from(&**name);
            json
        }
    }
}

fn field_json(owner: &str, difference: &FieldDifference) -> Json {
    let kind = |change: &str| format!("{owner}_field_{change}");
    match difference {
        FieldDifference::Added(field, rule) => {
            json!({"kind": kind("added"), "field": &**field, "new": rule_json(rule)})
        }
        FieldDifference::Removed(field, rule) => {
            json!({"kind": kind("removed"), "field": &**field, "old": rule_json(rule)})
        }
        FieldDifference::Rule(field, old, new) => {
            json!({"kind": kind("rule"), "field": &**field, "old": rule_json(old), "new": rule_json(new)})
        }
        FieldDifference::Words(field) => json!({"kind": kind("words"), "field": &**field}),
        FieldDifference::Reordered => json!({"kind": format!("{owner}_fields_reordered")}),
    }
}

/// A rule in the form of the catalogue files.
fn rule_json(rule: &Rule) -> Json {
    match rule {
        Rule::Optional => json!("optional"),
        Rule::Required => json!("required"),
        Rule::Addresses => json!("addresses"),
        Rule::OneOf(values) => json!({"one_of": values.iter().map(|value| &**value).collect::<Vec<_>>()}),
        Rule::Pattern(pattern) => json!({"pattern": pattern.as_str()}),
        Rule::EqualsEndUser(field) => json!({"equals_end_user": &**field}),
        Rule::NotOlderThan { months } => json!({"max_age_months": months}),
    }
}
