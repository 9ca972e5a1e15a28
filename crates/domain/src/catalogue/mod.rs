//! The catalogue: every regulation and type there is, as loaded from files.
//!
//! The files are written for people; `catalogue/README.md` describes them. Loading turns them into
//! the typed model of [`regulation`](crate::regulation) and refuses the whole set when anything in
//! it is wrong, so that a catalogue that exists can be trusted. A catalogue never changes; a new
//! set of files makes a new one.
//!
//! Files come in [layers](Layer): the built-in ones, and over them those of an operator, which add
//! single regulations, blocks and types, or replace those of the same name.

mod blocks;
mod builtin;
mod countries;
pub mod diff;
mod fields;
pub mod import;
mod layers;
mod load;
mod notebook;
mod problem;
mod provenance;
mod raw;
mod reasons;
mod repair;
mod sids;
mod source;
#[cfg(test)]
mod tests;
mod type_files;
mod uses;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;

pub use builtin::builtin_files;
pub use problem::{Problem, Severity};

use crate::reason::Reasons;
use crate::regulation::{Combination, DocumentType, EndUserTypeInfo, Provenance, Regulation};
use crate::sid::{ObjectTypeSid, RegulationSid};
use crate::{EndUserType, IsoCountry, NumberType};

/// All regulations, with all their revisions, and all types.
#[derive(Debug)]
pub struct Catalogue {
    /// The revisions of each combination, oldest first. Never an empty list.
    entries: BTreeMap<Combination, Vec<Entry>>,
    combinations: HashMap<RegulationSid, Combination>,
    /// The combinations that have a regulation, by friendly name and SID.
    listing: Vec<Combination>,
    end_user_types: Vec<EndUserTypeInfo>,
    document_types: Vec<DocumentType>,
    reasons: Reasons,
}

/// One revision of what is known about a combination.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// There are rules.
    Served(Arc<Regulation>),
    /// There is no regulation, and it is known why.
    Unserved(Combination, Unserved, Provenance),
}

/// Why a combination has no regulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unserved {
    /// Such numbers are not to be had.
    Unavailable,
    /// Nothing is asked of anybody (contract section 5.1: such a country has no regulation).
    NothingRequired,
}

impl Entry {
    /// Since when the entry holds, and how it is known.
    pub fn provenance(&self) -> &Provenance {
        match self {
            Self::Served(regulation) => &regulation.provenance,
            Self::Unserved(_, _, provenance) => provenance,
        }
    }

    /// What the entry is about.
    pub fn combination(&self) -> Combination {
        match self {
            Self::Served(regulation) => regulation.combination(),
            Self::Unserved(combination, _, _) => *combination,
        }
    }

    /// Which of the versions it is.
    pub fn revision(&self) -> u32 {
        self.provenance().revision
    }

    /// The rules, if there are any.
    pub fn regulation(&self) -> Option<&Arc<Regulation>> {
        match self {
            Self::Served(regulation) => Some(regulation),
            Self::Unserved(..) => None,
        }
    }
}

/// A set of files that lies over others.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// The directory that problems and [`Provenance`] name before the file; empty for the built-in files.
    pub directory: &'a str,
    /// Pairs of name and text. A name is relative to the directory, such as `countries/DE.toml`.
    pub files: &'a [(&'a str, &'a str)],
}

/// What checking files comes to.
#[derive(Debug)]
pub struct Checked {
    /// The catalogue, unless a problem is worse than a warning.
    pub catalogue: Option<Catalogue>,
    /// Everything that is wrong, in the order of the files.
    pub problems: Vec<Problem>,
}

impl Checked {
    /// The catalogue, without its warnings.
    ///
    /// # Errors
    /// Every problem, when one of them is worse than a warning.
    pub fn catalogue(self) -> Result<Catalogue, Vec<Problem>> {
        self.catalogue.ok_or(self.problems)
    }
}

/// Which regulations a list shows. What is `None` is not filtered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegulationFilter {
    /// Only of this country.
    pub iso_country: Option<IsoCountry>,
    /// Only for this kind of number.
    pub number_type: Option<NumberType>,
    /// Only for this kind of end user.
    pub end_user_type: Option<EndUserType>,
}

