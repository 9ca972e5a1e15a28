//! The kinds of end users and documents, and the fields that exist for each (contract section 3.3).

use super::Text;
use super::rule::Rule;
use crate::EndUserType;
use crate::sid::ObjectTypeSid;

/// A kind of end user.
#[derive(Debug, Clone, PartialEq)]
pub struct EndUserTypeInfo {
    /// The same on every installation.
    pub sid: ObjectTypeSid,
    /// Which of the two it is; its name is the machine name.
    pub end_user_type: EndUserType,
    /// The name for people, such as `Business`.
    pub friendly_name: Text,
    /// The machine name of the requirement that asks for such an end user, such as `business_info`.
    pub requirement_name: Text,
    /// Every attribute a regulation may ask for.
    pub fields: Vec<TypeField>,
}

/// A kind of supporting document.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentType {
    /// The same on every installation.
    pub sid: ObjectTypeSid,
    /// The key, such as `passport`.
    pub machine_name: Text,
    /// The name for people, such as `Passport`.
    pub friendly_name: Text,
    /// Whether a document of this type counts only with a file (contract 14.2 row 30).
    pub requires_file: bool,
    /// Every attribute a regulation may ask for.
    pub fields: Vec<TypeField>,
    /// How the machine name is known.
    pub evidence: Evidence,
    /// Where it is known from.
    pub source: Text,
}

/// An attribute that a type declares, with the rule that holds unless a regulation says otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeField {
    /// The key in the attributes, such as `first_name`.
    pub machine_name: Text,
    /// The label, such as `First Name`.
    pub friendly_name: Text,
    /// How to fill it in.
    pub description: Text,
    /// The ordinary rule.
    pub rule: Rule,
    /// How the machine name is known.
    pub evidence: Evidence,
    /// Where it is known from.
    pub source: Text,
}

impl TypeField {
    /// What the type catalogue says about the value.
    pub fn value_kind(&self) -> ValueKind {
        match self.rule {
            Rule::Addresses => ValueKind::List,
            Rule::Optional
            | Rule::Required
            | Rule::OneOf(_)
            | Rule::Pattern(_)
            | Rule::EqualsEndUser(_)
            | Rule::NotOlderThan { .. } => ValueKind::String,
        }
    }
}

/// What a value is, as the type catalogues of the wire tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// One text.
    String,
    /// Several identifiers.
    List,
}

impl ValueKind {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::List => "List",
        }
    }
}

/// How a machine name is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// Seen in a response, a specification or a working client of the original API.
    Twilio,
    /// The original names the document; the machine name is ours.
    Label,
    /// Another provider names it; the machine name is ours.
    Mapped,
}
