//! Operators: the people on our side, and what each role may do.

use std::fmt;

use crate::Timestamp;
use crate::paging::Position;
use crate::sid::OperatorSid;
use crate::text::FriendlyName;

/// Somebody who works with the service, not a customer of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its identifier.
    pub sid: OperatorSid,
    /// Who it is, for colleagues.
    pub name: FriendlyName,
    /// What it may do.
    pub role: Role,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its token stopped working, if it did.
    pub revoked_at: Option<Timestamp>,
}

impl Operator {
    /// Its place among all operators, oldest first.
    pub fn position(&self) -> Position {
        Position { key: self.created_at.as_micros(), sid: self.sid.into() }
    }
}

/// What an operator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sees cases, statuses and counts, and nothing personal.
    Viewer,
    /// Reviews cases.
    Reviewer,
    /// Reviews cases, and confirms what others decided.
    Senior,
    /// Everything, operators and accounts included.
    Admin,
    /// Reads the audit, and nothing else.
    Auditor,
}

/// Something that not every role may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See end users, documents and addresses.
    SeePersonalData,
    /// See cases: their states, dates, codes and names of fields.
    SeeCases,
    /// Claim cases, judge documents, decide.
    Review,
    /// Confirm what a colleague decided, and release what a colleague claimed.
    Confirm,
    /// Try rules out on made-up or real bundles.
    EvaluateRules,
    /// Ask whether a number may be leased, and see which ones are.
    SeeNumbers,
    /// Register numbers, and release them.
    RegisterNumbers,
    /// See which accounts there are, and whether they may act.
    SeeAccounts,
    /// See what was delivered to whom, without addresses and texts.
    SeeDeliveries,
    /// Have something delivered again.
    Redeliver,
    /// Read the audit.
    ReadAudit,
    /// Change operators, accounts and the catalogue.
    Administer,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Reviewer, Self::Senior, Self::Admin, Self::Auditor];

    /// The name in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Reviewer => "reviewer",
            Self::Senior => "senior",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether the role may do it.
    pub const fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::SeePersonalData => matches!(self, Self::Reviewer | Self::Senior | Self::Admin),
            Permission::SeeCases => !matches!(self, Self::Auditor),
            Permission::Review => matches!(self, Self::Reviewer | Self::Senior | Self::Admin),
            Permission::Confirm => matches!(self, Self::Senior | Self::Admin),
            Permission::EvaluateRules => matches!(self, Self::Reviewer | Self::Senior | Self::Admin),
            Permission::SeeNumbers => !matches!(self, Self::Auditor),
            Permission::RegisterNumbers => matches!(self, Self::Reviewer | Self::Senior | Self::Admin),
            Permission::SeeAccounts => !matches!(self, Self::Auditor),
            Permission::SeeDeliveries => !matches!(self, Self::Auditor),
            Permission::Redeliver => matches!(self, Self::Reviewer | Self::Senior | Self::Admin),
            Permission::ReadAudit => matches!(self, Self::Auditor | Self::Admin),
            Permission::Administer => matches!(self, Self::Admin),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_its_name_says() {
        use Role::{Admin, Auditor, Reviewer, Senior, Viewer};
        let table: [(Permission, &[Role]); 12] = [
            (Permission::SeePersonalData, &[Reviewer, Senior, Admin]),
            (Permission::SeeCases, &[Viewer, Reviewer, Senior, Admin]),
            (Permission::Review, &[Reviewer, Senior, Admin]),
            (Permission::Confirm, &[Senior, Admin]),
            (Permission::EvaluateRules, &[Reviewer, Senior, Admin]),
            (Permission::SeeNumbers, &[Viewer, Reviewer, Senior, Admin]),
            (Permission::RegisterNumbers, &[Reviewer, Senior, Admin]),
            (Permission::SeeAccounts, &[Viewer, Reviewer, Senior, Admin]),
            (Permission::SeeDeliveries, &[Viewer, Reviewer, Senior, Admin]),
            (Permission::Redeliver, &[Reviewer, Senior, Admin]),
            (Permission::ReadAudit, &[Admin, Auditor]),
            (Permission::Administer, &[Admin]),
        ];
        for (permission, roles) in table {
            for role in Role::ALL {
                assert_eq!(role.may(permission), roles.contains(&role), "{role} {permission:?}");
            }
        }
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
    }
}
