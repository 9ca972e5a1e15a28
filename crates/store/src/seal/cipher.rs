//! AES-256-GCM with the key schedule kept, as every other module here uses it.

use aws_lc_rs::aead::{self, AES_256_GCM, LessSafeKey, Nonce, UnboundKey};

use super::SealError;

/// Bytes of a nonce.
pub(crate) const NONCE_BYTES: usize = 12;
/// Bytes that authentication adds behind the ciphertext.
pub(crate) const TAG_BYTES: usize = 16;

/// A key that is set up for encryption; setting one up costs about as much as sealing 500 bytes.
///
/// The library overwrites the key schedule when it is dropped.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("32 bytes are a key of AES-256")))
    }

    /// Encrypts `text[from..]` in place and appends the tag. The caller must never use a nonce twice.
    pub(crate) fn seal(&self, nonce: [u8; NONCE_BYTES], aad: &[u8], text: &mut Vec<u8>, from: usize) {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, aead::Aad::from(aad), &mut text[from..])
            .expect("texts are far below the 64 GiB that AES-GCM can seal");
        text.extend_from_slice(tag.as_ref());
    }

    /// Decrypts ciphertext and tag in place; the plain text is the returned front part of `sealed`.
    pub(crate) fn open<'a>(
        &self,
        nonce: [u8; NONCE_BYTES],
        aad: &[u8],
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], SealError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0.open_in_place(nonce, aead::Aad::from(aad), sealed).map_err(|_| SealError::NotAuthentic)
    }
}

/// Random bytes for keys, nonces, salts and names.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system has random numbers");
    bytes
}
