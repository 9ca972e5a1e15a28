//! Sealing: personal data at rest is only readable with a key that is not at rest beside it.
//!
//! Three layers. A [`MasterKey`] comes from the operator and wraps one [`DataKey`] per account. A data
//! key never encrypts anything itself: every use derives a sub-key with a label of its own, so that
//! columns, files, tokens and blind indexes cannot be played off against each other. A sealed value is
//! bound to its place by an [`Aad`]: copied to another row, column or account it does not open.
//!
//! Invariants:
//! * a data key is used for sealing only after its wrapped form is committed, or in the transaction that
//!   stores it (see [`Keyring::new_data_key`]);
//! * a data key's version is in front of everything sealed with it, so that older versions stay
//!   readable after a rotation;
//! * no secret has a `Debug` or `Display` that shows it, and no error contains one.

mod aad;
mod chain_key;
mod cipher;
mod data_key;
mod key_file;
mod keyed_hash;
mod keyring;
mod master_key;
mod master_keys;

use dossier_domain::sid::AccountSid;

pub use aad::{Aad, Row};
pub use chain_key::ChainKey;
pub use data_key::{DataKey, SEALED_EXTRA_BYTES, sealed_version};
pub use key_file::{KeyFile, KeyFileError};
pub use keyed_hash::{TokenHasher, blind_index};
pub use keyring::Keyring;
pub use master_key::{MasterKey, MasterKeyId, NotAMasterKey, NotAMasterKeyId, WrappedKey};
pub use master_keys::{MasterKeys, MasterKeysError};

pub(crate) use cipher::{Cipher, NONCE_BYTES, TAG_BYTES, random};

/// Owner of the data key for what belongs to no account: token hashes, operators, e-mail to them.
///
/// No account has this identifier, because identifiers of accounts are random.
pub const INSTALLATION: AccountSid = AccountSid::from_bytes([0; 16]);

/// Why a sealed value or a wrapped key could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The bytes are too short, or were written by a later release.
    #[error("the sealed bytes have no form that this release knows")]
    UnknownForm,
    /// The value was sealed with another version of the account's data key.
    #[error("version {wanted} of the account's data key is needed, version {given} was used")]
    OtherVersion {
        /// The version that sealed the value.
        wanted: u32,
        /// The version of the key that was asked to open it.
        given: u32,
    },
    /// The data key is wrapped by a master key that is not configured.
    #[error(
        "master key {wanted} is needed; add it behind the current one in the key file or DOSSIER_MASTER_KEY"
    )]
    NoMasterKey {
        /// The master key that wrapped the data key.
        wanted: MasterKeyId,
    },
    /// The value was altered, or it was sealed for another place or with another key.
    #[error("the sealed bytes are not authentic in this place")]
    NotAuthentic,
}
