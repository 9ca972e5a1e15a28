//! Reading a table's file.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use serde_json::Value as Json;

use super::cell::Cell;
use super::damage::Damage;
use super::hashed::{Totals, hex};
use super::table::header;
use crate::db::Table;

/// The longest line that is read. The longest there can be is a checkpoint of the audit with its leaves.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A file of lines that is hashed while it is read.
pub(super) struct Lines {
    name: String,
    file: BufReader<File>,
    context: Context,
    line: Vec<u8>,
    number: u64,
    bytes: u64,
}

impl Lines {
    /// Opens a file; `name` is what it is called in a [`Damage`].
    pub(super) fn open(path: &Path, name: String) -> Result<Self, Damage> {
        let file = match File::open(path) {
            Ok(file) => BufReader::with_capacity(64 * 1024, file),
            Err(error) => return Err(Damage::Unreadable { file: name, reason: error.to_string() }),
        };
        Ok(Self { name, file, context: Context::new(&SHA256), line: Vec::new(), number: 0, bytes: 0 })
    }

    /// The next line with its end; `None` behind the last one.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, Damage> {
        self.line.clear();
        let read = (&mut self.file).take(LINE_BYTES_MAX).read_until(b'\n', &mut self.line);
        read.map_err(|error| Damage::Unreadable { file: self.name.clone(), reason: error.to_string() })?;
        if self.line.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        self.bytes += self.line.len() as u64;
        self.context.update(&self.line);
        Ok(Some(&self.line))
    }

    /// What is wrong when the last line cannot be understood.
    pub(super) fn wrong(&self) -> Damage {
        Damage::Line { file: self.name.clone(), line: self.number }
    }

    /// What was read so far; lines that are no rows do not count.
    pub(super) fn totals(&self, headers: u64) -> Totals {
        let sha256 = hex(self.context.clone().finish().as_ref());
        Totals { rows: self.number.saturating_sub(headers), bytes: self.bytes, sha256 }
    }
}

/// A table's file, row by row.
pub struct TableFile<'t> {
    table: &'t Table,
    lines: Lines,
}

/// Opens a table's file. Its first line must name the columns that the table has.
///
/// # Errors
/// When it cannot be read or has other columns.
pub fn read_table<'t>(path: &Path, table: &'t Table) -> Result<TableFile<'t>, Damage> {
    let mut lines = Lines::open(path, format!("tables/{}.jsonl", table.name))?;
    if lines.next()? != Some(&header(table)) {
        return Err(lines.wrong());
    }
    Ok(TableFile { table, lines })
}

impl TableFile<'_> {
    /// The next row; `None` behind the last one.
    ///
    /// # Errors
    /// When the line cannot be read or is no row of the table.
    pub fn next_row(&mut self) -> Result<Option<Vec<Cell>>, Damage> {
        let Some(line) = self.lines.next()? else { return Ok(None) };
        let cells = line.strip_suffix(b"\n").and_then(|line| parse(self.table, line));
        cells.map(Some).ok_or_else(|| self.lines.wrong())
    }

    /// Up to `rows` rows, and not many more than `bytes` bytes of them.
    ///
    /// # Errors
    /// As [`TableFile::next_row`].
    pub fn next_rows(&mut self, rows: usize, bytes: usize) -> Result<Vec<Vec<Cell>>, Damage> {
        let (mut batch, mut weight) = (Vec::new(), 0);
        while batch.len() < rows && weight < bytes {
            let Some(row) = self.next_row()? else { break };
            weight += row.iter().map(Cell::weight).sum::<usize>();
            batch.push(row);
        }
        Ok(batch)
    }

    /// What was read so far.
    pub fn totals(&self) -> Totals {
        self.lines.totals(1)
    }
}

fn parse(table: &Table, line: &[u8]) -> Option<Vec<Cell>> {
    let values: Vec<Json> = serde_json::from_slice(line).ok()?;
    if values.len() != table.columns.len() {
        return None;
    }
    table.columns.iter().zip(values).map(|(column, value)| Cell::parse(column.kind, value)).collect()
}
