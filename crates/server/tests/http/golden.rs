//! The example bodies of the original's published interface description, compared with ours: the same
//! keys, the same types, identifiers and addresses of the same form.

use dossier_testkit::app::{Answer, Case, Client, Json, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

on_both_engines! {
    every_example_has_our_form,
    every_query_of_the_examples_comes_back,
}

/// Examples by method, path and name, such as `get /v2/RegulatoryCompliance/Bundles readFull`.
const EXAMPLES: &str = include_str!("../fixtures/examples.json");
/// What we answer that the examples do not show: the newer description has these.
const MORE: [&str; 2] = ["replace_items", "constraint"];

struct Example {
    method: String,
    path: String,
    name: String,
    body: Value,
}

fn examples() -> Vec<Example> {
    let all: Map<String, Value> = serde_json::from_str(EXAMPLES).unwrap();
    let read = |(title, body): (String, Value)| {
        let mut words = title.split(' ').map(str::to_owned);
        let mut next = || words.next().unwrap();
        Example { method: next(), path: next(), name: next(), body }
    };
    all.into_iter().map(read).collect()
}

impl Example {
    /// The query of the addresses in a list.
    fn query(&self) -> Option<&str> {
        self.body["meta"]["url"].as_str().map(|url| url.split_once('?').unwrap().1)
    }
}

/// One of everything, with a value in every field that may be empty.
struct World {
    alice: Client,
    case: Case,
    /// A bundle with little in it, and an evaluation of it.
    poor: String,
    evaluation: String,
    assignment: String,
    /// An approved bundle, and an approved copy of it.
    approved: String,
    copy: String,
}

impl World {
    async fn new(app: &TestApp) -> Self {
        let alice = app.alice();
        let case = alice.prepare_case().await;
        let bundle = v2(&format!("/Bundles/{}", case.bundle));
        alice.post(&bundle, &[("StatusCallback", "http://www.example.com")]).await.ok();
        app.set_valid_until(&case.bundle, 1_795_996_799).await;
        app.reject_document(&case.document, "Some failure reason.", "18001").await;
        let poor = alice.create_bundle("Poor").await.sid().to_owned();
        let evaluation = alice.evaluate(&poor).await.sid().to_owned();
        let assignment = alice.get(&format!("{bundle}/ItemAssignments")).await.ok().sids().remove(0);
        let approved = alice.create_bundle("Approved").await.sid().to_owned();
        let path = v2(&format!("/Bundles/{approved}"));
        alice.post(&path, &[("StatusCallback", "http://www.example.com")]).await.ok();
        app.set_bundle_status(&approved, "twilio-approved").await;
        app.set_valid_until(&approved, 1_795_996_799).await;
        let copy = alice.post(&format!("{path}/Copies"), &[]).await.created().sid().to_owned();
        app.set_bundle_status(&copy, "twilio-approved").await;
        app.set_valid_until(&copy, 1_795_996_799).await;
        Self { alice, case, poor, evaluation, assignment, approved, copy }
    }

    /// The path of an example, of ours.
    fn path(&self, template: &str) -> String {
        let collection = template.split("/{Sid}").next().unwrap().rsplit('/').next().unwrap();
        let is_about_copies =
            ["/Copies", "/Clones", "/ReplaceItems"].iter().any(|end| template.ends_with(end));
        let bundle = match template.contains("/Evaluations") {
            true => &self.poor,
            false if is_about_copies => &self.approved,
            false => &self.case.bundle,
        };
        let object = match collection {
            "Bundles" => &self.case.bundle,
            "EndUsers" => &self.case.end_user,
            "SupportingDocuments" => &self.case.document,
            "ItemAssignments" => &self.assignment,
            "Evaluations" => &self.evaluation,
            "Regulations" => "RNfd11dde5d4b7252abf96139766f68034",
            "EndUserTypes" => "business",
            _ => "passport",
        };
        template.replace("{BundleSid}", bundle).replace("{Sid}", object)
    }

    /// What we answer where the original answers the example.
    async fn ask(&self, example: &Example) -> Answer {
        let path = self.path(&example.path);
        if example.method == "get" {
            return self.alice.get(&path).await;
        }
        let item = self.alice.create_document("utility_bill", &json!({})).await;
        let kind = if path.contains("/EndUsers") { "individual" } else { "passport" };
        let form = [
            ("FriendlyName", "friendly_name"),
            ("Email", "a@b.c"),
            ("StatusCallback", "http://www.example.com"),
            ("RegulationSid", "RNfd11dde5d4b7252abf96139766f68034"),
            ("Type", kind),
            ("ObjectSid", item.sid()),
            ("TargetAccountSid", self.alice.account()),
            ("FromBundleSid", &self.copy),
        ];
        self.alice.post(&path, &form).await
    }
}

async fn every_example_has_our_form(db: TestDb) {
    let app = TestApp::start(db).await;
    let world = World::new(&app).await;
    let mut compared = 0;
    for example in &examples() {
        let title = format!("{} {} {}", example.method, example.path, example.name);
        let answer = world.ask(example).await;
        let ours = if example.name == "create" { answer.created() } else { answer.ok() };
        compare(&title, &example.body, &ours);
        compared += 1;
    }
    assert_eq!(compared, examples().len());
}

/// `title` says where in which example.
fn compare(title: &str, example: &Value, ours: &Value) {
    match (example, ours) {
        // What may be null is null in some examples and not in others.
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(_), Value::Object(_)) if title.ends_with(".attributes") => {}
        (Value::Object(example), Value::Object(ours)) => {
            let keys = |object: &Map<String, Value>| object.keys().cloned().collect::<BTreeSet<_>>();
            let missing: Vec<_> = keys(example).difference(&keys(ours)).cloned().collect();
            assert!(missing.is_empty(), "{title} lacks {missing:?}");
            let more: Vec<_> = keys(ours).difference(&keys(example)).cloned().collect();
            assert!(more.iter().all(|key| MORE.contains(&&**key)), "{title} has also {more:?}");
            // An assignment may be of either kind of item, whatever the example's is.
            for (key, value) in example.iter().filter(|(key, _)| *key != "object_sid") {
                compare(&format!("{title}.{key}"), value, &ours[key]);
            }
        }
        (Value::Array(examples), Value::Array(ours)) => {
            let Some(example) = examples.first() else { return };
            // Some regulations ask for no document, but no list may be empty where the example's is not.
            let is_list = title.ends_with("results") || title.ends_with("_types");
            assert!(!(is_list && ours.is_empty()), "{title}: nothing to compare with");
            for item in ours {
                compare(&format!("{title}[]"), example, item);
            }
        }
        (Value::String(example), Value::String(ours)) => {
            assert_eq!(form(example), form(ours), "{title}: {example} and {ours}");
        }
        (Value::Number(_), Value::Number(_)) | (Value::Bool(_), Value::Bool(_)) => {}
        _ => panic!("{title}: {example} and {ours} are of different types"),
    }
}

