//! Addresses of resources, written into an answer without being put together first.

use std::fmt;

use dossier_domain::sid::{Kind, Sid, SidText};
use serde::{Serialize, Serializer};

use crate::api::base_url::BaseUrl;

/// The path everything here is under.
const PREFIX: &str = "/v2/RegulatoryCompliance";

/// The base URL, the prefix, and `N` parts.
#[derive(Clone, Copy)]
pub(super) struct Url<'a, const N: usize> {
    base: &'a BaseUrl,
    parts: [Part<'a>; N],
}

/// A part of a path.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Sid(SidText),
}

impl<'a> From<&'a str> for Part<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<K: Kind> From<Sid<K>> for Part<'_> {
    fn from(sid: Sid<K>) -> Self {
        Self::Sid(sid.text())
    }
}

impl<'a, const N: usize> Url<'a, N> {
    pub(super) fn new(base: &'a BaseUrl, parts: [Part<'a>; N]) -> Self {
        Self { base, parts }
    }
}

impl<const N: usize> fmt::Display for Url<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base.as_str())?;
        f.write_str(PREFIX)?;
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Sid(sid) => f.write_str(sid),
        })
    }
}

impl<const N: usize> Serialize for Url<'_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The address of something below a resource. A page writes hundreds of them, so the resource's own is put
/// together once and written in one piece.
pub(super) struct Below<'a>(pub(super) &'a str, pub(super) &'static str);

impl fmt::Display for Below<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)?;
        f.write_str(self.1)
    }
}

impl Serialize for Below<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
