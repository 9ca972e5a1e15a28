//! Blocks: document requirements that are written down once and used by many regulations.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use toml::Spanned;

use super::raw::{NameOr, RawAccepted, RawBlock, RawBlocks, RawField, RawPhrases};
use super::source::{File, Notebook};
use super::type_files::{Types, check_name};
use crate::regulation::{AcceptedDocument, AddressScope, DocumentRequirement, Field, Rule, Text, TypeField};

/// What stands in a description for the phrase that belongs to the address scope.
const WHERE: &str = "{where}";

/// A requirement before it is fitted to a regulation.
#[derive(Clone)]
pub(super) struct Block {
    pub(super) requirement_name: Text,
    pub(super) name: Text,
    pub(super) description: Text,
    pub(super) any_of: Vec<AcceptedDocument>,
}

pub(super) type Blocks = HashMap<String, Block>;

/// `blocks.toml`: the shared blocks, and the phrases for `{where}`.
#[derive(Default)]
pub(super) struct SharedBlocks {
    pub(super) blocks: Blocks,
    phrases: Option<RawPhrases>,
}

impl SharedBlocks {
    pub(super) fn read(file: Option<File<'_>>, types: &Types, notebook: &mut Notebook) -> Self {
        let parsed = file.and_then(|file| Some((file, file.parse::<RawBlocks>(notebook)?)));
        let Some((file, raw)) = parsed else {
            return Self::default();
        };
        let blocks = read_blocks(file, &raw.block, types, notebook);
        Self { blocks, phrases: Some(raw.phrases) }
    }

    fn phrase(&self, scope: AddressScope) -> Option<&str> {
        let phrases = self.phrases.as_ref()?;
        match scope {
            AddressScope::None => None,
            AddressScope::World => Some(&phrases.world),
            AddressScope::Country => Some(&phrases.country),
            AddressScope::Area => Some(&phrases.area),
        }
    }
}

/// The blocks of one file, by name.
pub(super) fn read_blocks(
    file: File<'_>,
    raw: &BTreeMap<String, Spanned<RawBlock>>,
    types: &Types,
    notebook: &mut Notebook,
) -> Blocks {
    let blocks = raw.iter().map(|(name, entry)| (name.clone(), read_block(file, entry, types, notebook)));
    blocks.collect()
}

fn read_block(file: File<'_>, entry: &Spanned<RawBlock>, types: &Types, notebook: &mut Notebook) -> Block {
    let raw = entry.get_ref();
    check_name(file, &raw.requirement_name, entry.span().start, notebook);
    let any_of = match (&raw.types, &raw.fields, &raw.any_of) {
        (Some(names), Some(fields), None) => accepted(file, names, fields, None, types, notebook),
        (None, None, Some(groups)) => read_any_of(file, groups, types, notebook),
        _ => {
            let reason = "a block has either `types` and `fields`, or `any_of`";
            notebook.problem(file, entry.span(), reason);
            return block(raw, Vec::new(), notebook);
        }
    };
    if any_of.is_empty() {
        notebook.problem(file, entry.span(), "no kind of document can satisfy this block");
    }
    block(raw, any_of, notebook)
}

fn block(raw: &RawBlock, any_of: Vec<AcceptedDocument>, notebook: &mut Notebook) -> Block {
    Block {
        requirement_name: notebook.text(&raw.requirement_name),
        name: notebook.text(&raw.name),
        description: notebook.text(&raw.description),
        any_of,
    }
}

/// Groups of documents that show the same.
pub(super) fn read_any_of(
    file: File<'_>,
    groups: &[RawAccepted],
    types: &Types,
    notebook: &mut Notebook,
) -> Vec<AcceptedDocument> {
    let mut any_of = Vec::new();
    for RawAccepted { types: names, fields, name } in groups {
        any_of.extend(accepted(file, names, fields, name.as_deref(), types, notebook));
    }
    any_of
}

