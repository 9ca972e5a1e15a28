//! A regulation of the listing, translated into our terms.

use std::collections::HashSet;

use super::dump::{RawAccepted, RawEndUser, RawField, RawRegulation, RawRequirement, RawShown};
use super::{ImportedRegulation, Note};
use crate::catalogue::Catalogue;
use crate::catalogue::type_files::is_machine_name;
use crate::regulation::constraint::{FieldPlace, parse_field, parse_presence};
use crate::regulation::{AcceptedDocument, AddressScope, Combination, DocumentRequirement, Field, Rule};
use crate::sid::RegulationSid;
use crate::{EndUserType, IsoCountry, NumberType};

/// Translates a regulation, or notes everything that keeps it from being translated.
pub(super) fn convert(
    path: String,
    raw: &RawRegulation,
    base: &Catalogue,
    notes: &mut Vec<Note>,
) -> Option<ImportedRegulation> {
    let mut converter = Converter { path, notes, base, asked: HashSet::new(), refused: false };
    let converted = converter.regulation(raw);
    converted.filter(|_| !converter.refused)
}

struct Converter<'a> {
    path: String,
    notes: &'a mut Vec<Note>,
    base: &'a Catalogue,
    /// What the end user is asked.
    asked: HashSet<String>,
    refused: bool,
}

