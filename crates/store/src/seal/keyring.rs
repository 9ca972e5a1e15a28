//! The keyring: master keys, and the data keys that were opened with them.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use dossier_domain::sid::AccountSid;

use super::{DataKey, MasterKeys, SealError, WrappedKey};

/// Accounts whose keys are kept; about 1 KB each.
const ACCOUNTS_MAX: usize = 10_000;

/// Opens data keys and remembers them. It is shared by all threads; reading takes a shared lock only.
///
/// It knows nothing of the database: the caller stores and loads [`WrappedKey`]s.
pub struct Keyring {
    master_keys: MasterKeys,
    opened: RwLock<HashMap<AccountSid, Entry>>,
    accounts_max: usize,
}

/// The opened keys of one account, in ascending order of version.
struct Entry {
    keys: Vec<Arc<DataKey>>,
    /// Whether anyone asked since the last time room was made.
    used: AtomicBool,
}

impl Keyring {
    /// A keyring that has opened nothing yet.
    pub fn new(master_keys: MasterKeys) -> Self {
        Self { master_keys, opened: RwLock::default(), accounts_max: ACCOUNTS_MAX }
    }

    /// A new data key of `account`, and its form for storage under the current master key.
    ///
    /// `version` is 1 for the account's first key, else one more than its last. The key is **not**
    /// remembered: another node may store its own first, or the transaction may fail, and what was
    /// sealed with an unstored key is lost. Seal with it only in the transaction that stores its wrapped
    /// form; from then on use what [`Keyring::open_data_key`] makes of the stored row.
    pub fn new_data_key(&self, account: AccountSid, version: u32) -> (Arc<DataKey>, WrappedKey) {
        let key = DataKey::generate(version);
        let wrapped = self.master_keys.current().wrap(&key, account);
        (Arc::new(key), wrapped)
    }

    /// Opens a stored data key and remembers it.
    ///
    /// # Errors
    /// [`SealError::NoMasterKey`] names the master key that is missing; the other errors say that the
    /// stored row was altered or is another account's.
    pub fn open_data_key(
        &self,
        account: AccountSid,
        wrapped: &WrappedKey,
    ) -> Result<Arc<DataKey>, SealError> {
        let key = Arc::new(self.unwrap(account, wrapped)?);
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        if opened.len() >= self.accounts_max && !opened.contains_key(&account) {
            make_room(&mut opened, self.accounts_max);
        }
        let entry =
            opened.entry(account).or_insert_with(|| Entry { keys: Vec::new(), used: AtomicBool::new(true) });
        match entry.keys.binary_search_by_key(&key.version(), |known| known.version()) {
            Ok(index) => Ok(Arc::clone(&entry.keys[index])),
            Err(index) => {
                entry.keys.insert(index, Arc::clone(&key));
                Ok(key)
            }
        }
    }

    /// The newest key of `account` that was opened here: the one to seal with.
    ///
    /// A node that has not yet seen a newer key may go on sealing with this one; all versions open.
    pub fn cached(&self, account: AccountSid) -> Option<Arc<DataKey>> {
        self.find(account, |keys| keys.last())
    }

    /// The key of `account` with this version, if it was opened here: the one to open with.
    pub fn cached_version(&self, account: AccountSid, version: u32) -> Option<Arc<DataKey>> {
        self.find(account, |keys| keys.iter().find(|key| key.version() == version))
    }

    /// Forgets the keys of an account, as when it is deleted together with its stored keys.
    pub fn forget(&self, account: AccountSid) {
        self.opened.write().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }

    /// Whether a rotation still has to rewrap this key.
    pub fn needs_rewrap(&self, wrapped: &WrappedKey) -> bool {
        wrapped.master_key != self.master_keys.current().id()
    }

    /// The same data key under the current master key. Nothing sealed with it changes.
    ///
    /// # Errors
    /// As [`Keyring::open_data_key`].
    pub fn rewrap(&self, wrapped: &WrappedKey, account: AccountSid) -> Result<WrappedKey, SealError> {
        Ok(self.master_keys.current().wrap(&self.unwrap(account, wrapped)?, account))
    }

    /// The master keys.
    pub fn master_keys(&self) -> &MasterKeys {
        &self.master_keys
    }

    fn unwrap(&self, account: AccountSid, wrapped: &WrappedKey) -> Result<DataKey, SealError> {
        let wanted = wrapped.master_key;
        self.master_keys.find(wanted).ok_or(SealError::NoMasterKey { wanted })?.unwrap(wrapped, account)
    }

    fn find(
        &self,
        account: AccountSid,
        choose: impl FnOnce(&[Arc<DataKey>]) -> Option<&Arc<DataKey>>,
    ) -> Option<Arc<DataKey>> {
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        let entry = opened.get(&account)?;
        entry.used.store(true, Ordering::Relaxed);
        choose(&entry.keys).cloned()
    }
}

