//! Puts the files together into a catalogue.

use std::collections::{BTreeMap, HashMap};

use super::blocks::SharedBlocks;
use super::countries::{self, Shared};
use super::layers::Files;
use super::notebook::Notebook;
use super::type_files::Types;
use super::uses::Uses;
use super::{Catalogue, Checked, Entry, Layer, Severity, reasons, sids};
use crate::regulation::Combination;
use crate::sid::RegulationSid;

type Entries = BTreeMap<Combination, Vec<Entry>>;

pub(super) fn load(layers: &[Layer<'_>]) -> Checked {
    let mut notebook = Notebook::default();
    let files = Files::sort(layers, &mut notebook);
    let types = Types::read(&files.end_users, &files.documents, &mut notebook);
    let blocks = SharedBlocks::read(&files.blocks, &types, &mut notebook);
    let listed = sids::read(&files.sids, &mut notebook);
    let reasons = reasons::read(&files.reasons, &mut notebook);
    if notebook.is_unreadable {
        // Whatever names something in an unreadable file would be called wrong as well.
        return finish(None, notebook);
    }

    let shared =
        Shared { types: &types, blocks: &blocks, listed: &listed, top: layers.len().saturating_sub(1) };
    let mut uses = Uses::default();
    let mut entries = Entries::new();
    for files in files.countries.values() {
        for layer in countries::read(files, &shared, &mut uses, &mut notebook) {
            add(&mut entries, layer, &mut notebook);
        }
    }
    for revisions in entries.values() {
        check_dates(revisions, &mut notebook);
    }
    check_names(&entries, &mut notebook);
    uses.check_blocks(&blocks.blocks, shared.top, &mut notebook);
    uses.check_comparisons(&mut notebook);
    if !notebook.broken.is_empty() {
        // What looks unused may be used by something that could not be read.
        notebook.problems.retain(|problem| problem.severity == Severity::Error);
    }
    let (combinations, listing) = index(&entries);
    let Types { end_users: end_user_types, documents: document_types, .. } = types;
    let catalogue = Catalogue { entries, combinations, listing, end_user_types, document_types, reasons };
    finish(Some(catalogue), notebook)
}

fn finish(catalogue: Option<Catalogue>, notebook: Notebook) -> Checked {
    let Notebook { mut problems, .. } = notebook;
    problems.sort();
    problems.dedup();
    let usable = problems.iter().all(|problem| problem.severity == Severity::Warning);
    Checked { catalogue: catalogue.filter(|_| usable), problems }
}

/// Adds the entries of a layer: a revision that lower layers have is replaced, another is added.
fn add(entries: &mut Entries, layer: Vec<Entry>, notebook: &mut Notebook) {
    let mut by_combination = Entries::new();
    for entry in layer {
        by_combination.entry(entry.combination()).or_default().push(entry);
    }
    for (combination, added) in by_combination {
        check_order(&added, notebook);
        let revisions = entries.entry(combination).or_default();
        revisions.retain(|entry| added.iter().all(|new| new.revision() != entry.revision()));
        revisions.extend(added);
        revisions.sort_by_key(Entry::revision);
    }
}

/// In a file, later revisions stand below earlier ones and have higher numbers.
fn check_order(revisions: &[Entry], notebook: &mut Notebook) {
    for pair in revisions.windows(2) {
        let (earlier, later) = (pair[0].provenance(), pair[1].provenance());
        if later.revision <= earlier.revision {
            let reason = format!(
                "this is revision {}, after revision {} in line {}: later revisions have higher numbers",
                later.revision, earlier.revision, earlier.line
            );
            let help = format!("write `revision = {}`", earlier.revision.saturating_add(1));
            notebook.note(Severity::Error, (later.file.to_string(), later.line), reason, Some(help));
        }
    }
}

/// A later revision comes into force later.
fn check_dates(revisions: &[Entry], notebook: &mut Notebook) {
    for pair in revisions.windows(2) {
        let (earlier, later) = (pair[0].provenance(), pair[1].provenance());
        if earlier.revision < later.revision && later.effective_from <= earlier.effective_from {
            let reason = format!(
                "revision {} must come into force after revision {}",
                later.revision, earlier.revision
            );
            let help = format!(
                "revision {} of {}:{} is in force from {}",
                earlier.revision, earlier.file, earlier.line, earlier.effective_from
            );
            notebook.note(Severity::Error, (later.file.to_string(), later.line), reason, Some(help));
        }
    }
}

/// Two combinations should not have the same title, or nobody can tell them apart in a list.
fn check_names(entries: &Entries, notebook: &mut Notebook) {
    let mut titles = HashMap::new();
    for revisions in entries.values() {
        let Some(regulation) = revisions.iter().find_map(Entry::regulation) else { continue };
        let combination = regulation.combination();
        if let Some(other) = titles.insert(&regulation.friendly_name, combination) {
            let from = &regulation.provenance;
            let reason =
                format!("{combination} and {other} have the same title, `{}`", regulation.friendly_name);
            let help = "look at `name` at the head of the file, and at `sids.tsv`";
            notebook.warning((from.file.to_string(), from.line), reason, help);
        }
    }
}

/// What lists and look-ups by SID go through.
fn index(entries: &Entries) -> (HashMap<RegulationSid, Combination>, Vec<Combination>) {
    // Name and SID are the same in every revision, so any revision with rules will do.
    let mut regulations: Vec<_> =
        entries.values().filter_map(|revisions| revisions.iter().find_map(Entry::regulation)).collect();
    regulations.sort_by(|a, b| (&a.friendly_name, a.sid).cmp(&(&b.friendly_name, b.sid)));
    let combinations =
        regulations.iter().map(|regulation| (regulation.sid, regulation.combination())).collect();
    let listing = regulations.iter().map(|regulation| regulation.combination()).collect();
    (combinations, listing)
}
