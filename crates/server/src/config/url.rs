//! Settings that are addresses: where the service is reached, and where it keeps things.

use super::secret::{DOTS, Secret};
use super::value::Value;
use http::Uri;
use std::fmt;
use std::path::PathBuf;

/// The address under which clients reach the service: scheme and authority, nothing behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address without a slash at the end: `https://compliance.example.com`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether clients come over TLS, here or at a proxy in front.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl Value for PublicUrl {
    const NAME: &'static str = "URL";

    fn form() -> String {
        "an http or https address without path, such as `https://compliance.example.com`".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let refused = |reason: &str| format!("{reason}; it must be {}", Self::form());
        let uri: Uri = text.parse().map_err(|_| refused("is not an address"))?;
        let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(refused("has no scheme http or https"));
        };
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(refused("has credentials or no host"));
        }
        if uri.path() != "/" || text.contains(['?', '#']) {
            return Err(refused("has a path, query or fragment"));
        }
        Ok(Self(text.trim_end_matches('/').to_ascii_lowercase()))
    }

    fn shown(&self) -> String {
        self.0.clone()
    }
}

/// Where the database is.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// SQLite in the data directory.
    Embedded,
    /// SQLite in this file.
    Sqlite(PathBuf),
    /// PostgreSQL at this address, which holds the password.
    Postgres(ServerUrl),
}

impl Value for DatabaseUrl {
    const MASKED: bool = true;
    const NAME: &'static str = "URL";

    fn form() -> String {
        "`sqlite`, `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        if text == "sqlite" {
            return Ok(Self::Embedded);
        }
        if let Some(file) = text.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            return if file.is_empty() {
                Err(format!("must be {}", Self::form()))
            } else {
                Ok(Self::Sqlite(file.into()))
            };
        }
        ServerUrl::with_scheme(text, &["postgres", "postgresql"])
            .map(Self::Postgres)
            .ok_or_else(|| format!("must be {}", Self::form()))
    }

    fn shown(&self) -> String {
        match self {
            Self::Embedded => "sqlite".to_owned(),
            Self::Sqlite(file) => format!("sqlite:{}", file.display()),
            Self::Postgres(url) => url.to_string(),
        }
    }
}

/// Where uploaded files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentsUrl {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket that speaks S3, and the prefix of our keys in it, without slashes around it.
    S3 {
        /// The name of the bucket.
        bucket: String,
        /// The first part of every key; empty for none.
        prefix: String,
    },
}

impl Value for DocumentsUrl {
    const NAME: &'static str = "URL";

    fn form() -> String {
        "a folder, `file:///FOLDER` or `s3://BUCKET/PREFIX`".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let refused = || format!("must be {}", Self::form());
        if let Some(rest) = text.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
            if bucket.is_empty() || !bucket.chars().all(is_name) {
                return Err(refused());
            }
            return Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() });
        }
        let folder = text.strip_prefix("file://").unwrap_or(text);
        if folder.is_empty() || folder.contains("://") {
            Err(refused())
        } else {
            Ok(Self::Folder(folder.into()))
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display().to_string(),
            Self::S3 { bucket, prefix } if prefix.is_empty() => format!("s3://{bucket}"),
            Self::S3 { bucket, prefix } => format!("s3://{bucket}/{prefix}"),
        }
    }
}

/// The mail server.
#[derive(Debug, Clone)]
pub struct SmtpUrl(pub ServerUrl);

impl Value for SmtpUrl {
    const MASKED: bool = true;
    const NAME: &'static str = "URL";

    fn form() -> String {
        "`smtp://USER:PASSWORD@HOST:PORT` (STARTTLS) or `smtps://…`".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let url = ServerUrl::with_scheme(text, &["smtp", "smtps"]);
        url.map(Self).ok_or_else(|| format!("must be {}", Self::form()))
    }

    fn shown(&self) -> String {
        self.0.to_string()
    }
}

/// An address that may hold a password: it prints without one.
#[derive(Clone)]
pub struct ServerUrl(Secret);