impl Converter<'_> {
    fn refuse(&mut self, place: &str, text: &str, reason: impl Into<String>) {
        self.refused = true;
        self.note(place, text, reason, true);
    }

    fn note(&mut self, place: &str, text: &str, reason: impl Into<String>, left_out: bool) {
        let path = if place.is_empty() { self.path.clone() } else { format!("{}: {place}", self.path) };
        self.notes.push(Note { path, text: text.to_owned(), reason: reason.into(), left_out });
    }

    fn regulation(&mut self, raw: &RawRegulation) -> Option<ImportedRegulation> {
        let combination = self.combination(raw)?;
        let Ok(sid) = RegulationSid::parse(&raw.sid) else {
            self.refuse("sid", &raw.sid, "this is no SID of a regulation");
            return None;
        };
        if raw.friendly_name.trim().is_empty() || raw.friendly_name.contains(char::is_control) {
            self.refuse("friendly_name", &raw.friendly_name, "this is no name");
        }
        if constraints_are_missing(raw) {
            self.refuse(
                "",
                "",
                "constraints are missing: was the listing made with `IncludeConstraints=true`?",
            );
            return None;
        }
        let end_user = self.end_users(&raw.requirements.end_user, combination.end_user_type);
        self.asked = end_user.iter().map(|field| field.machine_name.to_string()).collect();
        let mut documents = Vec::new();
        // All lists count, whichever of them a requirement stands in (contract 14.4 row 70).
        for (outer, list) in raw.requirements.supporting_document.iter().enumerate() {
            for (inner, requirement) in list.iter().enumerate() {
                let place = format!("supporting_document[{outer}][{inner}]");
                documents.push(self.requirement(&place, requirement, combination.end_user_type));
            }
        }
        self.no_name_twice(
            "requirement_name",
            documents.iter().map(|requirement| &*requirement.requirement_name),
        );
        if end_user.is_empty() && documents.is_empty() {
            self.refuse("requirements", "", "nothing is asked for, and the catalogue has no such regulation");
        }
        let address_scope = self.address_scope(combination, &documents);
        let friendly_name = raw.friendly_name.clone();
        let path = self.path.clone();
        Some(ImportedRegulation { path, combination, sid, friendly_name, address_scope, end_user, documents })
    }

    fn combination(&mut self, raw: &RawRegulation) -> Option<Combination> {
        let combination = || {
            Some(Combination {
                iso_country: IsoCountry::parse(&raw.iso_country)?,
                number_type: NumberType::parse(&raw.number_type)?,
                end_user_type: EndUserType::parse(&raw.end_user_type)?,
            })
        };
        let found = combination();
        if found.is_none() {
            self.refuse("", "", "this is no country, kind of number and kind of end user");
        }
        found
    }

    fn end_users(&mut self, raw: &[RawEndUser], end_user_type: EndUserType) -> Vec<Field> {
        let [only] = raw else {
            if !raw.is_empty() {
                self.refuse("end_user", "", "a regulation of the catalogue has one end user");
            }
            return Vec::new();
        };
        let place = "end_user[0]";
        if only.kind != end_user_type.as_str() {
            self.refuse(place, &only.kind, "the end user must be of the kind that the regulation is for");
        }
        let known = self.base.end_user_type(end_user_type);
        if let Some(known) = known
            && (&*known.friendly_name, &*known.requirement_name) != (&*only.name, &*only.requirement_name)
        {
            let text = format!("{} ({})", only.name, only.requirement_name);
            let reason = "the catalogue has one name for all requirements of this kind of end user";
            self.refuse(place, &text, reason);
        }
        self.shown(place, &only.shown, end_user_type.as_str(), end_user_type)
    }

    fn requirement(
        &mut self,
        place: &str,
        raw: &RawRequirement,
        end_user_type: EndUserType,
    ) -> DocumentRequirement {
        let RawRequirement { name, requirement_name, description, accepted_documents } = raw;
        self.machine_name(&format!("{place}.requirement_name"), requirement_name);
        if name.trim().is_empty() {
            self.refuse(&format!("{place}.name"), name, "the name is blank");
        }
        if description.contains("{where}") {
            self.refuse(&format!("{place}.description"), description, "`{where}` would be replaced");
        }
        if accepted_documents.is_empty() {
            self.refuse(&format!("{place}.accepted_documents"), "", "no document can satisfy this");
        }
        let mut any_of = Vec::new();
        for (index, accepted) in accepted_documents.iter().enumerate() {
            any_of.push(self.accepted(
                &format!("{place}.accepted_documents[{index}]"),
                accepted,
                end_user_type,
            ));
        }
        self.no_name_twice(place, any_of.iter().map(|document| &*document.document_type));
        DocumentRequirement {
            requirement_name: requirement_name.as_str().into(),
            name: name.as_str().into(),
            description: description.as_str().into(),
            any_of,
        }
    }

    fn accepted(&mut self, place: &str, raw: &RawAccepted, end_user_type: EndUserType) -> AcceptedDocument {
        self.machine_name(&format!("{place}.type"), &raw.kind);
        if EndUserType::parse(&raw.kind).is_some() {
            self.refuse(&format!("{place}.type"), &raw.kind, "this is a kind of end user");
        }
        AcceptedDocument {
            document_type: raw.kind.as_str().into(),
            name: raw.name.as_str().into(),
            requires_file: false,
            fields: self.shown(place, &raw.shown, &raw.kind, end_user_type),
        }
    }

    fn shown(&mut self, place: &str, raw: &RawShown, object: &str, end_user_type: EndUserType) -> Vec<Field> {
        let constraint = raw.constraint.as_deref().unwrap_or_default();
        if let Err(error) = parse_presence(constraint, object, end_user_type) {
            self.refuse(&format!("{place}.constraint"), constraint, error.to_string());
        }
        for name in &raw.fields {
            if !raw.detailed_fields.iter().any(|field| field.machine_name == *name) {
                self.refuse(
                    &format!("{place}.fields"),
                    name,
                    "`detailed_fields` does not describe this field",
                );
            }
        }
        let mut fields = Vec::new();
        for (index, field) in raw.detailed_fields.iter().enumerate() {
            let place = format!("{place}.detailed_fields[{index}]");
            fields.extend(self.field(
                &place,
                field,
                FieldPlace { object, end_user_type, machine_name: &field.machine_name },
            ));
        }
        self.no_name_twice(place, fields.iter().map(|field| &*field.machine_name));
        fields
    }

    fn field(&mut self, place: &str, raw: &RawField, field: FieldPlace<'_>) -> Option<Field> {
        let RawField { machine_name, friendly_name, description, constraint } = raw;
        self.machine_name(&format!("{place}.machine_name"), machine_name);
        if friendly_name.trim().is_empty() {
            self.refuse(&format!("{place}.friendly_name"), friendly_name, "the name is blank");
        }
        let constraint = constraint.as_deref().unwrap_or_default();
        let place = format!("{place}.constraint");
        let rule = parse_field(constraint, field)
            .map_err(|error| self.refuse(&place, constraint, error.to_string()))
            .ok()?;
        if let Rule::EqualsEndUser(other) = &rule
            && !self.asked.contains(&**other)
        {
            self.refuse(&place, constraint, "the end user is not asked for that");
        }
        Some(Field {
            machine_name: machine_name.as_str().into(),
            friendly_name: friendly_name.as_str().into(),
            description: description.as_str().into(),
            rule,
        })
    }

    fn machine_name(&mut self, place: &str, name: &str) {
        if !is_machine_name(name) {
            self.refuse(place, name, "this is no machine name: small letters, digits and underscores");
        }
    }

    fn no_name_twice<'a>(&mut self, place: &str, names: impl Iterator<Item = &'a str>) {
        let mut seen = HashSet::new();
        for name in names {
            if !seen.insert(name) {
                self.refuse(place, name, "this is there twice");
            }
        }
    }

    /// Where addresses must be, no listing tells. The catalogue may know.
    fn address_scope(&mut self, combination: Combination, documents: &[DocumentRequirement]) -> AddressScope {
        let mut fields = documents
            .iter()
            .flat_map(|requirement| &requirement.any_of)
            .flat_map(|document| &document.fields);
        if !fields.any(|field| field.rule == Rule::Addresses) {
            return AddressScope::None;
        }
        let known = self.base.revisions(combination).iter().rev().find_map(|entry| entry.regulation());
        match known.map(|regulation| regulation.address_scope) {
            None | Some(AddressScope::None) => {
                let reason = "a listing does not tell where addresses must be: `world` was written";
                self.note("", "", reason, false);
                AddressScope::World
            }
            Some(scope) => {
                let reason = format!(
                    "a listing does not tell where addresses must be: `{}` was kept from the catalogue",
                    scope.as_str()
                );
                self.note("", "", reason, false);
                scope
            }
        }
    }
}

/// Without `IncludeConstraints=true` every constraint is null or not there at all.
fn constraints_are_missing(raw: &RawRegulation) -> bool {
    let end_users = raw.requirements.end_user.iter().map(|end_user| &end_user.shown);
    let requirements = raw.requirements.supporting_document.iter().flatten();
    let documents =
        requirements.flat_map(|requirement| &requirement.accepted_documents).map(|document| &document.shown);
    end_users.chain(documents).any(|shown| {
        shown.constraint.is_none() || shown.detailed_fields.iter().any(|field| field.constraint.is_none())
    })
}
