//! The rehearsal mode as the command line sees it: the account that is the same everywhere, the banner,
//! and where `dossier env` finds the running service.

use crate::config::Settings;
use dossier_app::REHEARSAL_OPERATOR_TOKEN;
use dossier_domain::account::Account;
use dossier_domain::sid::AccountSid;
use std::fs;
use std::io;
use std::path::PathBuf;

/// The account of the rehearsal mode.
pub const ACCOUNT_SID: AccountSid = Account::REHEARSAL;
/// Its token.
pub const AUTH_TOKEN: &str = Account::REHEARSAL_TOKEN;

/// What is said on standard error when the rehearsal mode starts. Plain characters only, so that it is
/// the same on every terminal and in every log.
pub fn banner(url: &str, settings: &Settings) -> String {
    let data_dir = settings.storage.data_dir.display();
    format!(
        r#"
  ____  _____ _   _ _____    _    ____  ____    _    _
 |  _ \| ____| | | | ____|  / \  |  _ \/ ___|  / \  | |
 | |_) |  _| | |_| |  _|   / _ \ | |_) \___ \ / _ \ | |
 |  _ <| |___|  _  | |___ / ___ \|  _ < ___) / ___ \| |___
 |_| \_\_____|_| |_|_____/_/   \_\_| \_\____/_/   \_\_____|

 Dossier in rehearsal mode: for tests and trials, never for real people's documents.

   URL        {url}
   Account    {ACCOUNT_SID}
   Token      {AUTH_TOKEN}
   Operator   Authorization: Bearer {REHEARSAL_OPERATOR_TOKEN}
   Data       {data_dir}

 What is different here
   * the credentials above are the same on every machine; the service listens on loopback only
   * mail is kept in a list instead of sent; callbacks may go to loopback addresses

 Variables for the SDKs and for curl
   eval "$(dossier env --data-dir {data_dir})"
"#
    )
}

/// Remembers the address of the running service in the data directory until it is dropped, so that
/// `dossier env` is right also after `--listen 127.0.0.1:0`.
#[derive(Debug)]
pub struct RunningUrl(PathBuf);

impl RunningUrl {
    /// Writes the address, and makes the data directory where there is none.
    ///
    /// # Errors
    /// When the directory or the file cannot be written.
    pub fn write(settings: &Settings, url: &str) -> io::Result<Self> {
        fs::create_dir_all(&settings.storage.data_dir)?;
        let path = path(settings);
        fs::write(&path, url)?;
        Ok(Self(path))
    }

    /// The address of the service that runs on this data directory, if one does.
    pub fn read(settings: &Settings) -> Option<String> {
        fs::read_to_string(path(settings)).ok()
    }
}

impl Drop for RunningUrl {
    fn drop(&mut self) {
        // A file that stays behind only makes `dossier env` name an address where nobody answers.
        let _ = fs::remove_file(&self.0);
    }
}

fn path(settings: &Settings) -> PathBuf {
    settings.storage.data_dir.join("dev-url")
}
