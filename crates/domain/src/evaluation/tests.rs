//! Evaluations of regulations made by hand, row by row of contract section 14.4.

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{Contents, DocumentContents, EndUserContents, Evaluation, KnownAddress, Switches, evaluate};
use crate::catalogue::{Catalogue, RegulationFilter};
use crate::regulation::{
    AcceptedDocument, AddressScope, Confidence, DocumentRequirement, EndUserRequirement, Field, Pattern,
    Provenance, Regulation, Rule,
};
use crate::sid::{AddressSid, RegulationSid};
use crate::{Attributes, Code, EndUserType, IsoCountry, NumberType};

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
        serde_json::from_str(include_str!("../../fixtures/french-business-with-nothing-assigned.json"))
            .unwrap();
    assert_eq!(on_the_wire(&evaluation), expected);
    assert_eq!(evaluation.status(), "noncompliant");
    assert_eq!((evaluation.regulation, evaluation.revision), (regulation.sid, 3));
}

/// The codes of one result: its own, and those of its invalid fields.
fn codes(evaluation: &Evaluation, position: usize) -> (Option<Code>, Vec<Code>) {
    let result = &evaluation.results[position];
    let own = result.failure.as_ref().map(|failure| failure.code);
    (own, result.invalid.iter().map(|field| field.failure.code).collect())
}

#[test]
fn end_user_fields_follow_their_rules() {
    let pattern = Rule::Pattern(Pattern::new(r"^\S+@\S+\.\S+$").unwrap());
    let one_of = Rule::OneOf(["YES".into(), "NO".into()].into());
    let age = Rule::NotOlderThan { months: 3 };
    for (rule, value, right) in [
        (&Rule::Required, json!("x"), true),
        (&Rule::Required, json!(0), true),
        (&Rule::Required, json!(false), true),
        (&Rule::Required, json!(["x"]), true),
        (&Rule::Required, json!({"deep": 1}), true),
        (&Rule::Required, json!(" \t"), false),
        (&Rule::Required, json!(null), false),
        (&Rule::Required, json!([]), false),
        (&pattern, json!("jane@example.org"), true),
        (&pattern, json!("jane"), false),
        (&pattern, json!(["jane@example.org"]), false),
        (&one_of, json!("YES"), true),
        (&one_of, json!("yes"), false),
        (&one_of, json!("YES "), false),
        (&age, json!("2026-08-22"), true),
        (&age, json!("2026-08-21"), false),
        (&age, json!("2026-11-22T00:00:00"), false),
        (&age, json!("22.11.2026"), false),
        (&age, json!("2026-02-30"), false),
        (&age, json!(20_261_122), false),
    ] {
        let regulation = regulation(vec![field("it", "It", rule.clone())], vec![]);
        let evaluation = Bundle::of_business(&json!({"it": value})).evaluated(&regulation);
        assert_eq!(evaluation.is_compliant(), right, "{rule:?} {value}");
        let wrong = (Some(Code::EndUserFieldMissing), vec![Code::EndUserFieldMissing]);
        assert_eq!(codes(&evaluation, 0), if right { (None, vec![]) } else { wrong }, "{rule:?} {value}");
        assert_eq!(evaluation.results[0].valid.len(), usize::from(right));
    }
}

#[test]
fn optional_fields_are_listed_only_when_they_are_there() {
    let regulation = regulation(vec![field("comments", "Comments", Rule::Optional)], vec![]);
    for (attributes, valid) in [(json!({"comments": "x"}), 1), (json!({"comments": " "}), 0), (json!({}), 0)]
    {
        let evaluation = Bundle::of_business(&attributes).evaluated(&regulation);
        assert!(evaluation.is_compliant());
        assert_eq!((evaluation.results[0].valid.len(), evaluation.results[0].invalid.len()), (valid, 0));
    }
}

