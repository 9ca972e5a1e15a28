//! `types/end-users.toml` and `types/documents.toml`: the kinds of things, and the fields of each.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::fields::Owner;
use super::notebook::Notebook;
use super::problem::did_you_mean;
use super::raw::{RawDocumentType, RawEndUserType, RawEvidence, RawTypeField, RawTypes};
use super::sids;
use super::source::File;
use crate::EndUserType;
use crate::regulation::{DocumentType, EndUserTypeInfo, Evidence, Rule, Text, TypeField};

/// Every type, in the order of friendly names.
#[derive(Default)]
pub(super) struct Types {
    pub(super) end_users: Vec<EndUserTypeInfo>,
    pub(super) documents: Vec<DocumentType>,
    document_positions: HashMap<Text, usize>,
    end_user_fields: HashSet<Text>,
}

impl Types {
    pub(super) fn end_user(&self, end_user_type: EndUserType) -> Option<&EndUserTypeInfo> {
        self.end_users.iter().find(|info| info.end_user_type == end_user_type)
    }

    pub(super) fn document(&self, machine_name: &str) -> Option<&DocumentType> {
        self.document_positions.get(machine_name).map(|&position| &self.documents[position])
    }

    /// Whether some kind of end user has the field.
    pub(super) fn end_users_have(&self, field: &str) -> bool {
        self.end_user_fields.contains(field)
    }

    pub(super) fn end_user_fields(&self) -> impl Iterator<Item = &str> {
        self.end_user_fields.iter().map(|name| &**name)
    }

    /// Reads the files; end users first, because fields of documents refer to theirs.
    pub(super) fn read(end_users: &[File<'_>], documents: &[File<'_>], notebook: &mut Notebook) -> Self {
        let mut types = Self::default();
        types.read_end_users(&Merged::read(end_users, notebook), notebook);
        types.read_documents(&Merged::read(documents, notebook), notebook);
        types
    }

    fn read_end_users(&mut self, merged: &Merged<'_, RawEndUserType>, notebook: &mut Notebook) {
        let declared = merged.declared(notebook);
        for (name, field) in &declared {
            let (file, raw) = &merged.fields[name];
            Owner::EndUser(name).check_rule(*file, raw.raw.span(), (name, &field.rule), self, notebook);
        }
        for (name, (file, entry)) in &merged.types {
            let raw = entry.raw.get_ref();
            let Some(end_user_type) = EndUserType::parse(name) else {
                let reason =
                    format!("`{name}` is no kind of end user: there are `individual` and `business`");
                notebook.problem(*file, entry.raw.span(), reason);
                continue;
            };
            check_name(*file, &raw.requirement_name, entry.raw.span().start, notebook);
            self.end_users.push(EndUserTypeInfo {
                sid: sids::of_end_user_type(end_user_type),
                end_user_type,
                friendly_name: notebook.sentence(*file, entry.raw.span(), "name", &raw.name),
                requirement_name: notebook.text(&raw.requirement_name),
                fields: fields_of_type(*file, &raw.fields, &declared, notebook),
            });
        }
        self.end_users.sort_by(|a, b| a.friendly_name.cmp(&b.friendly_name));
        let fields = self.end_users.iter().flat_map(|info| &info.fields);
        self.end_user_fields = fields.map(|field| Text::clone(&field.machine_name)).collect();
        merged.check_use(&self.end_user_fields, notebook);
    }

    fn read_documents(&mut self, merged: &Merged<'_, RawDocumentType>, notebook: &mut Notebook) {
        let declared = merged.declared(notebook);
        for (name, field) in &declared {
            let (file, raw) = &merged.fields[name];
            Owner::Document(name).check_rule(*file, raw.raw.span(), (name, &field.rule), self, notebook);
        }
        let mut names = HashMap::new();
        for (name, (file, entry)) in &merged.types {
            let (span, raw) = (entry.raw.span(), entry.raw.get_ref());
            check_name(*file, name, span.start, notebook);
            if let Some(other) = names.insert(raw.name.clone(), name.clone()) {
                let reason = format!("`{name}` and `{other}` have the same name, `{}`", raw.name);
                notebook.problem(*file, span.clone(), reason);
            }
            self.documents.push(DocumentType {
                sid: sids::of_document_type(name),
                machine_name: notebook.text(name),
                friendly_name: notebook.sentence(*file, span, "name", &raw.name),
                requires_file: raw.requires_file,
                fields: fields_of_type(*file, &raw.fields, &declared, notebook),
                evidence: raw.evidence.unwrap_or(entry.evidence).into(),
                source: notebook.text(raw.source.as_ref().unwrap_or(&entry.source)),
            });
        }
        self.documents.sort_by(|a, b| (&a.friendly_name, a.sid).cmp(&(&b.friendly_name, b.sid)));
        let positions = self.documents.iter().enumerate();
        self.document_positions =
            positions.map(|(position, info)| (Text::clone(&info.machine_name), position)).collect();
        let fields = self.documents.iter().flat_map(|info| &info.fields);
        merged.check_use(&fields.map(|field| Text::clone(&field.machine_name)).collect(), notebook);
    }
}

