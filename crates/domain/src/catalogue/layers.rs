//! Several sets of files, one over the other.

use std::collections::BTreeMap;

use super::notebook::Notebook;
use super::problem::did_you_mean;
use super::source::File;
use super::{Layer, Problem, Severity};

const END_USERS: &str = "types/end-users.toml";
const DOCUMENTS: &str = "types/documents.toml";
const BLOCKS: &str = "blocks.toml";
const REASONS: &str = "reasons.toml";
const SIDS: &str = "sids.tsv";

/// The files of all layers, those of lower layers first.
#[derive(Default)]
pub(super) struct Files<'a> {
    pub(super) end_users: Vec<File<'a>>,
    pub(super) documents: Vec<File<'a>>,
    pub(super) blocks: Vec<File<'a>>,
    pub(super) reasons: Vec<File<'a>>,
    pub(super) sids: Vec<File<'a>>,
    /// By name.
    pub(super) countries: BTreeMap<&'a str, Vec<File<'a>>>,
}

impl<'a> Files<'a> {
    /// Sorts files by what they are, and notes those that nobody would read.
    pub(super) fn sort(layers: &[Layer<'a>], notebook: &mut Notebook) -> Self {
        let mut files = Self::default();
        for (layer, &Layer { directory, files: given }) in layers.iter().enumerate() {
            for &(name, text) in given {
                files.add(File { directory, name, text, layer }, notebook);
            }
        }
        for (name, found) in
            [(END_USERS, &files.end_users), (DOCUMENTS, &files.documents), (BLOCKS, &files.blocks)]
        {
            if found.first().is_none_or(|file| file.layer > 0) {
                notebook.problem_with_file(name, "the file is missing");
            }
        }
        files
    }

    fn add(&mut self, file: File<'a>, notebook: &mut Notebook) {
        let place = match file.name {
            END_USERS => &mut self.end_users,
            DOCUMENTS => &mut self.documents,
            BLOCKS => &mut self.blocks,
            REASONS => &mut self.reasons,
            SIDS => &mut self.sids,
            name if name.starts_with("countries/") && name.ends_with(".toml") => {
                self.countries.entry(name).or_default()
            }
            name => {
                let (file, reason) = (file.shown(), "no file of a catalogue has this name".to_owned());
                let help = did_you_mean(name, [END_USERS, DOCUMENTS, BLOCKS, REASONS, SIDS])
                    .or_else(|| Some("a country is `countries/XX.toml`".to_owned()));
                notebook.problems.push(Problem { file, line: None, reason, help, severity: Severity::Error });
                return;
            }
        };
        if place.last().is_some_and(|other| other.layer == file.layer) {
            notebook.problem_with_file(&file.shown(), "the file is there twice");
        } else {
            place.push(file);
        }
    }
}
