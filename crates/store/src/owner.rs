//! Whose rows: an account and the key that opens them.

use std::sync::Arc;

use dossier_domain::sid::AccountSid;

use crate::db::{StoreError, StoreResult};
use crate::seal::{Aad, DataKey, Row};

/// An account together with its data key. Every store function over a customer's rows takes it first.
#[derive(Clone)]
pub struct Owner {
    /// Whose rows.
    pub account: AccountSid,
    /// What seals them.
    pub key: Arc<DataKey>,
}

/// A sealed column.
#[derive(Clone, Copy)]
pub(crate) struct Sealed {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
}

impl Owner {
    /// Seals a value for its place.
    pub(crate) fn seal<'a>(&self, place: Sealed, row: impl Into<Row<'a>>, plain: &str) -> Vec<u8> {
        self.key.seal(&self.aad(place, row), plain.as_bytes())
    }

    /// Opens a value that was sealed for this place.
    pub(crate) fn open<'a>(
        &self,
        place: Sealed,
        row: impl Into<Row<'a>>,
        sealed: &[u8],
    ) -> StoreResult<String> {
        let plain = self.key.open(&self.aad(place, row), sealed)?;
        // The bytes were authenticated, so this is ours; a refusal would be a bug, not an attack.
        String::from_utf8(plain).map_err(|_| StoreError::Column { column: 0, expected: "sealed text" })
    }

    fn aad<'a>(&self, place: Sealed, row: impl Into<Row<'a>>) -> Aad<'a> {
        Aad::new(place.table, place.column, self.account, row)
    }
}