impl RegulationFilter {
    fn admits(&self, combination: &Combination) -> bool {
        self.iso_country.is_none_or(|wanted| wanted == combination.iso_country)
            && self.number_type.is_none_or(|wanted| wanted == combination.number_type)
            && self.end_user_type.is_none_or(|wanted| wanted == combination.end_user_type)
    }
}

impl Catalogue {
    /// Checks sets of files, each over the ones before it. The first must be complete.
    ///
    /// In an upper layer, a type, field or block replaces that of the same name; an entry of a country
    /// replaces the one of the same combination and revision. Everything else is added.
    pub fn check(layers: &[Layer<'_>]) -> Checked {
        load::load(layers)
    }

    /// Loads one complete set of files, given as pairs of name and text.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the files; then nothing is loaded.
    pub fn load(files: &[(&str, &str)]) -> Result<Self, Vec<Problem>> {
        Self::check(&[Layer { directory: "", files }]).catalogue()
    }

    /// Checks files over the built-in ones.
    pub fn check_overlay(overlay: Layer<'_>) -> Checked {
        Self::check(&[Layer { directory: "", files: builtin_files() }, overlay])
    }

    /// Loads the files that are compiled in. Takes some milliseconds, so do it once.
    pub fn builtin() -> Self {
        Self::load(builtin_files()).expect("the tests load these very files")
    }

    /// The regulation with this SID, in the revision in force on a day.
    pub fn regulation(&self, sid: RegulationSid, today: Date) -> Option<&Arc<Regulation>> {
        self.find(*self.combinations.get(&sid)?, today)
    }

    /// The regulation for a combination, in the revision in force on a day.
    pub fn find(&self, combination: Combination, today: Date) -> Option<&Arc<Regulation>> {
        self.in_force(combination, today)?.regulation()
    }

    /// What is known about a combination on a day; `None` when nothing is.
    pub fn in_force(&self, combination: Combination, today: Date) -> Option<&Entry> {
        let in_force = |entry: &&Entry| entry.provenance().effective_from <= today;
        self.revisions(combination).iter().rev().find(in_force)
    }

    /// The regulations in force on a day that a filter admits, by friendly name, then SID.
    pub fn list(&self, filter: RegulationFilter, today: Date) -> impl Iterator<Item = &Arc<Regulation>> {
        let admitted = self.listing.iter().filter(move |combination| filter.admits(combination));
        admitted.filter_map(move |combination| self.find(*combination, today))
    }

    /// Everything known about a combination, oldest revision first; empty when nothing is.
    pub fn revisions(&self, combination: Combination) -> &[Entry] {
        self.entries.get(&combination).map_or(&[], Vec::as_slice)
    }

    /// Everything known, by country, number type and end-user type, oldest revisions first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().flatten()
    }

    /// The kinds of end users, by friendly name.
    pub fn end_user_types(&self) -> &[EndUserTypeInfo] {
        &self.end_user_types
    }

    /// What is known about a kind of end user.
    pub fn end_user_type(&self, end_user_type: EndUserType) -> Option<&EndUserTypeInfo> {
        self.end_user_types.iter().find(|info| info.end_user_type == end_user_type)
    }

    /// The kind of end user with this SID.
    pub fn end_user_type_by_sid(&self, sid: ObjectTypeSid) -> Option<&EndUserTypeInfo> {
        self.end_user_types.iter().find(|info| info.sid == sid)
    }

    /// The kinds of documents, by friendly name.
    pub fn document_types(&self) -> &[DocumentType] {
        &self.document_types
    }

    /// The kind of document with this machine name, in exactly that case.
    pub fn document_type(&self, machine_name: &str) -> Option<&DocumentType> {
        self.document_types.iter().find(|info| &*info.machine_name == machine_name)
    }

    /// Why reviewers refuse.
    pub fn reasons(&self) -> &Reasons {
        &self.reasons
    }

    /// The kind of document with this SID.
    pub fn document_type_by_sid(&self, sid: ObjectTypeSid) -> Option<&DocumentType> {
        self.document_types.iter().find(|info| info.sid == sid)
    }
}
