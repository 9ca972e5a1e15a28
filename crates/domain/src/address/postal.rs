//! Postal codes, by country.
//!
//! A form is a picture of the code: `#` is any digit and `N` one that is not zero, `A` any letter,
//! `X` letter or digit, `C` a letter that Canada uses and `U` one that the second half of a British
//! code uses. Lower-case letters and digits stand for themselves. Spaces and hyphens are how the
//! country writes the code; a caller may leave them out or put others.

use super::fold::narrow;
use crate::country::IsoCountry;

/// How a country writes postal codes.
#[derive(Debug)]
pub(super) struct Format {
    country: &'static str,
    /// What people abroad write in front of the code, such as `D-10115`.
    prefixes: &'static str,
    /// Alternatives, separated by `|`; no code fits two of them.
    forms: &'static str,
}

/// The forms of this country; none when it has no postal codes, or when they are too little known
/// among its own people to insist on.
pub(super) fn format_of(country: IsoCountry) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.country == country.as_str())
}

impl Format {
    /// `text` as the country writes it; none when it is no postal code of that country.
    pub(super) fn canonical(&self, text: &str) -> Option<String> {
        let code = compact(text)?;
        self.fit(&code).or_else(|| {
            self.prefixes.split(' ').filter(|prefix| !prefix.is_empty()).find_map(|prefix| {
                let other =
                    code.strip_prefix(prefix).map_or_else(|| format!("{prefix}{code}"), str::to_owned);
                self.fit(&other)
            })
        })
    }

    fn fit(&self, code: &str) -> Option<String> {
        self.forms.split('|').find_map(|form| fill(form, code))
    }
}

/// Letters and digits of a code in capitals; none when anything but separators is between them.
fn compact(text: &str) -> Option<String> {
    let mut code = String::with_capacity(text.len());
    for char in text.chars().map(narrow) {
        match char {
            'a'..='z' | 'A'..='Z' | '0'..='9' => code.push(char.to_ascii_uppercase()),
            // The long vowel mark is on the key where a Japanese keyboard has its hyphen.
            ' ' | '-' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー' | '〒' => {}
            _ => return None,
        }
    }
    Some(code)
}

/// `code` laid out as `form`, when it fits to the last character.
fn fill(form: &str, code: &str) -> Option<String> {
    let mut rest = code.bytes();
    let mut filled = String::with_capacity(form.len());
    for class in form.bytes() {
        if matches!(class, b' ' | b'-') {
            filled.push(char::from(class));
        } else {
            let byte = rest.next().filter(|byte| accepts(class, *byte))?;
            filled.push(char::from(byte));
        }
    }
    rest.next().is_none().then_some(filled)
}

fn accepts(class: u8, byte: u8) -> bool {
    match class {
        b'#' => byte.is_ascii_digit(),
        b'N' => matches!(byte, b'1'..=b'9'),
        b'A' => byte.is_ascii_uppercase(),
        b'X' => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        b'C' => byte.is_ascii_uppercase() && !b"DFIOQU".contains(&byte),
        b'U' => byte.is_ascii_uppercase() && !b"CIKMOV".contains(&byte),
        literal => byte == literal.to_ascii_uppercase(),
    }
}

const fn format(country: &'static str, prefixes: &'static str, forms: &'static str) -> Format {
    Format { country, prefixes, forms }
}

const ZIP: &str = "#####|#####-####";
const BRITISH: &str = "A# #UU|A## #UU|AA# #UU|AA## #UU|A#A #UU|AA#A #UU|gir 0aa\
                       |bfpo #|bfpo ##|bfpo ###|bfpo ####";