/// What kind of text it is: an identifier, a time, an address with identifiers in it, or any text.
fn form(text: &str) -> String {
    let is_sid = |text: &str| {
        text.len() == 34
            && text[..2].bytes().all(|byte| byte.is_ascii_uppercase())
            && text[2..].bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase())
    };
    let digits: String = text.chars().map(|char| if char.is_ascii_digit() { '0' } else { char }).collect();
    if is_sid(text) {
        return text[..2].to_owned();
    }
    if digits == "0000-00-00T00:00:00Z" {
        return digits;
    }
    let Some((_, path)) = text.split_once("/v2/RegulatoryCompliance/") else { return "any text".to_owned() };
    // Old examples name what a regulation links to otherwise than the live service does.
    if ["Regulations/individual", "DocumentTypes/", "EndUserTypes/", "SupportingDocumentTypes/"]
        .iter()
        .any(|begin| path.starts_with(begin))
    {
        return "a type".to_owned();
    }
    let path = path.split('?').next().unwrap();
    let segment = |segment: &str| if is_sid(segment) { segment[..2].to_owned() } else { segment.to_owned() };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// Sent to us, the query of an example comes back in the addresses of the list, whatever its order.
async fn every_query_of_the_examples_comes_back(db: TestDb) {
    let app = TestApp::start(db).await;
    let world = World::new(&app).await;
    let sorted = |query: &str| query.split('&').map(str::to_owned).collect::<BTreeSet<_>>();
    for example in &examples() {
        let Some(query) = example.query() else { continue };
        let path = world.path(&example.path);
        let list: Json = world.alice.get(&format!("{path}?{query}")).await.ok();
        for key in ["url", "first_page_url"] {
            let ours = list["meta"][key].as_str().unwrap();
            assert_eq!(sorted(ours.split_once('?').unwrap().1), sorted(query), "{path} {}", example.name);
            world.alice.get(ours).await.ok();
        }
    }
}
