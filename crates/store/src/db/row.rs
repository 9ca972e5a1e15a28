//! Rows, read column by column in the order of the statement.

use dossier_domain::Timestamp;
use dossier_domain::sid::{AnySid, Kind, Sid};
use rusqlite::types::ValueRef;

use super::error::{StoreError, StoreResult};
use super::value::Value;

/// One row of a result, valid until the next one is read.
pub enum Row<'r> {
    /// From SQLite.
    Sqlite(&'r rusqlite::Row<'r>),
    /// From PostgreSQL.
    Postgres(&'r tokio_postgres::Row),
}

impl<'r> Row<'r> {
    /// A cursor over the columns, from the first.
    pub fn columns(&self) -> Columns<'_, 'r> {
        Columns { row: self, next: 0 }
    }

    /// A cursor over the columns from one on, counted from 0.
    pub fn columns_from(&self, next: usize) -> Columns<'_, 'r> {
        Columns { row: self, next }
    }

    /// A column, counted from 0, as whatever it is.
    pub(crate) fn value(&self, column: usize) -> StoreResult<Value<'_>> {
        match self {
            Self::Postgres(row) => Ok(row.try_get::<_, Value<'_>>(column)?),
            Self::Sqlite(row) => match row.get_ref(column)? {
                ValueRef::Null => Ok(Value::Null),
                ValueRef::Integer(value) => Ok(Value::Int(value)),
                ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes)),
                ValueRef::Text(bytes) => std::str::from_utf8(bytes)
                    .map(Value::Text)
                    .map_err(|_| StoreError::Column { column, expected: "UTF-8 text" }),
                ValueRef::Real(_) => Err(StoreError::Column { column, expected: "a portable type" }),
            },
        }
    }
}

/// A cursor: each call of [`Columns::next`] reads one column further.
pub struct Columns<'a, 'r> {
    row: &'a Row<'r>,
    next: usize,
}

impl<'a> Columns<'a, '_> {
    /// The next column.
    ///
    /// # Errors
    /// [`StoreError::Column`] when it does not hold a `T`.
    #[expect(
        clippy::should_implement_trait,
        reason = "each column has a type of its own, so this is no iterator"
    )]
    pub fn next<T: FromColumn<'a>>(&mut self) -> StoreResult<T> {
        let column = self.next;
        self.next += 1;
        T::from_value(self.row.value(column)?)
            .ok_or_else(|| StoreError::Column { column, expected: T::EXPECTED })
    }
}

/// What a column can be read as.
pub trait FromColumn<'a>: Sized {
    /// Its name in error messages.
    const EXPECTED: &'static str;

    /// The value, or `None` when it is of another type.
    fn from_value(value: Value<'a>) -> Option<Self>;
}

macro_rules! from_column {
    ($($type:ty, $expected:literal, $pattern:pat => $result:expr;)*) => {$(
        impl<'a> FromColumn<'a> for $type {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: Value<'a>) -> Option<Self> {
                match value { $pattern => $result, _ => None }
            }
        }
    )*};
}

from_column! {
    i64, "an integer", Value::Int(value) => Some(value);
    &'a str, "text", Value::Text(text) => Some(text);
    String, "text", Value::Text(text) => Some(text.to_owned());
    &'a [u8], "bytes", Value::Bytes(bytes) => Some(bytes);
    Vec<u8>, "bytes", Value::Bytes(bytes) => Some(bytes.to_vec());
    Timestamp, "a time", Value::Int(micros) => Some(Timestamp::from_micros(micros));
    AnySid, "an identifier", Value::Text(text) => AnySid::parse(text).ok();
}

impl<'a> FromColumn<'a> for bool {
    const EXPECTED: &'static str = "a boolean";

    fn from_value(value: Value<'a>) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(value),
            Value::Int(value @ 0..=1) => Some(value == 1),
            _ => None,
        }
    }
}

impl<'a, K: Kind> FromColumn<'a> for Sid<K> {
    const EXPECTED: &'static str = K::NOUN;

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(|text| Self::parse(text).ok())
    }
}

impl<'a, T: FromColumn<'a>> FromColumn<'a> for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_value(value: Value<'a>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}
