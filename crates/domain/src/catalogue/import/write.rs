//! The imported regulations as catalogue files.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::toml_text::{array, quoted};
use super::types::TypeTable;
use super::{Import, ImportedRegulation, Note};
use crate::IsoCountry;
use crate::regulation::{AcceptedDocument, AddressScope, DocumentRequirement, Rule};

/// The files, by name.
pub(super) fn files(
    import: &Import<'_>,
    regulations: &[ImportedRegulation],
    notes: &mut Vec<Note>,
) -> Vec<(String, String)> {
    if regulations.is_empty() {
        return Vec::new();
    }
    let end_users = TypeTable::of_end_users(import, regulations);
    let documents = TypeTable::of_documents(import, regulations, notes);
    let mut files = vec![("sids.tsv".to_owned(), sids(regulations))];
    let types = [("types/end-users.toml", &end_users), ("types/documents.toml", &documents)];
    files.extend(types.iter().filter_map(|(name, table)| Some(((*name).to_owned(), table.file()?))));

    let mut countries: BTreeMap<IsoCountry, Vec<_>> = BTreeMap::new();
    for regulation in regulations {
        countries.entry(regulation.combination.iso_country).or_default().push(regulation);
    }
    for (iso_country, regulations) in countries {
        let country = Country { import, end_users: &end_users, documents: &documents, blocks: Vec::new() };
        files.push((format!("countries/{iso_country}.toml"), country.file(iso_country, &regulations)));
    }
    files.sort();
    files
}

fn sids(regulations: &[ImportedRegulation]) -> String {
    let mut text = String::from("iso_country\tnumber_type\tend_user_type\tsid\tfriendly_name\n");
    for ImportedRegulation { combination, sid, friendly_name, .. } in regulations {
        let columns = combination.to_string().replace('/', "\t");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{columns}\t{sid}\t{friendly_name}");
    }
    text
}

/// A rule as the value of `rule`.
pub(super) fn rule_toml(rule: &Rule) -> String {
    match rule {
        Rule::Optional => quoted("optional"),
        Rule::Required => quoted("required"),
        Rule::Addresses => quoted("addresses"),
        Rule::OneOf(values) => {
            let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
            format!("{{ one_of = [{}] }}", values.join(", "))
        }
        Rule::Pattern(pattern) => format!("{{ pattern = {} }}", quoted(pattern.as_str())),
        Rule::EqualsEndUser(field) => format!("{{ equals_end_user = {} }}", quoted(field)),
        Rule::NotOlderThan { months } => format!("{{ max_age_months = {months} }}"),
    }
}

struct Country<'a> {
    import: &'a Import<'a>,
    end_users: &'a TypeTable,
    documents: &'a TypeTable,
    /// Names and texts of the blocks so far.
    blocks: Vec<(String, String)>,
}

impl Country<'_> {
    fn file(mut self, iso_country: IsoCountry, regulations: &[&ImportedRegulation]) -> String {
        let name = iso_country.name().unwrap_or(iso_country.as_str());
        let mut text = format!(
            "# {name}, imported.\n\ncountry = \"{iso_country}\"\nname = {}\neffective_from = {}\n\
             confidence = \"documented\"\nsources = [{}]\n",
            quoted(name),
            self.import.effective_from,
            quoted(self.import.source),
        );
        for regulation in regulations {
            text.push_str(&self.entry(regulation));
        }
        for (name, block) in &self.blocks {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n[block.{name}]\n{block}");
        }
        text
    }

    fn entry(&mut self, regulation: &ImportedRegulation) -> String {
        let combination = regulation.combination;
        let newest = self.import.base.revisions(combination).last();
        let revision = newest.map_or(1, |entry| entry.revision().saturating_add(1));
        let mut text = format!(
            "\n[[{}.{}]]\nrevision = {revision}\n",
            combination.number_type, combination.end_user_type
        );
        if regulation.address_scope != AddressScope::None {
            let _ = writeln!(text, "address_scope = \"{}\"", regulation.address_scope.as_str());
        }
        let fields: Vec<_> =
            regulation.end_user.iter().map(|field| self.end_users.field_toml(field)).collect();
        let _ = writeln!(text, "{}", array("end_user", &fields));
        let blocks: Vec<_> =
            regulation.documents.iter().map(|requirement| quoted(&self.block(requirement))).collect();
        let _ = writeln!(text, "{}", array("documents", &blocks));
        text
    }

    /// The name of the block for a requirement. Requirements that are the same share one.
    fn block(&mut self, requirement: &DocumentRequirement) -> String {
        let text = self.block_text(requirement);
        if let Some((name, _)) = self.blocks.iter().find(|(_, known)| *known == text) {
            return name.clone();
        }
        // The prefix keeps it apart from every block of the catalogue below.
        let stem = format!("imported-{}", requirement.requirement_name.replace('_', "-"));
        let names = (2_u32..).map(|number| format!("{stem}-{number}"));
        let name = std::iter::once(stem.clone())
            .chain(names)
            .find(|name| self.blocks.iter().all(|(known, _)| known != name))
            .expect("there are more numbers than blocks");
        self.blocks.push((name.clone(), text));
        name
    }

    fn block_text(&self, requirement: &DocumentRequirement) -> String {
        let DocumentRequirement { requirement_name, name, description, any_of } = requirement;
        let mut text = format!(
            "requirement_name = {}\nname = {}\ndescription = {}\n",
            quoted(requirement_name),
            quoted(name),
            quoted(description)
        );
        let groups = self.groups(any_of);
        match groups.as_slice() {
            [Group { types, fields, name: None }] => {
                let _ = write!(text, "{}\n{}\n", array("types", types), array("fields", fields));
            }
            groups => {
                let tables: Vec<_> = groups.iter().map(Group::toml).collect();
                let _ = writeln!(text, "{}", array("any_of", &tables));
            }
        }
        text
    }

    /// Neighbours that show the same stand together.
    fn groups(&self, any_of: &[AcceptedDocument]) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for document in any_of {
            let own_name = *document.name != *self.documents.name(&document.document_type);
            let group = Group {
                types: vec![quoted(&document.document_type)],
                fields: document.fields.iter().map(|field| self.documents.field_toml(field)).collect(),
                name: own_name.then(|| quoted(&document.name)),
            };
            match groups.last_mut() {
                Some(last) if (&last.fields, &last.name) == (&group.fields, &group.name) => {
                    last.types.extend(group.types);
                }
                _ => groups.push(group),
            }
        }
        groups
    }
}

/// Documents that show the same.
struct Group {
    types: Vec<String>,
    fields: Vec<String>,
    name: Option<String>,
}

impl Group {
    fn toml(&self) -> String {
        let name = self.name.as_ref().map_or_else(String::new, |name| format!(", name = {name}"));
        format!("{{ types = [{}], fields = [{}]{name} }}", self.types.join(", "), self.fields.join(", "))
    }
}
