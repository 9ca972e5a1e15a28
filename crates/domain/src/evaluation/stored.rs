//! Evaluations as text, for storing.
//!
//! The form is ours and has a version, so that what was stored years ago can still be read. It is
//! independent of the wire's form and of the names in this module.

use serde::{Deserialize, Serialize};

use super::{Evaluation, Failure, InvalidField, RequirementResult, ValidField};
use crate::Code;
use crate::sid::RegulationSid;

/// The version that is written.
const VERSION: u32 = 1;

/// The text is no evaluation in a version this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stored evaluation that this version of the program can read")]
pub struct UnreadableEvaluation;

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u32,
    regulation: String,
    revision: u32,
    results: Vec<StoredResult>,
}

#[derive(Serialize, Deserialize)]
struct StoredResult {
    requirement: (String, String),
    object: (String, String),
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<(u32, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    valid: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    invalid: Vec<(String, String, u32, String)>,
}

impl Evaluation {
    /// The evaluation as compact JSON. The same evaluation always gives the same text.
    pub fn to_stored(&self) -> String {
        let stored = Stored {
            v: VERSION,
            regulation: self.regulation.to_string(),
            revision: self.revision,
            results: self.results.iter().map(StoredResult::from).collect(),
        };
        serde_json::to_string(&stored).expect("strings, numbers and lists can be written as JSON")
    }

    /// Reads an evaluation that was stored.
    ///
    /// # Errors
    /// [`UnreadableEvaluation`] when the text was damaged or a newer program wrote it.
    pub fn from_stored(text: &str) -> Result<Self, UnreadableEvaluation> {
        let stored: Stored = serde_json::from_str(text).map_err(|_| UnreadableEvaluation)?;
        if stored.v != VERSION {
            return Err(UnreadableEvaluation);
        }
        Ok(Self {
            regulation: RegulationSid::parse(&stored.regulation).map_err(|_| UnreadableEvaluation)?,
            revision: stored.revision,
            results: stored.results.into_iter().map(RequirementResult::try_from).collect::<Result<_, _>>()?,
        })
    }
}

impl From<&RequirementResult> for StoredResult {
    fn from(result: &RequirementResult) -> Self {
        let invalid = |field: &InvalidField| {
            let Failure { code, reason } = &field.failure;
            (field.friendly_name.clone(), field.object_field.clone(), code.number(), reason.clone())
        };
        let valid = |field: &ValidField| (field.friendly_name.clone(), field.object_field.clone());
        Self {
            requirement: (result.requirement_friendly_name.clone(), result.requirement_name.clone()),
            object: (result.friendly_name.clone(), result.object_type.clone()),
            failure: result.failure.as_ref().map(|failure| (failure.code.number(), failure.reason.clone())),
            valid: result.valid.iter().map(valid).collect(),
            invalid: result.invalid.iter().map(invalid).collect(),
        }
    }
}

impl TryFrom<StoredResult> for RequirementResult {
    type Error = UnreadableEvaluation;

    fn try_from(stored: StoredResult) -> Result<Self, UnreadableEvaluation> {
        let failure = |(number, reason): (u32, String)| {
            let code = Code::ALL.iter().copied().find(|code| code.number() == number);
            code.map(|code| Failure { code, reason }).ok_or(UnreadableEvaluation)
        };
        let valid = |(friendly_name, object_field)| ValidField { friendly_name, object_field };
        let invalid = |(friendly_name, object_field, number, reason)| {
            Ok(InvalidField { friendly_name, object_field, failure: failure((number, reason))? })
        };
        Ok(Self {
            friendly_name: stored.object.0,
            object_type: stored.object.1,
            requirement_friendly_name: stored.requirement.0,
            requirement_name: stored.requirement.1,
            failure: stored.failure.map(failure).transpose()?,
            valid: stored.valid.into_iter().map(valid).collect(),
            invalid: stored.invalid.into_iter().map(invalid).collect::<Result<_, _>>()?,
        })
    }
}
