//! Evaluations of regulations made by hand.

mod properties;
mod rows;

use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};

use super::{Contents, DocumentContents, EndUserContents, Evaluation, KnownAddress, Switches, evaluate};
use crate::regulation::{
    AcceptedDocument, AddressScope, Confidence, DocumentRequirement, EndUserRequirement, Field, Provenance,
    Regulation, Rule,
};
use crate::sid::{AddressSid, RegulationSid};
use crate::{Attributes, EndUserType, IsoCountry, NumberType};

const TODAY: Date = date(2026, 11, 22);

fn field(machine_name: &str, friendly_name: &str, rule: Rule) -> Field {
    let description = "How to fill it in.".into();
    Field { machine_name: machine_name.into(), friendly_name: friendly_name.into(), description, rule }
}

fn required(machine_name: &str, friendly_name: &str) -> Field {
    field(machine_name, friendly_name, Rule::Required)
}

fn equal(machine_name: &str, friendly_name: &str) -> Field {
    field(machine_name, friendly_name, Rule::EqualsEndUser(machine_name.into()))
}

fn addresses() -> Field {
    field("address_sids", "Address sid(s)", Rule::Addresses)
}

fn accepted(document_type: &str, name: &str, fields: Vec<Field>) -> AcceptedDocument {
    let requires_file = document_type != "business_address";
    AcceptedDocument { document_type: document_type.into(), name: name.into(), requires_file, fields }
}

fn requirement(requirement_name: &str, name: &str, any_of: Vec<AcceptedDocument>) -> DocumentRequirement {
    DocumentRequirement {
        requirement_name: requirement_name.into(),
        name: name.into(),
        description: "What is needed.".into(),
        any_of,
    }
}

/// A regulation for French businesses.
fn regulation(fields: Vec<Field>, documents: Vec<DocumentRequirement>) -> Regulation {
    Regulation {
        sid: RegulationSid::from_bytes([7; 16]),
        iso_country: IsoCountry::parse("FR").unwrap(),
        number_type: NumberType::Local,
        end_user_type: EndUserType::Business,
        friendly_name: "France: Local - Business".into(),
        address_scope: AddressScope::Country,
        end_users: vec![EndUserRequirement {
            end_user_type: EndUserType::Business,
            name: "Business".into(),
            requirement_name: "business_info".into(),
            fields,
        }],
        documents,
        provenance: Provenance {
            approvals_end: date(2025, 1, 1),
            revision: 3,
            effective_from: date(2025, 1, 1),
            sources: ["a test".into()].into(),
            confidence: Confidence::Documented,
            note: None,
            file: "a test".into(),
            line: 1,
        },
    }
}

/// What a test puts into a bundle.
struct Bundle {
    end_user: Option<(EndUserType, Attributes)>,
    /// Type, attributes, and whether there is a file.
    documents: Vec<(&'static str, Attributes, bool)>,
    addresses: Vec<KnownAddress>,
    switches: Switches,
}

impl Bundle {
    fn empty() -> Self {
        let switches = Switches::default();
        Self { end_user: None, documents: Vec::new(), addresses: Vec::new(), switches }
    }

    fn of_business(attributes: &Json) -> Self {
        Self { end_user: Some((EndUserType::Business, attributes_of(attributes))), ..Self::empty() }
    }

    fn with(mut self, document_type: &'static str, attributes: &Json) -> Self {
        self.documents.push((document_type, attributes_of(attributes), true));
        self
    }

    fn without_files(mut self) -> Self {
        self.documents.iter_mut().for_each(|document| document.2 = false);
        self
    }

    fn knowing(mut self, address: KnownAddress) -> Self {
        self.addresses.push(address);
        self
    }

