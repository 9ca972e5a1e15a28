//! The OpenAPI documents: served to anybody, complete, and sound in themselves. That answers are as they
//! say is checked at every answer of every test.

use dossier_testkit::app::{Document, documents};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use dossier_web::{REHEARSAL_ROUTES, ROUTES};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

on_both_engines! {
    anybody_can_read_the_documents,
    rehearsal_mode_has_one_more,
}

/// Routes that wait for their description. Must be empty at a release.
const NOT_DESCRIBED_YET: [(&str, &str); 0] = [];
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn anybody_can_read_the_documents(db: TestDb) {
    let app = TestApp::start(db).await;
    let index = app.nobody().get("/openapi").await.ok();
    assert_eq!(index.items("documents").len(), 3, "{:?}", index.0);
    for entry in index.items("documents") {
        let served = app.nobody().get(entry["url"].as_str().unwrap()).await.ok();
        let document = documents().iter().find(|document| entry["name"] == document.source.name).unwrap();
        assert_eq!(served.0, document.json);
    }
    app.nobody().get("/openapi/rehearsal.json").await.refused(404, 20404);
    app.nobody().get("/openapi/other.json").await.refused(404, 20404);
}

async fn rehearsal_mode_has_one_more(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.web.rehearsal = true).await;
    let index = app.nobody().get("/openapi").await.ok();
    let entry = json!({ "name": "rehearsal", "url": "/openapi/rehearsal.json" });
    assert!(index.items("documents").contains(&entry), "{:?}", index.0);
    app.nobody().get("/openapi/rehearsal.json").await.ok();
}

