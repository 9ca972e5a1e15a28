//! API keys: credentials of an account that can be given away and taken back one by one (contract section
//! 9.2).

use crate::Timestamp;
use crate::paging::Position;
use crate::sid::{AccountSid, ApiKeySid};
use crate::text::FriendlyName;

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its identifier, which is also its user name.
    pub sid: ApiKeySid,
    /// Whose it is.
    pub account_sid: AccountSid,
    /// Its name, if it has one.
    pub friendly_name: Option<FriendlyName>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its name last changed.
    pub updated_at: Timestamp,
}

impl ApiKey {
    /// The most characters of a name.
    pub const NAME_CHARS_MAX: usize = 64;

    /// Its place among the keys of its account.
    pub fn position(&self) -> Position {
        Position { key: self.created_at.as_micros(), sid: self.sid.into() }
    }
}
