//! `/Bundles/{BundleSid}/Evaluations` (contract section 5.3).

use dossier_testkit::app::{Case, Client, Json, PDF, Part, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

on_both_engines! {
    an_empty_bundle_is_told_everything_that_is_missing,
    a_german_business_walks_to_compliant,
    a_document_without_its_file_is_missing,
    files_need_not_be_there_where_that_is_chosen,
    an_address_must_be_where_the_number_is,
    every_status_can_be_evaluated_and_none_changes,
    an_evaluation_is_a_snapshot_that_stays,
    the_last_hundred_are_kept,
}

const EXCERPT: &str = "Excerpt from the commercial register";

fn evaluations(bundle: &str) -> String {
    v2(&format!("/Bundles/{bundle}/Evaluations"))
}

fn end_user_field(label: &str, field: &str) -> Value {
    let reason = format!("The {label} is missing. Please enter in a {label} on the Business information.");
    json!({ "friendly_name": label, "object_field": field, "failure_reason": reason, "error_code": 22215 })
}

fn document_field(label: &str, field: &str, code: u32) -> Value {
    let reason = format!(
        "The {label} is missing. Or, it does not match the {label} you entered within Business information. \
         Please enter in the {label} shown on the {EXCERPT} or make sure both {label} fields use the same exact \
         inputs."
    );
    json!({ "friendly_name": label, "object_field": field, "failure_reason": reason, "error_code": code })
}

fn valid(label: &str, field: &str) -> Value {
    json!({
        "friendly_name": label,
        "object_field": field,
        "failure_reason": null,
        "error_code": null,
        "passed": true,
    })
}

const NO_ADDRESS: &str =
    "The Address is missing. Please enter in the address shown on the Excerpt from the commercial register.";

async fn an_empty_bundle_is_told_everything_that_is_missing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let evaluation = alice.evaluate(bundle.sid()).await;
    let no_document = format!("An {EXCERPT} is missing. Please add one to the regulatory bundle.");
    let document = |requirement: &str, name: &str, invalid: &[Value]| {
        json!({
            "friendly_name": EXCERPT,
            "object_type": "commercial_registrar_excerpt",
            "passed": false,
            "failure_reason": no_document,
            "error_code": 22216,
            "valid": [],
            "invalid": invalid,
            "requirement_friendly_name": requirement,
            "requirement_name": name,
        })
    };
    let name = document_field("Business Name", "business_name", 22217);
    let number = document_field("Business Registration Number", "business_registration_number", 22217);
    let address = json!({
        "friendly_name": "Address sid(s)",
        "object_field": "address_sids",
        "failure_reason": NO_ADDRESS,
        "error_code": 22219,
    });
    let expected = json!({
        "sid": evaluation.sid(),
        "account_sid": alice.account(),
        "regulation_sid": bundle["regulation_sid"],
        "bundle_sid": bundle.sid(),
        "status": "noncompliant",
        "results": [
            {
                "friendly_name": "Business",
                "object_type": "business",
                "passed": false,
                "failure_reason": "A Business End-User is missing. Please add one to the regulatory bundle.",
                "error_code": 22214,
                "valid": [],
                "invalid": [
                    end_user_field("Business Name", "business_name"),
                    end_user_field("Business Registration Number", "business_registration_number"),
                    end_user_field("Business Website", "business_website"),
                    end_user_field("First Name", "first_name"),
                    end_user_field("Last Name", "last_name"),
                    end_user_field("Email", "email"),
                ],
                "requirement_friendly_name": "Business",
                "requirement_name": "business_info",
            },
            document("Proof of registration", "business_reg_no_info", &[name.clone(), number]),
            document("Proof of business identity", "business_name_info", &[name]),
            document("Proof of address", "business_address_proof_info", &[address]),
        ],
        "date_created": "2026-01-01T00:00:00Z",
        "url": format!("http://{}{}/{}", app.address(), evaluations(bundle.sid()), evaluation.sid()),
    });
    assert_eq!(*evaluation, expected);
    assert_eq!(*alice.get(evaluation.text("url")).await.ok(), expected);
}

/// The codes of the results, and of the fields in them.
fn codes(evaluation: &Json) -> Vec<(Value, Vec<(&str, u64)>)> {
    evaluation
        .items("results")
        .iter()
        .map(|result| {
            let fields = result["invalid"].as_array().unwrap().iter().map(|invalid| {
                (invalid["object_field"].as_str().unwrap(), invalid["error_code"].as_u64().unwrap())
            });
            (result["error_code"].clone(), fields.collect())
        })
        .collect()
}

