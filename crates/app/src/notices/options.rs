//! What can be chosen about how people are told.

use std::fmt;
use std::path::PathBuf;

use ipnet::IpNet;

/// How the people behind a bundle are told.
#[derive(Debug, Clone, Default)]
pub struct NoticeOptions {
    /// Status callbacks.
    pub callbacks: CallbackOptions,
    /// Mail; none when nobody gets any.
    pub mail: Option<MailOptions>,
}

/// How status callbacks are sent.
#[derive(Debug, Clone)]
pub struct CallbackOptions {
    /// Parameters are called `AccountSID` and `BundleSID`, as documented by the original, instead of
    /// `AccountSid` and `BundleSid`, as sent by it (contract 14.6 row 97).
    pub documented_names: bool,
    /// `in-review` is told as well (contract 14.6 row 98).
    pub include_in_review: bool,
    /// Tries after the first one (contract 14.6 row 101).
    pub retries: u32,
    /// Networks that may be called although they are not public.
    pub allow: Vec<IpNet>,
}

impl Default for CallbackOptions {
    fn default() -> Self {
        Self { documented_names: false, include_in_review: false, retries: 4, allow: Vec::new() }
    }
}

/// How mail is sent.
#[derive(Debug, Clone)]
pub struct MailOptions {
    /// Who sends it.
    pub server: MailServer,
    /// The sender, `name@host` or `Name <name@host>`.
    pub from: String,
    /// Directory of templates that replace built-in ones of the same name.
    pub templates: Option<PathBuf>,
}

/// Where mail goes.
#[derive(Clone)]
pub enum MailServer {
    /// To this server; the address may hold a password.
    Smtp(String),
    /// Nowhere: it is kept in the list of deliveries, for rehearsals.
    Kept,
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Smtp(_) => "Smtp(…)",
            Self::Kept => "Kept",
        })
    }
}
