//! The key of one account, and how a column's value is sealed with it.

use std::fmt;

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

use super::cipher::{Cipher, NONCE_BYTES, TAG_BYTES, random};
use super::{Aad, SealError};

/// Format of a sealed value: this byte, the data key's version (u32, big endian), the nonce, the
/// ciphertext, the tag.
const FORM: u8 = 1;
const HEADER_BYTES: usize = 1 + size_of::<u32>();

/// How many bytes a sealed value has more than its plain text.
pub const SEALED_EXTRA_BYTES: usize = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/// A secret of 32 random bytes that belongs to one account.
///
/// Nonces are random, which is safe for 2^32 values per key; a rotation starts a new count.
pub struct DataKey {
    version: u32,
    root: Zeroizing<[u8; 32]>,
    columns: Cipher,
}

impl DataKey {
    /// A new random key. An account's first has version 1, and every later one the next number.
    pub fn generate(version: u32) -> Self {
        Self::from_root(version, Zeroizing::new(random()))
    }

    pub(super) fn from_root(version: u32, root: Zeroizing<[u8; 32]>) -> Self {
        let columns = Cipher::new(&derive(&root, "dossier columns 1", &[]));
        Self { version, root, columns }
    }

    pub(super) fn root(&self) -> &[u8; 32] {
        &self.root
    }

    /// Which of the account's data keys this is, counted from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Seals a value for one place. The result has [`SEALED_EXTRA_BYTES`] more than `plain`.
    pub fn seal(&self, aad: &Aad<'_>, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random();
        let mut sealed = Vec::with_capacity(SEALED_EXTRA_BYTES + plain.len());
        sealed.push(FORM);
        sealed.extend_from_slice(&self.version.to_be_bytes());
        let place = aad.encode(&sealed);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        self.columns.seal(nonce, &place, &mut sealed, HEADER_BYTES + NONCE_BYTES);
        sealed
    }

    /// Opens a value in the place it was sealed for.
    ///
    /// # Errors
    /// [`SealError::UnknownForm`] when `sealed` is no sealed value, [`SealError::OtherVersion`] when
    /// another of the account's keys is needed, [`SealError::NotAuthentic`] when the value was altered
    /// or belongs elsewhere.
    pub fn open(&self, aad: &Aad<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let wanted = sealed_version(sealed)?;
        if wanted != self.version {
            return Err(SealError::OtherVersion { wanted, given: self.version });
        }
        let (header, rest) = sealed.split_at(HEADER_BYTES);
        let (nonce, text) = rest.split_first_chunk().ok_or(SealError::UnknownForm)?;
        let mut text = text.to_vec();
        let plain_bytes = self.columns.open(*nonce, &aad.encode(header), &mut text)?.len();
        text.truncate(plain_bytes);
        Ok(text)
    }

    /// A sub-key for one purpose. `context` further separates keys of the same purpose.
    pub(crate) fn derive(&self, purpose: &str, context: &[u8]) -> Zeroizing<[u8; 32]> {
        derive(&self.root, purpose, context)
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey(version {}, …)", self.version)
    }
}

/// The version of the data key that opens `sealed`.
///
/// # Errors
/// [`SealError::UnknownForm`] when the bytes are no sealed value.
pub fn sealed_version(sealed: &[u8]) -> Result<u32, SealError> {
    match sealed {
        [FORM, version @ ..] if sealed.len() >= SEALED_EXTRA_BYTES => {
            Ok(u32::from_be_bytes(*version.first_chunk().ok_or(SealError::UnknownForm)?))
        }
        _ => Err(SealError::UnknownForm),
    }
}

