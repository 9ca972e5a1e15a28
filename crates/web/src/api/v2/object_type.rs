//! A type of end user or document on the wire: both have the same form (contract section 3.3).

use dossier_domain::regulation::TypeField;
use dossier_domain::sid::ObjectTypeSid;
use serde::Serialize;

use super::url::Url;
use crate::api::base_url::BaseUrl;
use crate::api::json::Shown;

/// A type, with exactly these keys in this order.
#[derive(Serialize)]
pub(super) struct TypeView<'a> {
    sid: Shown<ObjectTypeSid>,
    friendly_name: &'a str,
    machine_name: &'a str,
    fields: Vec<FieldView<'a>>,
    url: Url<'a, 2>,
}

#[derive(Serialize)]
struct FieldView<'a> {
    friendly_name: &'a str,
    machine_name: &'a str,
    constraint: &'static str,
}

impl<'a> TypeView<'a> {
    pub(super) fn new(
        base: &'a BaseUrl,
        collection: &'static str,
        sid: ObjectTypeSid,
        friendly_name: &'a str,
        machine_name: &'a str,
        fields: &'a [TypeField],
    ) -> Self {
        let field = |field: &'a TypeField| FieldView {
            friendly_name: &field.friendly_name,
            machine_name: &field.machine_name,
            constraint: field.value_kind().as_str(),
        };
        Self {
            sid: Shown(sid),
            friendly_name,
            machine_name,
            fields: fields.iter().map(field).collect(),
            url: Url::new(base, [collection.into(), sid.into()]),
        }
    }
}
