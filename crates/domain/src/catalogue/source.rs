//! One file while it is loaded: lines for its offsets, and its text as the form it should have.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Deserializer;
use toml::de::{DeTable, Error};

use super::notebook::Notebook;
use super::problem::did_you_mean;
use super::repair;

/// A file of the catalogue.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    /// The directory of its layer; empty for the built-in files.
    pub(super) directory: &'a str,
    /// The name below that directory.
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    /// How many layers are below its own.
    pub(super) layer: usize,
}

/// How many mistakes of form are looked for in one file.
const REPAIRS_MAX: usize = 100;

impl File<'_> {
    /// The name as people are told it.
    pub(super) fn shown(&self) -> String {
        match self.directory {
            "" => self.name.to_owned(),
            directory => format!("{}/{}", directory.trim_end_matches('/'), self.name),
        }
    }

    /// The line of a byte offset, from 1.
    pub(super) fn line(&self, offset: usize) -> u32 {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let newlines = before.iter().filter(|&&byte| byte == b'\n').count();
        u32::try_from(newlines).map_or(u32::MAX, |count| count.saturating_add(1))
    }

    /// Parses the file as TOML of the form `T`.
    ///
    /// After a mistake of form, such as an unknown key, the rest of the file is read as well, so that
    /// all mistakes are found at once.
    pub(super) fn parse<T: DeserializeOwned>(&self, notebook: &mut Notebook) -> Option<T> {
        if let Ok(parsed) = toml::from_str(self.text) {
            return Some(parsed);
        }
        let (mut document, errors) = DeTable::parse_recoverable(self.text);
        if !errors.is_empty() {
            errors.iter().for_each(|error| self.note(error, notebook));
            notebook.is_unreadable = true;
            return None;
        }
        for _ in 0..REPAIRS_MAX {
            let error = match T::deserialize(Deserializer::from(document.clone())) {
                Ok(parsed) => return Some(parsed),
                Err(error) => error,
            };
            self.note(&error, notebook);
            let removed = error.span().and_then(|span| repair::remove(document.get_mut(), &span));
            let Some(name) = removed else { break };
            notebook.broken.insert(name);
        }
        notebook.is_unreadable = true;
        None
    }

    fn note(&self, error: &Error, notebook: &mut Notebook) {
        let message = error.message().trim_end().replace('\n', "; ");
        // serde says ``unknown field `a`, expected one of `b`, `c` ``. Were it to change its words, the
        // suggestion would be lost and nothing else.
        let mut quoted = message.split('`').skip(1).step_by(2);
        let help = quoted.next().and_then(|wrong| did_you_mean(wrong, quoted));
        match error.span() {
            Some(span) => notebook.problem_with_help(*self, span, message, help),
            None => notebook.problem_with_file(&self.shown(), message),
        }
    }

    /// Where a span begins, as people are told it.
    pub(super) fn place(&self, span: &Range<usize>) -> (String, u32) {
        (self.shown(), self.line(span.start))
    }
}
