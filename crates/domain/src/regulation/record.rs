//! A regulation as a record: readable by itself years later, whatever the catalogue says then.

use serde::Serialize;

use super::{AcceptedDocument, DocumentRequirement, EndUserRequirement, Field, Regulation};
use crate::EndUserType;

/// The version of the form.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Record<'a> {
    v: u32,
    sid: String,
    friendly_name: &'a str,
    iso_country: &'a str,
    number_type: &'static str,
    end_user_type: &'static str,
    revision: u32,
    effective_from: String,
    approvals_end: String,
    confidence: &'static str,
    sources: Vec<&'a str>,
    address_scope: &'static str,
    end_users: Vec<EndUserRecord<'a>>,
    documents: Vec<DocumentRecord<'a>>,
}

#[derive(Serialize)]
struct EndUserRecord<'a> {
    requirement_name: &'a str,
    name: &'a str,
    end_user_type: &'static str,
    fields: Vec<FieldRecord<'a>>,
}

#[derive(Serialize)]
struct DocumentRecord<'a> {
    requirement_name: &'a str,
    name: &'a str,
    description: &'a str,
    any_of: Vec<AcceptedRecord<'a>>,
}

#[derive(Serialize)]
struct AcceptedRecord<'a> {
    document_type: &'a str,
    name: &'a str,
    requires_file: bool,
    fields: Vec<FieldRecord<'a>>,
}

#[derive(Serialize)]
struct FieldRecord<'a> {
    machine_name: &'a str,
    friendly_name: &'a str,
    description: &'a str,
    /// The rule as the wire writes it; it can be read back.
    constraint: String,
}

impl Regulation {
    /// The regulation with everything it asks for, as JSON. The same regulation always gives the same text.
    pub fn to_record(&self) -> String {
        let kind = self.end_user_type;
        let provenance = &self.provenance;
        let record = Record {
            v: VERSION,
            sid: self.sid.to_string(),
            friendly_name: &self.friendly_name,
            iso_country: self.iso_country.as_str(),
            number_type: self.number_type.as_str(),
            end_user_type: kind.as_str(),
            revision: provenance.revision,
            effective_from: provenance.effective_from.to_string(),
            approvals_end: provenance.approvals_end.to_string(),
            confidence: provenance.confidence.as_str(),
            sources: provenance.sources.iter().map(|source| &**source).collect(),
            address_scope: self.address_scope.as_str(),
            end_users: self.end_users.iter().map(EndUserRecord::from).collect(),
            documents: self
                .documents
                .iter()
                .map(|requirement| DocumentRecord::new(requirement, kind))
                .collect(),
        };
        serde_json::to_string(&record).expect("texts, numbers and lists can be written as JSON")
    }
}

impl<'a> From<&'a EndUserRequirement> for EndUserRecord<'a> {
    fn from(requirement: &'a EndUserRequirement) -> Self {
        Self {
            requirement_name: &requirement.requirement_name,
            name: &requirement.name,
            end_user_type: requirement.end_user_type.as_str(),
            fields: fields(&requirement.fields, |field| requirement.field_constraint(field)),
        }
    }
}

impl<'a> DocumentRecord<'a> {
    fn new(requirement: &'a DocumentRequirement, kind: EndUserType) -> Self {
        Self {
            requirement_name: &requirement.requirement_name,
            name: &requirement.name,
            description: &requirement.description,
            any_of: requirement.any_of.iter().map(|document| AcceptedRecord::new(document, kind)).collect(),
        }
    }
}

impl<'a> AcceptedRecord<'a> {
    fn new(document: &'a AcceptedDocument, kind: EndUserType) -> Self {
        Self {
            document_type: &document.document_type,
            name: &document.name,
            requires_file: document.requires_file,
            fields: fields(&document.fields, |field| document.field_constraint(field, kind)),
        }
    }
}

fn fields(fields: &[Field], constraint: impl Fn(&Field) -> String) -> Vec<FieldRecord<'_>> {
    let mut records = Vec::with_capacity(fields.len());
    for field in fields {
        let Field { machine_name, friendly_name, description, .. } = field;
        records.push(FieldRecord { machine_name, friendly_name, description, constraint: constraint(field) });
    }
    records
}

#[cfg(test)]
mod tests {
    use crate::catalogue::{Catalogue, RegulationFilter};

    #[test]
    fn a_record_names_everything_that_is_asked_for() {
        let catalogue = Catalogue::builtin();
        let today = jiff::civil::date(2026, 11, 22);
        for regulation in catalogue.list(RegulationFilter::default(), today) {
            let record: serde_json::Value = serde_json::from_str(&regulation.to_record()).unwrap();
            assert_eq!(record["v"], 1);
            assert_eq!(record["sid"], regulation.sid.to_string());
            assert_eq!(record["documents"].as_array().unwrap().len(), regulation.documents.len());
            let text = record.to_string();
            let accepted = regulation.documents.iter().flat_map(|requirement| &requirement.any_of);
            for field in accepted.flat_map(|document| &document.fields) {
                assert!(
                    text.contains(&*field.machine_name),
                    "{}: {}",
                    regulation.friendly_name,
                    field.machine_name
                );
            }
        }
    }
}
