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
    write(view, &mut json);
    json_answer(status, json)
}

/// An answer of status 200 whose body is written already.
pub(crate) fn written(json: Vec<u8>) -> Response {
    json_answer(StatusCode::OK, json)
}

/// Writes a view behind what is there.
pub(crate) fn write(view: &impl Serialize, json: &mut Vec<u8>) {
    serde_json::to_writer(json, view).expect("views can be written as JSON");
}

fn json_answer(status: StatusCode, json: Vec<u8>) -> Response {
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
