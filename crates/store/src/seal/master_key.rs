//! The key that the operator holds, and data keys wrapped by it.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dossier_domain::sid::AccountSid;
use zeroize::{Zeroize, Zeroizing};

use super::cipher::{Cipher, NONCE_BYTES, random};
use super::data_key::derive;
use super::{Aad, DataKey, SealError};

/// Format of a wrapped key: this byte, the nonce, the 32 bytes encrypted, the tag.
const FORM: u8 = 1;

/// The installation's secret: 32 bytes that open every data key, and so everything.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// A new random key.
    pub fn generate() -> Self {
        Self(Zeroizing::new(random()))
    }

    /// Reads 64 hexadecimal digits or 44 characters of base64 (`openssl rand -hex 32`, `-base64 32`).
    ///
    /// # Errors
    /// [`NotAMasterKey`] when the text is neither.
    pub fn parse(text: &str) -> Result<Self, NotAMasterKey> {
        let bytes = match text.len() {
            64 => hexadecimal(text.as_bytes()),
            44 => STANDARD.decode(text).ok(),
            _ => None,
        };
        let bytes = Zeroizing::new(bytes.ok_or(NotAMasterKey)?);
        let key: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| NotAMasterKey)?;
        Ok(Self(Zeroizing::new(*key)))
    }

    /// The key as 64 hexadecimal digits, for the key file.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in self.0.iter() {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 15));
        }
        text
    }

    /// The name of the key. It is derived from the key but tells nothing about it.
    pub fn id(&self) -> MasterKeyId {
        let name = derive(&self.0, "dossier master key id 1", &[]);
        MasterKeyId(*name.first_chunk().expect("32 bytes have eight in front"))
    }

    /// Encrypts a data key of `account` for storage.
    pub fn wrap(&self, key: &DataKey, account: AccountSid) -> WrappedKey {
        let nonce: [u8; NONCE_BYTES] = random();
        let mut bytes = Vec::with_capacity(128);
        bytes.push(FORM);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(key.root());
        let from = 1 + NONCE_BYTES;
        self.cipher().seal(nonce, &wrapping_place(account, key.version()), &mut bytes, from);
        WrappedKey { master_key: self.id(), version: key.version(), bytes }
    }

    /// Decrypts a data key of `account`.
    ///
    /// # Errors
    /// [`SealError::NoMasterKey`] when another master key wrapped it, [`SealError::UnknownForm`] or
    /// [`SealError::NotAuthentic`] when it was altered or belongs to another account or version.
    pub fn unwrap(&self, wrapped: &WrappedKey, account: AccountSid) -> Result<DataKey, SealError> {
        if wrapped.master_key != self.id() {
            return Err(SealError::NoMasterKey { wanted: wrapped.master_key });
        }
        let Some((&FORM, rest)) = wrapped.bytes.split_first() else { return Err(SealError::UnknownForm) };
        let (nonce, text) = rest.split_first_chunk().ok_or(SealError::UnknownForm)?;
        let mut text = Zeroizing::new(text.to_vec());
        let root = self.cipher().open(*nonce, &wrapping_place(account, wrapped.version), &mut text)?;
        let root: &[u8; 32] = (&*root).try_into().map_err(|_| SealError::UnknownForm)?;
        Ok(DataKey::from_root(wrapped.version, Zeroizing::new(*root)))
    }

    fn cipher(&self) -> Cipher {
        Cipher::new(&derive(&self.0, "dossier key wrapping 1", &[]))
    }
}

fn wrapping_place(account: AccountSid, version: u32) -> Vec<u8> {
    Aad::new("data_keys", "wrapped", account, version.to_string().as_str()).encode(&[FORM])
}

fn hexadecimal(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(32);
    for pair in text.as_chunks::<2>().0 {
        let [high, low] =
            pair.map(|byte| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
        match (high, low) {
            (Some(high), Some(low)) => bytes.push(high << 4 | low),
            _ => {
                bytes.zeroize();
                return None;
            }
        }
    }
    Some(bytes)
}

fn digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).expect("four bits are a hexadecimal digit")
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, …)", self.id())
    }
}

/// The text is no master key. It says nothing about the text, which may be a secret with a typing error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 64 hexadecimal digits or 44 characters of base64; `openssl rand -hex 32` makes one")]
pub struct NotAMasterKey;

/// The public name of a master key: 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MasterKeyId([u8; 8]);

impl fmt::Display for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no name of a master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a master key is 16 hexadecimal digits")]
pub struct NotAMasterKeyId;

