//! Tables: written row by row in the order of the primary key, and filled again.
//!
//! What a row holds is copied as it is, with one exception: a job that a worker has claimed is written as
//! one that nobody has, because the worker will not be there when it is restored.

use std::io::{self, Write};

use super::cell::{self, Cell};
use super::hashed::{Hashed, Totals};
use crate::db::{Row, StoreError, StoreResult, Table, ToValue, Tx, Value};

/// Rows that are read with one statement, so that none of them takes long.
const PAGE: i64 = 2000;
/// Rows that are added with one statement.
const ROWS_PER_STATEMENT: usize = 50;

/// The column that names a document's file, in whichever table it is.
pub const FILE_KEY: &str = "file_key";

/// Columns that are written as this value whatever they hold.
const REPLACED: [(&str, &str, Value<'static>); 2] =
    [("jobs", "lease", Value::Null), ("jobs", "leased_until", Value::Int(0))];

/// Writes the whole table. Memory: one row.
///
/// # Errors
/// When the database fails, a column holds what it cannot, or nothing can be written.
pub fn dump<W: Write>(tx: &mut Tx<'_>, table: &Table, out: W) -> StoreResult<(W, Totals)> {
    let mut out = Hashed::new(out);
    out.write_all(&header(table)).map_err(unwritten)?;
    let replaced = replacements(table);
    let (mut rows, mut line, mut last) = (0, Vec::new(), None::<Vec<Cell>>);
    loop {
        let (mut in_page, mut last_of_page) = (0, None);
        let limit = [Value::Int(PAGE)];
        let params: Vec<Value<'_>> =
            last.iter().flatten().map(ToValue::to_value).chain(limit.iter().copied()).collect();
        tx.each(&page_statement(table, last.is_some()), &params, |row| {
            write_row(&mut line, table, &replaced, row)?;
            out.write_all(&line).map_err(unwritten)?;
            in_page += 1;
            if in_page == PAGE {
                last_of_page = Some(key(table, row)?);
            }
            Ok(())
        })?;
        rows += in_page.unsigned_abs();
        match last_of_page {
            Some(key) => last = Some(key),
            None => return Ok(out.finish(rows)),
        }
    }
}

/// Adds rows.
///
/// # Errors
/// When the database fails, or a row is there already.
pub fn insert(tx: &mut Tx<'_>, table: &Table, rows: &[Vec<Cell>]) -> StoreResult<()> {
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        let params: Vec<Value<'_>> = rows.iter().flatten().map(ToValue::to_value).collect();
        let touched = tx.execute(&insert_statement(table, rows.len()), &params)?;
        if touched != rows.len() as u64 {
            return Err(StoreError::RowCount { touched });
        }
    }
    Ok(())
}

/// The first line of a table's file: the names of the columns.
pub(super) fn header(table: &Table) -> Vec<u8> {
    let mut line = serde_json::to_vec(&table.column_names()).expect("names are texts");
    line.push(b'\n');
    line
}

fn unwritten(error: io::Error) -> StoreError {
    StoreError::Io("a table could not be written into the backup", error)
}

/// What stands in the place of each column's value, if anything.
fn replacements(table: &Table) -> Vec<Option<Value<'static>>> {
    let replaced = |column: &str| {
        let entry = REPLACED.iter().find(|(of, name, _)| (*of, *name) == (table.name, column));
        entry.map(|(_, _, value)| *value)
    };
    table.columns.iter().map(|column| replaced(column.name)).collect()
}

fn write_row(
    line: &mut Vec<u8>,
    table: &Table,
    replaced: &[Option<Value<'static>>],
    row: &Row<'_>,
) -> StoreResult<()> {
    line.clear();
    for (place, (column, replaced)) in table.columns.iter().zip(replaced).enumerate() {
        line.push(if place == 0 { b'[' } else { b',' });
        let value = match replaced {
            Some(value) => *value,
            None => row.value(place)?,
        };
        let written = cell::write(line, column.kind, value);
        written.ok_or(StoreError::Column { column: place, expected: "what its column holds" })?;
    }
    line.extend_from_slice(b"]\n");
    Ok(())
}

fn key(table: &Table, row: &Row<'_>) -> StoreResult<Vec<Cell>> {
    let cell = |place: &usize| {
        let cell = Cell::of(table.columns[*place].kind, row.value(*place)?);
        cell.ok_or(StoreError::Column { column: *place, expected: "what its column holds" })
    };
    table.key.iter().map(cell).collect()
}

/// Reads a page: from the beginning, or behind a key.
fn page_statement(table: &Table, behind: bool) -> String {
    let key: Vec<_> = table.key.iter().map(|place| table.columns[*place].name).collect();
    let key = key.join(", ");
    let (name, columns, places) = (table.name, table.column_names().join(", "), table.key.len());
    let condition =
        if behind { format!(" WHERE ({key}) > ({})", numbered(1, places)) } else { String::new() };
    let limit = if behind { places + 1 } else { 1 };
    format!("SELECT {columns} FROM {name}{condition} ORDER BY {key} LIMIT ${limit}")
}

fn insert_statement(table: &Table, rows: usize) -> String {
    let width = table.columns.len();
    let places: Vec<_> = (0..rows).map(|row| format!("({})", numbered(row * width + 1, width))).collect();
    format!("INSERT INTO {} ({}) VALUES {}", table.name, table.column_names().join(", "), places.join(", "))
}

/// `$first, …`, so many.
fn numbered(first: usize, count: usize) -> String {
    let places: Vec<_> = (first..first + count).map(|number| format!("${number}")).collect();
    places.join(", ")
}

/// The statements that a backup runs on a table, for the tests that explain them.
pub fn statements_of(table: &Table) -> [String; 2] {
    [page_statement(table, false), page_statement(table, true)]
}
