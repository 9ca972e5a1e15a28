//! Answers with a JSON body, and values that are written into it without a copy.

use std::fmt::Display;

use axum::response::{IntoResponse, Response};
use dossier_domain::Attributes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// An answer of status 200.
pub(crate) fn fetched(view: &impl Serialize) -> Response {
    answer(StatusCode::OK, view)
}

/// An answer of status 201.
pub(crate) fn created(view: &impl Serialize) -> Response {
    answer(StatusCode::CREATED, view)
}

/// An answer of status 204, without a body.
pub(crate) fn deleted() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn answer(status: StatusCode, view: &impl Serialize) -> Response {
    let mut json = Vec::with_capacity(1024);
    serde_json::to_writer(&mut json, view).expect("views can be written as JSON");
    (status, [(CONTENT_TYPE, "application/json")], json).into_response()
}

/// A value that is written as it is displayed: identifiers, times, URLs.
pub(crate) struct Shown<T>(pub(crate) T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Attributes go out as they came in, to the letter.
pub(crate) fn attributes<S: Serializer>(attributes: &Attributes, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: &RawValue = serde_json::from_str(attributes.as_str()).map_err(serde::ser::Error::custom)?;
    raw.serialize(serializer)
}
