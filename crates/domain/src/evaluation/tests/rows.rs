//! The decisions of contract section 14.4, row by row.

use serde_json::{Value as Json, json};

use super::*;
use crate::Code;
use crate::regulation::Pattern;

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
