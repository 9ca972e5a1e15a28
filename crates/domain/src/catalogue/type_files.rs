//! `types/end-users.toml` and `types/documents.toml`: the kinds of things, and the fields of each.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::raw::{RawDocumentType, RawEndUserType, RawEvidence, RawTypeField, RawTypes};
use super::sids;
use super::source::{File, Notebook};
use crate::EndUserType;
use crate::regulation::{DocumentType, EndUserTypeInfo, Evidence, Rule, Text, TypeField};

/// Every type, in the order of friendly names.
#[derive(Default)]
pub(super) struct Types {
    pub(super) end_users: Vec<EndUserTypeInfo>,
    pub(super) documents: Vec<DocumentType>,
    document_positions: HashMap<Text, usize>,
}

impl Types {
    pub(super) fn end_user(&self, end_user_type: EndUserType) -> Option<&EndUserTypeInfo> {
        self.end_users.iter().find(|info| info.end_user_type == end_user_type)
    }

    pub(super) fn document(&self, machine_name: &str) -> Option<&DocumentType> {
        self.document_positions.get(machine_name).map(|&position| &self.documents[position])
    }

    /// Reads both files; end users first, because fields of documents refer to theirs.
    pub(super) fn read(
        end_users: Option<File<'_>>,
        documents: Option<File<'_>>,
        notebook: &mut Notebook,
    ) -> Self {
        let mut types = Self::default();
        if let Some((file, raw)) = parsed::<RawEndUserType>(end_users, notebook) {
            types.read_end_users(file, &raw, notebook);
        }
        if let Some((file, raw)) = parsed::<RawDocumentType>(documents, notebook) {
            types.read_documents(file, &raw, notebook);
        }
        types
    }

    fn read_end_users(&mut self, file: File<'_>, raw: &RawTypes<RawEndUserType>, notebook: &mut Notebook) {
        let declared = declared_fields(file, raw, notebook);
        for (name, field) in &declared {
            if matches!(field.rule, Rule::Addresses | Rule::EqualsEndUser(_)) {
                let span = raw.fields[name].span();
                notebook.problem(file, span, format!("the rule of `{name}` is one for fields of documents"));
            }
        }
        for (name, entry) in &raw.types {
            let Some(end_user_type) = EndUserType::parse(name) else {
                let reason =
                    format!("`{name}` is no kind of end user: there are `individual` and `business`");
                notebook.problem(file, entry.span(), reason);
                continue;
            };
            self.end_users.push(EndUserTypeInfo {
                sid: sids::of_end_user_type(end_user_type),
                end_user_type,
                friendly_name: notebook.text(&entry.get_ref().name),
                requirement_name: notebook.text(&entry.get_ref().requirement_name),
                fields: fields_of_type(file, &entry.get_ref().fields, &declared, notebook),
            });
        }
        self.end_users.sort_by(|a, b| a.friendly_name.cmp(&b.friendly_name));
    }

    fn read_documents(&mut self, file: File<'_>, raw: &RawTypes<RawDocumentType>, notebook: &mut Notebook) {
        let declared = declared_fields(file, raw, notebook);
        for (name, field) in &declared {
            if let Rule::EqualsEndUser(other) = &field.rule
                && !self
                    .end_users
                    .iter()
                    .any(|info| info.fields.iter().any(|field| field.machine_name == *other))
            {
                notebook.problem(
                    file,
                    raw.fields[name].span(),
                    format!("no kind of end user has a field `{other}`"),
                );
            }
        }
        for (name, entry) in &raw.types {
            check_name(file, name, entry.span().start, notebook);
            let document = entry.get_ref();
            self.documents.push(DocumentType {
                sid: sids::of_document_type(name),
                machine_name: notebook.text(name),
                friendly_name: notebook.text(&document.name),
                requires_file: document.requires_file,
                fields: fields_of_type(file, &document.fields, &declared, notebook),
                evidence: document.evidence.unwrap_or(raw.evidence).into(),
                source: notebook.text(document.source.as_ref().unwrap_or(&raw.source)),
            });
        }
        self.documents.sort_by(|a, b| (&a.friendly_name, a.sid).cmp(&(&b.friendly_name, b.sid)));
        let positions = self.documents.iter().enumerate();
        self.document_positions =
            positions.map(|(position, info)| (Text::clone(&info.machine_name), position)).collect();
    }
}

fn parsed<'a, T>(file: Option<File<'a>>, notebook: &mut Notebook) -> Option<(File<'a>, RawTypes<T>)>
where
    T: for<'de> Deserialize<'de>,
    RawTypes<T>: DeserializeOwned,
{
    let file = file?;
    Some((file, file.parse(notebook)?))
}

/// The fields at the top of a file, each with its ordinary rule.
fn declared_fields<T>(
    file: File<'_>,
    raw: &RawTypes<T>,
    notebook: &mut Notebook,
) -> BTreeMap<String, TypeField> {
    let mut declared = BTreeMap::new();
    for (name, entry) in &raw.fields {
        check_name(file, name, entry.span().start, notebook);
        let RawTypeField { name: friendly_name, description, rule, evidence, source } = entry.get_ref();
        let rule = rule.as_ref().map_or(Some(Rule::Required), |rule| notebook.rule(file, rule));
        let field = TypeField {
            machine_name: notebook.text(name),
            friendly_name: notebook.text(friendly_name),
            description: notebook.text(description),
            rule: rule.unwrap_or(Rule::Required),
            evidence: evidence.unwrap_or(raw.evidence).into(),
            source: notebook.text(source.as_ref().unwrap_or(&raw.source)),
        };
        declared.insert(name.clone(), field);
    }
    declared
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
            None => {
                let reason = format!("the field `{}` is not declared under `[fields]`", name.get_ref());
                notebook.problem(file, name.span(), reason);
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
pub(super) fn check_name(file: File<'_>, name: &str, offset: usize, notebook: &mut Notebook) {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !name.bytes().all(allowed) || !name.starts_with(|first: char| first.is_ascii_lowercase()) {
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
