//! The key of the audit chain: who can write to the database cannot make a chain of their own.

use std::fmt;

use aws_lc_rs::hmac;
use dossier_domain::audit::chain::Digest;

use super::DataKey;

/// Authenticates checkpoints with HMAC-SHA256, under a sub-key of the data key of the
/// [`INSTALLATION`](super::INSTALLATION).
#[derive(Clone)]
pub struct ChainKey(hmac::Key);

impl ChainKey {
    /// The key of an installation. It stays the same when the master key changes.
    pub fn new(installation: &DataKey) -> Self {
        let secret = installation.derive("dossier audit chain 1", &[]);
        Self(hmac::Key::new(hmac::HMAC_SHA256, &*secret))
    }

    /// What is stored beside the hash of a checkpoint.
    pub fn sign(&self, hash: &Digest) -> [u8; 32] {
        let mac = hmac::sign(&self.0, hash.as_bytes());
        mac.as_ref().try_into().expect("HMAC-SHA256 gives 32 bytes")
    }

    /// Whether [`ChainKey::sign`] made `mac` of this hash.
    pub fn verify(&self, hash: &Digest, mac: &[u8]) -> bool {
        hmac::verify(&self.0, hash.as_bytes(), mac).is_ok()
    }
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChainKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_installations_key_makes_its_macs() {
        let (installation, other) = (DataKey::generate(1), DataKey::generate(1));
        let (hash, another) = (Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32]));
        let key = ChainKey::new(&installation);
        let mac = key.sign(&hash);
        assert!(ChainKey::new(&installation).verify(&hash, &mac), "it lasts over a restart");
        assert!(!key.verify(&another, &mac));
        assert!(!key.verify(&hash, &mac[..31]));
        assert!(!key.verify(&hash, &[]));
        assert!(!ChainKey::new(&other).verify(&hash, &mac));
        assert_eq!(format!("{key:?}"), "ChainKey(…)");
    }
}
