//! `/Addresses.json` of the 2010 API (contract section 10, 14.7).

mod access;
mod create;
mod lists;
mod update;

/// An address in Berlin.
pub(crate) const BERLIN: [(&str, &str); 6] = [
    ("CustomerName", "Beispiel GmbH"),
    ("Street", "Unter den Linden 1"),
    ("City", "Berlin"),
    ("Region", "Berlin"),
    ("PostalCode", "10117"),
    ("IsoCountry", "DE"),
];

/// The address in Berlin with some of it replaced, or more.
fn berlin_but<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = BERLIN.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    kept.chain(changes).copied().collect()
}