#[test]
fn an_end_user_of_the_other_type_is_missing() {
    let regulation = regulation(vec![required("first_name", "First Name")], vec![]);
    let mut bundle = Bundle::of_business(&json!({"first_name": "Jane"}));
    assert!(bundle.evaluated(&regulation).is_compliant());
    bundle.end_user.as_mut().unwrap().0 = EndUserType::Individual;
    let evaluation = bundle.evaluated(&regulation);
    assert_eq!(codes(&evaluation, 0), (Some(Code::EndUserMissing), vec![Code::EndUserFieldMissing]));
}

fn names_on(document_type: &str, name: &str) -> AcceptedDocument {
    accepted(document_type, name, vec![equal("first_name", "First Name"), required("number", "Number")])
}

/// Asks for a first name, on a passport or an identity card.
fn identity() -> Regulation {
    let any_of = vec![names_on("passport", "Passport"), names_on("id_card", "ID card")];
    regulation(vec![required("first_name", "First Name")], vec![requirement("name_info", "Name", any_of)])
}

#[test]
fn documents_are_compared_with_the_end_user() {
    let mismatch = Code::DocumentFieldMismatch;
    let missing = Code::DocumentFieldMissing;
    for (end_user, document, expected) in [
        (json!({"first_name": "Jane"}), json!({"first_name": "Jane", "number": 1}), vec![]),
        (json!({"first_name": 7}), json!({"first_name": "7", "number": 1}), vec![]),
        (json!({"first_name": "Jane"}), json!({"first_name": "jane", "number": 1}), vec![mismatch]),
        (json!({"first_name": "Jane"}), json!({"first_name": "Jane ", "number": 1}), vec![mismatch]),
        (json!({"first_name": "Jane"}), json!({"first_name": " ", "number": 1}), vec![missing]),
        (json!({"first_name": "Jane"}), json!({"first_name": "Joan"}), vec![mismatch, missing]),
        (json!({}), json!({"first_name": "Jane", "number": 1}), vec![mismatch]),
    ] {
        let evaluation = Bundle::of_business(&end_user).with("passport", &document).evaluated(&identity());
        assert_eq!(codes(&evaluation, 1), (expected.first().copied(), expected), "{end_user} {document}");
    }
    let evaluation = Bundle::of_business(&json!({"first_name": "Jane"}))
        .with("passport", &json!({"first_name": "Joan", "number": 1}))
        .evaluated(&identity());
    assert_eq!(
        evaluation.results[1].failure.as_ref().unwrap().reason,
        "The First Name is missing. Or, it does not match the First Name you entered within Business information. \
         Please enter in the First Name shown on the Passport or make sure both First Name fields use the same exact \
         inputs."
    );
}

#[test]
fn the_best_document_answers() {
    let end_user = json!({"first_name": "Jane"});
    let (good, bad) = (json!({"first_name": "Jane", "number": 1}), json!({"first_name": "Jane"}));
    for (documents, object_type, passed) in [
        (vec![("passport", &good), ("id_card", &good)], "passport", true),
        (vec![("id_card", &good), ("passport", &good)], "passport", true),
        (vec![("id_card", &good), ("passport", &bad)], "id_card", true),
        (vec![("id_card", &bad), ("passport", &bad)], "id_card", false),
        (vec![("passport", &bad), ("id_card", &bad)], "passport", false),
        (vec![("utility_bill", &good)], "passport", false),
        (vec![], "passport", false),
    ] {
        let bundle =
            documents.iter().fold(Bundle::of_business(&end_user), |bundle, &(document_type, attributes)| {
                bundle.with(document_type, attributes)
            });
        let evaluation = bundle.evaluated(&identity());
        let result = &evaluation.results[1];
        assert_eq!((result.object_type.as_str(), result.passed()), (object_type, passed), "{documents:?}");
    }
}