/// The files of one sort from all layers: of what has the same name, the uppermost.
struct Merged<'a, T> {
    fields: BTreeMap<String, (File<'a>, Declared<RawTypeField>)>,
    types: BTreeMap<String, (File<'a>, Declared<T>)>,
}

/// Something declared, with what the head of its file says.
struct Declared<T> {
    raw: Spanned<T>,
    evidence: RawEvidence,
    source: String,
}

impl<'a, T> Merged<'a, T>
where
    T: for<'de> Deserialize<'de>,
    RawTypes<T>: DeserializeOwned,
{
    fn read(files: &[File<'a>], notebook: &mut Notebook) -> Self {
        let mut merged = Self { fields: BTreeMap::new(), types: BTreeMap::new() };
        for &file in files {
            let Some(RawTypes { evidence, source, fields, types }) = file.parse::<RawTypes<T>>(notebook)
            else {
                continue;
            };
            if source.trim().is_empty() {
                notebook.problem(file, 0..0, "`source` is blank");
            }
            for (name, raw) in fields {
                merged.fields.insert(name, (file, Declared { raw, evidence, source: source.clone() }));
            }
            for (name, raw) in types {
                merged.types.insert(name, (file, Declared { raw, evidence, source: source.clone() }));
            }
        }
        merged
    }

    /// The fields, each with its ordinary rule.
    fn declared(&self, notebook: &mut Notebook) -> BTreeMap<String, TypeField> {
        let mut declared = BTreeMap::new();
        for (name, (file, entry)) in &self.fields {
            let span = entry.raw.span();
            check_name(*file, name, span.start, notebook);
            let RawTypeField { name: friendly_name, description, rule, evidence, source } =
                entry.raw.get_ref();
            let rule = rule.as_ref().map_or(Some(Rule::Required), |rule| notebook.rule(*file, rule));
            let field = TypeField {
                machine_name: notebook.text(name),
                friendly_name: notebook.sentence(*file, span, "name", friendly_name),
                description: notebook.text(description),
                rule: rule.unwrap_or(Rule::Required),
                evidence: evidence.unwrap_or(entry.evidence).into(),
                source: notebook.text(source.as_ref().unwrap_or(&entry.source)),
            };
            declared.insert(name.clone(), field);
        }
        declared
    }

    /// Warns about fields that no type has.
    fn check_use(&self, used: &HashSet<Text>, notebook: &mut Notebook) {
        for (name, (file, entry)) in &self.fields {
            if !used.contains(name.as_str()) {
                let reason = format!("no type has the field `{name}`");
                notebook.warning(file.place(&entry.raw.span()), reason, "take it away, or add it to a type");
            }
        }
    }
}

fn fields_of_type(
    file: File<'_>,
    names: &[Spanned<String>],
    declared: &BTreeMap<String, TypeField>,
    notebook: &mut Notebook,
) -> Vec<TypeField> {
    let mut fields: Vec<TypeField> = Vec::with_capacity(names.len());
    for name in names {
        match declared.get(name.get_ref()) {
            None if notebook.broken.contains(name.get_ref()) => {}
            None => {
                let reason = format!("the field `{}` is not declared under `[fields]`", name.get_ref());
                let help = did_you_mean(name.get_ref(), declared.keys().map(String::as_str));
                notebook.problem_with_help(file, name.span(), reason, help);
            }
            Some(field) if fields.contains(field) => {
                notebook.problem(file, name.span(), format!("the field `{}` is there twice", name.get_ref()));
            }
            Some(field) => fields.push(field.clone()),
        }
    }
    fields
}

/// Machine names become identifiers in constraints and keys in JSON.
pub(super) fn is_machine_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.bytes().all(allowed) && name.starts_with(|first: char| first.is_ascii_lowercase())
}

pub(super) fn check_name(file: File<'_>, name: &str, offset: usize, notebook: &mut Notebook) {
    if !is_machine_name(name) {
        let reason = format!("`{name}` is no machine name: use small letters, digits and underscores");
        notebook.problem(file, offset..offset, reason);
    }
}

impl From<RawEvidence> for Evidence {
    fn from(raw: RawEvidence) -> Self {
        match raw {
            RawEvidence::Twilio => Self::Twilio,
            RawEvidence::Label => Self::Label,
            RawEvidence::Mapped => Self::Mapped,
        }
    }
}
