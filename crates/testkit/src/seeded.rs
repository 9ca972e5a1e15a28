//! Randomness that can be repeated.

use dossier_domain::sid::{Kind, Sid};

/// A stream of random values that is the same for the same seed (SplitMix64).
///
/// It is made for tests: its values can be foretold.
#[derive(Debug, Clone)]
pub struct Seeded(u64);

impl Seeded {
    /// The stream of a seed. Tests that loop over seeds name theirs when they fail.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end`, without `end`.
    ///
    /// # Panics
    /// When `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    /// Heads or tails.
    pub fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    /// One of these.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        let index = self.below(choices.len() as u64);
        choices[usize::try_from(index).expect("an index of a slice fits")].clone()
    }

    /// An identifier.
    pub fn sid<K: Kind>(&mut self) -> Sid<K> {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.bits().to_be_bytes());
        bytes[8..].copy_from_slice(&self.bits().to_be_bytes());
        Sid::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dossier_domain::sid::BundleSid;

    #[test]
    fn equal_seeds_give_equal_streams_and_others_do_not() {
        let stream = |seed| -> Vec<BundleSid> {
            let mut random = Seeded::new(seed);
            (0..8).map(|_| random.sid()).collect()
        };
        assert_eq!(stream(7), stream(7));
        assert_ne!(stream(7), stream(8));
    }
}
