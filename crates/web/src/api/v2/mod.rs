//! `/v2/RegulatoryCompliance`: one file per resource, named as in the path.

mod bundle_params;
mod bundles;
mod clones;
mod copies;
mod end_user_types;
mod end_users;
mod evaluations;
mod item_assignments;
mod object_type;
mod regulation_text;
mod regulation_view;
mod regulations;
mod replace_items;
mod supporting_document_types;
mod supporting_documents;
mod url;

use std::sync::Arc;

use axum::Router;
use dossier_domain::paging::Position;
use dossier_domain::sid::AnySid;

pub(crate) use self::regulation_text::RegulationTexts;
use crate::state::Web;

pub(crate) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .merge(bundles::routes())
        .merge(clones::routes())
        .merge(copies::routes())
        .merge(end_user_types::routes())
        .merge(end_users::routes())
        .merge(evaluations::routes())
        .merge(item_assignments::routes())
        .merge(regulations::routes())
        .merge(replace_items::routes())
        .merge(supporting_document_types::routes())
        .merge(supporting_documents::routes())
}

/// The place of an item in a list that is in memory, where the identifier is enough to find it.
fn in_memory(sid: impl Into<AnySid>) -> Position {
    Position { key: 0, sid: sid.into() }
}
