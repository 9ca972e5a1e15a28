//! States, provinces and counties, of the countries whose addresses carry one that can be checked.
//!
//! The kept name is the one on an envelope: `CA` in the United States, `Bayern` in Germany. Japanese
//! prefectures are kept in the script they were given in.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fold::words;
use crate::country::IsoCountry;

/// The regions of one country: comparable name to kept name.
pub(super) struct Table {
    country: IsoCountry,
    names: HashMap<String, &'static str>,
}

/// The regions of this country; none when any region is accepted there.
pub(super) fn table_of(country: IsoCountry) -> Option<&'static Table> {
    TABLES.get(&country)
}

impl Table {
    /// The name that is kept for `text`; none when the country has no such region.
    pub(super) fn canonical(&self, text: &str) -> Option<&'static str> {
        let find = |text| self.names.get(&key(text)).copied();
        find(text).or_else(|| find(without_country(text, self.country)?))
    }
}

/// The part behind the hyphen of an ISO 3166-2 code such as `DE-BE`.
fn without_country(text: &str, country: IsoCountry) -> Option<&str> {
    let (prefix, rest) = text.split_once('-')?;
    prefix.eq_ignore_ascii_case(country.as_str()).then_some(rest)
}

/// The words of a name without those that only say what kind of region it is.
fn key(name: &str) -> String {
    const KINDS: &[&str] = &[
        "co",
        "contae",
        "county",
        "freistaat",
        "fu",
        "ken",
        "land",
        "of",
        "prefecture",
        "province",
        "provincia",
        "state",
        "the",
        "to",
    ];
    let words = words(name);
    let is_name = |word: &&String| !KINDS.contains(&word.as_str());
    if words.iter().any(|word| is_name(&word)) {
        words.iter().filter(is_name).map(String::as_str).collect()
    } else {
        words.concat()
    }
}

static TABLES: LazyLock<HashMap<IsoCountry, Table>> = LazyLock::new(|| {
    let mut tables: HashMap<IsoCountry, Table> = HashMap::new();
    for (country, kept, others) in rows() {
        let table = tables.entry(country).or_insert_with(|| Table { country, names: HashMap::new() });
        for name in others.chain([kept]) {
            table.names.insert(key(name), kept);
        }
    }
    tables
});

fn rows() -> impl Iterator<Item = (IsoCountry, &'static str, impl Iterator<Item = &'static str>)> {
    include_str!("regions.tsv").lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.split('\t');
        let country = columns.next().and_then(IsoCountry::parse).expect("the first column is a country");
        let kept = columns.next().expect("the second column is a region");
        let others = columns.next().unwrap_or_default().split('|').filter(|name| !name.is_empty());
        (country, kept, others)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(country: &str, text: &str) -> Option<&'static str> {
        table_of(IsoCountry::parse(country).unwrap()).unwrap().canonical(text)
    }

    #[test]
    fn regions_are_found_by_any_of_their_names() {
        for (country, given, expected) in [
            ("US", "California", "CA"),
            ("US", "ca", "CA"),
            ("US", "US-CA", "CA"),
            ("US", "State of New York", "NY"),
            ("US", "N.Y.", "NY"),
            ("US", "Washington, D.C.", "DC"),
            ("US", "Washington", "WA"),
            ("US", "CO", "CO"),
            ("CA", "ontario", "ON"),
            ("CA", "Quebec", "QC"),
            ("CA", "Île du Prince Édouard", "PE"),
            ("AU", "new south wales", "NSW"),
            ("AU", "Vic.", "VIC"),
            ("DE", "Bavaria", "Bayern"),
            ("DE", "Freistaat Bayern", "Bayern"),
            ("DE", "DE-BE", "Berlin"),
            ("DE", "Baden-Wuerttemberg", "Baden-Württemberg"),
            ("DE", "baden wurttemberg", "Baden-Württemberg"),
            ("IE", "Co. Dublin", "Dublin"),
            ("IE", "County Dublin", "Dublin"),
            ("IE", "Dublin 8", "Dublin"),
            ("IE", "Co Cork", "Cork"),
            ("IE", "CO", "Cork"),
            ("BR", "São Paulo", "SP"),
            ("BR", "rio grande do sul", "RS"),
            ("JP", "Tokyo-to", "Tokyo"),
            ("JP", "Ōsaka-fu", "Osaka"),
            ("JP", "Aichi Prefecture", "Aichi"),
            ("JP", "JP-13", "Tokyo"),
            ("JP", "東京", "東京都"),
            ("JP", "京都府", "京都府"),
        ] {
            assert_eq!(canonical(country, given), Some(expected), "{country} {given}");
        }
    }

    #[test]
    fn other_places_are_no_regions() {
        for (country, text) in [
            ("US", "Ontario"),
            ("US", ""),
            ("US", "-"),
            ("US", "State"),
            ("US", "CA-CA"),
            ("CA", "CA"),
            ("DE", "München"),
            ("IE", "Antrim"),
            ("JP", "Shibuya"),
        ] {
            assert_eq!(canonical(country, text), None, "{country} {text}");
        }
    }

    #[test]
    fn no_name_means_two_regions() {
        let mut seen: HashMap<(IsoCountry, String), &str> = HashMap::new();
        for (country, kept, others) in rows() {
            for name in others.chain([kept]) {
                let other = seen.insert((country, key(name)), kept);
                assert!(other.is_none_or(|other| other == kept), "{country} {name}");
            }
        }
    }

    #[test]
    fn a_kept_name_is_its_own_canonical_form() {
        for (country, kept, _) in rows() {
            assert_eq!(canonical(country.as_str(), kept), Some(kept));
        }
    }

    #[test]
    fn tables_are_complete() {
        let count = |country| rows().filter(|(of, ..)| of.as_str() == country).count();
        let expected =
            [("AU", 8), ("BR", 27), ("CA", 13), ("DE", 16), ("IE", 26 + 4), ("JP", 2 * 47), ("US", 50 + 12)];
        for (country, regions) in expected {
            assert_eq!(count(country), regions, "{country}");
        }
    }
}
