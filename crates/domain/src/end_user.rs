//! End users: who leases a number (contract section 3.1).

use crate::number::EndUserType;
use crate::sid::{AccountSid, EndUserSid};
use crate::text::FriendlyName;
use crate::{Attributes, Timestamp};

/// An end user. It has no status of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndUser {
    /// Its identifier.
    pub sid: EndUserSid,
    /// Whose it is.
    pub account_sid: AccountSid,
    /// Person or organisation. Never changes.
    pub kind: EndUserType,
    /// Its name.
    pub friendly_name: FriendlyName,
    /// Who it is. May be incomplete; evaluation is the check.
    pub attributes: Attributes,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
