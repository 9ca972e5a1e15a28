//! Associated data: the place a sealed value belongs to.

use dossier_domain::sid::{AccountSid, AnySid, Kind, Sid};

/// The place of a sealed value. A value opens in the place it was sealed for and in no other.
#[derive(Debug, Clone, Copy)]
pub struct Aad<'a> {
    table: &'a str,
    column: &'a str,
    account: AccountSid,
    row: Row<'a>,
}

/// Which row of the table, by identifier or by another key that never changes.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    /// A row with an identifier of its own.
    Sid(AnySid),
    /// A row that is found by a name, such as a setting.
    Name(&'a str),
}

impl<'a> Aad<'a> {
    /// The place `table.column` in row `row` of `account` ([`INSTALLATION`](super::INSTALLATION) when
    /// the row belongs to no account).
    pub fn new(table: &'a str, column: &'a str, account: AccountSid, row: impl Into<Row<'a>>) -> Self {
        Self { table, column, account, row: row.into() }
    }

    /// `prefix` and the place as bytes. Every part has its length in front, so that no two places are
    /// written alike.
    pub(crate) fn encode(&self, prefix: &[u8]) -> Vec<u8> {
        let text;
        let row = match self.row {
            Row::Sid(sid) => {
                text = sid.text();
                &*text
            }
            Row::Name(name) => name,
        };
        let parts = [self.table.as_bytes(), self.column.as_bytes(), self.account.as_bytes(), row.as_bytes()];
        let bytes = prefix.len() + parts.iter().map(|part| LENGTH_BYTES + part.len()).sum::<usize>();
        let mut encoded = Vec::with_capacity(bytes);
        encoded.extend_from_slice(prefix);
        for part in parts {
            let length = u32::try_from(part.len()).expect("a name in the schema is shorter than 4 GiB");
            encoded.extend_from_slice(&length.to_be_bytes());
            encoded.extend_from_slice(part);
        }
        encoded
    }
}

const LENGTH_BYTES: usize = size_of::<u32>();

impl<K: Kind> From<Sid<K>> for Row<'_> {
    fn from(sid: Sid<K>) -> Self {
        Row::Sid(sid.into())
    }
}

impl From<AnySid> for Row<'_> {
    fn from(sid: AnySid) -> Self {
        Row::Sid(sid)
    }
}

impl<'a> From<&'a str> for Row<'a> {
    fn from(name: &'a str) -> Self {
        Row::Name(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn different_places_are_written_differently(
            one in ("[ab]{0,3}", "[ab]{0,3}", 0..2_u8, "[ab]{0,3}"),
            other in ("[ab]{0,3}", "[ab]{0,3}", 0..2_u8, "[ab]{0,3}"),
        ) {
            let encode = |(table, column, account, row): &(String, String, u8, String)| {
                Aad::new(table, column, AccountSid::from_bytes([*account; 16]), row.as_str()).encode(b"1")
            };
            prop_assert_eq!(one == other, encode(&one) == encode(&other));
        }
    }
}
