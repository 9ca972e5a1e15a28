//! Goes through a regulation, requirement by requirement.

use super::addresses::AddressReferences;
use super::contents::{Contents, DocumentContents};
use super::sentences::{self, Flaw, Subject};
use super::values::{Value, Values};
use super::{Failure, InvalidField, RequirementResult, ValidField};
use crate::regulation::{
    AcceptedDocument, AddressScope, DocumentRequirement, EndUserRequirement, Field, Regulation, Rule,
};

/// A regulation, and the contents with their attributes read.
pub(super) struct Judge<'a> {
    regulation: &'a Regulation,
    contents: &'a Contents<'a>,
    /// What the end user says; nothing when it is missing or of another type.
    end_user: Values<'a>,
    /// The documents that count, in the order in which they were assigned.
    documents: Vec<(&'a DocumentContents<'a>, Values<'a>)>,
    /// What the contract's sentences call the end user.
    end_user_name: &'a str,
}

impl<'a> Judge<'a> {
    pub(super) fn new(regulation: &'a Regulation, contents: &'a Contents<'a>) -> Self {
        let fitting = contents.end_user.filter(|end_user| end_user.end_user_type == regulation.end_user_type);
        Self {
            regulation,
            contents,
            end_user: fitting.map(|end_user| Values::read(end_user.attributes)).unwrap_or_default(),
            documents: contents
                .documents
                .iter()
                .map(|document| (document, Values::read(document.attributes)))
                .collect(),
            end_user_name: regulation
                .end_users
                .first()
                .map_or(regulation.end_user_type.as_str(), |first| &first.name),
        }
    }

    /// One result per requirement.
    pub(super) fn results(&self) -> Vec<RequirementResult> {
        let end_users = self.regulation.end_users.iter().map(|requirement| self.end_user(requirement));
        let documents = self.regulation.documents.iter().map(|requirement| self.document(requirement));
        end_users.chain(documents).collect()
    }

    fn end_user(&self, requirement: &EndUserRequirement) -> RequirementResult {
        let there = self
            .contents
            .end_user
            .is_some_and(|end_user| end_user.end_user_type == requirement.end_user_type);
        let nobody = Values::default();
        let values = if there { &self.end_user } else { &nobody };
        let (valid, invalid) = self.fields(&requirement.fields, values, Subject::EndUser(&requirement.name));
        RequirementResult {
            friendly_name: requirement.name.to_string(),
            object_type: requirement.end_user_type.as_str().to_owned(),
            requirement_friendly_name: requirement.name.to_string(),
            requirement_name: requirement.requirement_name.to_string(),
            failure: if there {
                first(&invalid)
            } else {
                Some(sentences::end_user_missing(&requirement.name))
            },
            valid,
            invalid,
        }
    }

    /// The best document there is decides: the first in the regulation's order that passes, else the
    /// first that was assigned, else none (contract 14.4 row 71).
    fn document(&self, requirement: &DocumentRequirement) -> RequirementResult {
        let mut candidates = requirement.any_of.iter().flat_map(|accepted| {
            let fitting = self
                .documents
                .iter()
                .enumerate()
                .filter(|(_, (document, _))| self.counts(accepted, document));
            fitting.map(move |(position, (_, values))| (accepted, position, values))
        });
        let mut first_assigned: Option<(usize, RequirementResult)> = None;
        for (accepted, position, values) in candidates.by_ref() {
            let result = self.assigned(requirement, accepted, values);
            if result.passed() {
                return result;
            }
            if first_assigned.as_ref().is_none_or(|(earlier, _)| position < *earlier) {
                first_assigned = Some((position, result));
            }
        }
        first_assigned.map_or_else(|| self.missing(requirement), |(_, result)| result)
    }

    fn counts(&self, accepted: &AcceptedDocument, document: &DocumentContents<'_>) -> bool {
        let file_missing =
            accepted.requires_file && self.contents.switches.require_files && !document.has_file;
        *accepted.document_type == *document.document_type && !file_missing
    }

    fn assigned(
        &self,
        requirement: &DocumentRequirement,
        accepted: &AcceptedDocument,
        values: &Values<'a>,
    ) -> RequirementResult {
        let subject = Subject::Document(&accepted.name, self.end_user_name);
        let (valid, invalid) = self.fields(&accepted.fields, values, subject);
        let failure = first(&invalid);
        RequirementResult { failure, valid, invalid, ..heading(requirement, accepted) }
    }

