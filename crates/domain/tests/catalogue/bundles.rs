//! Bundles made up from a row of choices, so that the same choices give the same bundle.
//!
//! Most of what is in them is nearly right: values that a rule wants, names that recur, addresses that
//! exist. Purely random contents would hardly ever satisfy anything.

use std::sync::Arc;

use dossier_domain::catalogue::{Catalogue, Entry};
use dossier_domain::evaluation::{Contents, DocumentContents, EndUserContents, KnownAddress, Switches};
use dossier_domain::regulation::{AddressScope, Field, Pattern, Regulation, Rule};
use dossier_domain::sid::AddressSid;
use dossier_domain::{Attributes, EndUserType, IsoCountry};
use jiff::civil::{Date, date};
use serde_json::Value as Json;

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Text(String),
    Number(i64),
    Boolean(bool),
    List(Vec<Value>),
    Object,
}

impl Value {
    fn json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => (*number).into(),
            Self::Boolean(truth) => (*truth).into(),
            Self::List(items) => items.iter().map(Self::json).collect(),
            Self::Object => serde_json::json!({"inside": "something"}),
        }
    }
}

/// Names and values of the attributes of one object.
pub(crate) type Given = Vec<(String, Value)>;

fn attributes(given: &Given) -> Attributes {
    let object: serde_json::Map<_, _> =
        given.iter().map(|(name, value)| (name.clone(), value.json())).collect();
    Attributes::parse(&Json::Object(object).to_string()).unwrap()
}

/// An assigned document.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) document_type: String,
    pub(crate) given: Given,
    pub(crate) has_file: bool,
}

/// A regulation and what is in a bundle for it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) regulation: Regulation,
    pub(crate) end_user: Option<(EndUserType, Given)>,
    pub(crate) documents: Vec<Document>,
    pub(crate) addresses: Vec<KnownAddress>,
    pub(crate) today: Date,
    pub(crate) switches: Switches,
}

impl Case {
    /// Lets something look at the bundle in the form in which an evaluation sees it.
    pub(crate) fn with_contents<T>(&self, look: impl FnOnce(&Contents<'_>) -> T) -> T {
        let end_user = self.end_user.as_ref().map(|(kind, given)| (*kind, attributes(given)));
        let given: Vec<_> = self.documents.iter().map(|document| attributes(&document.given)).collect();
        let documents: Vec<_> = self
            .documents
            .iter()
            .zip(&given)
            .map(|(document, attributes)| DocumentContents {
                document_type: &document.document_type,
                attributes,
                has_file: document.has_file,
            })
            .collect();
        look(&Contents {
            end_user: end_user.as_ref().map(|(end_user_type, attributes)| EndUserContents {
                end_user_type: *end_user_type,
                attributes,
            }),
            documents: &documents,
            addresses: &self.addresses,
            today: self.today,
            switches: self.switches,
        })
    }
}

/// A row of choices. When it is used up, every further choice is the first.
pub(crate) struct Choices<'a>(pub(crate) std::slice::Iter<'a, u16>);

impl Choices<'_> {
    fn below(&mut self, bound: usize) -> usize {
        self.0.next().map_or(0, |&choice| usize::from(choice) % bound)
    }

    /// Yes in so many of ten cases.
    fn yes(&mut self, of_ten: usize) -> bool {
        self.below(10) < of_ten
    }

    fn one_of<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.below(things.len())]
    }

    fn text(&mut self, texts: &[&str]) -> Value {
        Value::Text((*self.one_of(texts)).to_owned())
    }
}

/// Names that recur, so that documents often agree with the end user.
const NAMES: [&str; 4] = ["Jane", "Jane", "jane", "Müller & Söhne"];

/// Makes up a case.
pub(crate) fn case(choices: &mut Choices<'_>, catalogue: &Catalogue) -> Case {
    let regulations: Vec<_> = catalogue.entries().filter_map(Entry::regulation).collect();
    let regulation = regulations[choices.below(regulations.len())];
    let regulation = changed(choices, regulation);
    let today =
        *choices.one_of(&[date(2026, 11, 22), date(2024, 2, 29), date(2026, 3, 31), date(2026, 12, 31)]);
    let addresses = addresses(choices, regulation.iso_country);
    let kind = if choices.yes(9) { regulation.end_user_type } else { *choices.one_of(&EndUserType::ALL) };
    let asked: Vec<_> = regulation.end_users.iter().flat_map(|end_user| end_user.fields.clone()).collect();
    let given = given(choices, &asked, &Vec::new(), &addresses, today);
    let mut documents = Vec::new();
    for requirement in &regulation.documents {
        for _ in 0..*choices.one_of(&[1, 1, 1, 1, 0, 2]) {
            let accepted = choices.one_of(&requirement.any_of);
            documents.push(Document {
                document_type: accepted.document_type.to_string(),
                given: self::given(choices, &accepted.fields, &given, &addresses, today),
                has_file: choices.yes(8),
            });
        }
    }
    if choices.yes(1) {
        documents.reverse();
    }
    Case {
        end_user: choices.yes(9).then_some((kind, given)),
        regulation,
        documents,
        addresses,
        today,
        switches: Switches { require_files: choices.yes(6), check_address_scope: choices.yes(8) },
    }
}

