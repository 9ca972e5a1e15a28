//! Codes of reasons, and what reviewers write, as columns hold them.

use dossier_domain::review::ReviewText;
use serde::{Deserialize, Serialize};

use crate::Owner;
use crate::db::{StoreError, StoreResult};
use crate::owner::Sealed;
use crate::seal::Row;

/// Codes as text, with commas between them.
pub(crate) fn joined(codes: &[u32]) -> String {
    codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// The codes of such a text.
pub(crate) fn split(text: &str) -> Vec<u32> {
    text.split(',').filter_map(|code| code.parse().ok()).collect()
}

/// What a reviewer wrote: for the applicant, and for colleagues.
#[derive(Serialize, Deserialize)]
struct Texts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// The two texts, sealed for a row; nothing when there are none.
pub(super) fn seal(
    owner: &Owner,
    place: Sealed,
    row: &str,
    message: Option<&ReviewText>,
    note: Option<&ReviewText>,
) -> Option<Vec<u8>> {
    if message.is_none() && note.is_none() {
        return None;
    }
    let owned = |text: &ReviewText| text.as_str().to_owned();
    let texts = Texts { message: message.map(owned), note: note.map(owned) };
    let json = serde_json::to_string(&texts).expect("two texts can be written as JSON");
    Some(owner.seal(place, Row::Name(row), &json))
}

/// The two texts of a row.
pub(super) fn open(
    owner: &Owner,
    place: Sealed,
    row: &str,
    sealed: Option<&[u8]>,
) -> StoreResult<(Option<ReviewText>, Option<ReviewText>)> {
    let Some(sealed) = sealed else { return Ok((None, None)) };
    let json = owner.open(place, Row::Name(row), sealed)?;
    let texts: Texts = serde_json::from_str(&json)
        .map_err(|_| StoreError::Column { column: 0, expected: "what a reviewer wrote" })?;
    Ok((texts.message.map(ReviewText::from_stored), texts.note.map(ReviewText::from_stored)))
}
