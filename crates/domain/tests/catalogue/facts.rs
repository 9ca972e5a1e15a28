//! The facts that the catalogue was made from, compared one by one with what it serves.
//!
//! `facts.tsv` has one line for each combination that the research found something about: which
//! documents, fields and sources it names. The sentences of the catalogue are its own and are not in
//! there. The differences that are meant are listed in [`DIFFERENCES`]; there are no others.

use std::collections::BTreeSet;

use dossier_domain::catalogue::{Catalogue, Entry, RegulationFilter, Unserved};
use dossier_domain::regulation::{AddressScope, Combination, Provenance, Regulation};
use dossier_domain::{EndUserType, IsoCountry, NumberType};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 22);

/// Where the catalogue says something else than the fact, and why.
///
/// Three kinds of facts have no counterpart by design, and so need no line: numbers that are not to be
/// had have no regulation (contract section 5.1), those for which nothing is asked have none either, and
/// whether "documents are required" follows from the documents that a regulation accepts.
const DIFFERENCES: [(&str, &str); 1] = [(
    "IN/mobile/individual",
    "the research calls the online identity check a document, but it is no file that could be uploaded",
)];

/// One line of `facts.tsv`.
struct Fact {
    combination: Combination,
    documents_required: &'static str,
    confidence: &'static str,
    address_scope: &'static str,
    end_user_fields: Vec<&'static str>,
    requirements: Vec<Requirement>,
    sources: Vec<&'static str>,
}

#[derive(Debug, PartialEq)]
struct Requirement {
    requirement_name: String,
    name: String,
    /// Document types with the fields of each.
    any_of: Vec<(String, Vec<String>)>,
}

fn list(text: &'static str, separator: &str) -> Vec<&'static str> {
    text.split(separator).filter(|part| !part.is_empty()).collect()
}

fn facts() -> Vec<Fact> {
    include_str!("facts.tsv").lines().skip(1).map(fact).collect()
}

fn fact(line: &'static str) -> Fact {
    let [
        country,
        number,
        end_user,
        documents_required,
        confidence,
        address_scope,
        fields,
        requirements,
        sources,
    ]: [&str; 9] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
    Fact {
        combination: Combination {
            iso_country: IsoCountry::parse(country).unwrap(),
            number_type: NumberType::parse(number).unwrap(),
            end_user_type: EndUserType::parse(end_user).unwrap(),
        },
        documents_required,
        confidence,
        address_scope,
        end_user_fields: list(fields, ","),
        requirements: list(requirements, " ; ").into_iter().map(requirement).collect(),
        sources: list(sources, " | "),
    }
}

/// `name_info = Name: passport(first_name,last_name) | drivers_license()`
fn requirement(text: &'static str) -> Requirement {
    let (names, documents) = text.split_once(": ").unwrap();
    let (requirement_name, name) = names.split_once(" = ").unwrap();
    let document = |text: &'static str| {
        let (kind, fields) = text.strip_suffix(')').unwrap().split_once('(').unwrap();
        (kind.to_owned(), list(fields, ",").into_iter().map(str::to_owned).collect())
    };
    Requirement {
        requirement_name: requirement_name.to_owned(),
        name: name.to_owned(),
        any_of: list(documents, " | ").into_iter().map(document).collect(),
    }
}

fn served(regulation: &Regulation) -> Vec<Requirement> {
    let requirements = regulation.documents.iter().map(|requirement| Requirement {
        requirement_name: requirement.requirement_name.to_string(),
        name: requirement.name.to_string(),
        any_of: requirement
            .any_of
            .iter()
            .map(|document| {
                let fields = document.fields.iter().map(|field| field.machine_name.to_string());
                (document.document_type.to_string(), fields.collect())
            })
            .collect(),
    });
    requirements.collect()
}

#[test]
fn every_fact_is_served_and_nothing_else() {
    let catalogue = Catalogue::builtin();
    let facts = facts();
    assert_eq!(facts.len(), 585);
    let mut known = BTreeSet::new();
    for fact in &facts {
        assert!(known.insert(fact.combination), "{} is there twice", fact.combination);
        let [entry] = catalogue.revisions(fact.combination) else {
            panic!("{}: not exactly one revision", fact.combination);
        };
        compare_provenance(fact, entry.provenance());
        match entry {
            Entry::Served(regulation) => {
                compare_rules(fact, regulation);
                assert_eq!(catalogue.find(fact.combination, TODAY), Some(regulation));
                let filter = RegulationFilter {
                    iso_country: Some(fact.combination.iso_country),
                    number_type: Some(fact.combination.number_type),
                    end_user_type: Some(fact.combination.end_user_type),
                };
                assert_eq!(catalogue.list(filter, TODAY).collect::<Vec<_>>(), [regulation]);
            }
            Entry::Unserved(_, Unserved::Unavailable, _) => {
                assert_eq!(fact.documents_required, "unavailable", "{}", fact.combination);
            }
            Entry::Unserved(_, Unserved::NothingRequired, _) => {
                assert_eq!(fact.documents_required, "false", "{}", fact.combination);
                assert!(fact.end_user_fields.is_empty(), "{}", fact.combination);
            }
        }
        if matches!(entry, Entry::Unserved(..)) {
            assert!(fact.requirements.is_empty(), "{}", fact.combination);
            assert_eq!(fact.address_scope, AddressScope::None.as_str(), "{}", fact.combination);
        }
    }
    let served: BTreeSet<_> = catalogue.entries().map(Entry::combination).collect();
    assert_eq!(served, known);
}

fn compare_provenance(fact: &Fact, provenance: &Provenance) {
    let sources: Vec<_> = provenance.sources.iter().map(|source| &**source).collect();
    assert_eq!(sources, fact.sources, "{}", fact.combination);
    assert_eq!(provenance.confidence.as_str(), fact.confidence, "{}", fact.combination);
}

fn compare_rules(fact: &Fact, regulation: &Regulation) {
    let name = fact.combination;
    assert_eq!(regulation.address_scope.as_str(), fact.address_scope, "{name}");
    let [end_user] = regulation.end_users.as_slice() else { panic!("{name}: not exactly one end user") };
    let asked: Vec<_> = end_user.fields.iter().map(|field| &*field.machine_name).collect();
    assert_eq!(asked, fact.end_user_fields, "{name}");
    assert_eq!(served(regulation), fact.requirements, "{name}");

    let needs_file = regulation
        .documents
        .iter()
        .any(|requirement| requirement.any_of.iter().all(|document| document.requires_file));
    let meant = DIFFERENCES.iter().any(|(combination, _)| *combination == name.to_string());
    assert_eq!(needs_file != (fact.documents_required == "true"), meant, "{name}");
}
