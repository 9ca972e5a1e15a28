//! One file while it is loaded: lines for its offsets, and the notebook for what is wrong.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::Problem;
use super::raw::RawRule;
use crate::regulation::{InvalidPattern, Pattern, Rule, Text};

/// A file of the catalogue.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl File<'_> {
    /// The line of a byte offset, from 1.
    pub(super) fn line(&self, offset: usize) -> u32 {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let newlines = before.iter().filter(|&&byte| byte == b'\n').count();
        u32::try_from(newlines).map_or(u32::MAX, |count| count.saturating_add(1))
    }

    /// Parses the file as TOML of the form `T`.
    pub(super) fn parse<T: DeserializeOwned>(&self, notebook: &mut Notebook) -> Option<T> {
        match toml::from_str(self.text) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                let message = error.message().trim_end().replace('\n', "; ");
                match error.span() {
                    Some(span) => notebook.problem(*self, span, message),
                    None => notebook.problem_with_file(self.name, message),
                }
                None
            }
        }
    }
}

/// What all files of a load share: texts and patterns that were seen before, and the problems.
#[derive(Default)]
pub(super) struct Notebook {
    texts: HashSet<Text>,
    patterns: HashMap<String, Result<Pattern, InvalidPattern>>,
    pub(super) problems: Vec<Problem>,
}

impl Notebook {
    /// The shared copy of a text.
    pub(super) fn text(&mut self, text: &str) -> Text {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let text = Text::from(text);
        self.texts.insert(Arc::clone(&text));
        text
    }

    /// Notes a problem at the beginning of a span.
    pub(super) fn problem(&mut self, file: File<'_>, span: Range<usize>, reason: impl Into<String>) {
        let line = Some(file.line(span.start));
        self.problems.push(Problem { file: file.name.to_owned(), line, reason: reason.into() });
    }

    /// Notes a problem with a file as a whole.
    pub(super) fn problem_with_file(&mut self, name: &str, reason: impl Into<String>) {
        self.problems.push(Problem { file: name.to_owned(), line: None, reason: reason.into() });
    }

    /// The rule that a file states.
    pub(super) fn rule(&mut self, file: File<'_>, raw: &Spanned<RawRule>) -> Option<Rule> {
        let rule = match raw.get_ref() {
            RawRule::Optional => Ok(Rule::Optional),
            RawRule::Required => Ok(Rule::Required),
            RawRule::Addresses => Ok(Rule::Addresses),
            RawRule::OneOf(values) if values.is_empty() => {
                Err("`one_of` needs at least one value".to_owned())
            }
            RawRule::OneOf(values) => Ok(Rule::OneOf(values.iter().map(|value| self.text(value)).collect())),
            RawRule::Pattern(source) => {
                self.pattern(source).map(Rule::Pattern).map_err(|error| error.to_string())
            }
            RawRule::EqualsEndUser(field) => Ok(Rule::EqualsEndUser(self.text(field))),
            RawRule::MaxAgeMonths(0) => Err("`max_age_months` must be at least 1".to_owned()),
            RawRule::MaxAgeMonths(months) => Ok(Rule::NotOlderThan { months: *months }),
        };
        rule.map_err(|reason| self.problem(file, raw.span(), reason)).ok()
    }

    /// Compiles each distinct pattern once.
    fn pattern(&mut self, source: &str) -> Result<Pattern, InvalidPattern> {
        if let Some(known) = self.patterns.get(source) {
            return known.clone();
        }
        let pattern = Pattern::new(source);
        self.patterns.insert(source.to_owned(), pattern.clone());
        pattern
    }
}
