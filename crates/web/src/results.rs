//! What an evaluation found, as both surfaces show it (contract section 5.3).

use dossier_domain::evaluation::{Failure, InvalidField, RequirementResult, ValidField};
use serde::Serialize;

/// How one requirement came out.
#[derive(Serialize)]
pub(crate) struct ResultView<'a> {
    friendly_name: &'a str,
    object_type: &'a str,
    passed: bool,
    failure_reason: Option<&'a str>,
    error_code: Option<u32>,
    valid: Vec<ValidView<'a>>,
    invalid: Vec<InvalidView<'a>>,
    requirement_friendly_name: &'a str,
    requirement_name: &'a str,
}

/// A valid field (contract 14.4 row 77).
#[derive(Serialize)]
struct ValidView<'a> {
    friendly_name: &'a str,
    object_field: &'a str,
    failure_reason: Option<&'a str>,
    error_code: Option<u32>,
    passed: bool,
}

#[derive(Serialize)]
struct InvalidView<'a> {
    friendly_name: &'a str,
    object_field: &'a str,
    failure_reason: &'a str,
    error_code: u32,
}

impl<'a> From<&'a RequirementResult> for ResultView<'a> {
    fn from(result: &'a RequirementResult) -> Self {
        let failure = result.failure.as_ref();
        Self {
            friendly_name: &result.friendly_name,
            object_type: &result.object_type,
            passed: result.passed(),
            failure_reason: failure.map(|failure| failure.reason.as_str()),
            error_code: failure.map(|failure| failure.code.number()),
            valid: result.valid.iter().map(ValidView::from).collect(),
            invalid: result.invalid.iter().map(InvalidView::from).collect(),
            requirement_friendly_name: &result.requirement_friendly_name,
            requirement_name: &result.requirement_name,
        }
    }
}

impl<'a> From<&'a ValidField> for ValidView<'a> {
    fn from(field: &'a ValidField) -> Self {
        let ValidField { friendly_name, object_field } = field;
        Self { friendly_name, object_field, failure_reason: None, error_code: None, passed: true }
    }
}

impl<'a> From<&'a InvalidField> for InvalidView<'a> {
    fn from(field: &'a InvalidField) -> Self {
        let InvalidField { friendly_name, object_field, failure: Failure { code, reason } } = field;
        Self { friendly_name, object_field, failure_reason: reason, error_code: code.number() }
    }
}
