//! Puts the files together into a catalogue.

use std::collections::{BTreeMap, HashMap};

use super::blocks::SharedBlocks;
use super::countries::{self, Shared};
use super::source::{File, Notebook};
use super::type_files::Types;
use super::{Catalogue, Entry, Problem, sids};
use crate::regulation::Combination;
use crate::sid::RegulationSid;

const END_USERS: &str = "types/end-users.toml";
const DOCUMENTS: &str = "types/documents.toml";
const BLOCKS: &str = "blocks.toml";
const SIDS: &str = "sids.tsv";

pub(super) fn load<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Catalogue, Vec<Problem>> {
    let mut notebook = Notebook::default();
    let files = sorted(files, &mut notebook);

    let types = Types::read(files.get(END_USERS).copied(), files.get(DOCUMENTS).copied(), &mut notebook);
    let blocks = SharedBlocks::read(files.get(BLOCKS).copied(), &types, &mut notebook);
    let listed = files.get(SIDS).map(|&file| sids::read(file, &mut notebook)).unwrap_or_default();

    let mut entries: BTreeMap<Combination, Vec<Entry>> = BTreeMap::new();
    let shared = Shared { types: &types, blocks: &blocks, listed: &listed };
    for (_, &file) in files.iter().filter(|(name, _)| name.starts_with("countries/")) {
        for entry in countries::read(file, &shared, &mut notebook) {
            entries.entry(entry.combination()).or_default().push(entry);
        }
    }
    for revisions in entries.values() {
        check_revisions(revisions, &mut notebook);
    }
    let (combinations, listing) = index(&entries);
    if notebook.problems.is_empty() {
        let Types { end_users: end_user_types, documents: document_types, .. } = types;
        Ok(Catalogue { entries, combinations, listing, end_user_types, document_types })
    } else {
        notebook.problems.sort();
        Err(notebook.problems)
    }
}

/// The files by name, without those that nobody would read.
fn sorted<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
    notebook: &mut Notebook,
) -> BTreeMap<&'a str, File<'a>> {
    let mut sorted = BTreeMap::new();
    for (name, text) in files {
        let country = name.starts_with("countries/") && name.ends_with(".toml");
        if !country && ![END_USERS, DOCUMENTS, BLOCKS, SIDS].contains(&name) {
            notebook.problem_with_file(name, "no file of a catalogue has this name");
        } else if sorted.insert(name, File { name, text }).is_some() {
            notebook.problem_with_file(name, "the file is there twice");
        }
    }
    for name in [END_USERS, DOCUMENTS, BLOCKS] {
        if !sorted.contains_key(name) {
            notebook.problem_with_file(name, "the file is missing");
        }
    }
    sorted
}

/// A later revision has a higher number and comes into force later.
fn check_revisions(revisions: &[Entry], notebook: &mut Notebook) {
    for pair in revisions.windows(2) {
        let (earlier, later) = (pair[0].provenance(), pair[1].provenance());
        let reason = if later.revision <= earlier.revision {
            format!(
                "this is revision {}, after revision {} in line {}: later revisions have higher numbers",
                later.revision, earlier.revision, earlier.line
            )
        } else if later.effective_from <= earlier.effective_from {
            format!("revision {} must come into force after revision {}", later.revision, earlier.revision)
        } else {
            continue;
        };
        let (file, line) = (later.file.to_string(), Some(later.line));
        notebook.problems.push(Problem { file, line, reason });
    }
}

/// What lists and look-ups by SID go through.
fn index(
    entries: &BTreeMap<Combination, Vec<Entry>>,
) -> (HashMap<RegulationSid, Combination>, Vec<Combination>) {
    // Name and SID are the same in every revision, so any revision with rules will do.
    let mut regulations: Vec<_> =
        entries.values().filter_map(|revisions| revisions.iter().find_map(Entry::regulation)).collect();
    regulations.sort_by(|a, b| (&a.friendly_name, a.sid).cmp(&(&b.friendly_name, b.sid)));
    let combinations =
        regulations.iter().map(|regulation| (regulation.sid, regulation.combination())).collect();
    let listing = regulations.iter().map(|regulation| regulation.combination()).collect();
    (combinations, listing)
}
