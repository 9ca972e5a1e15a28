//! Accounts: whose everything is.

use std::fmt;

use crate::Timestamp;
use crate::paging::Position;
use crate::sid::AccountSid;
use crate::text::FriendlyName;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its identifier, which is also its user name.
    pub sid: AccountSid,
    /// The account it belongs to, for a sub-account.
    pub parent_sid: Option<AccountSid>,
    /// Its name.
    pub friendly_name: FriendlyName,
    /// Whether it may act.
    pub status: AccountStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was closed, if it was. What it has is kept for a time that is counted from here.
    pub closed_at: Option<Timestamp>,
}

impl Account {
    /// The account of rehearsal mode, the same everywhere.
    pub const REHEARSAL: AccountSid =
        AccountSid::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

    /// The auth token of the account of rehearsal mode. It is no secret: that mode answers on loopback
    /// addresses only.
    pub const REHEARSAL_TOKEN: &'static str = "00000000000000000000000000000001";

    /// Who answers for it: its parent, or itself when it has none (`owner_account_sid` on the wire).
    pub fn owner_sid(&self) -> AccountSid {
        self.parent_sid.unwrap_or(self.sid)
    }

    /// Whether an account may look after this one: it is the same one, or its parent.
    pub fn is_looked_after_by(&self, account: AccountSid) -> bool {
        self.sid == account || self.parent_sid == Some(account)
    }

    /// Its place among all accounts, oldest first.
    pub fn position(&self) -> Position {
        Position { key: self.created_at.as_micros(), sid: self.sid.into() }
    }
}

/// Whether an account may act (contract 14.1 row 16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountStatus {
    /// It may.
    Active,
    /// Not for now.
    Suspended,
    /// Never again.
    Closed,
}

impl AccountStatus {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Closed];

    /// The name in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl fmt::Display for AccountStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
