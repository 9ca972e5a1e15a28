//! Which blocks and comparisons are of use to any regulation.

use std::collections::{BTreeMap, HashSet};

use super::Severity;
use super::blocks::Blocks;
use super::notebook::Notebook;

/// A rule by which a field of a document must equal one of the end user.
#[derive(Clone)]
pub(super) struct Comparison {
    /// The file and line that the rule stands in.
    pub(super) place: (String, u32),
    /// The field of the end user.
    pub(super) field: String,
}

#[derive(Default)]
pub(super) struct Uses {
    /// The places of the blocks that some entry names.
    blocks: HashSet<(String, u32)>,
    /// By place: what is compared with, and whether some regulation that uses it asks for that.
    comparisons: BTreeMap<(String, u32), (String, bool)>,
}

impl Uses {
    /// Some entry names the block at a place.
    pub(super) fn block(&mut self, place: &(String, u32)) {
        if !self.blocks.contains(place) {
            self.blocks.insert(place.clone());
        }
    }

    /// A regulation has the comparison, and does or does not ask the end user for the field.
    pub(super) fn compared(&mut self, comparison: &Comparison, asked: bool) {
        let known = self.comparisons.entry(comparison.place.clone());
        known.or_insert_with(|| (comparison.field.clone(), false)).1 |= asked;
    }

    /// Notes the comparisons that never take place.
    pub(super) fn check_comparisons(&self, notebook: &mut Notebook) {
        if !notebook.broken.is_empty() {
            // What is not asked may stand where nothing could be read.
            return;
        }
        for (place, (field, asked)) in &self.comparisons {
            if !asked {
                let reason = format!("the end user is not asked for `{field}`, so nothing can equal it");
                let help = format!("add `{field}` to `end_user`, or choose another rule");
                notebook.note(Severity::Error, place.clone(), reason, Some(help));
            }
        }
    }

    /// Warns about blocks of a layer that no entry names.
    pub(super) fn check_blocks(&self, blocks: &Blocks, layer: usize, notebook: &mut Notebook) {
        for (name, block) in blocks {
            if block.layer == layer && !self.blocks.contains(&block.place) {
                let reason = format!("no regulation uses the block `{name}`");
                notebook.warning(block.place.clone(), reason, "take it away, or use it");
            }
        }
    }
}
