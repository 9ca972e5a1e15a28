//! The master key at the start of the service, and its rotation.

use std::path::PathBuf;
use std::sync::Arc;

use dossier_domain::Timestamp;
use dossier_domain::audit::{Action, Actor, AuditEvent, Outcome};
use dossier_domain::sid::AccountSid;
use dossier_store::seal::{
    ChainKey, DataKey, INSTALLATION, KeyFile, KeyFileError, Keyring, MasterKey, MasterKeys, MasterKeysError,
    SealError, WrappedKey,
};
use dossier_store::{Db, Owner, StoreError, StoreResult, Tx, audit, data_keys, erasures};

use crate::random::random_sid;

/// Keys that are wrapped again in one transaction.
const REWRAP_BATCH: u32 = 500;

/// Where the master key is.
#[derive(Clone)]
pub enum MasterKeySource {
    /// Given as text: the current key first, older ones behind it after commas.
    Text(String),
    /// In a file of its own, which is made when there is neither a file nor any sealed data.
    File(PathBuf),
}

/// Why the service cannot open what it has sealed. Every sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database has sealed data, and there is no key.
    #[error(
        "the master key file {path} is missing, but the database holds data sealed under master key {wanted}; \
         put the file back, or set DOSSIER_MASTER_KEY"
    )]
    Missing {
        /// Where the file should be.
        path: String,
        /// The key that is needed.
        wanted: String,
    },
    /// The key is another one.
    #[error(
        "the master key is the wrong one: the database holds data sealed under master key {wanted}; \
         configure that key, or put it behind the current one while rotating"
    )]
    Wrong {
        /// The key that is needed.
        wanted: String,
    },
    /// The key file cannot be used.
    #[error("the master key file")]
    File(#[from] KeyFileError),
    /// The text holds no keys.
    #[error("DOSSIER_MASTER_KEY")]
    Text(#[from] MasterKeysError),
    /// A wrapped key was altered.
    #[error("the data key of account {account} cannot be opened")]
    Sealed {
        /// Whose key.
        account: AccountSid,
        /// Why.
        #[source]
        source: SealError,
    },
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// Opens the keyring, making the very first keys on an empty database.
pub(crate) async fn open(db: &Db, source: &MasterKeySource, now: Timestamp) -> Result<Keyring, KeyError> {
    let first = db.read(|tx| data_keys::list(tx, None, 1)).await?.pop();
    let keyring = Keyring::new(master_keys(source, first.as_ref().map(|(_, key)| key))?);
    match first {
        Some((account, key)) => check(&keyring, account, &key)?,
        None => create_installation_key(db, &keyring, now).await?,
    }
    Ok(keyring)
}

/// The key of the installation, which hashes tokens: it stays the same when the master key changes,
/// and so do the hashes.
pub(crate) async fn installation_key(db: &Db, keyring: &Keyring) -> Result<Arc<DataKey>, KeyError> {
    let keys = db.read(|tx| data_keys::of_account(tx, INSTALLATION)).await?;
    let first = keys.first().ok_or(StoreError::Schema("the installation has no data key".to_owned()))?;
    keyring.open_data_key(INSTALLATION, first).map_err(|source| refusal(INSTALLATION, source))
}

/// The key of the audit chain, for whoever only looks; `None` where the master key's file is not there.
///
/// # Errors
/// As [`open`]. A master key that is there and does not fit is no missing one: it would let whoever
/// replaced the keys go unnoticed.
pub(crate) async fn chain_key(db: &Db, source: &MasterKeySource) -> Result<Option<ChainKey>, KeyError> {
    let Some(keys) = given(source)? else { return Ok(None) };
    Ok(Some(ChainKey::new(&*installation_key(db, &Keyring::new(keys)).await?)))
}

/// The master keys, for whoever must not make one; `None` where their file is not there.
pub(crate) fn given(source: &MasterKeySource) -> Result<Option<MasterKeys>, KeyError> {
    Ok(match source {
        MasterKeySource::File(path) if !path.exists() => None,
        MasterKeySource::File(path) => Some(KeyFile::at(path).load()?),
        MasterKeySource::Text(text) => Some(MasterKeys::parse_list(text)?),
    })
}

/// Wraps every data key by a new master key, and returns how many there were.
///
/// With a key file the new key is made here, and the old one stays in the file until the last data key
/// is rewrapped: whenever this is broken off, the service still starts, and rotating again completes it.
/// With keys given as text, the caller has put the new key in front of the old one.
///
/// # Errors
/// As [`open`].
pub async fn rotate(db: &Db, source: &MasterKeySource, now: Timestamp) -> Result<usize, KeyError> {
    let file = match source {
        MasterKeySource::Text(_) => None,
        MasterKeySource::File(path) => Some(KeyFile::at(path)),
    };
    open(db, source, now).await?;
    let keys = match (&file, source) {
        (Some(file), _) => {
            let keys = file.load()?.with_new_current(MasterKey::generate());
            file.replace(&keys)?;
            keys
        }
        (None, MasterKeySource::Text(text)) => MasterKeys::parse_list(text)?,
        (None, MasterKeySource::File(_)) => unreachable!("a file source has a file"),
    };
    let rewrapped = rewrap_all(db, Keyring::new(keys.clone()), now).await?;
    if let Some(file) = file {
        file.replace(&keys.without_older())?;
    }
    Ok(rewrapped)
}

fn master_keys(source: &MasterKeySource, sealed: Option<&WrappedKey>) -> Result<MasterKeys, KeyError> {
    let path = match source {
        MasterKeySource::Text(text) => return Ok(MasterKeys::parse_list(text)?),
        MasterKeySource::File(path) => path,
    };
    let file = KeyFile::at(path);
    match (path.exists(), sealed) {
        (true, _) => Ok(file.load()?),
        (false, None) => match file.create() {
            // Another process that starts at the same moment was first.
            Err(KeyFileError::Exists { .. }) => Ok(file.load()?),
            created => Ok(created?),
        },
        (false, Some(key)) => {
            Err(KeyError::Missing { path: path.display().to_string(), wanted: key.master_key.to_string() })
        }
    }
}

fn check(keyring: &Keyring, account: AccountSid, key: &WrappedKey) -> Result<(), KeyError> {
    keyring.open_data_key(account, key).map(drop).map_err(|source| refusal(account, source))
}

fn refusal(account: AccountSid, source: SealError) -> KeyError {
    match source {
        SealError::NoMasterKey { wanted } => KeyError::Wrong { wanted: wanted.to_string() },
        source => KeyError::Sealed { account, source },
    }
}

async fn create_installation_key(db: &Db, keyring: &Keyring, now: Timestamp) -> StoreResult<()> {
    let (_, wrapped) = keyring.new_data_key(INSTALLATION, 1);
    // Another node may be first, or do it at this very moment.
    db.write(move |tx| data_keys::insert_first(tx, INSTALLATION, &wrapped, now)).await
}

async fn rewrap_all(db: &Db, keyring: Keyring, now: Timestamp) -> Result<usize, KeyError> {
    let keyring = Arc::new(keyring);
    let (mut after, mut rewrapped) = (None, 0);
    loop {
        let ring = Arc::clone(&keyring);
        let batch = db
            .write(move |tx| {
                let batch = data_keys::list(tx, after, REWRAP_BATCH)?;
                for (account, key) in batch.iter().filter(|(_, key)| ring.needs_rewrap(key)) {
                    let again = ring.rewrap(key, *account).map_err(|source| refusal(*account, source))?;
                    data_keys::rewrap(tx, *account, &again)?;
                }
                Ok::<_, KeyError>(batch)
            })
            .await?;
        let Some((account, key)) = batch.last() else { break };
        after = Some((*account, key.version));
        rewrapped += batch.iter().filter(|(_, key)| keyring.needs_rewrap(key)).count();
    }
    record(db, Action::KeysRotated, now).await?;
    Ok(rewrapped)
}

/// Records what was done to the whole installation at the command line.
pub(crate) async fn record(db: &Db, action: Action, now: Timestamp) -> StoreResult<()> {
    let event = AuditEvent {
        sid: random_sid(),
        account_sid: INSTALLATION,
        at: now,
        actor: Actor::CommandLine,
        action,
        target: INSTALLATION.into(),
        outcome: Outcome::Done,
        request: random_sid(),
        rule_revision: None,
    };
    db.write(move |tx| audit::append(tx, &event)).await
}

/// The account with its key, which is opened at its first use.
///
/// # Errors
/// When an account that is known to exist has no key.
pub(crate) async fn owner(db: &Db, keyring: &Keyring, account: AccountSid) -> crate::Result<Owner> {
    let owner = known_owner(db, keyring, account).await?;
    Ok(owner.ok_or_else(|| StoreError::Schema(format!("account {account} has no data key")))?)
}

/// As [`owner`], in a unit that learns only under way whose data it is about.
///
/// # Errors
/// As [`owner`].
pub(crate) fn owner_in_unit(tx: &mut Tx<'_>, keyring: &Keyring, account: AccountSid) -> crate::Result<Owner> {
    let owner = known_owner_in_unit(tx, keyring, account)?;
    Ok(owner.ok_or_else(|| StoreError::Schema(format!("account {account} has no data key")))?)
}

/// As [`owner_in_unit`], for an account that may have no key.
///
/// # Errors
/// When the key cannot be opened.
pub(crate) fn known_owner_in_unit(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    account: AccountSid,
) -> crate::Result<Option<Owner>> {
    if let Some(key) = keyring.cached(account) {
        return Ok(Some(Owner { account, key }));
    }
    let mut newest = None;
    for wrapped in &data_keys::of_account(tx, account)? {
        newest = Some(keyring.open_data_key(account, wrapped)?);
    }
    if newest.is_none() && erasures::is_account_erased(tx, account)? {
        return Ok(Some(void_owner(account)));
    }
    Ok(newest.map(|key| Owner { account, key }))
}

/// An account whose keys were destroyed. Nothing of it is sealed any more, so any key will do to look at what
/// is left of it.
fn void_owner(account: AccountSid) -> Owner {
    Owner { account, key: Arc::new(DataKey::generate(1)) }
}

/// As [`owner`], for an account that may not exist.
pub(crate) async fn known_owner(
    db: &Db,
    keyring: &Keyring,
    account: AccountSid,
) -> crate::Result<Option<Owner>> {
    if let Some(key) = keyring.cached(account) {
        return Ok(Some(Owner { account, key }));
    }
    let stored = db.read(move |tx| data_keys::of_account(tx, account)).await?;
    if stored.is_empty() && db.read(move |tx| erasures::is_account_erased(tx, account)).await? {
        return Ok(Some(void_owner(account)));
    }
    let mut newest = None;
    for wrapped in &stored {
        newest = Some(keyring.open_data_key(account, wrapped)?);
    }
    Ok(newest.map(|key| Owner { account, key }))
}
