//! Blocks: document requirements that are written down once and used by many regulations.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use toml::Spanned;

use super::fields::{Owner, read_fields};
use super::notebook::Notebook;
use super::problem::did_you_mean;
use super::raw::{NameOr, RawAccepted, RawBlock, RawBlocks, RawField, RawPhrases, RawRule};
use super::source::File;
use super::type_files::{Types, check_name};
use super::uses::{Comparison, Uses};
use crate::regulation::{AcceptedDocument, AddressScope, DocumentRequirement, Field, Rule, Text};

/// What stands in a description for the phrase that belongs to the address scope.
const WHERE: &str = "{where}";

/// A requirement before it is fitted to a regulation.
#[derive(Clone)]
pub(super) struct Block {
    /// The file and line that it stands in.
    pub(super) place: (String, u32),
    pub(super) layer: usize,
    pub(super) requirement_name: Text,
    pub(super) name: Text,
    pub(super) description: Text,
    pub(super) any_of: Vec<AcceptedDocument>,
    /// The comparisons that the file itself asks for.
    pub(super) comparisons: Vec<Comparison>,
}

pub(super) type Blocks = HashMap<String, Block>;

/// `blocks.toml`: the shared blocks, and the phrases for `{where}`.
#[derive(Default)]
pub(super) struct SharedBlocks {
    pub(super) blocks: Blocks,
    phrases: Option<RawPhrases>,
}

impl SharedBlocks {
    /// Of blocks with the same name, that of the uppermost layer holds.
    pub(super) fn read(files: &[File<'_>], types: &Types, notebook: &mut Notebook) -> Self {
        let mut shared = Self::default();
        for &file in files {
            let Some(raw) = file.parse::<RawBlocks>(notebook) else { continue };
            shared.blocks.extend(read_blocks(file, &raw.block, types, notebook));
            shared.phrases = raw.phrases.or(shared.phrases);
        }
        if let (None, Some(file), false) = (&shared.phrases, files.first(), notebook.is_unreadable) {
            notebook.problem_with_file(&file.shown(), "the table `[where]` is missing");
        }
        shared
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
    let mut block = Block {
        place: file.place(&entry.span()),
        layer: file.layer,
        requirement_name: notebook.text(&raw.requirement_name),
        name: notebook.sentence(file, entry.span(), "name", &raw.name),
        description: notebook.text(&raw.description),
        any_of: Vec::new(),
        comparisons: Vec::new(),
    };
    let problems = notebook.problems.len();
    let mut accepting = Accepting { file, types, notebook, block: &mut block };
    match (&raw.types, &raw.fields, &raw.any_of) {
        (Some(names), Some(fields), None) => accepting.group(names, fields, None),
        (None, None, Some(groups)) => accepting.groups(groups, entry.span()),
        _ => {
            let reason = "a block has either `types` and `fields`, or `any_of`";
            notebook.problem(file, entry.span(), reason);
            return block;
        }
    }
    if block.any_of.is_empty() && notebook.problems.len() == problems {
        notebook.problem(file, entry.span(), "no kind of document can satisfy this block");
    }
    block
}

/// Reads which documents a block accepts.
pub(super) struct Accepting<'a, 'b> {
    pub(super) file: File<'a>,
    pub(super) types: &'b Types,
    pub(super) notebook: &'b mut Notebook,
    pub(super) block: &'b mut Block,
}

impl Accepting<'_, '_> {
    /// Groups of documents that show the same.
    pub(super) fn groups(&mut self, groups: &[Spanned<RawAccepted>], span: Range<usize>) {
        if groups.is_empty() {
            self.notebook.problem(self.file, span, "`any_of` is empty: no document can satisfy this");
        }
        for group in groups {
            let RawAccepted { types, fields, name } = group.get_ref();
            if types.is_empty() {
                self.notebook.problem(
                    self.file,
                    group.span(),
                    "`types` is empty: no document is in this group",
                );
            }
            self.group(types, fields, name.as_deref());
        }
    }

    fn group(
        &mut self,
        names: &[Spanned<String>],
        fields: &[Spanned<NameOr<RawField>>],
        own_name: Option<&str>,
    ) {
        let Self { file, types, .. } = *self;
        self.block.comparisons.extend(comparisons(file, fields));
        for name in names {
            let Some(info) = types.document(name.get_ref()) else {
                self.unknown_type(name);
                continue;
            };
            let known = &info.machine_name;
            if self.block.any_of.iter().any(|document| document.document_type == *known) {
                let reason = format!("the document type `{known}` is there twice");
                self.notebook.problem(file, name.span(), reason);
                continue;
            }
            let owner = Owner::Document(known);
            self.block.any_of.push(AcceptedDocument {
                document_type: Text::clone(known),
                name: own_name
                    .map_or_else(|| Text::clone(&info.friendly_name), |name| self.notebook.text(name)),
                requires_file: info.requires_file,
                fields: read_fields(file, fields, owner, &info.fields, types, self.notebook),
            });
        }
    }

    fn unknown_type(&mut self, name: &Spanned<String>) {
        if self.notebook.broken.contains(name.get_ref()) {
            return;
        }
        let known = self.types.documents.iter().map(|info| &*info.machine_name);
        let help = did_you_mean(name.get_ref(), known);
        let reason = format!("the document type `{}` does not exist", name.get_ref());
        self.notebook.problem_with_help(self.file, name.span(), reason, help);
    }
}

/// The comparisons with the end user that fields ask for themselves, not by the rule of their type.
fn comparisons(file: File<'_>, fields: &[Spanned<NameOr<RawField>>]) -> Vec<Comparison> {
    let mut found = Vec::new();
    for entry in fields {
        let NameOr::Changed(RawField { rule: Some(rule), .. }) = entry.get_ref() else { continue };
        if let RawRule::EqualsEndUser(field) = rule.get_ref() {
            found.push(Comparison { place: file.place(&rule.span()), field: field.clone() });
        }
    }
    found
}

/// What a block becomes in one regulation.
pub(super) struct Fitting<'a> {
    pub(super) shared: &'a SharedBlocks,
    pub(super) scope: AddressScope,
    /// What the regulation asks the end user.
    pub(super) asked: &'a HashSet<Text>,
}

impl Fitting<'_> {
    /// The requirement that a block stands for here.
    pub(super) fn fit(
        &self,
        block: Block,
        file: File<'_>,
        span: Range<usize>,
        uses: &mut Uses,
        notebook: &mut Notebook,
    ) -> DocumentRequirement {
        let Block { requirement_name, name, mut description, mut any_of, comparisons, .. } = block;
        for comparison in comparisons {
            uses.compared(&comparison, self.asked.contains(comparison.field.as_str()));
        }
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
            && !self.asked.contains(other)
        {
            field.rule = Rule::Required;
        }
    }
}