fn accepted(
    file: File<'_>,
    names: &[Spanned<String>],
    fields: &[Spanned<NameOr<RawField>>],
    own_name: Option<&str>,
    types: &Types,
    notebook: &mut Notebook,
) -> Vec<AcceptedDocument> {
    let mut documents = Vec::with_capacity(names.len());
    for name in names {
        let Some(info) = types.document(name.get_ref()) else {
            let reason = format!("the document type `{}` does not exist", name.get_ref());
            notebook.problem(file, name.span(), reason);
            continue;
        };
        documents.push(AcceptedDocument {
            document_type: Text::clone(&info.machine_name),
            name: own_name.map_or_else(|| Text::clone(&info.friendly_name), |name| notebook.text(name)),
            requires_file: info.requires_file,
            fields: read_fields(file, fields, name.get_ref(), &info.fields, notebook),
        });
    }
    documents
}

/// The fields that are asked for, each with the rule of its type unless the file states another.
pub(super) fn read_fields(
    file: File<'_>,
    uses: &[Spanned<NameOr<RawField>>],
    type_name: &str,
    declared: &[TypeField],
    notebook: &mut Notebook,
) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::with_capacity(uses.len());
    for entry in uses {
        let (name, change) = match entry.get_ref() {
            NameOr::Name(name) => (name, None),
            NameOr::Changed(raw) => (&raw.field, Some(raw)),
        };
        let Some(known) = declared.iter().find(|field| *field.machine_name == **name) else {
            notebook.problem(file, entry.span(), format!("`{type_name}` has no field `{name}`"));
            continue;
        };
        if fields.iter().any(|field| field.machine_name == known.machine_name) {
            notebook.problem(file, entry.span(), format!("the field `{name}` is there twice"));
            continue;
        }
        fields.push(read_field(file, known, change, notebook));
    }
    fields
}

fn read_field(
    file: File<'_>,
    known: &TypeField,
    change: Option<&RawField>,
    notebook: &mut Notebook,
) -> Field {
    let description = change.and_then(|change| change.description.as_deref());
    let rule = change.and_then(|change| change.rule.as_ref());
    Field {
        machine_name: Text::clone(&known.machine_name),
        friendly_name: Text::clone(&known.friendly_name),
        description: description
            .map_or_else(|| Text::clone(&known.description), |description| notebook.text(description)),
        rule: rule.and_then(|rule| notebook.rule(file, rule)).unwrap_or_else(|| known.rule.clone()),
    }
}

/// What a block becomes in one regulation.
pub(super) struct Fitting<'a> {
    pub(super) shared: &'a SharedBlocks,
    pub(super) scope: AddressScope,
    /// What the regulation asks the end user.
    pub(super) asked: &'a [Field],
}

impl Fitting<'_> {
    /// The requirement that a block stands for here.
    pub(super) fn fit(
        &self,
        block: Block,
        file: File<'_>,
        span: Range<usize>,
        notebook: &mut Notebook,
    ) -> DocumentRequirement {
        let Block { requirement_name, name, mut description, mut any_of } = block;
        if description.contains(WHERE) {
            match self.shared.phrase(self.scope) {
                Some(phrase) => description = notebook.text(&description.replace(WHERE, phrase)),
                None => notebook.problem(
                    file,
                    span,
                    "the block says where, so the entry needs an `address_scope`",
                ),
            }
        }
        for field in any_of.iter_mut().flat_map(|document| &mut document.fields) {
            self.relax(field);
        }
        DocumentRequirement { requirement_name, name, description, any_of }
    }

    /// A field is compared with the end user's only where the end user is asked for it.
    fn relax(&self, field: &mut Field) {
        if let Rule::EqualsEndUser(other) = &field.rule
            && !self.asked.iter().any(|asked| asked.machine_name == *other)
        {
            field.rule = Rule::Required;
        }
    }
}
