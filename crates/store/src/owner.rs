//! Whose rows: an account and the key that opens them.

use std::sync::Arc;

use dossier_domain::sid::{AccountSid, Kind, Sid};

use crate::db::{StoreError, StoreResult};
use crate::seal::{Aad, DataKey};

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
    pub(crate) fn seal<K: Kind>(&self, place: Sealed, sid: Sid<K>, plain: &str) -> Vec<u8> {
        self.key.seal(&self.aad(place, sid), plain.as_bytes())
    }

    /// Opens a value that was sealed for this place.
    pub(crate) fn open<K: Kind>(&self, place: Sealed, sid: Sid<K>, sealed: &[u8]) -> StoreResult<String> {
        let plain = self.key.open(&self.aad(place, sid), sealed)?;
        // The bytes were authenticated, so this is ours; a refusal would be a bug, not an attack.
        String::from_utf8(plain).map_err(|_| StoreError::Column { column: 0, expected: "sealed text" })
    }

    fn aad<K: Kind>(&self, place: Sealed, sid: Sid<K>) -> Aad<'static> {
        Aad::new(place.table, place.column, self.account, sid)
    }
}