impl FromStr for MasterKeyId {
    type Err = NotAMasterKeyId;

    fn from_str(text: &str) -> Result<Self, NotAMasterKeyId> {
        let bytes = hexadecimal(text.as_bytes()).filter(|_| text.len() == 16).ok_or(NotAMasterKeyId)?;
        bytes.try_into().map(Self).map_err(|_| NotAMasterKeyId)
    }
}

/// A data key as it is stored: useless without the master key it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// The master key that opens it.
    pub master_key: MasterKeyId,
    /// Which of the account's data keys it is, counted from 1.
    pub version: u32,
    /// The encrypted key.
    pub bytes: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn account() -> AccountSid {
        AccountSid::from_bytes([1; 16])
    }

    #[test]
    fn both_forms_of_text_give_the_same_key() {
        let hex = MasterKey::parse(HEX).unwrap();
        let base64 = MasterKey::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        assert_eq!(*hex.0, std::array::from_fn::<u8, 32, _>(|index| index as u8));
        assert_eq!(hex.0, base64.0);
        assert_eq!(MasterKey::parse(&HEX.to_uppercase()).unwrap().0, hex.0);
        assert_eq!(&*hex.to_text(), HEX);
    }

    #[test]
    fn other_texts_are_no_keys() {
        for text in [
            "",
            "secret",
            &HEX[1..],
            &format!("{HEX}0"),
            &HEX.replace('f', "g"),
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8!",
            // 33 bytes, which also are 44 characters
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
            &"é".repeat(32),
            &"é".repeat(22),
        ] {
            assert_eq!(MasterKey::parse(text).unwrap_err(), NotAMasterKey, "{text}");
        }
    }

    #[test]
    fn the_name_is_stable_and_shows_nothing_of_the_key() {
        let key = MasterKey::parse(HEX).unwrap();
        assert_eq!(key.id().to_string(), "7c30a6c17f0f5cdd");
        assert_eq!(key.id().to_string().parse(), Ok(key.id()));
        assert_eq!(format!("{key:?}"), "MasterKey(7c30a6c17f0f5cdd, …)");
        for text in ["", "0123", "0123456789abcdeg", "0123456789abcdef0", &"é".repeat(8)] {
            assert_eq!(text.parse::<MasterKeyId>(), Err(NotAMasterKeyId), "{text}");
        }
    }

    #[test]
    fn a_wrapped_key_opens_what_the_original_sealed() {
        let (master, key) = (MasterKey::generate(), DataKey::generate(4));
        let place = Aad::new("end_users", "attributes", account(), "row");
        let sealed = key.seal(&place, b"Jane Doe");
        let again = master.unwrap(&master.wrap(&key, account()), account()).unwrap();
        assert_eq!(again.version(), 4);
        assert_eq!(again.open(&place, &sealed).unwrap(), b"Jane Doe");
    }

    #[test]
    fn a_wrapped_key_is_bound_to_master_key_account_and_version() {
        let master = MasterKey::generate();
        let wrapped = master.wrap(&DataKey::generate(1), account());
        let other = AccountSid::from_bytes([2; 16]);
        assert_eq!(master.unwrap(&wrapped, other).unwrap_err(), SealError::NotAuthentic);
        let renamed = WrappedKey { version: 2, ..wrapped.clone() };
        assert_eq!(master.unwrap(&renamed, account()).unwrap_err(), SealError::NotAuthentic);
        let stranger = MasterKey::generate();
        let refusal = stranger.unwrap(&wrapped, account()).unwrap_err();
        assert_eq!(refusal, SealError::NoMasterKey { wanted: master.id() });
        assert!(refusal.to_string().contains(&master.id().to_string()));
        let relabelled = WrappedKey { master_key: stranger.id(), ..wrapped };
        assert_eq!(stranger.unwrap(&relabelled, account()).unwrap_err(), SealError::NotAuthentic);
    }

    #[test]
    fn any_altered_byte_and_any_cut_of_a_wrapped_key_is_noticed() {
        let master = MasterKey::generate();
        let wrapped = master.wrap(&DataKey::generate(1), account());
        for index in 0..wrapped.bytes.len() {
            let mut altered = wrapped.clone();
            altered.bytes[index] ^= 1;
            assert!(master.unwrap(&altered, account()).is_err(), "byte {index}");
            let cut = WrappedKey { bytes: wrapped.bytes[..index].to_vec(), ..wrapped.clone() };
            assert!(master.unwrap(&cut, account()).is_err(), "cut to {index}");
        }
    }
}
