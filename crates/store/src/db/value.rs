//! Values that go into statements and come out of rows: the types both engines share.

use dossier_domain::Timestamp;
use dossier_domain::sid::{AnySid, Kind, Sid, SidText};
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// One value, borrowed from the caller or from a row.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// `BIGINT`.
    Int(i64),
    /// `TEXT`.
    Text(&'a str),
    /// `TEXT` holding an identifier, written without allocating.
    Sid(SidText),
    /// `BYTEA`.
    Bytes(&'a [u8]),
    /// `BOOLEAN`, an `INTEGER` of 0 or 1 on SQLite.
    Bool(bool),
}

impl Value<'_> {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Sid(text) => Some(text),
            Self::Null | Self::Int(_) | Self::Bytes(_) | Self::Bool(_) => None,
        }
    }
}

// Values may be personal data, so only their kind is ever printed.
impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Int(_) => "int",
            Self::Text(_) => "text",
            Self::Sid(_) => "sid",
            Self::Bytes(_) => "bytes",
            Self::Bool(_) => "bool",
        })
    }
}

/// What can be given to a statement as a parameter.
pub trait ToValue {
    /// The value, borrowed.
    fn to_value(&self) -> Value<'_>;
}

impl ToValue for i64 {
    fn to_value(&self) -> Value<'_> {
        Value::Int(*self)
    }
}
impl ToValue for bool {
    fn to_value(&self) -> Value<'_> {
        Value::Bool(*self)
    }
}
impl ToValue for str {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}
impl ToValue for String {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}
impl ToValue for [u8] {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}
impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}
impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}
impl ToValue for Timestamp {
    fn to_value(&self) -> Value<'_> {
        Value::Int(self.as_micros())
    }
}
impl<K: Kind> ToValue for Sid<K> {
    fn to_value(&self) -> Value<'_> {
        Value::Sid(self.text())
    }
}
impl ToValue for AnySid {
    fn to_value(&self) -> Value<'_> {
        Value::Sid(self.text())
    }
}
impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}
impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}
impl ToValue for Value<'_> {
    fn to_value(&self) -> Value<'_> {
        *self
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Sid(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(value), &Type::INT8) => value.to_sql(ty, out),
            (Self::Bool(value), &Type::BOOL) => value.to_sql(ty, out),
            (Self::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(ty, out),
            (_, &Type::TEXT) if self.text().is_some() => self.text().to_sql(ty, out),
            (value, ty) => Err(format!("a {value:?} parameter was given where {ty} is wanted").into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::BOOL, Type::BYTEA, Type::TEXT].contains(ty)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match *ty {
            Type::INT8 => i64::from_sql(ty, raw).map(Self::Int),
            Type::BOOL => bool::from_sql(ty, raw).map(Self::Bool),
            Type::BYTEA => Ok(Self::Bytes(raw)),
            Type::TEXT => <&str>::from_sql(ty, raw).map(Self::Text),
            ref other => Err(format!("a column of type {other} is outside the portable subset").into()),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        <Self as ToSql>::accepts(ty)
    }
}
