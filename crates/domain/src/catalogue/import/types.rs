//! The types that the imported regulations need and the catalogue below does not have.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::toml_text::{array, quoted};
use super::write::rule_toml;
use super::{Import, ImportedRegulation, Note};
use crate::regulation::{Evidence, Field, Text, TypeField};

/// A type as it will be after the import.
struct Type {
    name: String,
    requirement_name: Option<Text>,
    requires_file: Option<bool>,
    evidence: Evidence,
    source: String,
    fields: Vec<Text>,
    /// Whether it must be written.
    changed: bool,
}

/// Types of one sort, with what they declare.
pub(super) struct TypeTable {
    types: BTreeMap<String, Type>,
    /// What the catalogue below declares.
    known: BTreeMap<Text, TypeField>,
    /// What is declared anew.
    new: BTreeMap<Text, Field>,
    source: String,
}

impl TypeTable {
    pub(super) fn of_end_users(import: &Import<'_>, regulations: &[ImportedRegulation]) -> Self {
        let mut table = Self::empty(import);
        for info in import.base.end_user_types() {
            let known = Type {
                name: info.friendly_name.to_string(),
                requirement_name: Some(Text::clone(&info.requirement_name)),
                requires_file: None,
                evidence: Evidence::Twilio,
                source: table.source.clone(),
                fields: table.learn(&info.fields),
                changed: false,
            };
            table.types.insert(info.end_user_type.as_str().to_owned(), known);
        }
        for regulation in regulations {
            table.need(regulation.combination.end_user_type.as_str(), "", &regulation.end_user);
        }
        table
    }

    pub(super) fn of_documents(
        import: &Import<'_>,
        regulations: &[ImportedRegulation],
        notes: &mut Vec<Note>,
    ) -> Self {
        let mut table = Self::empty(import);
        for info in import.base.document_types() {
            let known = Type {
                name: info.friendly_name.to_string(),
                requirement_name: None,
                requires_file: Some(info.requires_file),
                evidence: info.evidence,
                source: info.source.to_string(),
                fields: table.learn(&info.fields),
                changed: false,
            };
            table.types.insert(info.machine_name.to_string(), known);
        }
        for regulation in regulations {
            for document in regulation.documents.iter().flat_map(|requirement| &requirement.any_of) {
                if table.need(&document.document_type, &document.name, &document.fields) {
                    notes.push(Note {
                        path: regulation.path.clone(),
                        text: document.document_type.to_string(),
                        reason: "a listing does not tell whether a new type needs a file: `true` was written"
                            .to_owned(),
                        left_out: false,
                    });
                }
            }
        }
        table
    }

    fn empty(import: &Import<'_>) -> Self {
        let source = import.source.to_owned();
        Self { types: BTreeMap::new(), known: BTreeMap::new(), new: BTreeMap::new(), source }
    }

    fn learn(&mut self, fields: &[TypeField]) -> Vec<Text> {
        for field in fields {
            self.known.entry(Text::clone(&field.machine_name)).or_insert_with(|| field.clone());
        }
        fields.iter().map(|field| Text::clone(&field.machine_name)).collect()
    }

    /// Makes sure that a type has fields; returns whether the type is new.
    fn need(&mut self, machine_name: &str, name: &str, fields: &[Field]) -> bool {
        let is_new = !self.types.contains_key(machine_name);
        if is_new {
            let fresh = Type {
                name: self.unused_name(name, machine_name),
                requirement_name: None,
                requires_file: Some(true),
                evidence: Evidence::Twilio,
                source: self.source.clone(),
                fields: Vec::new(),
                changed: true,
            };
            self.types.insert(machine_name.to_owned(), fresh);
        }
        let wanted = self.types.get_mut(machine_name).expect("it was just put there");
        for field in fields {
            if !wanted.fields.contains(&field.machine_name) {
                wanted.fields.push(Text::clone(&field.machine_name));
                wanted.changed = true;
            }
            if !self.known.contains_key(&field.machine_name) {
                self.new.entry(Text::clone(&field.machine_name)).or_insert_with(|| field.clone());
            }
        }
        is_new
    }

    /// Two types cannot have the same name.
    fn unused_name(&self, name: &str, machine_name: &str) -> String {
        let taken: BTreeSet<_> = self.types.values().map(|known| known.name.as_str()).collect();
        match name {
            name if !name.trim().is_empty() && !taken.contains(name) => name.to_owned(),
            name => format!("{name} ({machine_name})").trim_start().to_owned(),
        }
    }

    /// The name that documents of a type have unless a regulation says otherwise.
    pub(super) fn name(&self, machine_name: &str) -> &str {
        self.types.get(machine_name).map_or("", |known| &known.name)
    }

    /// A use of a field: its name alone where the type says all the rest.
    pub(super) fn field_toml(&self, field: &Field) -> String {
        let (name, description, rule) =
            match (self.known.get(&field.machine_name), self.new.get(&field.machine_name)) {
                (Some(known), _) => (&known.friendly_name, &known.description, &known.rule),
                (None, Some(new)) => (&new.friendly_name, &new.description, &new.rule),
                (None, None) => (&field.friendly_name, &field.description, &field.rule),
            };
        let mut parts = vec![format!("field = {}", quoted(&field.machine_name))];
        if *name != field.friendly_name {
            parts.push(format!("name = {}", quoted(&field.friendly_name)));
        }
        if *description != field.description {
            parts.push(format!("description = {}", quoted(&field.description)));
        }
        if *rule != field.rule {
            parts.push(format!("rule = {}", rule_toml(&field.rule)));
        }
        match parts.as_slice() {
            [_] => quoted(&field.machine_name),
            parts => format!("{{ {} }}", parts.join(", ")),
        }
    }

    /// The file of types; nothing when the catalogue below has all that is needed.
    pub(super) fn file(&self) -> Option<String> {
        if self.new.is_empty() && self.types.values().all(|known| !known.changed) {
            return None;
        }
        let mut text = format!(
            "# Types that an import needed.\n\nevidence = \"twilio\"\nsource = {}\n",
            quoted(&self.source)
        );
        for (name, field) in &self.new {
            let Field { friendly_name, description, rule, .. } = field;
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "\n[fields.{name}]\nname = {}\ndescription = {}\nrule = {}\n",
                quoted(friendly_name),
                quoted(description),
                rule_toml(rule)
            );
        }
        for (name, known) in self.types.iter().filter(|(_, known)| known.changed) {
            let _ = write!(text, "\n[types.{name}]\nname = {}\n", quoted(&known.name));
            if let Some(requirement_name) = &known.requirement_name {
                let _ = writeln!(text, "requirement_name = {}", quoted(requirement_name));
            }
            if let Some(requires_file) = known.requires_file {
                let evidence = match known.evidence {
                    Evidence::Twilio => "twilio",
                    Evidence::Label => "label",
                    Evidence::Mapped => "mapped",
                };
                let source = quoted(&known.source);
                let _ = write!(
                    text,
                    "requires_file = {requires_file}\nevidence = \"{evidence}\"\nsource = {source}\n"
                );
            }
            let fields: Vec<_> = known.fields.iter().map(|field| quoted(field)).collect();
            let _ = writeln!(text, "{}", array("fields", &fields));
        }
        Some(text)
    }
}