#[test]
fn a_document_without_its_file_is_missing() {
    let end_user = json!({"first_name": "Jane"});
    let good = json!({"first_name": "Jane", "number": 1});
    let mut bundle = Bundle::of_business(&end_user).with("id_card", &good).without_files();
    let evaluation = bundle.evaluated(&identity());
    assert_eq!(codes(&evaluation, 1).0, Some(Code::DocumentMissing));
    let failure = evaluation.results[1].failure.as_ref().unwrap();
    assert_eq!(failure.reason, "A Passport is missing. Please add one to the regulatory bundle.");
    assert_eq!(evaluation.results[1].invalid.len(), 2, "every field of the first accepted document");

    bundle.switches.require_files = false;
    assert!(bundle.evaluated(&identity()).is_compliant());

    let address =
        requirement("address_info", "Address", vec![accepted("business_address", "Address", vec![])]);
    let regulation = regulation(vec![], vec![address]);
    let bundle = Bundle::of_business(&json!({})).with("business_address", &json!({})).without_files();
    assert!(bundle.evaluated(&regulation).is_compliant(), "address records never have a file");
}

fn address(byte: u8, country: &str, is_po_box: bool) -> KnownAddress {
    KnownAddress {
        sid: AddressSid::from_bytes([byte; 16]),
        iso_country: IsoCountry::parse(country).unwrap(),
        is_po_box,
    }
}

#[test]
fn every_address_must_exist_and_be_where_it_should() {
    let sid = |byte| AddressSid::from_bytes([byte; 16]).to_string();
    let (paris, box_in_paris, berlin) = (1, 2, 3);
    let check = |scope, check_address_scope, value: &Json| {
        let bill = accepted("utility_bill", "Utility bill", vec![addresses()]);
        let mut regulation = regulation(vec![], vec![requirement("address_info", "Address", vec![bill])]);
        regulation.address_scope = scope;
        let mut bundle = Bundle::of_business(&json!({}))
            .with("utility_bill", &json!({"address_sids": value}))
            .knowing(address(paris, "FR", false))
            .knowing(address(box_in_paris, "FR", true))
            .knowing(address(berlin, "DE", false));
        bundle.switches.check_address_scope = check_address_scope;
        let evaluation = bundle.evaluated(&regulation);
        evaluation.results[1].failure.clone().map(|failure| {
            assert_eq!(failure.code, Code::AddressMissing);
            failure.reason.split_once('.').unwrap().0.to_owned()
        })
    };
    use AddressScope::{Area, Country, World};
    let missing = Some("The Address is missing");
    let abroad = Some("The Address is not in the country of the phone number");
    let po_box = Some("The Address is a PO box");
    for (value, scope, expected) in [
        (json!([sid(paris)]), Country, None),
        (json!(sid(paris)), Area, None),
        (json!([]), Country, missing),
        (json!(""), World, missing),
        (json!([sid(9)]), World, missing),
        (json!([sid(paris), sid(9)]), World, missing),
        (json!([sid(paris), "Paris"]), World, missing),
        (json!({"sid": sid(paris)}), World, missing),
        (json!([sid(berlin)]), World, None),
        (json!([sid(berlin)]), Country, abroad),
        (json!([sid(paris), sid(berlin)]), Area, abroad),
        (json!([sid(box_in_paris)]), World, po_box),
    ] {
        assert_eq!(check(scope, true, &value).as_deref(), expected, "{value} {scope:?}");
        let lenient = expected.filter(|_| expected == missing);
        assert_eq!(check(scope, false, &value).as_deref(), lenient, "{value} {scope:?}, unchecked");
    }
}

#[test]
fn no_requirements_are_always_satisfied() {
    let mut regulation = regulation(vec![], vec![]);
    regulation.end_users.clear();
    let evaluation = Bundle::empty().evaluated(&regulation);
    assert!(evaluation.results.is_empty());
    assert_eq!(evaluation.status(), "compliant");
}

