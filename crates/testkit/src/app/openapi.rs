//! What the service answers, held against what its OpenAPI documents say.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use dossier_web::{OPENAPI_DOCUMENTS, OpenApiDocument};
use jsonschema::Validator;
use serde_json::{Value, json};

use super::answer::Answer;

/// Paths that are described elsewhere: for whoever watches the service, and the documents themselves.
const ELSEWHERE: [&str; 4] = ["/health", "/live", "/metrics", "/openapi"];

static DOCUMENTS: LazyLock<Vec<Document>> =
    LazyLock::new(|| OPENAPI_DOCUMENTS.into_iter().map(Document::parse).collect());

/// Compiling a schema takes longer than an answer.
static VALIDATORS: Mutex<BTreeMap<String, Arc<Validator>>> = Mutex::new(BTreeMap::new());

/// An OpenAPI document of the service.
pub struct Document {
    /// As it is served.
    pub source: &'static OpenApiDocument,
    /// As JSON.
    pub json: Value,
}

/// All documents of the service.
pub fn documents() -> &'static [Document] {
    &DOCUMENTS
}

/// Holds an answer against the document of its path: the status, the media type, the body.
///
/// # Errors
/// What is not as it is described.
pub(super) fn check(method: &str, target: &str, answer: &Answer) -> Result<(), String> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let Some((document, operations)) = described(path) else {
        let is_known = ELSEWHERE.iter().any(|known| path.starts_with(known));
        return expect(is_known || matches!(answer.status, 404 | 405), "no document has this path");
    };
    let described_method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let Some(operation) = operations.get(&described_method) else {
        return expect(answer.status == 405, "no document has this method");
    };
    if document.source.is_for_rehearsal && answer.status == 404 {
        return Ok(());
    }
    let response = document.resolved(&operation["responses"][answer.status.to_string()]);
    expect(response.is_object(), "the status is not described")?;
    if method == "HEAD" {
        return Ok(());
    }
    let Some(content) = response["content"].as_object() else {
        return expect(answer.body.is_empty(), "it is described without a body");
    };
    let media_type = answer.header("content-type").unwrap_or_default();
    let Some(described) = content.get(media_type) else {
        return Err(format!("the media type {media_type:?} is not described"));
    };
    if described["schema"].is_null() {
        return Ok(()); // Any bytes: a file.
    }
    let is_lines = media_type == "application/x-ndjson";
    let bodies = answer.body.split(|byte| is_lines && *byte == b'\n').filter(|body| !body.is_empty());
    bodies.into_iter().try_for_each(|body| {
        let body = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        document.validate(&described["schema"], &body)
    })
}

fn expect(claim: bool, otherwise: &str) -> Result<(), String> {
    if claim { Ok(()) } else { Err(otherwise.to_owned()) }
}

/// The operations of a path. Where two templates fit, the one with fewer names in it is meant.
fn described(path: &str) -> Option<(&'static Document, &'static Value)> {
    let all = DOCUMENTS.iter().flat_map(|document| {
        let paths = document.json["paths"].as_object().into_iter().flatten();
        paths.map(move |(template, operations)| (template, document, operations))
    });
    let fitting = all.filter(|(template, ..)| fits(template, path));
    let found = fitting.min_by_key(|(template, ..)| template.matches('{').count());
    found.map(|(_, document, operations)| (document, operations))
}

/// As the router has it: a name stands for any segment, and for an empty one that is not the last. What
/// may end in `.json` only is looked at by the handler.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let is_name = |segment: &str| segment.starts_with('{');
    let fits = |(template, segment): (&&str, &&str)| is_name(template) || template == segment;
    let ends_empty = path.last().is_none_or(|last| last.is_empty());
    template.len() == path.len() && template.iter().zip(&path).all(fits) && !ends_empty
}

impl Document {
    fn parse(source: &'static OpenApiDocument) -> Self {
        let json = serde_json::from_str(source.text).unwrap_or_else(|error| panic!("{source:?}: {error}"));
        Self { source, json }
    }

    /// What a reference leads to; anything else as it is.
    ///
    /// # Panics
    /// When it leads nowhere.
    pub fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value["$ref"].as_str() else { return value };
        let pointer = reference.strip_prefix('#').expect("documents refer to nothing outside");
        self.json.pointer(pointer).unwrap_or_else(|| panic!("{}: {reference}", self.source.name))
    }

    /// Holds a value against a schema of the document.
    ///
    /// # Errors
    /// Everything that does not fit.
    ///
    /// # Panics
    /// When the schema is none.
    pub fn validate(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let flaws: Vec<_> = self
            .validator(schema)
            .iter_errors(value)
            .map(|flaw| format!("at {:?}: {flaw}", flaw.instance_path().to_string()))
            .collect();
        if flaws.is_empty() { Ok(()) } else { Err(flaws.join("; ")) }
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let key = format!("{} {schema}", self.source.name);
        let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
        let compiled = validators.entry(key).or_insert_with(|| {
            // References are looked up from the top, so the schema gets the document's components there.
            let whole = json!({ "allOf": [schema], "components": self.json["components"] });
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            let compiled = options.build(&whole);
            Arc::new(compiled.unwrap_or_else(|error| panic!("{}: {schema}: {error}", self.source.name)))
        });
        Arc::clone(compiled)
    }
}
