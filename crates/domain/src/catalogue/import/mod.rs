//! Turns a listing of regulations, exported from an account of the original API, into catalogue files.
//!
//! The listing must have been made with `IncludeConstraints=true`. Its constraints are read back as
//! rules (see [`constraint`](crate::regulation::constraint)). A regulation with anything in it that the
//! catalogue cannot say is left out and reported: nothing is guessed. What a listing never tells, and
//! what is written in its place, is reported as well.

mod convert;
mod dump;
#[cfg(test)]
mod tests;
mod toml_text;
mod types;
mod write;

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;

use super::Catalogue;
use crate::regulation::{AddressScope, Combination, DocumentRequirement, Field};
use crate::sid::RegulationSid;

/// What an import is made from.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    /// Names and texts of the exported files. Each has one page of the listing, an array of pages or of
    /// regulations, or several of these one after the other.
    pub dumps: &'a [(&'a str, &'a str)],
    /// The catalogue that the files will lie over. Its types are used, and its revisions are counted on.
    pub base: &'a Catalogue,
    /// The day on which the imported rules come into force.
    pub effective_from: Date,
    /// Where the listing comes from, for the `sources` of every rule.
    pub source: &'a str,
}

/// What an import comes to.
#[derive(Debug)]
pub struct Imported {
    /// Names and texts of catalogue files, to lie over the base.
    pub files: Vec<(String, String)>,
    /// How many regulations are in the files.
    pub regulations: usize,
    /// What could not be imported, and what was assumed.
    pub notes: Vec<Note>,
}

/// Something that a person should know about an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where it is in the listing.
    pub path: String,
    /// The text it is about; empty when it is about none.
    pub text: String,
    /// What is the matter.
    pub reason: String,
    /// Whether the regulation was left out.
    pub left_out: bool,
}

/// `dump.json: results[3] (DE/local/business): …: the reason: the text`
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.left_out { "left out" } else { "assumed" };
        write!(f, "{}: {kind}: {}", self.path, self.reason)?;
        if self.text.is_empty() { Ok(()) } else { write!(f, ": `{}`", self.text) }
    }
}

/// A regulation of the listing in our terms.
#[derive(Debug, Clone, PartialEq)]
struct ImportedRegulation {
    path: String,
    combination: Combination,
    sid: RegulationSid,
    friendly_name: String,
    address_scope: AddressScope,
    end_user: Vec<Field>,
    /// Whether each document needs a file is not known from a listing; it is `false` here.
    documents: Vec<DocumentRequirement>,
}

/// Imports a listing.
pub fn import(import: &Import<'_>) -> Imported {
    let mut notes = Vec::new();
    let mut regulations: BTreeMap<Combination, ImportedRegulation> = BTreeMap::new();
    for (path, raw) in dump::regulations(import.dumps, &mut notes) {
        let Some(converted) = convert::convert(path, &raw, import.base, &mut notes) else { continue };
        match regulations.get(&converted.combination) {
            None => {
                regulations.insert(converted.combination, converted);
            }
            // Pages that were fetched while the listing changed may overlap.
            Some(known) if ImportedRegulation { path: known.path.clone(), ..converted.clone() } == *known => {
            }
            Some(known) => notes.push(Note {
                reason: format!("{} says something else about the same combination", known.path),
                path: converted.path,
                text: String::new(),
                left_out: true,
            }),
        }
    }
    let regulations: Vec<_> = regulations.into_values().collect();
    let files = write::files(import, &regulations, &mut notes);
    Imported { files, regulations: regulations.len(), notes }
}