/// HKDF-SHA256 of a random secret. The purpose ends with a zero byte, so that it cannot run into the
/// context.
pub(super) fn derive(secret: &[u8; 32], purpose: &str, context: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    Salt::none(HKDF_SHA256)
        .extract(secret)
        .expand(&[purpose.as_bytes(), &[0], context], HKDF_SHA256)
        .and_then(|derived| derived.fill(&mut *key))
        .expect("HKDF-SHA256 gives keys of 32 bytes");
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use dossier_domain::sid::{AccountSid, AddressSid, EndUserSid};
    use proptest::prelude::*;

    fn account() -> AccountSid {
        AccountSid::from_bytes([1; 16])
    }

    fn place() -> Aad<'static> {
        Aad::new("end_users", "attributes", account(), EndUserSid::from_bytes([2; 16]))
    }

    #[test]
    fn a_value_opens_only_in_its_place() {
        let key = DataKey::generate(1);
        let sealed = key.seal(&place(), b"Jane Doe");
        let other_account = AccountSid::from_bytes([9; 16]);
        let end_user = EndUserSid::from_bytes([2; 16]);
        for elsewhere in [
            Aad::new("documents", "attributes", account(), end_user),
            Aad::new("end_users", "email", account(), end_user),
            Aad::new("end_users", "attributes", other_account, end_user),
            Aad::new("end_users", "attributes", account(), EndUserSid::from_bytes([3; 16])),
            Aad::new("end_users", "attributes", account(), AddressSid::from_bytes([2; 16])),
            Aad::new("end_usersattributes", "", account(), end_user),
        ] {
            assert_eq!(key.open(&elsewhere, &sealed), Err(SealError::NotAuthentic), "{elsewhere:?}");
        }
    }

    #[test]
    fn swapped_columns_of_one_row_do_not_open() {
        let key = DataKey::generate(1);
        let row = AddressSid::from_bytes([4; 16]);
        let street = Aad::new("addresses", "street", account(), row);
        let city = Aad::new("addresses", "city", account(), row);
        let (sealed_street, sealed_city) = (key.seal(&street, b"Main St 1"), key.seal(&city, b"Main"));
        assert_eq!(key.open(&city, &sealed_street), Err(SealError::NotAuthentic));
        assert_eq!(key.open(&street, &sealed_city), Err(SealError::NotAuthentic));
    }

    #[test]
    fn another_version_is_named() {
        let sealed = DataKey::generate(7).seal(&place(), b"x");
        let refusal = DataKey::generate(8).open(&place(), &sealed).unwrap_err();
        assert_eq!(refusal, SealError::OtherVersion { wanted: 7, given: 8 });
        assert_eq!(sealed_version(&sealed), Ok(7));
    }

    #[test]
    fn another_key_of_the_same_version_does_not_open() {
        let sealed = DataKey::generate(1).seal(&place(), b"x");
        assert_eq!(DataKey::generate(1).open(&place(), &sealed), Err(SealError::NotAuthentic));
    }

    #[test]
    fn the_same_text_is_never_sealed_alike() {
        let key = DataKey::generate(1);
        assert_ne!(key.seal(&place(), b"same"), key.seal(&place(), b"same"));
    }

    #[test]
    fn purposes_and_contexts_have_keys_of_their_own() {
        let key = DataKey::generate(1);
        let keys = [("a", "b"), ("ab", ""), ("a", ""), ("b", "a")]
            .map(|(purpose, context)| *key.derive(purpose, context.as_bytes()));
        for (index, derived) in keys.iter().enumerate() {
            assert_ne!(derived, key.root());
            assert!(!keys[..index].contains(derived));
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = DataKey::from_root(3, Zeroizing::new([0xAB; 32]));
        assert_eq!(format!("{key:?}"), "DataKey(version 3, …)");
    }

    proptest! {
        #[test]
        fn opening_reverses_sealing(plain: Vec<u8>, version: u32) {
            let key = DataKey::generate(version);
            let sealed = key.seal(&place(), &plain);
            prop_assert_eq!(sealed.len(), plain.len() + SEALED_EXTRA_BYTES);
            prop_assert_eq!(key.open(&place(), &sealed), Ok(plain));
        }

        #[test]
        fn any_flipped_bit_is_noticed(plain: Vec<u8>, place_in_bits: prop::sample::Index) {
            let key = DataKey::generate(1);
            let mut sealed = key.seal(&place(), &plain);
            let bit = place_in_bits.index(sealed.len() * 8);
            sealed[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(key.open(&place(), &sealed).is_err());
        }

        #[test]
        fn any_shorter_or_longer_value_is_noticed(plain: Vec<u8>, cut: prop::sample::Index, more: u8) {
            let key = DataKey::generate(1);
            let mut sealed = key.seal(&place(), &plain);
            prop_assert!(key.open(&place(), &sealed[..cut.index(sealed.len())]).is_err());
            sealed.push(more);
            prop_assert!(key.open(&place(), &sealed).is_err());
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            prop_assert!(DataKey::generate(1).open(&place(), &bytes).is_err());
        }
    }
}
