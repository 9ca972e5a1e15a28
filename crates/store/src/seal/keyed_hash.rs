//! Keyed hashes: to recognise a value without keeping it.
//!
//! Who copies the database but not the master key cannot test guesses against these hashes.

use std::fmt;

use aws_lc_rs::hmac;

use super::DataKey;

/// Hashes credentials of one purpose with HMAC-SHA256, under a sub-key of a data key.
///
/// The data key is that of the [`INSTALLATION`](super::INSTALLATION), so that a wrong token is refused
/// without the account's own key being opened.
#[derive(Clone)]
pub struct TokenHasher(hmac::Key);

impl TokenHasher {
    /// A hasher whose hashes differ from those of every other purpose and data key.
    pub fn new(key: &DataKey, purpose: &str) -> Self {
        let secret = key.derive("dossier token hash 1", purpose.as_bytes());
        Self(hmac::Key::new(hmac::HMAC_SHA256, &*secret))
    }

    /// The hash under which a token is stored.
    pub fn hash(&self, token: &str) -> [u8; 32] {
        hash(&self.0, token)
    }

    /// Whether `stored` is the hash of `token`, in a time that depends on neither.
    pub fn verify(&self, token: &str, stored: &[u8]) -> bool {
        hmac::verify(&self.0, token.as_bytes(), stored).is_ok()
    }
}

impl fmt::Debug for TokenHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHasher(…)")
    }
}

/// A 16-byte stand-in for a sealed value by which equal values of an account can be found.
///
/// Equal values have equal indexes, which is what an index reveals. Bring the value into its one form
/// first (case of an e-mail address, say); `purpose` names table and column.
pub fn blind_index(key: &DataKey, purpose: &str, value: &str) -> [u8; 16] {
    let secret = key.derive("dossier blind index 1", purpose.as_bytes());
    let full = hash(&hmac::Key::new(hmac::HMAC_SHA256, &*secret), value);
    *full.first_chunk().expect("32 bytes have a first half")
}

fn hash(key: &hmac::Key, text: &str) -> [u8; 32] {
    hmac::sign(key, text.as_bytes()).as_ref().try_into().expect("HMAC-SHA256 gives 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_recognised_by_its_hash() {
        let key = DataKey::generate(1);
        let hasher = TokenHasher::new(&key, "account token");
        let stored = hasher.hash("secret");
        assert!(hasher.verify("secret", &stored));
        assert!(TokenHasher::new(&key, "account token").verify("secret", &stored), "it lasts over a restart");
        assert!(!hasher.verify("Secret", &stored));
        assert!(!hasher.verify("secret", &stored[..31]));
        assert!(!hasher.verify("secret", &[]));
    }

    #[test]
    fn purposes_and_keys_hash_differently() {
        let key = DataKey::generate(1);
        let stored = TokenHasher::new(&key, "account token").hash("secret");
        assert!(!TokenHasher::new(&key, "session").verify("secret", &stored));
        assert!(!TokenHasher::new(&DataKey::generate(1), "account token").verify("secret", &stored));
    }

    #[test]
    fn equal_values_have_equal_indexes_within_purpose_and_key() {
        let key = DataKey::generate(1);
        let index = blind_index(&key, "end_users.email", "jane@example.com");
        assert_eq!(index, blind_index(&key, "end_users.email", "jane@example.com"));
        assert_ne!(index, blind_index(&key, "end_users.email", "joan@example.com"));
        assert_ne!(index, blind_index(&key, "bundles.email", "jane@example.com"));
        assert_ne!(index, blind_index(&DataKey::generate(1), "end_users.email", "jane@example.com"));
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", TokenHasher::new(&DataKey::generate(1), "x")), "TokenHasher(…)");
    }
}
