//! The listing as it was exported (contract section 5.1). Keys that are not needed may be there or not.

use serde::Deserialize;
use serde_json::Value as Json;

use super::Note;

#[derive(Deserialize)]
pub(super) struct RawRegulation {
    pub(super) sid: String,
    pub(super) friendly_name: String,
    pub(super) iso_country: String,
    pub(super) number_type: String,
    pub(super) end_user_type: String,
    pub(super) requirements: RawRequirements,
}

#[derive(Deserialize)]
pub(super) struct RawRequirements {
    #[serde(default)]
    pub(super) end_user: Vec<RawEndUser>,
    #[serde(default)]
    pub(super) supporting_document: Vec<Vec<RawRequirement>>,
}

#[derive(Deserialize)]
pub(super) struct RawEndUser {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) requirement_name: String,
    #[serde(flatten)]
    pub(super) shown: RawShown,
}

#[derive(Deserialize)]
pub(super) struct RawRequirement {
    pub(super) name: String,
    pub(super) requirement_name: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) accepted_documents: Vec<RawAccepted>,
}

#[derive(Deserialize)]
pub(super) struct RawAccepted {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(flatten)]
    pub(super) shown: RawShown,
}

/// What an end user or a document must show.
#[derive(Deserialize)]
pub(super) struct RawShown {
    #[serde(default)]
    pub(super) fields: Vec<String>,
    #[serde(default)]
    pub(super) detailed_fields: Vec<RawField>,
    pub(super) constraint: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RawField {
    pub(super) machine_name: String,
    pub(super) friendly_name: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) constraint: Option<String>,
}

/// Every regulation of the exported files, with its place.
pub(super) fn regulations(dumps: &[(&str, &str)], notes: &mut Vec<Note>) -> Vec<(String, RawRegulation)> {
    let mut found = Vec::new();
    for (name, text) in dumps {
        let documents = serde_json::Deserializer::from_str(text).into_iter::<Json>();
        for (number, document) in (1..).zip(documents) {
            let path = if number == 1 { (*name).to_owned() } else { format!("{name}, document {number}") };
            match document {
                Ok(json) => collect(path, json, &mut found, notes),
                Err(error) => {
                    let reason = format!("this is no JSON: {error}");
                    notes.push(Note { path, text: String::new(), reason, left_out: true });
                    break;
                }
            }
        }
    }
    found
}

/// Looks for regulations in a page, an array of pages, an array of regulations, or a regulation.
fn collect(path: String, json: Json, found: &mut Vec<(String, RawRegulation)>, notes: &mut Vec<Note>) {
    let place = |path: &str, key: &str, index: usize| format!("{path}: {key}[{index}]");
    match json {
        Json::Array(items) => {
            for (index, item) in items.into_iter().enumerate() {
                collect(place(&path, "", index), item, found, notes);
            }
        }
        Json::Object(mut page) if page.contains_key("results") => match page.remove("results") {
            Some(Json::Array(items)) => {
                for (index, item) in items.into_iter().enumerate() {
                    regulation(place(&path, "results", index), item, found, notes);
                }
            }
            _ => {
                let reason = "`results` is no array".to_owned();
                notes.push(Note { path, text: String::new(), reason, left_out: true });
            }
        },
        other => regulation(path, other, found, notes),
    }
}

fn regulation(path: String, json: Json, found: &mut Vec<(String, RawRegulation)>, notes: &mut Vec<Note>) {
    match serde_json::from_value::<RawRegulation>(json) {
        Ok(raw) => {
            let RawRegulation { iso_country, number_type, end_user_type, .. } = &raw;
            let path = format!("{path} ({iso_country}/{number_type}/{end_user_type})");
            found.push((path, raw));
        }
        Err(error) => {
            let reason = format!("this is no regulation: {error}");
            notes.push(Note { path, text: String::new(), reason, left_out: true });
        }
    }
}
