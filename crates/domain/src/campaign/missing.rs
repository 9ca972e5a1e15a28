//! What a bundle lacks under a revision: names of requirements and fields, never a value.

use crate::evaluation::Evaluation;

/// A requirement of a revision that a bundle does not satisfy, or one of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingItem {
    /// The machine name of the requirement.
    pub requirement: String,
    /// The machine name of the field, unless the whole item is missing.
    pub field: Option<String>,
    /// A code of contract section 8.1, as evaluations have it.
    pub code: u32,
    /// What is missing, as evaluations say it.
    pub sentence: String,
}

impl MissingItem {
    /// Everything that an evaluation found wrong, in its order.
    pub fn of(evaluation: &Evaluation) -> Vec<Self> {
        let mut items = Vec::new();
        for result in &evaluation.results {
            let Some(failure) = &result.failure else { continue };
            let requirement = &result.requirement_name;
            if result.invalid.is_empty() {
                items.push(Self {
                    requirement: requirement.clone(),
                    field: None,
                    code: failure.code.number(),
                    sentence: failure.reason.clone(),
                });
            }
            items.extend(result.invalid.iter().map(|field| Self {
                requirement: requirement.clone(),
                field: Some(field.object_field.clone()),
                code: field.failure.code.number(),
                sentence: field.failure.reason.clone(),
            }));
        }
        items
    }

    /// `requirement.field`, or `requirement` when the whole item is missing.
    pub fn path(&self) -> String {
        match &self.field {
            Some(field) => format!("{}.{field}", self.requirement),
            None => self.requirement.clone(),
        }
    }
}
