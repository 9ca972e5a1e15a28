//! `reasons.toml`: why reviewers refuse.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use toml::Spanned;

use super::notebook::Notebook;
use super::source::File;
use crate::reason::{OWN_CODES, Reason, Reasons, Subject};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    reason: Vec<Spanned<RawReason>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReason {
    code: u32,
    name: String,
    applicant: String,
    colleague: String,
    retryable: bool,
    applies_to: Vec<RawSubject>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum RawSubject {
    Document,
    Bundle,
}

impl From<RawSubject> for Subject {
    fn from(raw: RawSubject) -> Self {
        match raw {
            RawSubject::Document => Self::Document,
            RawSubject::Bundle => Self::Bundle,
        }
    }
}

/// Reads the files of all layers. A reason replaces the one of the same code below it; a new one in an
/// upper layer has a code of its own range, so that it never means something else one day.
pub(super) fn read(files: &[File<'_>], notebook: &mut Notebook) -> Reasons {
    let mut all: BTreeMap<u32, Reason> = BTreeMap::new();
    for file in files {
        let Some(raw) = file.parse::<RawFile>(notebook) else { continue };
        let mut seen = HashSet::new();
        for entry in raw.reason {
            let (span, raw) = (entry.span(), entry.into_inner());
            let code = raw.code;
            if !seen.insert(code) {
                notebook.problem(*file, span.clone(), format!("the reason {code} is there twice"));
            }
            if file.layer > 0 && !all.contains_key(&code) && !OWN_CODES.contains(&code) {
                let reason = format!("there is no reason {code} to replace");
                let (first, last) = (OWN_CODES.start(), OWN_CODES.end());
                let help = format!("reasons of your own have codes from {first} to {last}");
                notebook.problem_with_help(*file, span.clone(), reason, Some(help));
            }
            if raw.applies_to.is_empty() {
                notebook.problem(*file, span.clone(), "`applies_to` must name `document`, `bundle` or both");
            }
            let reason = Reason {
                code,
                name: notebook.sentence(*file, span.clone(), "name", &raw.name),
                applicant: notebook.sentence(*file, span.clone(), "applicant", &raw.applicant),
                colleague: notebook.sentence(*file, span, "colleague", &raw.colleague),
                retryable: raw.retryable,
                applies_to: raw.applies_to.into_iter().map(Subject::from).collect(),
            };
            all.insert(code, reason);
        }
    }
    Reasons::new(all.into_values())
}
