//! One value of a row, and its form in a line.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::db::{ColumnKind, ToValue, Value};

/// A value with its type. Sealed columns are bytes like any other.
#[derive(Clone, PartialEq, Eq)]
pub enum Cell {
    /// No value.
    Null,
    /// `BIGINT`.
    Integer(i64),
    /// `TEXT`.
    Text(String),
    /// `BYTEA`.
    Bytes(Vec<u8>),
    /// `BOOLEAN`.
    Boolean(bool),
}

impl Cell {
    /// A value of the database as what its column holds; `None` when it is something else.
    pub(super) fn of(kind: ColumnKind, value: Value<'_>) -> Option<Self> {
        Some(match (kind, value) {
            (_, Value::Null) => Self::Null,
            (ColumnKind::Integer, Value::Int(value)) => Self::Integer(value),
            (ColumnKind::Text, Value::Text(text)) => Self::Text(text.to_owned()),
            (ColumnKind::Bytes, Value::Bytes(bytes)) => Self::Bytes(bytes.to_vec()),
            (ColumnKind::Boolean, Value::Bool(value)) => Self::Boolean(value),
            // SQLite has no booleans.
            (ColumnKind::Boolean, Value::Int(value @ 0..=1)) => Self::Boolean(value == 1),
            _ => return None,
        })
    }

    /// Reads what [`write`] has written; `None` when it is not of the column's kind.
    pub(super) fn parse(kind: ColumnKind, json: Json) -> Option<Self> {
        Some(match (kind, json) {
            (_, Json::Null) => Self::Null,
            (ColumnKind::Integer, Json::Number(number)) => Self::Integer(number.as_i64()?),
            (ColumnKind::Text, Json::String(text)) => Self::Text(text),
            (ColumnKind::Bytes, Json::String(text)) => Self::Bytes(STANDARD.decode(text).ok()?),
            (ColumnKind::Boolean, Json::Bool(value)) => Self::Boolean(value),
            _ => return None,
        })
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Integer(_) | Self::Bytes(_) | Self::Boolean(_) => None,
        }
    }

    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Text(text) => text.len(),
                Self::Bytes(bytes) => bytes.len(),
                Self::Null | Self::Integer(_) | Self::Boolean(_) => 0,
            }
    }
}

impl ToValue for Cell {
    fn to_value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(value) => Value::Int(*value),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::Boolean(value) => Value::Bool(*value),
        }
    }
}

/// Adds a value to a line. `None` when its column cannot hold it.
pub(super) fn write(line: &mut Vec<u8>, kind: ColumnKind, value: Value<'_>) -> Option<()> {
    let written = match (kind, value) {
        (_, Value::Null) => line.write_all(b"null"),
        (ColumnKind::Integer, Value::Int(value)) => write!(line, "{value}"),
        (ColumnKind::Text, Value::Text(text)) => serde_json::to_writer(line, text).map_err(Into::into),
        (ColumnKind::Bytes, Value::Bytes(bytes)) => write!(line, "\"{}\"", STANDARD.encode(bytes)),
        (ColumnKind::Boolean, Value::Bool(value)) => write!(line, "{value}"),
        (ColumnKind::Boolean, Value::Int(value @ 0..=1)) => write!(line, "{}", value == 1),
        _ => return None,
    };
    written.expect("a vector takes whatever is written");
    Some(())
}

// Values may be personal data, so only their kind is ever printed.
impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_value().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(kind: ColumnKind, cell: &Cell) -> Option<Cell> {
        let mut line = Vec::new();
        write(&mut line, kind, cell.to_value())?;
        assert!(!line.contains(&b'\n'), "a row is one line");
        Cell::parse(kind, serde_json::from_slice(&line).unwrap())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(number: i64, text: String, bytes: Vec<u8>, truth: bool) {
            for (kind, cell) in [
                (ColumnKind::Integer, Cell::Integer(number)),
                (ColumnKind::Text, Cell::Text(text)),
                (ColumnKind::Bytes, Cell::Bytes(bytes)),
                (ColumnKind::Boolean, Cell::Boolean(truth)),
            ] {
                prop_assert_eq!(round_trip(kind, &cell), Some(cell));
                prop_assert_eq!(round_trip(kind, &Cell::Null), Some(Cell::Null));
            }
        }
    }

    #[test]
    fn integers_of_sqlite_are_booleans_where_the_column_is_one() {
        let mut line = Vec::new();
        assert_eq!(write(&mut line, ColumnKind::Boolean, Value::Int(1)), Some(()));
        assert_eq!(line, b"true");
        assert_eq!(write(&mut line, ColumnKind::Boolean, Value::Int(2)), None);
        assert_eq!(Cell::of(ColumnKind::Boolean, Value::Int(0)), Some(Cell::Boolean(false)));
    }

    #[test]
    fn what_a_column_cannot_hold_is_refused() {
        for (kind, json) in [
            (ColumnKind::Integer, "1.5"),
            (ColumnKind::Integer, "9223372036854775808"),
            (ColumnKind::Integer, "\"1\""),
            (ColumnKind::Text, "1"),
            (ColumnKind::Bytes, "\"not base64!\""),
            (ColumnKind::Boolean, "1"),
            (ColumnKind::Text, "[\"x\"]"),
        ] {
            assert_eq!(Cell::parse(kind, serde_json::from_str(json).unwrap()), None, "{json}");
        }
    }
}