async fn a_german_business_walks_to_compliant(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let passed = || (Value::Null, vec![]);

    // An end user who says little, and says one thing in a form that is no e-mail address.
    let end_user =
        alice.create_end_user(&json!({ "business_name": "Beispiel GmbH", "email": "erika" })).await;
    alice.assign(bundle.sid(), end_user.sid()).await.created();
    let evaluation = alice.evaluate(bundle.sid()).await;
    let missing = ["business_registration_number", "business_website", "first_name", "last_name", "email"];
    assert_eq!(codes(&evaluation)[0], (json!(22215), missing.map(|field| (field, 22215)).to_vec()));
    let first = &evaluation["results"][0];
    assert_eq!(first["valid"], json!([valid("Business Name", "business_name")]));
    assert_eq!(first["failure_reason"], first["invalid"][0]["failure_reason"], "that of its first field");

    // Everything said, but what is blank or of the wrong kind counts as not said.
    let mut attributes = Case::end_user_attributes();
    attributes["first_name"] = json!("  ");
    attributes["last_name"] = json!(null);
    update(&alice, &end_user, &attributes).await;
    let evaluation = alice.evaluate(bundle.sid()).await;
    assert_eq!(codes(&evaluation)[0], (json!(22215), vec![("first_name", 22215), ("last_name", 22215)]));
    let mut attributes = Case::end_user_attributes();
    attributes["comments"] = json!("What is optional is valid when it is there.");
    attributes["business_registration_number"] = json!(12345);
    update(&alice, &end_user, &attributes).await;
    let evaluation = alice.evaluate(bundle.sid()).await;
    assert_eq!(codes(&evaluation)[0], passed());
    assert_eq!(evaluation["results"][0]["valid"].as_array().unwrap().len(), 7);
    assert_eq!(evaluation["results"][0]["failure_reason"], Value::Null);

    // A document of another business, with an address that is not there.
    let nowhere = crate::nobodys("AD");
    let mut attributes = Case::document_attributes(&nowhere);
    attributes["business_name"] = json!("beispiel gmbh");
    attributes["business_registration_number"] = json!("12345");
    let document = alice.upload_document("commercial_registrar_excerpt", &attributes).await;
    alice.assign(bundle.sid(), document.sid()).await.created();
    let evaluation = alice.evaluate(bundle.sid()).await;
    let name = ("business_name", 22218);
    assert_eq!(
        codes(&evaluation),
        [
            passed(),
            (json!(22218), vec![name]),
            (json!(22218), vec![name]),
            (json!(22219), vec![("address_sids", 22219)]),
        ]
    );
    let registration = &evaluation["results"][1];
    assert_eq!(registration["invalid"], json!([document_field("Business Name", "business_name", 22218)]));
    let number = valid("Business Registration Number", "business_registration_number");
    assert_eq!(registration["valid"], json!([number]), "a number and its digits are equal");
    assert_eq!(evaluation["results"][3]["failure_reason"], NO_ADDRESS);

    // The right document.
    let address = alice.create_address().await;
    let mut attributes = Case::document_attributes(address.sid());
    attributes["business_registration_number"] = json!("12345");
    update(&alice, &document, &attributes).await;
    let evaluation = alice.evaluate(bundle.sid()).await;
    assert_eq!(evaluation.text("status"), "compliant");
    assert_eq!(codes(&evaluation), [passed(), passed(), passed(), passed()]);
    assert!(evaluation.items("results").iter().all(|result| result["passed"] == true));
}

async fn update(client: &Client, object: &Json, attributes: &Value) {
    client.post(object.text("url"), &[("Attributes", &attributes.to_string())]).await.ok();
}

async fn a_document_without_its_file_is_missing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let other = alice.create_bundle("Without a file").await;
    let attributes = Case::document_attributes(&case.address);
    let document = alice.create_document("commercial_registrar_excerpt", &attributes).await;
    for item in [&case.end_user, &document.sid().to_owned()] {
        alice.assign(other.sid(), item).await.created();
    }
    let evaluation = alice.evaluate(other.sid()).await;
    let results = codes(&evaluation);
    assert_eq!(results[1..].iter().map(|(code, _)| code).collect::<Vec<_>>(), [22216, 22216, 22216]);
    alice.post_parts(document.text("url"), &[Part::File("application/pdf", PDF)]).await.ok();
    assert_eq!(alice.evaluate(other.sid()).await.text("status"), "compliant");
}

async fn files_need_not_be_there_where_that_is_chosen(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.app.evaluation.require_files = false).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let other = alice.create_bundle("Without a file").await;
    let attributes = Case::document_attributes(&case.address);
    let document = alice.create_document("commercial_registrar_excerpt", &attributes).await;
    for item in [&case.end_user, &document.sid().to_owned()] {
        alice.assign(other.sid(), item).await.created();
    }
    assert_eq!(alice.submit(other.sid()).await.ok().text("status"), "pending-review");
}

