//! What all files of a load share: texts and patterns that were seen before, and the problems.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use super::raw::RawRule;
use super::source::File;
use super::{Problem, Severity};
use crate::regulation::{InvalidPattern, Pattern, Rule, Text};

#[derive(Default)]
pub(super) struct Notebook {
    texts: HashSet<Text>,
    patterns: HashMap<String, Result<Pattern, InvalidPattern>>,
    pub(super) problems: Vec<Problem>,
    /// Names of things that are there but cannot be read. Nobody is told that they do not exist.
    pub(super) broken: HashSet<String>,
    /// Whether a whole file could not be read.
    pub(super) is_unreadable: bool,
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

    /// The shared copy of a text that people read. A blank one is a problem.
    pub(super) fn sentence(&mut self, file: File<'_>, span: Range<usize>, key: &str, text: &str) -> Text {
        if text.trim().is_empty() {
            self.problem(file, span, format!("`{key}` is blank"));
        }
        self.text(text)
    }

    /// Notes a problem at the beginning of a span.
    pub(super) fn problem(&mut self, file: File<'_>, span: Range<usize>, reason: impl Into<String>) {
        self.problem_with_help(file, span, reason, None);
    }

    /// Notes a problem with what may put it right.
    pub(super) fn problem_with_help(
        &mut self,
        file: File<'_>,
        span: Range<usize>,
        reason: impl Into<String>,
        help: Option<String>,
    ) {
        self.note(Severity::Error, file.place(&span), reason, help);
    }

    /// Notes something that is probably not meant.
    pub(super) fn warning(
        &mut self,
        place: (String, u32),
        reason: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.note(Severity::Warning, place, reason, Some(help.into()));
    }

    /// Notes a problem at a line.
    pub(super) fn note(
        &mut self,
        severity: Severity,
        (file, line): (String, u32),
        reason: impl Into<String>,
        help: Option<String>,
    ) {
        self.problems.push(Problem { file, line: Some(line), reason: reason.into(), help, severity });
    }

    /// Notes a problem with a file as a whole.
    pub(super) fn problem_with_file(&mut self, name: &str, reason: impl Into<String>) {
        let (file, reason) = (name.to_owned(), reason.into());
        self.problems.push(Problem { file, line: None, reason, help: None, severity: Severity::Error });
    }

    /// The rule that a file states.
    pub(super) fn rule(&mut self, file: File<'_>, raw: &Spanned<RawRule>) -> Option<Rule> {
        let rule = match raw.get_ref() {
            RawRule::Optional => Ok(Rule::Optional),
            RawRule::Required => Ok(Rule::Required),
            RawRule::Addresses => Ok(Rule::Addresses),
            RawRule::OneOf(values) => self.one_of(values),
            RawRule::Pattern(source) => {
                self.pattern(source).map(Rule::Pattern).map_err(|error| error.to_string())
            }
            RawRule::EqualsEndUser(field) => Ok(Rule::EqualsEndUser(self.text(field))),
            RawRule::MaxAgeMonths(0) => Err("`max_age_months` must be at least 1".to_owned()),
            RawRule::MaxAgeMonths(months) => Ok(Rule::NotOlderThan { months: *months }),
        };
        rule.map_err(|reason| self.problem(file, raw.span(), reason)).ok()
    }

    fn one_of(&mut self, values: &[String]) -> Result<Rule, String> {
        let mut seen = HashSet::new();
        if values.is_empty() {
            return Err("`one_of` needs at least one value".to_owned());
        }
        if values.iter().any(|value| value.trim().is_empty()) {
            return Err("a value of `one_of` is blank, and blank values count as missing".to_owned());
        }
        if let Some(twice) = values.iter().find(|value| !seen.insert(*value)) {
            return Err(format!("`one_of` has the value `{twice}` twice"));
        }
        Ok(Rule::OneOf(values.iter().map(|value| self.text(value)).collect()))
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
