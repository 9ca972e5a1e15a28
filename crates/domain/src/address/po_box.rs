//! Telling a post-office box from a place where somebody can be found.

use super::fold::{is_number, words};
use super::lines::AddressLines;

/// Whether the street lines name a post-office box (contract 14.4 row 79).
///
/// Unmistakable names count anywhere in either line. Abbreviations that mean other things in other
/// countries (`Box 3` is a flat in Brussels, `C.P.` a postal code in Mexico) count only at the
/// beginning of `Street`, with nothing but a number behind them.
pub fn is_po_box(lines: &AddressLines) -> bool {
    let secondary = lines.street_secondary.as_deref().unwrap_or_default();
    [&lines.street, secondary].into_iter().any(is_named) || is_abbreviated(&lines.street)
}

/// Words as [`words`] makes them; `#` is a number. For scripts without spaces see [`WITHOUT_SPACES`].
const NAMES: &[&str] = &[
    "p o box",
    "po box",
    "pobox",
    "gpo box",
    "p o b #",
    "pob #",
    "post office box",
    "post box #",
    "postbox #",
    "private bag",
    "locked bag #",
    "postfach",
    "postbus #",
    "postboks #",
    "boite postale",
    "case postale",
    "casella postale",
    "caixa postal",
    "cx postal",
    "apartado postal",
    "apartado de correos",
    "apartado aereo",
    "apdo postal",
    "apdo de correos",
    "casilla de correo",
    "casilla postal",
    "skrytka pocztowa",
    "skr poczt",
    "postovni prihradka",
    "postovy priecinok",
    "postanski pretinac",
    "postni predal",
    "postafiok",
    "casuta postala",
    "postilokero #",
    "posta kutusu",
    "kotak pos",
    "pasto dezute",
    "а я #",
    "абонентский ящик",
    "τ θ #",
    "τθ #",
    "ת ד #",
    "صندوق بريد",
    "ص ب #",
];

const ABBREVIATIONS: &[&str] = &[
    "box #",
    "boks #",
    "bp #",
    "b p #",
    "cp #",
    "c p #",
    "cs #",
    "apartado #",
    "aptdo #",
    "apdo #",
    "casilla #",
    "psf #",
    "pf #",
    "pl #",
    "p p #",
    "p k #",
];

const WITHOUT_SPACES: &[&str] = &["私書箱", "信箱", "사서함"];

fn is_named(line: &str) -> bool {
    let words = words(line);
    (0..words.len()).any(|start| NAMES.iter().any(|name| rest_after(name, &words[start..]).is_some()))
        || WITHOUT_SPACES.iter().any(|name| line.contains(name))
}

fn is_abbreviated(street: &str) -> bool {
    let first = words(street.split([',', ';']).next().unwrap_or_default());
    ABBREVIATIONS
        .iter()
        .any(|name| rest_after(name, &first).is_some_and(|rest| rest.iter().all(|word| is_number(word))))
}

/// What follows `name` when `words` begin with it.
fn rest_after<'w>(name: &str, mut words: &'w [String]) -> Option<&'w [String]> {
    for expected in name.split(' ') {
        let (word, rest) = words.split_first()?;
        let fits = if expected == "#" { is_number(word) } else { word == expected };
        if !fits {
            return None;
        }
        words = rest;
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(street: &str, secondary: Option<&str>) -> bool {
        is_po_box(&AddressLines {
            customer_name: "Jane Doe".to_owned(),
            friendly_name: None,
            street: street.to_owned(),
            street_secondary: secondary.map(str::to_owned),
            city: "Springfield".to_owned(),
            region: "IL".to_owned(),
            postal_code: "62701".to_owned(),
        })
    }

    #[test]
    fn boxes_are_found() {
        for street in [
            "P.O. Box 123",
            "PO Box 123",
            "p o box 123",
            "POBox123",
            "P.O.B. 12",
            "POB 12",
            "Post Office Box 1",
            "GPO Box 2890",
            "Private Bag X12",
            "Locked Bag 20",
            "12 High Street, PO Box 7",
            "Postfach 12 34 56",
            "POSTFACH",
            "Postbus 123",
            "Postboks 45 Sentrum",
            "Boîte postale 12",
            "Boi\u{302}te Postale 12",
            "BP 123",
            "B.P. 12 345",
            "CS 40001",
            "Case postale 77",
            "Casella Postale 12",
            "C.P. 12",
            "Apartado 123",
            "Apartado de Correos 123",
            "Apdo. 12",
            "Caixa Postal 1",
            "Box 123",
            "Box 123, Stora torget",
            "PL 123",
            "Skrytka pocztowa 5",
            "а/я 12",
            "Τ.Θ. 123",
            "ת.ד. 12",
            "ص.ب. 12",
            "私書箱第5号",
            "강남우체국 사서함 12호",
            "ＰＯ Ｂｏｘ １２",
        ] {
            assert!(at(street, None), "{street}");
        }
        assert!(at("12 High Street", Some("P.O. Box 5")));
    }

    #[test]
    fn streets_are_no_boxes() {
        for street in [
            "Boxhagener Straße 12",
            "Box Hill Road 3",
            "12 Box Lane",
            "3 Letter Box Lane",
            "Old Postbox Cottage",
            "Via Po 12",
            "Corso Po 3, Boxberg",
            "Poststraße 12",
            "Postfachweg 3",
            "Postbusstraat 3",
            "Kerkstraat 5 bus 12",
            "Rue de la Loi 16, Box 3",
            "Rue de la Loi 16 boîte 3",
            "Rue de la Boîte 4",
            "Pl. 3 Maja 12",
            "Calle Apartado 42",
            "Avenida 3, C.P. 06600",
            "BP House 12",
            "PK 12, Route de Douala",
            "RR 2 Box 45",
            "Private Road 5",
            "O'Connell Street 12",
            "1 Casilla Street",
            "12",
            "",
        ] {
            assert!(!at(street, None), "{street}");
        }
        assert!(!at("Rue de la Loi 16", Some("Box 3")));
    }

    #[test]
    fn every_rule_can_match() {
        for rule in NAMES.iter().chain(ABBREVIATIONS) {
            assert!(at(&rule.replace('#', "12"), None), "{rule}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(street in ".{0,60}") {
            at(&street, Some(&street));
        }
    }
}