    fn missing(&self, requirement: &DocumentRequirement) -> RequirementResult {
        let Some(accepted) = requirement.any_of.first() else {
            // The loader refuses such a requirement; if there were one, nothing could satisfy it.
            let failure = Some(sentences::document_missing(&requirement.name));
            return RequirementResult { failure, ..nothing_accepted(requirement) };
        };
        let failure = Some(sentences::document_missing(&accepted.name));
        RequirementResult { failure, ..self.assigned(requirement, accepted, &Values::default()) }
    }

    fn fields(
        &self,
        fields: &[Field],
        values: &Values<'a>,
        subject: Subject<'_>,
    ) -> (Vec<ValidField>, Vec<InvalidField>) {
        let (mut valid, mut invalid) = (Vec::new(), Vec::new());
        for field in fields {
            let value = values.get(&field.machine_name);
            if field.rule == Rule::Optional && value.is_none() {
                continue;
            }
            let friendly_name = field.friendly_name.to_string();
            let object_field = field.machine_name.to_string();
            match self.flaw(&field.rule, value.as_ref()) {
                None => valid.push(ValidField { friendly_name, object_field }),
                Some(flaw) => {
                    let failure = sentences::field(subject, field, flaw);
                    invalid.push(InvalidField { friendly_name, object_field, failure });
                }
            }
        }
        (valid, invalid)
    }

    /// What is wrong with a value, if anything.
    fn flaw(&self, rule: &Rule, value: Option<&Value<'a>>) -> Option<Flaw> {
        let Some(value) = value else {
            return (*rule != Rule::Optional).then_some(Flaw::Missing);
        };
        let text = value.as_text();
        match rule {
            Rule::Optional | Rule::Required => None,
            Rule::OneOf(values) => {
                let known = text.is_some_and(|text| values.iter().any(|value| **value == *text));
                (!known).then_some(Flaw::Missing)
            }
            Rule::Pattern(pattern) => {
                (!text.is_some_and(|text| pattern.is_match(text))).then_some(Flaw::Missing)
            }
            Rule::EqualsEndUser(other) => {
                let same = self.end_user.get(other).is_some_and(|other| other.equals(value));
                (!same).then_some(Flaw::Mismatch)
            }
            Rule::NotOlderThan { months } => self.age_flaw(text, *months),
            Rule::Addresses => self.address_flaw(&AddressReferences::read(value)),
        }
    }

    fn age_flaw(&self, text: Option<&str>, months: u32) -> Option<Flaw> {
        let Some(date) = text.and_then(date) else {
            return Some(Flaw::NotADate);
        };
        let span = jiff::Span::new().try_months(months);
        // A limit before the first year there is leaves no date that is too old.
        let earliest = span.and_then(|span| self.contents.today.checked_sub(span)).ok()?;
        (date < earliest).then_some(Flaw::TooOld { months })
    }

    /// Every address must exist, and lie where the regulation wants it (contract 14.4 rows 78, 79).
    fn address_flaw(&self, references: &AddressReferences) -> Option<Flaw> {
        let known = |sid| self.contents.addresses.iter().find(|address| address.sid == sid);
        let Some(addresses) = references.sids.iter().map(|&sid| known(sid)).collect::<Option<Vec<_>>>()
        else {
            return Some(Flaw::Missing);
        };
        if references.has_unreadable || addresses.is_empty() {
            return Some(Flaw::Missing);
        }
        let scope = self.regulation.address_scope;
        if !self.contents.switches.check_address_scope || scope == AddressScope::None {
            return None;
        }
        if addresses.iter().any(|address| address.is_po_box) {
            return Some(Flaw::AddressIsPoBox);
        }
        let abroad = addresses.iter().any(|address| address.iso_country != self.regulation.iso_country);
        (abroad && scope != AddressScope::World).then_some(Flaw::AddressAbroad)
    }
}

/// A date written `YYYY-MM-DD` and nothing else.
fn date(text: &str) -> Option<jiff::civil::Date> {
    let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse().ok().filter(|_| plain)
}

/// When only fields fail, the result says what its first one says (contract 14.4 row 76).
fn first(invalid: &[InvalidField]) -> Option<Failure> {
    invalid.first().map(|field| field.failure.clone())
}

fn heading(requirement: &DocumentRequirement, accepted: &AcceptedDocument) -> RequirementResult {
    RequirementResult {
        friendly_name: accepted.name.to_string(),
        object_type: accepted.document_type.to_string(),
        ..nothing_accepted(requirement)
    }
}

fn nothing_accepted(requirement: &DocumentRequirement) -> RequirementResult {
    RequirementResult {
        friendly_name: requirement.name.to_string(),
        object_type: String::new(),
        requirement_friendly_name: requirement.name.to_string(),
        requirement_name: requirement.requirement_name.to_string(),
        failure: None,
        valid: Vec::new(),
        invalid: Vec::new(),
    }
}