async fn an_address_must_be_where_the_number_is(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let document = alice.document(&case.document).await;
    let paris = [
        ("CustomerName", "Exemple"),
        ("Street", "Rue de Rivoli 1"),
        ("City", "Paris"),
        ("Region", "Île-de-France"),
        ("PostalCode", "75001"),
        ("IsoCountry", "FR"),
    ];
    let abroad = alice.post(&alice.v2010("/Addresses.json"), &paris).await.created();
    let bobs = app.bob().create_address().await;
    let berlin = case.address.as_str();
    for (sids, compliant) in [
        (json!([berlin]), true),
        (json!(berlin), true),
        (json!(format!("{berlin},{berlin}")), true),
        (json!([berlin, berlin]), true),
        (json!([]), false),
        (json!(""), false),
        (json!([berlin, abroad.sid()]), false),
        (json!([abroad.sid()]), false),
        (json!([berlin, bobs.sid()]), false),
        (json!([berlin, "AD1"]), false),
        (json!({ "sid": berlin }), false),
        (json!(7), false),
    ] {
        let mut attributes = Case::document_attributes(berlin);
        attributes["address_sids"] = sids.clone();
        update(&alice, &document, &attributes).await;
        assert_eq!(alice.document(&case.document).await["attributes"]["address_sids"], sids, "as sent");
        let evaluation = alice.evaluate(&case.bundle).await;
        assert_eq!(evaluation["status"] == "compliant", compliant, "{sids}");
        let code = if compliant { Value::Null } else { json!(22219) };
        assert_eq!(evaluation["results"][3]["error_code"], code, "{sids}");
    }
}

async fn every_status_can_be_evaluated_and_none_changes(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    for status in [
        "draft",
        "pending-review",
        "in-review",
        "twilio-rejected",
        "twilio-approved",
        "provisionally-approved",
    ] {
        app.set_bundle_status(&case.bundle, status).await;
        let (bundle, document) = (alice.bundle(&case.bundle).await, alice.document(&case.document).await);
        app.clock().advance(Duration::from_secs(1));
        assert_eq!(alice.evaluate(&case.bundle).await.text("status"), "compliant", "{status}");
        assert_eq!(*alice.bundle(&case.bundle).await, *bundle);
        assert_eq!(*alice.document(&case.document).await, *document);
    }
    assert_eq!(alice.get(&evaluations(&case.bundle)).await.ok().sids().len(), 6);
}

async fn an_evaluation_is_a_snapshot_that_stays(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = alice.prepare_case().await;
    let other = alice.create_bundle("Other").await;
    let first = alice.evaluate(&case.bundle).await;
    app.clock().advance(Duration::from_secs(1));
    alice.post(&v2(&format!("/EndUsers/{}", case.end_user)), &[("Attributes", "{}")]).await.ok();
    let second = alice.evaluate(&case.bundle).await;
    assert_eq!([first.text("status"), second.text("status")], ["compliant", "noncompliant"]);
    assert_eq!(*alice.get(first.text("url")).await.ok(), *first);
    let list = alice.get(&evaluations(&case.bundle)).await.ok();
    assert_eq!(list.items("results"), &[second.0.clone(), first.0.clone()], "newest first, in full");
    // It belongs to its bundle, and nothing can be done to it.
    let elsewhere = format!("{}/{}", evaluations(other.sid()), first.sid());
    alice.get(&elsewhere).await.refused(404, 20404);
    alice.delete(first.text("url")).await.refused(405, 20004);
    alice.post(&evaluations(&crate::nobodys("BU")), &[]).await.refused(404, 20404);
}

async fn the_last_hundred_are_kept(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let [bundle, other] = [alice.create_bundle("One").await, alice.create_bundle("Two").await];
    let others = alice.evaluate(other.sid()).await;
    let mut made = Vec::new();
    for _ in 0..103 {
        made.insert(0, alice.evaluate(bundle.sid()).await.sid().to_owned());
        app.clock().advance(Duration::from_secs(1));
    }
    let list = alice.query(&evaluations(bundle.sid()), &[("PageSize", "1000")]).await.ok();
    assert_eq!(list.sids(), made[..100]);
    let path = |sid: &str| format!("{}/{sid}", evaluations(bundle.sid()));
    alice.get(&path(&made[99])).await.ok();
    alice.get(&path(&made[100])).await.refused(404, 20404);
    alice.get(others.text("url")).await.ok();
}
