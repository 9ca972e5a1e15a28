//! A regulation on the wire, with or without constraints, and without what its URLs begin with.

use dossier_domain::EndUserType;
use dossier_domain::regulation::{
    AcceptedDocument, DocumentRequirement, EndUserRequirement, Field, Regulation,
};
use dossier_domain::sid::RegulationSid;
use serde::Serialize;

use super::url::Url;
use crate::api::base_url::NO_BASE_URL;
use crate::api::json::Shown;

/// Whether constraints are written; their keys are there either way (contract 14.4 row 82).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Style {
    WithConstraints,
    WithoutConstraints,
}

impl Style {
    fn constraint(self, render: impl FnOnce() -> String) -> Option<String> {
        (self == Self::WithConstraints).then(render)
    }
}

#[derive(Serialize)]
pub(super) struct RegulationView<'a> {
    sid: Shown<RegulationSid>,
    friendly_name: &'a str,
    iso_country: &'a str,
    number_type: &'static str,
    end_user_type: &'static str,
    requirements: Requirements<'a>,
    url: Url<'a, 2>,
}

/// Documents are a list in a list, of which every known regulation has one (contract section 5.1).
#[derive(Serialize)]
struct Requirements<'a> {
    end_user: Vec<EndUserView<'a>>,
    supporting_document: [Vec<RequirementView<'a>>; 1],
}

#[derive(Serialize)]
struct EndUserView<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    requirement_name: &'a str,
    url: Url<'a, 2>,
    fields: Vec<&'a str>,
    detailed_fields: Vec<FieldView<'a>>,
    constraint: Option<String>,
}

#[derive(Serialize)]
struct RequirementView<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    requirement_name: &'a str,
    description: &'a str,
    accepted_documents: Vec<AcceptedView<'a>>,
}

#[derive(Serialize)]
struct AcceptedView<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    url: Url<'a, 2>,
    fields: Vec<&'a str>,
    detailed_fields: Vec<FieldView<'a>>,
    constraint: Option<String>,
}

#[derive(Serialize)]
struct FieldView<'a> {
    machine_name: &'a str,
    friendly_name: &'a str,
    description: &'a str,
    constraint: Option<String>,
}

impl<'a> RegulationView<'a> {
    pub(super) fn new(style: Style, regulation: &'a Regulation) -> Self {
        let kind = regulation.end_user_type;
        let end_user = |requirement| EndUserView::new(style, requirement);
        let document = |requirement| RequirementView::new(style, requirement, kind);
        Self {
            sid: Shown(regulation.sid),
            friendly_name: &regulation.friendly_name,
            iso_country: regulation.iso_country.as_str(),
            number_type: regulation.number_type.as_str(),
            end_user_type: kind.as_str(),
            requirements: Requirements {
                end_user: regulation.end_users.iter().map(end_user).collect(),
                supporting_document: [regulation.documents.iter().map(document).collect()],
            },
            url: Url::new(&NO_BASE_URL, ["/Regulations/".into(), regulation.sid.into()]),
        }
    }
}

impl<'a> EndUserView<'a> {
    fn new(style: Style, requirement: &'a EndUserRequirement) -> Self {
        let kind = requirement.end_user_type.as_str();
        Self {
            name: &requirement.name,
            kind,
            requirement_name: &requirement.requirement_name,
            url: Url::new(&NO_BASE_URL, ["/EndUserTypes/".into(), kind.into()]),
            fields: names(&requirement.fields),
            detailed_fields: detailed(&requirement.fields, |field| {
                style.constraint(|| requirement.field_constraint(field))
            }),
            constraint: style.constraint(|| requirement.constraint()),
        }
    }
}

impl<'a> RequirementView<'a> {
    fn new(style: Style, requirement: &'a DocumentRequirement, end_user_type: EndUserType) -> Self {
        let accepted = |document| AcceptedView::new(style, document, end_user_type);
        Self {
            name: &requirement.name,
            kind: "document",
            requirement_name: &requirement.requirement_name,
            description: &requirement.description,
            accepted_documents: requirement.any_of.iter().map(accepted).collect(),
        }
    }
}

impl<'a> AcceptedView<'a> {
    fn new(style: Style, document: &'a AcceptedDocument, end_user_type: EndUserType) -> Self {
        Self {
            name: &document.name,
            kind: &document.document_type,
            url: Url::new(
                &NO_BASE_URL,
                ["/SupportingDocumentTypes/".into(), (&*document.document_type).into()],
            ),
            fields: names(&document.fields),
            detailed_fields: detailed(&document.fields, |field| {
                style.constraint(|| document.field_constraint(field, end_user_type))
            }),
            constraint: style.constraint(|| document.constraint(end_user_type)),
        }
    }
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| &*field.machine_name).collect()
}

fn detailed<'a>(fields: &'a [Field], constraint: impl Fn(&Field) -> Option<String>) -> Vec<FieldView<'a>> {
    let view = |field: &'a Field| FieldView {
        machine_name: &field.machine_name,
        friendly_name: &field.friendly_name,
        description: &field.description,
        constraint: constraint(field),
    };
    fields.iter().map(view).collect()
}
