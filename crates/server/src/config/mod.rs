//! Settings: flag beats environment beats file beats default.
//!
//! [`sections`] declares every setting once. The three sources become one map of texts with their
//! origins ([`load`]), which is parsed in one place, so that every refusal can name the source, the
//! setting and the reason. Only [`environment`] reads the process environment.

mod check;
mod file;
mod flags;
mod load;
mod reference;
mod review;
mod secret;
mod sections;
mod setting;
mod url;
mod value;

pub use check::report;
pub use flags::{Flags, StorageFlags};
pub use load::{ConfigError, Effective, Origin, Refusal};
pub use reference::reference;
pub use review::{AutoReview, Countries, NumberTypes};
pub use secret::Secret;
pub use sections::{Callbacks, Limits, Log, Mail, Retention, Review, Server, Storage, Wire};
pub use setting::Setting;
pub use url::{DatabaseUrl, DocumentsUrl, PublicUrl, ServerUrl, SmtpUrl};
pub use value::{Bounded, Networks, Seconds, Sender, Value};

use setting::Section;
use std::path::{Path, PathBuf};

/// Everything that can be set, parsed and checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the service listens, and how it starts and stops.
    pub server: Server,
    /// Where things are kept.
    pub storage: Storage,
    /// What one client may ask for.
    pub limits: Limits,
    /// Where the original is ambiguous or stricter than most want.
    pub wire: Wire,
    /// How submitted bundles are reviewed.
    pub review: Review,
    /// How long what is kept is kept.
    pub retention: Retention,
    /// Status callbacks to customers.
    pub callbacks: Callbacks,
    /// Mail to customers.
    pub mail: Mail,
    /// What the service says about itself.
    pub log: Log,
    /// Where each value came from, in the order of the declarations, for `config check`.
    pub effective: Vec<Effective>,
    /// What is allowed but probably not meant; sentences for people.
    pub warnings: Vec<String>,
}

/// The database with its place filled in.
#[derive(Debug, Clone)]
pub enum Database {
    /// SQLite in this file.
    Sqlite(PathBuf),
    /// PostgreSQL at this address.
    Postgres(ServerUrl),
}

/// The two files that HTTPS needs.
#[derive(Debug, Clone, Copy)]
pub struct TlsFiles<'a> {
    /// PEM file with the certificate chain.
    pub certificate: &'a Path,
    /// PEM file with the private key.
    pub key: &'a Path,
}

impl Settings {
    /// Combines flags, environment, file and defaults, and checks the result.
    ///
    /// `environment` is the process environment as pairs; variables that do not begin with `DOSSIER_`
    /// are ignored. The file is the one of `--config` or `DOSSIER_CONFIG`, else `dossier.toml` in the
    /// working directory when there is one.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong, not only the first.
    pub fn load(
        flags: &Flags,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        load::load(flags, environment)
    }

    /// The threads that serve requests.
    pub fn worker_threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.server.worker_threads.map_or_else(cores, Bounded::get)
    }

    /// Where the database is, with the default inside the data directory filled in.
    pub fn database(&self) -> Database {
        match &self.storage.database_url {
            DatabaseUrl::Embedded => Database::Sqlite(self.storage.data_dir.join("dossier.db")),
            DatabaseUrl::Sqlite(file) => Database::Sqlite(file.clone()),
            DatabaseUrl::Postgres(url) => Database::Postgres(url.clone()),
        }
    }

    /// Where uploaded files go, with the default inside the data directory filled in.
    pub fn documents(&self) -> DocumentsUrl {
        let default = || DocumentsUrl::Folder(self.storage.data_dir.join("documents"));
        self.storage.documents_url.clone().unwrap_or_else(default)
    }

    /// The certificate and key, when the service is to speak HTTPS.
    pub fn tls(&self) -> Option<TlsFiles<'_>> {
        let (certificate, key) = (self.server.tls_cert.as_deref()?, self.server.tls_key.as_deref()?);
        Some(TlsFiles { certificate, key })
    }
}

/// The process environment; variables that are not Unicode are none of ours.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Calls the macro with every section and the field of [`Settings`] it fills.
macro_rules! for_each_section {
    ($call:ident!($($argument:expr)?)) => {
        $call!($($argument,)? server: Server, storage: Storage, limits: Limits, wire: Wire, review: Review, retention: Retention, callbacks: Callbacks, mail: Mail, log: Log)
    };
}
use for_each_section;

/// Every section's heading and settings, in the order of the reference page.
pub fn catalogue() -> Vec<(&'static str, Vec<Setting>)> {
    macro_rules! list {
        ($($field:ident: $section:ident),+) => { vec![$(($section::TITLE, $section::settings())),+] };
    }
    for_each_section!(list!())
}

#[cfg(test)]
mod tests;
