//! Takes what is wrong out of a document, so that the rest can be read.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Removes the entry that an error is about: the innermost one whose key or value has its span, or
/// else the innermost one that contains its beginning.
///
/// Returns the key it stood under; for an element of an array the key of the array. Nothing when the
/// error is about the document as a whole.
pub(super) fn remove(document: &mut DeTable<'_>, span: &Range<usize>) -> Option<String> {
    let exactly = |found: Range<usize>| found == *span;
    let around = |found: Range<usize>| found.contains(&span.start);
    from_table(document, &exactly).or_else(|| from_table(document, &around))
}

fn from_table(table: &mut DeTable<'_>, meant: &impl Fn(Range<usize>) -> bool) -> Option<String> {
    let mut wrong = None;
    for (key, value) in table.iter_mut() {
        let name = key.get_ref().to_string();
        if let Some(removed) = from_value(&name, value, meant) {
            return Some(removed);
        }
        if meant(key.span()) || meant(value.span()) {
            wrong = Some(name);
        }
    }
    let name = wrong?;
    table.remove(name.as_str());
    Some(name)
}

fn from_value(
    name: &str,
    value: &mut Spanned<DeValue<'_>>,
    meant: &impl Fn(Range<usize>) -> bool,
) -> Option<String> {
    match value.get_mut() {
        DeValue::Table(table) => from_table(table, meant),
        DeValue::Array(array) => from_array(name, array, meant),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}

fn from_array(name: &str, array: &mut DeArray<'_>, meant: &impl Fn(Range<usize>) -> bool) -> Option<String> {
    let mut elements = array.iter_mut().enumerate();
    let found = elements.find_map(|(position, element)| match from_value(name, element, meant) {
        Some(removed) => Some((removed, None)),
        None => meant(element.span()).then(|| (name.to_owned(), Some(position))),
    });
    let (removed, position) = found?;
    if let Some(position) = position {
        let elements = std::mem::replace(array, DeArray::new()).into_iter().enumerate();
        *array = elements.filter(|(other, _)| *other != position).map(|(_, element)| element).collect();
    }
    Some(removed)
}
