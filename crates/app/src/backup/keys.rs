//! Which master keys a backup needs, and whether they are there.

use dossier_domain::sid::AccountSid;
use dossier_store::backup::{Cell, Damage, Folder, read_table};
use dossier_store::db::Table;
use dossier_store::seal::{Keyring, SealError, WrappedKey};

use super::{BackupError, OpenBackup};
use crate::MasterKeySource;
use crate::keys::{self, KeyError};

const DATA_KEYS: &str = "data_keys";

/// The names of the master keys that the backup's data keys are wrapped with, in order.
pub(super) fn master_keys_of(folder: &Folder, tables: &[Table]) -> Result<Vec<String>, Damage> {
    let mut names = Vec::new();
    each(folder, tables, |_, key| {
        let name = key.master_key.to_string();
        if let Err(place) = names.binary_search(&name) {
            names.insert(place, name);
        }
        Ok(())
    })?;
    Ok(names)
}

impl OpenBackup {
    /// Opens every data key of the backup, which proves that what is sealed can be read with this master
    /// key.
    ///
    /// # Errors
    /// [`BackupError::KeyMissing`] and [`BackupError::KeyWrong`] name the key that is needed.
    pub fn check_keys(&self, source: &MasterKeySource) -> Result<(), BackupError> {
        let Some(given) = keys::given(source)? else {
            let MasterKeySource::File(path) = source else { unreachable!("a text is always there") };
            let (path, wanted) = (path.display().to_string(), self.manifest.master_keys.join(", "));
            return Err(BackupError::KeyMissing { path, wanted });
        };
        let keyring = Keyring::new(given);
        each(&self.folder, &self.tables, |account, key| match keyring.open_data_key(account, key) {
            Ok(_) => Ok(()),
            Err(SealError::NoMasterKey { wanted }) => {
                Err(BackupError::KeyWrong { wanted: wanted.to_string() })
            }
            Err(source) => Err(KeyError::Sealed { account, source }.into()),
        })
    }
}

/// Calls `work` for each wrapped data key of the backup.
fn each<E: From<Damage>>(
    folder: &Folder,
    tables: &[Table],
    mut work: impl FnMut(AccountSid, &WrappedKey) -> Result<(), E>,
) -> Result<(), E> {
    let Some(table) = tables.iter().find(|table| table.name == DATA_KEYS) else { return Ok(()) };
    let mut rows = read_table(&folder.table(DATA_KEYS), table)?;
    let mut line = 1;
    while let Some(row) = rows.next_row()? {
        line += 1;
        let wrong = || Damage::Line { file: format!("tables/{DATA_KEYS}.jsonl"), line };
        let (account, key) = wrapped(table, &row).ok_or_else(wrong)?;
        work(account, &key)?;
    }
    Ok(())
}

fn wrapped(table: &Table, row: &[Cell]) -> Option<(AccountSid, WrappedKey)> {
    let cell = |name| table.place(name).map(|place| &row[place]);
    let account = AccountSid::parse(cell("account_sid")?.text()?).ok()?;
    let (Cell::Integer(version), Cell::Bytes(bytes)) = (cell("version")?, cell("wrapped")?) else {
        return None;
    };
    let master_key = cell("master_key_id")?.text()?.parse().ok()?;
    Some((account, WrappedKey { master_key, version: u32::try_from(*version).ok()?, bytes: bytes.clone() }))
}
