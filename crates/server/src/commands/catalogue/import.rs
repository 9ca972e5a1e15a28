//! `dossier catalogue import`

use super::super::CommandError;
use crate::catalogue::{CatalogueError, CatalogueFiles, read_bounded};
use dossier_app::{Clock, SystemClock};
use dossier_domain::catalogue::import::{Import, Imported, Note, import as convert};
use dossier_domain::catalogue::{Catalogue, Layer};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The largest export that is read, in bytes.
const DUMP_BYTES_MAX: u64 = 256 << 20;

pub(super) fn import(
    dumps: &[PathBuf],
    out: &Path,
    effective_from: Option<Date>,
) -> Result<ExitCode, CommandError> {
    let texts = dumps.iter().map(|path| Ok((path.display().to_string(), read(path)?)));
    let texts = texts.collect::<Result<Vec<_>, CatalogueError>>()?;
    refuse_files_in(out)?;
    let today = SystemClock.now().date();
    let imported = convert(&Import {
        dumps: &texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>(),
        base: &Catalogue::builtin(),
        effective_from: effective_from.unwrap_or(today),
        source: &format!("the listing of an account, imported on {today}"),
    });
    let mut text = report(&imported.notes);
    check(&imported, out)?;
    for (name, content) in &imported.files {
        write(&out.join(name), content)?;
    }
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} regulations in {} files under {}",
        imported.regulations,
        imported.files.len(),
        out.display()
    );
    stdout().write_all(text.as_bytes())?;
    let complete = imported.regulations > 0 && imported.notes.iter().all(|note| !note.left_out);
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(path: &Path) -> Result<String, CatalogueError> {
    read_bounded(path, DUMP_BYTES_MAX).map_err(|error| CatalogueError::Unreadable(path.to_owned(), error))
}

/// Nothing is overwritten, and nothing old is left among what is new.
fn refuse_files_in(out: &Path) -> Result<(), CatalogueError> {
    if out.exists() && !CatalogueFiles::read(out)?.is_empty() {
        let error = io::Error::new(io::ErrorKind::AlreadyExists, "there are catalogue files in it already");
        return Err(CatalogueError::Unwritable(out.to_owned(), error));
    }
    Ok(())
}

fn check(imported: &Imported, out: &Path) -> Result<(), CatalogueError> {
    let files: Vec<_> = imported.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let directory = out.display().to_string();
    let checked = Catalogue::check_overlay(Layer { directory: &directory, files: &files });
    checked.catalogue().map(drop).map_err(CatalogueError::Refused)
}

fn write(path: &Path, content: &str) -> Result<(), CatalogueError> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(path, content))
        .map_err(|error| CatalogueError::Unwritable(path.to_owned(), error))
}

/// What was left out, line by line; what was assumed, counted, because it is the same many times.
fn report(notes: &[Note]) -> String {
    let mut text = String::new();
    let mut assumed: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for note in notes {
        if note.left_out {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{note}");
        } else {
            *assumed.entry((&note.reason, &note.text)).or_default() += 1;
        }
    }
    for ((reason, about), count) in assumed {
        let about = if about.is_empty() { String::new() } else { format!(": `{about}`") };
        let _ = writeln!(text, "assumed {count} times: {reason}{about}");
    }
    text
}
