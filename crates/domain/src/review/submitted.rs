//! What was handed over, kept with its case: a later submission is compared with it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::Attributes;
use crate::address::Address;
use crate::document::Document;
use crate::end_user::EndUser;
use crate::sid::AnySid;

/// The version of the stored form.
const VERSION: u32 = 1;

/// Everything a bundle contained when it was handed over: personal data.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Submitted {
    /// The end user, the documents, and the addresses they name, in this order.
    pub items: Vec<SubmittedItem>,
}

/// One object of a submission.
#[derive(Clone, PartialEq, Eq)]
pub struct SubmittedItem {
    /// Which.
    pub sid: AnySid,
    /// What kind of end user or document; `address` for an address.
    pub kind: String,
    /// Its fields. Texts are kept bare, other values as JSON.
    pub fields: BTreeMap<String, String>,
    /// The SHA-256 of its file in hexadecimal digits, if it has one.
    pub file: Option<String>,
}

// What people say of themselves.
impl fmt::Debug for Submitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Submitted({} items)", self.items.len())
    }
}
impl fmt::Debug for SubmittedItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmittedItem").field("sid", &self.sid).finish_non_exhaustive()
    }
}

/// The text is no submission in a version this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stored submission that this version of the program can read")]
pub struct UnreadableSubmission;

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u32,
    items: Vec<StoredItem>,
}

#[derive(Serialize, Deserialize)]
struct StoredItem {
    sid: String,
    kind: String,
    fields: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl Submitted {
    /// What is in a bundle.
    pub fn new<'a>(
        end_user: Option<&EndUser>,
        documents: impl IntoIterator<Item = &'a Document>,
        addresses: impl IntoIterator<Item = &'a Address>,
    ) -> Self {
        let mut items: Vec<_> = end_user.map(SubmittedItem::from).into_iter().collect();
        items.extend(documents.into_iter().map(SubmittedItem::from));
        items.extend(addresses.into_iter().map(SubmittedItem::from));
        Self { items }
    }

    /// The submission as JSON.
    pub fn to_stored(&self) -> String {
        let items = self.items.iter().map(|item| StoredItem {
            sid: item.sid.to_string(),
            kind: item.kind.clone(),
            fields: item.fields.clone(),
            file: item.file.clone(),
        });
        let stored = Stored { v: VERSION, items: items.collect() };
        serde_json::to_string(&stored).expect("texts and lists can be written as JSON")
    }

    /// Reads a submission that was stored.
    ///
    /// # Errors
    /// [`UnreadableSubmission`] when the text was damaged or a newer program wrote it.
    pub fn from_stored(text: &str) -> Result<Self, UnreadableSubmission> {
        let stored: Stored = serde_json::from_str(text).map_err(|_| UnreadableSubmission)?;
        if stored.v != VERSION {
            return Err(UnreadableSubmission);
        }
        let item = |item: StoredItem| {
            let sid = AnySid::parse(&item.sid).map_err(|_| UnreadableSubmission)?;
            Ok(SubmittedItem { sid, kind: item.kind, fields: item.fields, file: item.file })
        };
        Ok(Self { items: stored.items.into_iter().map(item).collect::<Result<_, _>>()? })
    }
}

impl From<&EndUser> for SubmittedItem {
    fn from(end_user: &EndUser) -> Self {
        Self {
            sid: end_user.sid.into(),
            kind: end_user.kind.as_str().to_owned(),
            fields: fields(&end_user.attributes),
            file: None,
        }
    }
}

impl From<&Document> for SubmittedItem {
    fn from(document: &Document) -> Self {
        Self {
            sid: document.sid.into(),
            kind: document.kind.clone(),
            fields: fields(&document.attributes),
            file: document.file.as_ref().map(crate::document::DocumentFile::sha256_hex),
        }
    }
}

impl From<&Address> for SubmittedItem {
    fn from(address: &Address) -> Self {
        let lines = &address.lines;
        let mut fields = BTreeMap::from([
            ("customer_name", lines.customer_name.as_str()),
            ("street", &lines.street),
            ("city", &lines.city),
            ("region", &lines.region),
            ("postal_code", &lines.postal_code),
            ("iso_country", address.iso_country.as_str()),
        ]);
        fields.extend(lines.street_secondary.as_ref().map(|line| ("street_secondary", line.as_str())));
        Self {
            sid: address.sid.into(),
            kind: "address".to_owned(),
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            file: None,
        }
    }
}

fn fields(attributes: &Attributes) -> BTreeMap<String, String> {
    let raw: BTreeMap<String, &RawValue> =
        serde_json::from_str(attributes.as_str()).expect("attributes are a JSON object");
    let value = |raw: &RawValue| serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
    raw.into_iter().map(|(name, raw)| (name, value(raw))).collect()
}
