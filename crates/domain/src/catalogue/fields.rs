//! The fields that a regulation or block asks for.

use std::ops::Range;

use toml::Spanned;

use super::notebook::Notebook;
use super::problem::did_you_mean;
use super::raw::{NameOr, RawField};
use super::source::File;
use super::type_files::Types;
use crate::regulation::{ADDRESS_SIDS, Field, Rule, Text, TypeField};

/// Whose fields are read.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    /// Those of a kind of end user, by its machine name.
    EndUser(&'a str),
    /// Those of a kind of document.
    Document(&'a str),
}

impl<'a> Owner<'a> {
    fn name(self) -> &'a str {
        match self {
            Self::EndUser(name) | Self::Document(name) => name,
        }
    }

    /// Whether a rule makes sense for a field; notes why not.
    pub(super) fn check_rule(
        self,
        file: File<'_>,
        span: Range<usize>,
        (field, rule): (&str, &Rule),
        types: &Types,
        notebook: &mut Notebook,
    ) {
        match (self, rule) {
            (Self::EndUser(_), Rule::Addresses | Rule::EqualsEndUser(_)) => {
                notebook.problem(file, span, format!("the rule of `{field}` is one for fields of documents"));
            }
            (Self::Document(_), Rule::EqualsEndUser(other)) if !types.end_users_have(other) => {
                let help = did_you_mean(other, types.end_user_fields());
                let reason = format!("no kind of end user has a field `{other}`");
                notebook.problem_with_help(file, span, reason, help);
            }
            (Self::Document(_), Rule::Addresses) if field != ADDRESS_SIDS => {
                let reason =
                    format!("`{field}` cannot name addresses: documents name them in `{ADDRESS_SIDS}`");
                notebook.problem(file, span, reason);
            }
            (Self::Document(_), Rule::Optional | Rule::Addresses) => {}
            (Self::Document(_), _) if field == ADDRESS_SIDS => {
                let reason = format!("the rule of `{ADDRESS_SIDS}` can only be `addresses` or `optional`");
                notebook.problem(file, span, reason);
            }
            _ => {}
        }
    }
}

/// The fields that are asked for, each with the rule of its type unless the file states another.
pub(super) fn read_fields(
    file: File<'_>,
    uses: &[Spanned<NameOr<RawField>>],
    owner: Owner<'_>,
    declared: &[TypeField],
    types: &Types,
    notebook: &mut Notebook,
) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::with_capacity(uses.len());
    for entry in uses {
        let (name, change) = match entry.get_ref() {
            NameOr::Name(name) => (name, None),
            NameOr::Changed(raw) => (&raw.field, Some(raw)),
        };
        let Some(known) = declared.iter().find(|field| *field.machine_name == **name) else {
            if !notebook.broken.contains(name) && !notebook.broken.contains(owner.name()) {
                let help = did_you_mean(name, declared.iter().map(|field| &*field.machine_name));
                let reason = format!("`{}` has no field `{name}`", owner.name());
                notebook.problem_with_help(file, entry.span(), reason, help);
            }
            continue;
        };
        if fields.iter().any(|field| field.machine_name == known.machine_name) {
            notebook.problem(file, entry.span(), format!("the field `{name}` is there twice"));
            continue;
        }
        let field = read_field(file, known, change, notebook);
        if change.is_some() {
            owner.check_rule(file, entry.span(), (name, &field.rule), types, notebook);
        }
        fields.push(field);
    }
    fields
}

fn read_field(
    file: File<'_>,
    known: &TypeField,
    change: Option<&RawField>,
    notebook: &mut Notebook,
) -> Field {
    let mut field = Field {
        machine_name: Text::clone(&known.machine_name),
        friendly_name: Text::clone(&known.friendly_name),
        description: Text::clone(&known.description),
        rule: known.rule.clone(),
    };
    if let Some(RawField { name, description, rule, .. }) = change {
        for (target, text) in [(&mut field.friendly_name, name), (&mut field.description, description)] {
            if let Some(text) = text {
                *target = notebook.text(text);
            }
        }
        if let Some(rule) = rule.as_ref().and_then(|rule| notebook.rule(file, rule)) {
            field.rule = rule;
        }
    }
    field
}