const FORMATS: &[Format] = &[
    format("AD", "AD", "ad###"),
    format("AS", "", ZIP),
    format("AT", "A AT", "N###"),
    format("AU", "AU", "####"),
    format("AX", "AX FI", "22###"),
    format("BE", "B BE", "N###"),
    format("BG", "BG", "N###"),
    format("BL", "F FR", "97###"),
    format("BR", "BR", "#####-###"),
    format("CA", "", "C#C #C#"),
    format("CH", "CH", "N###"),
    format("CN", "CN", "######"),
    format("CY", "CY", "N###"),
    format("CZ", "CZ", "N## ##"),
    format("DE", "D DE", "#####"),
    format("DK", "DK", "####"),
    format("EE", "EE", "#####"),
    format("ES", "E ES", "#####"),
    format("FI", "FI FIN SF", "#####"),
    format("FO", "FO", "###"),
    format("FR", "F FR", "#####"),
    format("GB", "GB", BRITISH),
    format("GF", "F FR", "97###"),
    format("GG", "", "gy# #UU|gy## #UU"),
    format("GI", "", "gx11 1aa"),
    format("GL", "GL DK", "####"),
    format("GP", "F FR", "97###"),
    format("GR", "GR", "N## ##"),
    format("GU", "", ZIP),
    format("HR", "HR", "#####"),
    format("HU", "H HU", "N###"),
    format("ID", "", "#####"),
    format("IE", "", "A## XXXX|d6w XXXX"),
    format("IL", "IL", "#######|#####"),
    format("IM", "", "im# #UU|im## #UU"),
    format("IN", "IN", "N#####"),
    format("IS", "IS", "###"),
    format("IT", "I IT", "#####"),
    format("JE", "", "je# #UU"),
    format("JP", "JP", "###-####"),
    format("KR", "KR", "#####"),
    format("LI", "FL LI", "####"),
    format("LT", "LT", "lt-#####"),
    format("LU", "L LU", "N###"),
    format("LV", "LV", "lv-####"),
    format("MC", "MC F", "98###"),
    format("MF", "F FR", "97###"),
    format("MP", "", ZIP),
    format("MQ", "F FR", "97###"),
    format("MT", "", "AAA ####"),
    format("MX", "MX", "#####"),
    format("MY", "MY", "#####"),
    format("NL", "NL", "N### AA"),
    format("NO", "N NO", "####"),
    format("NZ", "NZ", "####"),
    format("PH", "", "####"),
    format("PL", "PL", "##-###"),
    format("PM", "F FR", "97###"),
    format("PR", "PR", ZIP),
    format("PT", "P PT", "N###-###"),
    format("RE", "F FR", "97###"),
    format("RO", "RO", "######"),
    format("RU", "RU", "N#####"),
    format("SE", "S SE", "N## ##"),
    format("SG", "S SG", "######"),
    format("SI", "SI", "N###"),
    format("SK", "SK", "### ##"),
    format("SM", "I", "4789#"),
    format("TH", "", "N####"),
    format("TR", "TR", "#####"),
    format("UA", "UA", "#####"),
    format("US", "US", ZIP),
    format("VA", "I V", "00120"),
    format("VI", "", ZIP),
    format("YT", "F FR", "97###"),
    format("ZA", "ZA", "####"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(country: &str, text: &str) -> Option<String> {
        format_of(IsoCountry::parse(country).unwrap()).unwrap().canonical(text)
    }

    #[test]
    fn codes_get_the_spacing_of_their_country() {
        for (country, given, expected) in [
            ("GB", "sw1a1aa", "SW1A 1AA"),
            ("GB", "M1  1AE", "M1 1AE"),
            ("GB", "b33-8th", "B33 8TH"),
            ("GB", "CR26XH", "CR2 6XH"),
            ("GB", "DN551PT", "DN55 1PT"),
            ("GB", "W1A0AX", "W1A 0AX"),
            ("GB", "bfpo57", "BFPO 57"),
            ("CA", "k1a0b1", "K1A 0B1"),
            ("US", "94019", "94019"),
            ("US", "940191234", "94019-1234"),
            ("IE", "d08xy00", "D08 XY00"),
            ("IE", "D6W XY00", "D6W XY00"),
            ("DE", "D-10115", "10115"),
            ("DE", "01067", "01067"),
            ("FR", "75 001", "75001"),
            ("NL", "1012ab", "1012 AB"),
            ("SE", "SE-11122", "111 22"),
            ("PL", "00950", "00-950"),
            ("PT", "1000 205", "1000-205"),
            ("BR", "01.310-100", "01310-100"),
            ("JP", "〒１００ー０００１", "100-0001"),
            ("LV", "1010", "LV-1010"),
            ("LV", "lv 1010", "LV-1010"),
            ("AD", "500", "AD500"),
            ("CH", "CH-8001", "8001"),
            ("SG", "S 238823", "238823"),
        ] {
            assert_eq!(canonical(country, given).as_deref(), Some(expected), "{country} {given}");
        }
    }

    #[test]
    fn what_does_not_fit_is_no_code_of_the_country() {
        for (country, text) in [
            ("GB", "SW1A 1A"),
            ("GB", "SW1A 1AAA"),
            ("GB", "10115"),
            ("GB", "SW1A 1OA"),
            ("GB", ""),
            ("CA", "D1A 0B1"),
            ("CA", "90210"),
            ("US", "9401"),
            ("US", "94019-12"),
            ("US", "9401O"),
            ("US", "٩٤٠١٩"),
            ("IE", "Dublin 8"),
            ("DE", "1011"),
            ("DE", "DE"),
            ("AT", "0101"),
            ("NL", "0012 AB"),
            ("FR", "75001 CEDEX"),
            ("DE", "10115/10117"),
        ] {
            assert_eq!(canonical(country, text), None, "{country} {text}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_written_in_its_own_language() {
        assert!(FORMATS.is_sorted_by(|a, b| a.country < b.country));
        for format in FORMATS {
            assert!(IsoCountry::parse(format.country).is_some_and(|country| country.is_place()));
            for form in format.forms.split('|') {
                assert!(
                    form.chars().all(|class| matches!(class, 'a'..='z' | '0'..='9' | '#' | 'N' | 'A' | 'X' | 'C' | 'U' | ' ' | '-')),
                    "{form}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn a_canonical_code_is_its_own_canonical_form(
            index in 0..FORMATS.len(),
            text in "[A-Z]{0,4}[0-9]{0,9}[ -]?[0-9A-Za-z]{0,5}",
        ) {
            if let Some(code) = FORMATS[index].canonical(&text) {
                prop_assert_eq!(FORMATS[index].canonical(&code), Some(code));
            }
        }

        #[test]
        fn no_text_panics(index in 0..FORMATS.len(), text in ".{0,20}") {
            let _ = FORMATS[index].canonical(&text);
        }
    }
}
