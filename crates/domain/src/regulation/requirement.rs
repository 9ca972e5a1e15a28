//! What a regulation asks for: of the end user, and of documents.

use super::rule::Rule;
use super::{Text, constraint};
use crate::EndUserType;

/// What the end user must tell about itself (contract section 5.1, `requirements.end_user`).
#[derive(Debug, Clone, PartialEq)]
pub struct EndUserRequirement {
    /// Who the end user must be.
    pub end_user_type: EndUserType,
    /// The name of that type, such as `Business`.
    pub name: Text,
    /// The machine name of the requirement, such as `business_info`.
    pub requirement_name: Text,
    /// The attributes, in the order in which a form should show them.
    pub fields: Vec<Field>,
}

impl EndUserRequirement {
    /// The constraint of the entry: such an end user is there.
    pub fn constraint(&self) -> String {
        constraint::of_end_user(self.end_user_type)
    }

    /// The constraint of one of the entry's fields; empty when it is optional.
    pub fn field_constraint(&self, field: &Field) -> String {
        constraint::of_field(self.end_user_type.as_str(), self.end_user_type, field)
    }
}

/// Something that one document out of several kinds must prove (contract section 5.1,
/// `requirements.supporting_document`).
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentRequirement {
    /// The machine name, unique within the regulation, such as `business_name_info`.
    pub requirement_name: Text,
    /// The title, such as `Business name`.
    pub name: Text,
    /// What is needed, in a sentence or two.
    pub description: Text,
    /// The kinds of documents that will do, preferred ones first. Never empty.
    pub any_of: Vec<AcceptedDocument>,
}

/// A kind of document that satisfies a requirement, and what it must show.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptedDocument {
    /// The machine name of the document type.
    pub document_type: Text,
    /// What the document is called in this place; often the name of its type.
    pub name: Text,
    /// Whether a document of this type counts only with a file (contract 14.2 row 30).
    pub requires_file: bool,
    /// The attributes, in order.
    pub fields: Vec<Field>,
}

impl AcceptedDocument {
    /// The constraint of the entry: such a document is there, and the end user it refers to.
    pub fn constraint(&self, end_user_type: EndUserType) -> String {
        constraint::of_document(self, end_user_type)
    }

    /// The constraint of one of the entry's fields; empty when it is optional.
    pub fn field_constraint(&self, field: &Field, end_user_type: EndUserType) -> String {
        constraint::of_field(&self.document_type, end_user_type, field)
    }
}

/// An attribute that is asked for, with its rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The key in the attributes, such as `business_name`.
    pub machine_name: Text,
    /// The label, such as `Business Name`.
    pub friendly_name: Text,
    /// How to fill it in.
    pub description: Text,
    /// What the value must be.
    pub rule: Rule,
}