#[test]
fn what_was_stored_reads_back() {
    let evaluation = Bundle::of_business(&json!({"first_name": "Jane"}))
        .with("passport", &json!({"first_name": "Joan", "number": "\"1\""}))
        .evaluated(&identity());
    let stored = evaluation.to_stored();
    assert_eq!(Evaluation::from_stored(&stored), Ok(evaluation));
    assert!(!stored.contains("Joan"), "values are not stored again");

    for broken in
        ["", "{}", &stored.replace(r#"{"v":1"#, r#"{"v":2"#), &stored.replace("22218", "22299"), &stored[1..]]
    {
        assert!(Evaluation::from_stored(broken).is_err(), "{broken}");
    }
    // Whatever later versions write, this text must stay readable.
    let old = r#"{"v":1,"regulation":"RN07070707070707070707070707070707","revision":3,"results":[{"requirement":["Name","name_info"],"object":["Passport","passport"],"failure":[22217,"The Number is missing."],"valid":[["First Name","first_name"]],"invalid":[["Number","number",22217,"The Number is missing."]]}]}"#;
    assert_eq!(Evaluation::from_stored(old).unwrap().to_stored(), old);
}

static BUILTIN: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);

fn json_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,6}".prop_map(Json::from),
        prop::sample::select(vec![
            "YES",
            "a@b.cd",
            "+4930",
            "2026-11-01",
            "AD01010101010101010101010101010101"
        ])
        .prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            prop::collection::hash_map("[a-z]{1,3}", inner, 0..3).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let names =
        ["first_name", "last_name", "business_name", "email", "address_sids", "is_subassigned", "other"];
    let object = prop::collection::hash_map(prop::sample::select(names.to_vec()), json_value(), 0..7);
    object.prop_map(|object| {
        attributes_of(&object.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    })
}

proptest! {
    #[test]
    fn any_contents_have_a_reproducible_result(
        end_user in prop::option::of((any::<bool>(), attributes())),
        documents in prop::collection::vec((any::<prop::sample::Index>(), attributes(), any::<bool>()), 0..6),
        regulation in any::<prop::sample::Index>(),
        switches in any::<(bool, bool)>(),
    ) {
        let regulations: Vec<_> = BUILTIN.list(RegulationFilter::default(), TODAY).collect();
        let regulation = regulations[regulation.index(regulations.len())];
        let types = BUILTIN.document_types();
        let bundle = Bundle {
            end_user: end_user.map(|(person, attributes)| (EndUserType::ALL[usize::from(person)], attributes)),
            documents: documents
                .into_iter()
                .map(|(index, attributes, file)| (&*types[index.index(types.len())].machine_name, attributes, file))
                .collect(),
            addresses: vec![address(1, "DE", switches.0)],
            switches: Switches { require_files: switches.0, check_address_scope: switches.1 },
        };
        let evaluation = bundle.evaluated(regulation);
        prop_assert_eq!(evaluation.results.len(), regulation.end_users.len() + regulation.documents.len());
        for result in &evaluation.results {
            prop_assert!(!result.passed() || result.invalid.is_empty());
        }
        prop_assert_eq!(bundle.evaluated(regulation).to_stored(), evaluation.to_stored());
        prop_assert_eq!(Evaluation::from_stored(&evaluation.to_stored()), Ok(evaluation));
    }

    #[test]
    fn stored_text_that_nobody_wrote_never_panics(text in ".{0,60}", damaged in r#"[{}\[\]:,"a0 \\]{0,60}"#) {
        let attributes = Attributes::from_stored(damaged);
        let contents = Contents {
            end_user: Some(EndUserContents { end_user_type: EndUserType::Business, attributes: &attributes }),
            documents: &[DocumentContents { document_type: "passport", attributes: &attributes, has_file: true }],
            addresses: &[],
            today: TODAY,
            switches: Switches::default(),
        };
        prop_assert!(!evaluate(&identity(), &contents).is_compliant());
        prop_assert!(Evaluation::from_stored(&text).is_err());
    }
}
