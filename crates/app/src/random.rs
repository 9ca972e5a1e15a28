//! Identifiers and tokens that nobody can guess.

use dossier_domain::sid::{Kind, Sid};

/// A new identifier of 128 random bits (contract 14.1 row 20).
pub fn random_sid<K: Kind>() -> Sid<K> {
    Sid::from_bytes(random())
}

/// A new auth token: 32 hexadecimal digits, 128 random bits.
pub(crate) fn random_token() -> String {
    random::<16>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number from 0 up to 1, for spreading things in time.
pub(crate) fn random_fraction() -> f64 {
    f64::from(u32::from_be_bytes(random())) / (f64::from(u32::MAX) + 1.0)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the generator has been seeded by the operating system");
    bytes
}
