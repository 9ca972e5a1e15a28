//! Since when an entry of a country holds, and how it is known.

use jiff::civil::Date;
use toml::Spanned;
use toml::value::Datetime;

use super::countries::Reader;
use super::raw::{RawConfidence, RawEntry};
use crate::regulation::{Confidence, Provenance};

/// The years in which a rule of this catalogue can come into force: anything else is a slip of the pen.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

impl Reader<'_> {
    /// What the entry says of itself; what it leaves out, the head of the file says.
    pub(super) fn provenance(&mut self, entry: &Spanned<RawEntry>) -> Option<Provenance> {
        let raw = entry.get_ref();
        let sources = raw.sources.as_ref().unwrap_or(&self.raw.sources);
        if sources.is_empty() || sources.iter().any(|source| source.trim().is_empty()) {
            return self.problem(entry, "the rule needs `sources`, here or at the head of the file");
        }
        let Some(confidence) = raw.confidence.or(self.raw.confidence) else {
            return self.problem(entry, "the rule needs a `confidence`, here or at the head of the file");
        };
        let Some(from) = raw.effective_from.as_ref().or(self.raw.effective_from.as_ref()) else {
            return self.problem(entry, "the rule needs `effective_from`, here or at the head of the file");
        };
        let effective_from = self.day("effective_from", from)?;
        let approvals_end = match &raw.approvals_end {
            Some(end) => self.approvals_end(end, effective_from)?,
            None => effective_from,
        };
        let revision = raw.revision.unwrap_or(1);
        if revision == 0 {
            return self.problem(entry, "revisions are counted from 1");
        }
        let note = raw.note.as_ref().or(self.raw.note.as_ref()).filter(|note| !note.is_empty());
        Some(Provenance {
            revision,
            effective_from,
            approvals_end,
            sources: sources.iter().map(|source| self.notebook.text(source)).collect(),
            confidence: confidence.into(),
            note: note.map(|note| self.notebook.text(note)),
            file: self.notebook.text(&self.file.shown()),
            line: self.file.line(entry.span().start),
        })
    }

    fn day(&mut self, key: &str, given: &Spanned<Datetime>) -> Option<Date> {
        let Some(day) = date(given.get_ref()) else {
            let reason = format!("`{key}` must be a date such as 2025-01-31");
            self.notebook.problem(self.file, given.span(), reason);
            return None;
        };
        if !YEARS.contains(&day.year()) {
            let reason = format!("no rule comes into force on {day}");
            self.notebook.problem(self.file, given.span(), reason);
        }
        Some(day)
    }

    fn approvals_end(&mut self, given: &Spanned<Datetime>, effective_from: Date) -> Option<Date> {
        let end = self.day("approvals_end", given)?;
        if end < effective_from {
            let reason = format!(
                "approvals under the rule before cannot end before this one is in force, on {effective_from}"
            );
            self.notebook.problem(self.file, given.span(), reason);
            return None;
        }
        Some(end)
    }
}

fn date(written: &Datetime) -> Option<Date> {
    let date = written.date.filter(|_| written.time.is_none())?;
    Date::new(i16::try_from(date.year).ok()?, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?)
        .ok()
}

impl From<RawConfidence> for Confidence {
    fn from(raw: RawConfidence) -> Self {
        match raw {
            RawConfidence::Documented => Self::Documented,
            RawConfidence::Inferred => Self::Inferred,
        }
    }
}
