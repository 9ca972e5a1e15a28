//! A fingerprint of what a regulation asks for.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use super::{AcceptedDocument, DocumentRequirement, EndUserRequirement, Field, Regulation, Rule};

/// The SHA-256 of what a regulation asks for: everything that is shown of it or that decides about a
/// bundle. Where it is known from, its revision and its dates are not part of it, so that two
/// revisions with the same hash ask for the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What begins the canonical form. Another form needs another name, because hashes are stored.
const FORM: &str = "dossier regulation content 1";

impl Regulation {
    /// The fingerprint of what is asked for.
    pub fn content_hash(&self) -> ContentHash {
        let Self { sid, friendly_name, address_scope, end_users, documents, provenance: _, .. } = self;
        let mut hasher = Hasher(Context::new(&SHA256));
        hasher.text(FORM);
        hasher.text(&sid.to_string());
        hasher.text(&self.combination().to_string());
        hasher.text(friendly_name);
        hasher.text(address_scope.as_str());
        hasher.list(end_users, Hasher::end_user);
        hasher.list(documents, Hasher::document);
        let digest = hasher.0.finish();
        ContentHash(*digest.as_ref().first_chunk().expect("SHA-256 is 32 bytes long"))
    }
}

/// Writes the canonical form: every text after its length, every list after the number of its items,
/// so that no two regulations have the same one.
struct Hasher(Context);

impl Hasher {
    fn number(&mut self, number: usize) {
        self.0.update(&(number as u64).to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.update(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.number(items.len());
        items.iter().for_each(|item| write(self, item));
    }

    fn end_user(&mut self, requirement: &EndUserRequirement) {
        let EndUserRequirement { end_user_type, name, requirement_name, fields } = requirement;
        self.text(end_user_type.as_str());
        self.text(name);
        self.text(requirement_name);
        self.list(fields, Self::field);
    }

    fn document(&mut self, requirement: &DocumentRequirement) {
        let DocumentRequirement { requirement_name, name, description, any_of } = requirement;
        self.text(requirement_name);
        self.text(name);
        self.text(description);
        self.list(any_of, Self::accepted);
    }

    fn accepted(&mut self, document: &AcceptedDocument) {
        let AcceptedDocument { document_type, name, requires_file, fields } = document;
        self.text(document_type);
        self.text(name);
        self.number((*requires_file).into());
        self.list(fields, Self::field);
    }

    fn field(&mut self, field: &Field) {
        let Field { machine_name, friendly_name, description, rule } = field;
        self.text(machine_name);
        self.text(friendly_name);
        self.text(description);
        self.rule(rule);
    }

    fn rule(&mut self, rule: &Rule) {
        match rule {
            Rule::Optional => self.text("optional"),
            Rule::Required => self.text("required"),
            Rule::Addresses => self.text("addresses"),
            Rule::OneOf(values) => {
                self.text("one_of");
                self.list(values, |hasher, value| hasher.text(value));
            }
            Rule::Pattern(pattern) => {
                self.text("pattern");
                self.text(pattern.as_str());
            }
            Rule::EqualsEndUser(field) => {
                self.text("equals_end_user");
                self.text(field);
            }
            Rule::NotOlderThan { months } => {
                self.text("not_older_than");
                self.text(&months.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use jiff::civil::date;

    use super::*;
    use crate::catalogue::{Catalogue, RegulationFilter};

    #[test]
    fn each_part_of_what_is_asked_changes_the_hash() {
        let catalogue = Catalogue::builtin();
        let today = date(2026, 11, 22);
        let regulations: Vec<_> = catalogue.list(RegulationFilter::default(), today).collect();
        let mut seen = HashMap::new();
        for regulation in &regulations {
            let other = seen.insert(regulation.content_hash(), &regulation.friendly_name);
            assert_eq!(other, None, "{}", regulation.friendly_name);
        }
        let original = (*regulations[0]).as_ref().clone();
        let changes: [fn(&mut Regulation); 9] = [
            |changed| changed.friendly_name = "Other".into(),
            |changed| changed.end_users[0].fields.reverse(),
            |changed| changed.end_users[0].fields[0].rule = Rule::Optional,
            |changed| changed.end_users[0].fields[0].rule = Rule::EqualsEndUser("optional".into()),
            |changed| changed.end_users[0].fields[0].rule = Rule::OneOf(["ab".into(), "c".into()].into()),
            |changed| changed.end_users[0].fields[0].rule = Rule::OneOf(["a".into(), "bc".into()].into()),
            |changed| changed.documents[0].any_of[0].requires_file ^= true,
            |changed| changed.documents[0].description = "Other".into(),
            |changed| changed.documents.clear(),
        ];
        for change in changes {
            let mut changed = original.clone();
            change(&mut changed);
            let hash = changed.content_hash();
            assert_eq!(seen.insert(hash, &original.friendly_name), None);
        }
    }

    #[test]
    fn where_it_is_known_from_does_not() {
        let catalogue = Catalogue::builtin();
        let filter = RegulationFilter::default();
        let regulation = catalogue.list(filter, date(2026, 11, 22)).next().unwrap().as_ref();
        let mut moved = regulation.clone();
        moved.provenance.revision = 7;
        moved.provenance.line += 1;
        moved.provenance.sources = ["another".into()].into();
        assert_eq!(moved.content_hash(), regulation.content_hash());
        assert_eq!(regulation.content_hash().to_string().len(), 64);
    }
}