    fn evaluated(&self, regulation: &Regulation) -> Evaluation {
        let documents: Vec<_> = self
            .documents
            .iter()
            .map(|&(document_type, ref attributes, has_file)| DocumentContents {
                document_type,
                attributes,
                has_file,
            })
            .collect();
        let end_user = self.end_user.as_ref();
        evaluate(
            regulation,
            &Contents {
                end_user: end_user
                    .map(|&(end_user_type, ref attributes)| EndUserContents { end_user_type, attributes }),
                documents: &documents,
                addresses: &self.addresses,
                today: TODAY,
                switches: self.switches,
            },
        )
    }
}

fn attributes_of(json: &Json) -> Attributes {
    Attributes::parse(&json.to_string()).unwrap()
}

fn names_on(document_type: &str, name: &str) -> AcceptedDocument {
    accepted(document_type, name, vec![equal("first_name", "First Name"), required("number", "Number")])
}

/// Asks for a first name, on a passport or an identity card.
fn identity() -> Regulation {
    let any_of = vec![names_on("passport", "Passport"), names_on("id_card", "ID card")];
    regulation(vec![required("first_name", "First Name")], vec![requirement("name_info", "Name", any_of)])
}

fn address(byte: u8, country: &str, is_po_box: bool) -> KnownAddress {
    KnownAddress {
        sid: AddressSid::from_bytes([byte; 16]),
        iso_country: IsoCountry::parse(country).unwrap(),
        is_po_box,
    }
}

/// An evaluation in the form of the wire (contract section 5.3), to compare with its examples.
fn on_the_wire(evaluation: &Evaluation) -> Json {
    let result = |result: &super::RequirementResult| {
        let valid = result.valid.iter().map(|field| {
            json!({"friendly_name": field.friendly_name, "object_field": field.object_field, "failure_reason": null,
                   "error_code": null, "passed": true})
        });
        let invalid = result.invalid.iter().map(|field| {
            json!({"friendly_name": field.friendly_name, "object_field": field.object_field,
                   "failure_reason": field.failure.reason, "error_code": field.failure.code.number()})
        });
        json!({
            "friendly_name": result.friendly_name,
            "object_type": result.object_type,
            "passed": result.passed(),
            "failure_reason": result.failure.as_ref().map(|failure| &failure.reason),
            "error_code": result.failure.as_ref().map(|failure| failure.code.number()),
            "valid": valid.collect::<Vec<_>>(),
            "invalid": invalid.collect::<Vec<_>>(),
            "requirement_friendly_name": result.requirement_friendly_name,
            "requirement_name": result.requirement_name,
        })
    };
    evaluation.results.iter().map(result).collect()
}

#[test]
fn nothing_assigned_reads_as_in_the_published_example() {
    let excerpt = |name, field| vec![accepted("commercial_registrar_excerpt", name, vec![field])];
    let identity = |rule: fn(&str, &str) -> Field| {
        let fields = vec![rule("first_name", "First Name"), rule("last_name", "Last Name")];
        vec![accepted("government_issued_document", "Government-issued ID", fields)]
    };
    let regulation = regulation(
        vec![
            required("business_name", "Business Name"),
            required("business_registration_number", "Business Registration Number"),
            required("first_name", "First Name"),
            required("last_name", "Last Name"),
            field("comments", "Comments", Rule::Optional),
        ],
        vec![
            requirement(
                "business_name_info",
                "Business Name",
                excerpt(
                    "Excerpt from the commercial register (Extrait K-bis) showing name of Authorized Representative",
                    equal("business_name", "Business Name"),
                ),
            ),
            requirement(
                "business_address_proof_info",
                "Business Address (Proof of Address)",
                excerpt("Excerpt from the commercial register showing French address", addresses()),
            ),
            requirement(
                "business_reg_no_info",
                "Business Registration Number",
                excerpt(
                    "Excerpt from the commercial register (Extrait K-bis)",
                    required("document_number", "Document Number"),
                ),
            ),
            requirement("name_of_auth_rep_info", "Name of Authorized Representative", identity(equal)),
            requirement(
                "power_of_attorney_info",
                "Power of Attorney",
                vec![accepted("power_of_attorney", "Executed Copy of Power of Attorney", vec![])],
            ),
            requirement(
                "name_in_power_of_attorney_info",
                "Name of Person granted the Power of Attorney",
                identity(required),
            ),
        ],
    );
    let evaluation = Bundle::empty().evaluated(&regulation);
    let expected: Json =
        serde_json::from_str(include_str!("../../../fixtures/french-business-with-nothing-assigned.json"))
            .unwrap();
    assert_eq!(on_the_wire(&evaluation), expected);
    assert_eq!(evaluation.status(), "noncompliant");
    assert_eq!((evaluation.regulation, evaluation.revision), (regulation.sid, 3));
}
