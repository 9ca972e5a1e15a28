//! Accounts with keys, ready to own rows.

use std::sync::{Arc, LazyLock};

use dossier_domain::sid::AccountSid;
use dossier_store::Owner;
use dossier_store::seal::DataKey;

/// The account most tests act for. Within one process it always has the same key.
pub fn owner() -> Owner {
    static OWNER: LazyLock<Owner> = LazyLock::new(|| make(0xA1));
    OWNER.clone()
}

/// Another account, with a key of its own, that must never see what [`owner`] has.
pub fn stranger() -> Owner {
    static STRANGER: LazyLock<Owner> = LazyLock::new(|| make(0xB2));
    STRANGER.clone()
}

fn make(byte: u8) -> Owner {
    Owner { account: AccountSid::from_bytes([byte; 16]), key: Arc::new(DataKey::generate(1)) }
}
