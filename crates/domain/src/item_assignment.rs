//! Item assignments: what belongs to a bundle (contract section 4).

use crate::Timestamp;
use crate::fault::{Code, Fault};
use crate::sid::{AccountSid, AnySid, BundleSid, DocumentSid, EndUserSid, ItemAssignmentSid};

/// An end user or a document in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemAssignment {
    /// Its identifier.
    pub sid: ItemAssignmentSid,
    /// Whose it is.
    pub account_sid: AccountSid,
    /// The bundle.
    pub bundle_sid: BundleSid,
    /// What is in it.
    pub object_sid: AnySid,
    /// When it was put there.
    pub created_at: Timestamp,
}

/// What can be assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// An end user.
    EndUser(EndUserSid),
    /// A supporting document.
    Document(DocumentSid),
}

impl Item {
    /// Reads the `ObjectSid` of a request.
    ///
    /// # Errors
    /// Code 22205 when it is no identifier, 22206 when it is one of another kind.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let sid = AnySid::parse(text).map_err(|_| Self::unknown())?;
        if let Some(sid) = sid.of_kind() {
            Ok(Self::EndUser(sid))
        } else if let Some(sid) = sid.of_kind() {
            Ok(Self::Document(sid))
        } else {
            Err(Fault::new(
                Code::InvalidObjectKind,
                "Invalid ObjectSid: only end users (`IT…`) and supporting documents (`RD…`) can be assigned",
            ))
        }
    }

    /// The fault for an object that does not exist in the account, whoever else may have it.
    pub fn unknown() -> Fault {
        Fault::new(
            Code::InvalidObject,
            "Invalid ObjectSid: the account has no end user or supporting document of that identifier",
        )
    }

    /// The identifier without its kind.
    pub fn sid(self) -> AnySid {
        match self {
            Self::EndUser(sid) => sid.into(),
            Self::Document(sid) => sid.into(),
        }
    }
}

/// A place in a bundle that can be taken once: its end user, and one document of each type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slot {
    /// The end user.
    EndUser,
    /// The document of this type.
    Document(String),
}

impl Slot {
    /// The text that is unique within a bundle.
    pub fn text(&self) -> String {
        match self {
            Self::EndUser => "end-user".to_owned(),
            Self::Document(kind) => format!("document:{kind}"),
        }
    }

    /// The fault for a place that is taken (contract 14.3 rows 62 and 64).
    pub fn taken(&self) -> Fault {
        match self {
            Self::EndUser => Fault::new(Code::EndUserMissing, "EndUser already exists on bundle"),
            Self::Document(kind) => Fault::new(
                Code::BadRequest,
                format!("The bundle already has a supporting document of type `{kind}`; remove it first"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_end_users_and_documents_are_items() {
        let digits = "0".repeat(32);
        assert!(matches!(Item::parse(&format!("IT{digits}")), Ok(Item::EndUser(_))));
        assert!(matches!(Item::parse(&format!("RD{digits}")), Ok(Item::Document(_))));
        for (text, code) in [
            (format!("AD{digits}"), Code::InvalidObjectKind),
            (format!("it{digits}"), Code::InvalidObjectKind),
            ("IT12".to_owned(), Code::InvalidObject),
            (String::new(), Code::InvalidObject),
        ] {
            assert_eq!(Item::parse(&text).unwrap_err().code, code, "{text}");
        }
    }
}
