//! The sweep: files no row names are deleted after a day.
//!
//! A file is stored before the row that names it, so a crash in between leaves a file that belongs to
//! nobody; so does a deletion that could not be carried out.

use std::pin::pin;
use std::time::Duration;

use dossier_domain::Timestamp;
use dossier_domain::sid::{AccountSid, DocumentSid};
use dossier_store::documents;
use futures_util::StreamExt;

use crate::{App, Result, keys};

/// How old a file must be: longer than any upload takes.
const AGE_MIN: Duration = Duration::from_secs(24 * 60 * 60);

impl App {
    /// Deletes the files of all accounts that no row names, and returns how many there were.
    ///
    /// # Errors
    /// When the database or the document store fails; what was deleted until then stays deleted.
    pub async fn sweep_files(&self) -> Result<u64> {
        let age = i64::try_from(AGE_MIN.as_micros()).expect("a day fits");
        let before = Timestamp::from_micros(self.now().as_micros() - age);
        let mut files = pin!(self.files.list_older_than(None, before));
        let mut deleted = 0;
        while let Some(file) = files.next().await {
            let key = file?.key;
            if !self.is_named(&key).await? {
                self.files.delete(&key).await?;
                deleted += 1;
            }
        }
        self.files.remove_empty_folders(before).await?;
        Ok(deleted)
    }

    /// Whether a row names the file. A key is the account, the document and a random part.
    async fn is_named(&self, key: &str) -> Result<bool> {
        let mut parts = key.split('/');
        let account = parts.next().and_then(|part| AccountSid::parse(part).ok());
        let document = parts.next().and_then(|part| DocumentSid::parse(part).ok());
        let (Some(account), Some(document)) = (account, document) else {
            // Not one of ours: somebody keeps something else in this place.
            return Ok(true);
        };
        let Some(owner) = keys::known_owner(&self.db, &self.keyring, account).await? else {
            // Another installation's, in the same bucket, or of an account that a restored database does
            // not know yet: what nobody here can tell apart from evidence is left alone.
            return Ok(true);
        };
        let key = key.to_owned();
        Ok(self.db.read(move |tx| documents::has_file(tx, &owner, document, &key)).await?)
    }
}