/// Drops the accounts nobody asked for since the last time, or every second one if all were in use.
fn make_room(opened: &mut HashMap<AccountSid, Entry>, accounts_max: usize) {
    opened.retain(|_, entry| entry.used.swap(false, Ordering::Relaxed));
    if opened.len() >= accounts_max {
        let mut keep = true;
        opened.retain(|_, _| {
            keep = !keep;
            keep
        });
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({:?})", self.master_keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{Aad, MasterKey};

    fn account(number: u8) -> AccountSid {
        AccountSid::from_bytes([number; 16])
    }

    fn keyring(accounts_max: usize) -> Keyring {
        Keyring { accounts_max, ..Keyring::new(MasterKeys::new(MasterKey::generate())) }
    }

    #[test]
    fn a_new_key_is_remembered_only_once_its_stored_form_was_opened() {
        let keyring = keyring(10);
        let (key, wrapped) = keyring.new_data_key(account(1), 1);
        assert!(keyring.cached(account(1)).is_none());
        let opened = keyring.open_data_key(account(1), &wrapped).unwrap();
        let place = Aad::new("addresses", "street", account(1), "row");
        assert_eq!(opened.open(&place, &key.seal(&place, b"x")).unwrap(), b"x");
        assert!(Arc::ptr_eq(&keyring.cached(account(1)).unwrap(), &opened));
        assert!(Arc::ptr_eq(&keyring.open_data_key(account(1), &wrapped).unwrap(), &opened));
    }

    #[test]
    fn the_newest_version_seals_and_every_version_opens() {
        let keyring = keyring(10);
        for version in [2, 1, 3] {
            let (_, wrapped) = keyring.new_data_key(account(1), version);
            keyring.open_data_key(account(1), &wrapped).unwrap();
        }
        assert_eq!(keyring.cached(account(1)).unwrap().version(), 3);
        assert_eq!(keyring.cached_version(account(1), 1).unwrap().version(), 1);
        assert!(keyring.cached_version(account(1), 4).is_none());
        keyring.forget(account(1));
        assert!(keyring.cached(account(1)).is_none());
    }

    #[test]
    fn a_rotation_rewraps_without_touching_what_is_sealed() {
        let old = keyring(10);
        let (key, wrapped) = old.new_data_key(account(1), 1);
        let rotated = Keyring::new(old.master_keys().clone().with_new_current(MasterKey::generate()));
        assert!(rotated.needs_rewrap(&wrapped));
        let rewrapped = rotated.rewrap(&wrapped, account(1)).unwrap();
        assert!(!rotated.needs_rewrap(&rewrapped));

        let finished = Keyring::new(rotated.master_keys().clone().without_older());
        let place = Aad::new("addresses", "street", account(1), "row");
        let opened = finished.open_data_key(account(1), &rewrapped).unwrap();
        assert_eq!(opened.open(&place, &key.seal(&place, b"x")).unwrap(), b"x");
        let refusal = finished.open_data_key(account(1), &wrapped).unwrap_err();
        assert_eq!(refusal, SealError::NoMasterKey { wanted: old.master_keys().current().id() });
    }

    #[test]
    fn the_number_of_accounts_is_bounded_and_the_used_ones_stay() {
        let keyring = keyring(4);
        let open = |number| {
            let (_, wrapped) = keyring.new_data_key(account(number), 1);
            keyring.open_data_key(account(number), &wrapped).unwrap();
        };
        for number in 0..100 {
            open(number);
            keyring.cached(account(0));
            assert!(keyring.opened.read().unwrap().len() <= 4);
            assert!(keyring.cached(account(number)).is_some());
        }
    }

    #[test]
    fn accounts_nobody_asked_for_go_first() {
        let keyring = keyring(4);
        for number in 0..4 {
            let (_, wrapped) = keyring.new_data_key(account(number), 1);
            keyring.open_data_key(account(number), &wrapped).unwrap();
        }
        keyring.opened.write().unwrap().values_mut().for_each(|entry| *entry.used.get_mut() = false);
        keyring.cached(account(2));
        let (_, wrapped) = keyring.new_data_key(account(9), 1);
        keyring.open_data_key(account(9), &wrapped).unwrap();
        let mut kept: Vec<_> = keyring.opened.read().unwrap().keys().copied().collect();
        kept.sort();
        assert_eq!(kept, [account(2), account(9)]);
    }

    #[test]
    fn another_accounts_key_is_refused() {
        let keyring = keyring(10);
        let (_, wrapped) = keyring.new_data_key(account(1), 1);
        assert_eq!(keyring.open_data_key(account(2), &wrapped).unwrap_err(), SealError::NotAuthentic);
        assert!(keyring.cached(account(2)).is_none());
    }
}