/// A regulation of the catalogue, sometimes with another scope and other rules.
fn changed(choices: &mut Choices<'_>, regulation: &Arc<Regulation>) -> Regulation {
    let mut regulation = Regulation::clone(regulation);
    if choices.yes(2) {
        regulation.address_scope = *choices.one_of(&AddressScope::ALL);
    }
    let end_users = regulation.end_users.iter_mut().flat_map(|end_user| &mut end_user.fields);
    let documents = regulation.documents.iter_mut().flat_map(|requirement| &mut requirement.any_of);
    for field in end_users.chain(documents.flat_map(|document| &mut document.fields)) {
        if field.rule != Rule::Addresses && choices.yes(2) {
            field.rule = match choices.below(5) {
                0 => Rule::Optional,
                1 => Rule::Required,
                2 => Rule::OneOf(["YES".into(), "1".into(), "true".into()].into()),
                3 => Rule::Pattern(Pattern::new("^[JY]").unwrap()),
                _ => Rule::NotOlderThan { months: *choices.one_of(&[1, 3, 12, 30]) },
            };
        }
    }
    regulation
}

fn addresses(choices: &mut Choices<'_>, home: IsoCountry) -> Vec<KnownAddress> {
    let abroad = IsoCountry::parse("NZ").unwrap();
    let address = |byte, iso_country, is_po_box| KnownAddress { sid: sid(byte), iso_country, is_po_box };
    let mut known = vec![address(1, home, false), address(2, home, false)];
    if choices.yes(8) {
        known.push(address(3, abroad, false));
        known.push(address(4, home, true));
    }
    known
}

fn sid(byte: u8) -> AddressSid {
    AddressSid::from_bytes([byte; 16])
}

fn given(
    choices: &mut Choices<'_>,
    fields: &[Field],
    end_user: &Given,
    addresses: &[KnownAddress],
    today: Date,
) -> Given {
    let mut given = Given::new();
    for field in fields {
        let value = if choices.yes(9) {
            right(choices, field, end_user, addresses, today)
        } else {
            anything(choices, addresses, today)
        };
        if !choices.0.as_slice().is_empty() && choices.below(40) == 0 {
            continue;
        }
        given.push((field.machine_name.to_string(), value));
    }
    given
}

/// A value that the rule of the field probably wants.
fn right(
    choices: &mut Choices<'_>,
    field: &Field,
    end_user: &Given,
    addresses: &[KnownAddress],
    today: Date,
) -> Value {
    match &field.rule {
        Rule::Optional | Rule::Required => choices.text(&NAMES),
        Rule::OneOf(values) => Value::Text(choices.one_of(values).to_string()),
        Rule::Pattern(_) => choices.text(&["jane@example.com", "+493012345678", "Jane", "YES"]),
        Rule::EqualsEndUser(other) => end_user
            .iter()
            .find(|(name, _)| **name == **other)
            .map_or_else(|| choices.text(&NAMES), |(_, value)| value.clone()),
        Rule::NotOlderThan { .. } => day(choices, today),
        Rule::Addresses => {
            let mut named = vec![addresses[0].sid.to_string()];
            if choices.yes(3) {
                named.push(choices.one_of(addresses).sid.to_string());
            }
            match choices.below(3) {
                0 => Value::List(named.into_iter().map(Value::Text).collect()),
                1 => Value::Text(named.join(", ")),
                _ => Value::Text(named.remove(0)),
            }
        }
    }
}

/// A date around the limits that the rules have.
fn day(choices: &mut Choices<'_>, today: Date) -> Value {
    let months = *choices.one_of(&[0, 1, 3, 12, 30]);
    let days = *choices.one_of(&[0, 1, -1, 3, -3]);
    let span = jiff::Span::new().months(months);
    Value::Text((today - span - jiff::Span::new().days(days)).to_string())
}

fn anything(choices: &mut Choices<'_>, addresses: &[KnownAddress], today: Date) -> Value {
    match choices.below(12) {
        0 => Value::Null,
        1 => Value::Text(String::new()),
        2 => Value::Text(" \t".to_owned()),
        3 => Value::Number(*choices.one_of(&[1, -7, 20_261_122])),
        4 => Value::Boolean(choices.yes(5)),
        5 => Value::Object,
        6 => Value::List(vec![Value::Text("Jane".to_owned()), Value::Null]),
        7 => Value::List(vec![]),
        8 => choices.text(&["2026-02-30", "2026-1-1", "2026-11-22T00:00:00Z", "22.11.2026", "2026-13-01"]),
        9 => Value::List(vec![
            Value::Text(choices.one_of(addresses).sid.to_string()),
            choices.text(&["", "AD1", "Baker Street", "AD09090909090909090909090909090909"]),
        ]),
        10 => day(choices, today),
        _ => choices.text(&NAMES),
    }
}