/// The operations of a document: its path and method, and what is said about it.
fn operations(document: &Document) -> impl Iterator<Item = (&str, &str, &Value)> {
    document.json["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// A path without the names in it, which differ, and without the ending that a route does not show.
fn anonymous(path: &str) -> String {
    let path = path.strip_suffix("}.json").map_or(path.to_owned(), |path| format!("{path}}}"));
    let segment = |segment: &str| if segment.starts_with('{') { "{}".to_owned() } else { segment.to_owned() };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_is_described_and_nothing_else_is() {
    let routes = ROUTES.iter().chain(REHEARSAL_ROUTES).filter(|route| !NOT_DESCRIBED_YET.contains(route));
    let elsewhere =
        |path: &str| path.starts_with("/openapi") || ["/health", "/live", "/metrics"].contains(&path);
    let routes: BTreeSet<_> = routes
        .filter(|(_, path)| !elsewhere(path))
        .map(|(method, path)| (anonymous(path), (*method).to_owned()))
        .collect();
    let described = documents().iter().flat_map(operations);
    let described: BTreeSet<_> =
        described.map(|(path, method, _)| (anonymous(path), method.to_uppercase())).collect();
    assert_eq!(described, routes);
}

#[test]
fn operations_have_names_and_groups_of_their_own() {
    let mut names = BTreeSet::new();
    for document in documents() {
        let groups: BTreeSet<_> =
            document.json["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).map(text).collect();
        let mut used = BTreeSet::new();
        for (path, method, operation) in operations(document) {
            assert!(METHODS.contains(&method), "{method} {path}");
            assert!(names.insert(text(&operation["operationId"])), "{method} {path} has another's name");
            used.extend(operation["tags"].as_array().unwrap().iter().map(text));
        }
        assert_eq!(groups, used, "{}", document.source.name);
        assert_eq!(document.json["openapi"], "3.1.0");
        assert_eq!(document.json["info"]["version"], env!("CARGO_PKG_VERSION"), "{}", document.source.name);
        assert_eq!(document.json["servers"][0]["url"], "/", "right under any host");
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// Calls `visit` with every object in the document and where it is.
fn walk<'a>(place: &str, value: &'a Value, visit: &mut impl FnMut(&str, &'a Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(place, object);
            object.iter().for_each(|(key, value)| walk(&format!("{place}/{key}"), value, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(&format!("{place}/-"), item, visit)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_nothing_is_left_over() {
    for document in documents() {
        let names: BTreeSet<_> =
            operations(document).map(|(_, _, operation)| text(&operation["operationId"])).collect();
        let mut used = BTreeSet::new();
        walk("", &document.json, &mut |place, object| {
            if let Some(reference) = object.get("$ref") {
                document.resolved(&json!({ "$ref": reference }));
                used.insert(text(reference).to_owned());
            }
            if place.contains("/links/") && object.contains_key("operationId") {
                assert!(names.contains(text(&object["operationId"])), "{place}");
            }
        });
        for (kind, components) in document.json["components"].as_object().unwrap() {
            for name in components.as_object().unwrap().keys().filter(|_| kind != "securitySchemes") {
                assert!(used.contains(&format!("#/components/{kind}/{name}")), "nobody uses {kind}/{name}");
            }
        }
    }
}

#[test]
fn everything_has_a_description() {
    for document in documents() {
        let described = |value: &Value| {
            value["description"].is_string() || document.resolved(value)["description"].is_string()
        };
        let name = document.source.name;
        for (path, method, operation) in operations(document) {
            assert!(operation["summary"].is_string(), "{method} {path}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(described(parameter), "{method} {path}: {parameter}");
            }
        }
        walk("", &document.json, &mut |place, object| {
            // Inside an example, `properties` would be data.
            for part in ["properties", "responses", "schemas"] {
                let Some(Value::Object(parts)) = object.get(part) else { continue };
                for (key, value) in parts {
                    assert!(described(value), "{name}: {place}/{part}/{key}");
                }
            }
        });
    }
}

#[test]
fn what_the_service_says_has_no_room_for_more() {
    for document in documents() {
        walk("", &document.json, &mut |place, object| {
            let is_closed = object.contains_key("additionalProperties");
            let is_form = place.contains("/requestBody/");
            assert!(
                !object.contains_key("properties") || is_closed || is_form || place.ends_with("/properties"),
                "{}: {place} does not say whether there may be more",
                document.source.name
            );
        });
    }
}

#[test]
fn schemas_are_schemas_and_examples_fit_them() {
    let mut examples = 0;
    for document in documents() {
        for (name, schema) in document.json["components"]["schemas"].as_object().unwrap() {
            jsonschema::draft202012::meta::validate(schema).unwrap_or_else(|error| panic!("{name}: {error}"));
            for example in schema["examples"].as_array().into_iter().flatten() {
                document.validate(schema, example).unwrap_or_else(|flaw| panic!("{name}: {flaw}"));
                examples += 1;
            }
        }
    }
    assert!(examples >= 10, "{examples}");
}

/// What a caller has to be ready for wherever an operation of the surface is used.
#[test]
fn what_can_always_happen_is_always_described() {
    let always = BTreeMap::from([
        ("account", ["401", "403", "429", "500", "503"].as_slice()),
        ("operator", &["401", "403", "500", "503"]),
        ("", &["500", "503"]),
    ]);
    for document in documents() {
        let scheme = document.json["security"][0].as_object().and_then(|scheme| scheme.keys().next());
        for (path, method, operation) in operations(document) {
            let answers = operation["responses"].as_object().unwrap();
            let missing: Vec<_> = always[scheme.map_or("", String::as_str)]
                .iter()
                .filter(|status| !answers.contains_key(**status))
                .collect();
            assert!(missing.is_empty(), "{method} {path}: {missing:?}");
            let names_something = path.contains('{');
            let may_be_new = method == "put" && answers.contains_key("201");
            assert!(!names_something || may_be_new || answers.contains_key("404"), "{method} {path}");
            let has_body = operation.get("requestBody").is_some();
            let refused = answers.contains_key("413") && answers.contains_key("415");
            assert!(!has_body || refused, "{method} {path}");
        }
    }
}