impl ServerUrl {
    /// The address when it has one of the schemes and something behind it. The rest is for the library
    /// that connects: PostgreSQL's addresses may name several hosts, which no general parser accepts.
    fn with_scheme(text: &str, schemes: &[&str]) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let well_formed =
            schemes.contains(&scheme) && !rest.is_empty() && !rest.contains(char::is_whitespace);
        well_formed.then(|| Self(Secret::new(text)))
    }

    /// The address with its password.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Writes dots for the password, and for the query's values, where PostgreSQL also takes a password.
/// Only dots when a special character in the password makes it unclear where it begins or ends.
impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.expose().split_once("://").unwrap_or_default();
        let (address, query) =
            rest.split_once('?').map_or((rest, None), |(address, query)| (address, Some(query)));
        if query.is_some_and(|query| query.contains(['@', '?'])) || address.matches('@').count() > 1 {
            return write!(f, "{scheme}://{DOTS}");
        }
        match address.split_once('@') {
            Some((credentials, host)) => {
                let user = credentials.split(':').next().unwrap_or_default();
                write!(f, "{scheme}://{user}:{DOTS}@{host}")?;
            }
            None => write!(f, "{scheme}://{address}")?,
        }
        query.map_or(Ok(()), |_| write!(f, "?{DOTS}"))
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_public_address_is_scheme_and_host() {
        for (text, expected) in [
            ("https://compliance.example.com", Some("https://compliance.example.com")),
            ("https://Compliance.Example.com/", Some("https://compliance.example.com")),
            ("http://10.0.0.1:8080", Some("http://10.0.0.1:8080")),
            ("ftp://example.com", None),
            ("example.com", None),
            ("/just/a/path", None),
            ("https://example.com/api", None),
            ("https://example.com?x=1", None),
            ("https://example.com/#top", None),
            ("https://user:word@example.com", None),
            ("https://", None),
            ("", None),
        ] {
            assert_eq!(PublicUrl::parse(text).ok().as_ref().map(PublicUrl::as_str), expected, "{text}");
        }
    }

    #[test]
    fn databases_are_files_or_servers() {
        for (text, expected) in [
            ("sqlite", Some("sqlite")),
            ("sqlite:a/b.db", Some("sqlite:a/b.db")),
            ("sqlite:///var/lib/a.db", Some("sqlite:/var/lib/a.db")),
            ("sqlite:", None),
            ("postgres://dossier:secret@db:5432/dossier", Some("postgres://dossier:••••••@db:5432/dossier")),
            ("postgres://dossier:se@cret@db/dossier", Some("postgres://••••••")),
            ("postgres://dossier:se?cret@db/dossier", Some("postgres://••••••")),
            ("postgresql://db1,db2/dossier?password=secret", Some("postgresql://db1,db2/dossier?••••••")),
            ("postgres://", None),
            ("mysql://db/dossier", None),
            ("", None),
        ] {
            assert_eq!(DatabaseUrl::parse(text).ok().map(|u| u.shown()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn documents_are_in_a_folder_or_a_bucket() {
        for (text, expected) in [
            ("files", Some("files")),
            ("file:///srv/files", Some("/srv/files")),
            ("s3://bucket", Some("s3://bucket")),
            ("s3://bucket/a/b/", Some("s3://bucket/a/b")),
            ("s3://", None),
            ("s3://buck et/", None),
            ("https://example.com/files", None),
            ("", None),
        ] {
            assert_eq!(DocumentsUrl::parse(text).ok().map(|u| u.shown()).as_deref(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_password_is_ever_printed(password in "[a-z0-9:@%?#/]{0,8}SECRET[a-z0-9:@%?#/]{0,8}") {
            for text in [format!("postgres://user:{password}@host/db"), format!("postgres://host/db?password={password}")] {
                let url = DatabaseUrl::parse(&text).unwrap();
                let printed = format!("{url:?} {}", url.shown());
                prop_assert!(!printed.contains("SECRET"), "{}", printed);
            }
        }
    }
}
