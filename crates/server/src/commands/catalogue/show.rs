//! `dossier catalogue show`: a regulation as a person reads it.

use super::super::CommandError;
use super::print;
use dossier_app::{Clock, SystemClock};
use dossier_domain::EndUserType;
use dossier_domain::catalogue::{Catalogue, Entry, Unserved};
use dossier_domain::regulation::{
    AcceptedDocument, Combination, DocumentRequirement, EndUserRequirement, Field, Regulation,
};
use std::fmt::{Result, Write};
use std::process::ExitCode;

pub(super) fn show(
    combination: Combination,
    catalogue: &Catalogue,
) -> std::result::Result<ExitCode, CommandError> {
    let today = SystemClock.now().date();
    let revisions = catalogue.revisions(combination);
    let in_force = revisions.iter().rev().find(|entry| entry.provenance().effective_from <= today);
    let mut text = String::new();
    if revisions.is_empty() {
        text.push_str("Nothing is known about such numbers: bundles for them are refused.\n");
    }
    for entry in revisions {
        let state = match in_force {
            Some(other) if other.revision() == entry.revision() => "in force",
            Some(other) if other.revision() > entry.revision() => "replaced",
            _ => "not in force yet",
        };
        shown(&mut text, entry, state).expect("a string takes everything");
    }
    print(&text)
}

fn shown(text: &mut String, entry: &Entry, state: &str) -> Result {
    if !text.is_empty() {
        text.push('\n');
    }
    match entry {
        Entry::Served(regulation) => {
            writeln!(text, "{} ({})", regulation.friendly_name, regulation.sid)?;
            provenance(text, entry, state)?;
            writeln!(text, "  addresses     {}", regulation.address_scope.in_words())?;
            writeln!(text, "  content       {}", regulation.content_hash())?;
            requirements(text, regulation)
        }
        Entry::Unserved(combination, why, _) => {
            let why = match why {
                Unserved::Unavailable => "such numbers are not to be had",
                Unserved::NothingRequired => "nothing is required",
            };
            writeln!(text, "{combination}: no regulation, because {why}")?;
            provenance(text, entry, state)
        }
    }
}

fn provenance(text: &mut String, entry: &Entry, state: &str) -> Result {
    let from = entry.provenance();
    writeln!(text, "  revision      {}, from {}, {state}", from.revision, from.effective_from)?;
    if from.approvals_end > from.effective_from {
        writeln!(text, "  approvals     under the revision before hold until {}", from.approvals_end)?;
    }
    writeln!(text, "  file          {}:{}", from.file, from.line)?;
    writeln!(text, "  confidence    {}", from.confidence.as_str())?;
    for source in from.sources.iter() {
        writeln!(text, "  source        {source}")?;
    }
    from.note.iter().try_for_each(|note| writeln!(text, "  note          {note}"))
}

fn requirements(text: &mut String, regulation: &Regulation) -> Result {
    for end_user in &regulation.end_users {
        asked_of(text, end_user)?;
    }
    for requirement in &regulation.documents {
        proven(text, requirement, regulation.end_user_type)?;
    }
    Ok(())
}

fn asked_of(text: &mut String, end_user: &EndUserRequirement) -> Result {
    writeln!(text, "\nEnd user: {} ({})", end_user.name, end_user.requirement_name)?;
    writeln!(text, "    {}", end_user.constraint())?;
    end_user.fields.iter().try_for_each(|asked| field(text, "  ", asked, &end_user.field_constraint(asked)))
}

fn proven(text: &mut String, requirement: &DocumentRequirement, end_user_type: EndUserType) -> Result {
    let DocumentRequirement { requirement_name, name, description, any_of } = requirement;
    writeln!(text, "\nDocument: {name} ({requirement_name})\n  {description}")?;
    if any_of.len() > 1 {
        writeln!(text, "  One of these:")?;
    }
    for document in any_of {
        let AcceptedDocument { document_type, name, requires_file, fields } = document;
        let file = if *requires_file { "with a file" } else { "without a file" };
        writeln!(text, "  - {name} ({document_type}), {file}")?;
        writeln!(text, "      {}", document.constraint(end_user_type))?;
        for asked in fields {
            field(text, "    ", asked, &document.field_constraint(asked, end_user_type))?;
        }
    }
    Ok(())
}

fn field(text: &mut String, indent: &str, field: &Field, constraint: &str) -> Result {
    let Field { machine_name, friendly_name, description, rule } = field;
    writeln!(text, "{indent}{machine_name}: {friendly_name} {}", rule.in_words())?;
    writeln!(text, "{indent}  {description}")?;
    if constraint.is_empty() { Ok(()) } else { writeln!(text, "{indent}  {constraint}") }
}
