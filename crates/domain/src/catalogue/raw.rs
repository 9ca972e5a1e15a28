//! The files as they are written, before anything is looked up. `catalogue/README.md` explains the keys.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use toml::Spanned;
use toml::value::Datetime;

/// `types/end-users.toml` and `types/documents.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTypes<T> {
    pub(super) evidence: RawEvidence,
    pub(super) source: String,
    #[serde(default = "BTreeMap::new")]
    pub(super) fields: BTreeMap<String, Spanned<RawTypeField>>,
    #[serde(default = "BTreeMap::new")]
    pub(super) types: BTreeMap<String, Spanned<T>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTypeField {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) rule: Option<Spanned<RawRule>>,
    pub(super) evidence: Option<RawEvidence>,
    pub(super) source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEndUserType {
    pub(super) name: String,
    pub(super) requirement_name: String,
    pub(super) fields: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDocumentType {
    pub(super) name: String,
    pub(super) requires_file: bool,
    pub(super) evidence: Option<RawEvidence>,
    pub(super) source: Option<String>,
    pub(super) fields: Vec<Spanned<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawEvidence {
    Twilio,
    Label,
    Mapped,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawRule {
    Optional,
    Required,
    Addresses,
    OneOf(Vec<String>),
    Pattern(String),
    EqualsEndUser(String),
    MaxAgeMonths(u32),
}

/// `blocks.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBlocks {
    #[serde(rename = "where")]
    pub(super) phrases: Option<RawPhrases>,
    #[serde(default)]
    pub(super) block: BTreeMap<String, Spanned<RawBlock>>,
}

/// What `{where}` stands for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPhrases {
    pub(super) world: String,
    pub(super) country: String,
    pub(super) area: String,
}

/// A document requirement. What kinds of documents will do is said either by `types` and `fields`,
/// when all of them show the same, or by `any_of`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBlock {
    pub(super) requirement_name: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) types: Option<Vec<Spanned<String>>>,
    pub(super) fields: Option<Vec<Spanned<NameOr<RawField>>>>,
    pub(super) any_of: Option<Vec<Spanned<RawAccepted>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAccepted {
    pub(super) types: Vec<Spanned<String>>,
    pub(super) fields: Vec<Spanned<NameOr<RawField>>>,
    pub(super) name: Option<String>,
}

/// A field that is asked for in other words, or under another rule, than its type declares.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawField {
    pub(super) field: String,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) rule: Option<Spanned<RawRule>>,
}

/// `countries/XX.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCountry {
    pub(super) country: Spanned<String>,
    pub(super) name: String,
    pub(super) effective_from: Option<Spanned<Datetime>>,
    pub(super) confidence: Option<RawConfidence>,
    #[serde(default)]
    pub(super) sources: Vec<String>,
    pub(super) note: Option<String>,
    #[serde(default)]
    pub(super) local: RawEndUsers,
    #[serde(default)]
    pub(super) mobile: RawEndUsers,
    #[serde(default)]
    pub(super) national: RawEndUsers,
    #[serde(default, rename = "toll-free")]
    pub(super) toll_free: RawEndUsers,
    #[serde(default)]
    pub(super) block: BTreeMap<String, Spanned<RawBlock>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEndUsers {
    #[serde(default)]
    pub(super) individual: Vec<Spanned<RawEntry>>,
    #[serde(default)]
    pub(super) business: Vec<Spanned<RawEntry>>,
}

/// One revision of the rules for a combination; what it leaves out, the head of the file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEntry {
    pub(super) status: Option<RawStatus>,
    pub(super) revision: Option<u32>,
    pub(super) effective_from: Option<Spanned<Datetime>>,
    pub(super) approvals_end: Option<Spanned<Datetime>>,
    pub(super) confidence: Option<RawConfidence>,
    pub(super) sources: Option<Vec<String>>,
    pub(super) note: Option<String>,
    pub(super) address_scope: Option<RawScope>,
    pub(super) end_user: Option<Vec<Spanned<NameOr<RawField>>>>,
    pub(super) documents: Option<Vec<Spanned<NameOr<RawBlockUse>>>>,
}

/// A block with small changes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBlockUse {
    pub(super) block: String,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) requirement_name: Option<String>,
    pub(super) any_of: Option<Vec<Spanned<RawAccepted>>>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawStatus {
    Unavailable,
    NothingRequired,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawConfidence {
    Documented,
    Inferred,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawScope {
    World,
    Country,
    Area,
}

/// Either a name alone, or a table that begins with a name and changes something.
pub(super) enum NameOr<T> {
    Name(String),
    Changed(T),
}

// By hand, because serde's untagged enums say only "did not match any variant".
impl<'de, T: Deserialize<'de>> Deserialize<'de> for NameOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for NameOrVisitor<T> {
            type Value = NameOr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a table")
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(NameOr::Name(name.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(NameOr::Changed)
            }
        }
        deserializer.deserialize_any(NameOrVisitor(PhantomData))
    }
}
