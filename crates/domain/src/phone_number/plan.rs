//! Numbering plans, as far as the first digits of a number tell: where it belongs, and often what it is.

use super::PhoneNumber;
use crate::IsoCountry;
use crate::number::NumberType;

/// First digits, and the countries whose numbers begin with them, the largest first. Longer ones win.
#[rustfmt::skip]
const COUNTRIES: &[(&str, &[&str])] = &[
    ("1", &["US"]), ("1204", &["CA"]), ("1226", &["CA"]), ("1236", &["CA"]), ("1242", &["BS"]),
    ("1246", &["BB"]), ("1249", &["CA"]), ("1250", &["CA"]), ("1257", &["CA"]), ("1263", &["CA"]),
    ("1264", &["AI"]), ("1268", &["AG"]), ("1284", &["VG"]), ("1289", &["CA"]), ("1306", &["CA"]),
    ("1340", &["VI"]), ("1343", &["CA"]), ("1345", &["KY"]), ("1354", &["CA"]), ("1365", &["CA"]),
    ("1367", &["CA"]), ("1368", &["CA"]), ("1382", &["CA"]), ("1387", &["CA"]), ("1403", &["CA"]),
    ("1416", &["CA"]), ("1418", &["CA"]), ("1428", &["CA"]), ("1431", &["CA"]), ("1437", &["CA"]),
    ("1438", &["CA"]), ("1441", &["BM"]), ("1450", &["CA"]), ("1468", &["CA"]), ("1473", &["GD"]),
    ("1474", &["CA"]), ("1506", &["CA"]), ("1514", &["CA"]), ("1519", &["CA"]), ("1548", &["CA"]),
    ("1579", &["CA"]), ("1581", &["CA"]), ("1584", &["CA"]), ("1587", &["CA"]), ("1604", &["CA"]),
    ("1613", &["CA"]), ("1639", &["CA"]), ("1647", &["CA"]), ("1649", &["TC"]), ("1658", &["JM"]),
    ("1664", &["MS"]), ("1670", &["MP"]), ("1671", &["GU"]), ("1672", &["CA"]), ("1683", &["CA"]),
    ("1684", &["AS"]), ("1705", &["CA"]), ("1709", &["CA"]), ("1721", &["SX"]), ("1742", &["CA"]),
    ("1753", &["CA"]), ("1758", &["LC"]), ("1767", &["DM"]), ("1778", &["CA"]), ("1780", &["CA"]),
    ("1782", &["CA"]), ("1784", &["VC"]), ("1787", &["PR"]), ("1807", &["CA"]), ("1809", &["DO"]),
    ("1819", &["CA"]), ("1825", &["CA"]), ("1829", &["DO"]), ("1849", &["DO"]), ("1867", &["CA"]),
    ("1868", &["TT"]), ("1869", &["KN"]), ("1873", &["CA"]), ("1876", &["JM"]), ("1879", &["CA"]),
    ("1902", &["CA"]), ("1905", &["CA"]), ("1939", &["PR"]), ("1942", &["CA"]), ("20", &["EG"]),
    ("211", &["SS"]), ("212", &["MA", "EH"]), ("213", &["DZ"]), ("216", &["TN"]), ("218", &["LY"]),
    ("220", &["GM"]), ("221", &["SN"]), ("222", &["MR"]), ("223", &["ML"]), ("224", &["GN"]),
    ("225", &["CI"]), ("226", &["BF"]), ("227", &["NE"]), ("228", &["TG"]), ("229", &["BJ"]),
    ("230", &["MU"]), ("231", &["LR"]), ("232", &["SL"]), ("233", &["GH"]), ("234", &["NG"]),
    ("235", &["TD"]), ("236", &["CF"]), ("237", &["CM"]), ("238", &["CV"]), ("239", &["ST"]),
    ("240", &["GQ"]), ("241", &["GA"]), ("242", &["CG"]), ("243", &["CD"]), ("244", &["AO"]),
    ("245", &["GW"]), ("246", &["IO"]), ("247", &["AC"]), ("248", &["SC"]), ("249", &["SD"]),
    ("250", &["RW"]), ("251", &["ET"]), ("252", &["SO"]), ("253", &["DJ"]), ("254", &["KE"]),
    ("255", &["TZ"]), ("256", &["UG"]), ("257", &["BI"]), ("258", &["MZ"]), ("260", &["ZM"]),
    ("261", &["MG"]), ("262", &["RE", "YT"]), ("263", &["ZW"]), ("264", &["NA"]), ("265", &["MW"]),
    ("266", &["LS"]), ("267", &["BW"]), ("268", &["SZ"]), ("269", &["KM"]), ("27", &["ZA"]),
    ("290", &["SH"]), ("291", &["ER"]), ("297", &["AW"]), ("298", &["FO"]), ("299", &["GL"]),
    ("30", &["GR"]), ("31", &["NL"]), ("32", &["BE"]), ("33", &["FR"]), ("34", &["ES"]),
    ("350", &["GI"]), ("351", &["PT"]), ("352", &["LU"]), ("353", &["IE"]), ("354", &["IS"]),
    ("355", &["AL"]), ("356", &["MT"]), ("357", &["CY"]), ("358", &["FI", "AX"]), ("359", &["BG"]),
    ("36", &["HU"]), ("370", &["LT"]), ("371", &["LV"]), ("372", &["EE"]), ("373", &["MD"]),
    ("374", &["AM"]), ("375", &["BY"]), ("376", &["AD"]), ("377", &["MC"]), ("378", &["SM"]),
    ("380", &["UA"]), ("381", &["RS"]), ("382", &["ME"]), ("383", &["XK"]), ("385", &["HR"]),
    ("386", &["SI"]), ("387", &["BA"]), ("389", &["MK"]), ("39", &["IT", "VA"]), ("40", &["RO"]),
    ("41", &["CH"]), ("420", &["CZ"]), ("421", &["SK"]), ("423", &["LI"]), ("43", &["AT"]),
    ("44", &["GB", "GG", "IM", "JE"]), ("45", &["DK"]), ("46", &["SE"]), ("47", &["NO", "SJ"]),
    ("48", &["PL"]), ("49", &["DE"]), ("500", &["FK"]), ("501", &["BZ"]), ("502", &["GT"]),
    ("503", &["SV"]), ("504", &["HN"]), ("505", &["NI"]), ("506", &["CR"]), ("507", &["PA"]),
    ("508", &["PM"]), ("509", &["HT"]), ("51", &["PE"]), ("52", &["MX"]), ("53", &["CU"]),
    ("54", &["AR"]), ("55", &["BR"]), ("56", &["CL"]), ("57", &["CO"]), ("58", &["VE"]),
    ("590", &["GP", "BL", "MF"]), ("591", &["BO"]), ("592", &["GY"]), ("593", &["EC"]), ("594", &["GF"]),
    ("595", &["PY"]), ("596", &["MQ"]), ("597", &["SR"]), ("598", &["UY"]), ("599", &["CW", "BQ"]),
    ("60", &["MY"]), ("61", &["AU", "CC", "CX"]), ("62", &["ID"]), ("63", &["PH"]), ("64", &["NZ"]),
    ("65", &["SG"]), ("66", &["TH"]), ("670", &["TL"]), ("672", &["NF"]), ("673", &["BN"]),
    ("674", &["NR"]), ("675", &["PG"]), ("676", &["TO"]), ("677", &["SB"]), ("678", &["VU"]),
    ("679", &["FJ"]), ("680", &["PW"]), ("681", &["WF"]), ("682", &["CK"]), ("683", &["NU"]),
    ("685", &["WS"]), ("686", &["KI"]), ("687", &["NC"]), ("688", &["TV"]), ("689", &["PF"]),
    ("690", &["TK"]), ("691", &["FM"]), ("692", &["MH"]), ("7", &["RU"]), ("76", &["KZ"]),
    ("77", &["KZ"]), ("81", &["JP"]), ("82", &["KR"]), ("84", &["VN"]), ("850", &["KP"]),
    ("852", &["HK"]), ("853", &["MO"]), ("855", &["KH"]), ("856", &["LA"]), ("86", &["CN"]),
    ("880", &["BD"]), ("886", &["TW"]), ("90", &["TR"]), ("91", &["IN"]), ("92", &["PK"]),
    ("93", &["AF"]), ("94", &["LK"]), ("95", &["MM"]), ("960", &["MV"]), ("961", &["LB"]),
    ("962", &["JO"]), ("963", &["SY"]), ("964", &["IQ"]), ("965", &["KW"]), ("966", &["SA"]),
    ("967", &["YE"]), ("968", &["OM"]), ("970", &["PS"]), ("971", &["AE"]), ("972", &["IL"]),
    ("973", &["BH"]), ("974", &["QA"]), ("975", &["BT"]), ("976", &["MN"]), ("977", &["NP"]),
    ("98", &["IR"]), ("992", &["TJ"]), ("993", &["TM"]), ("994", &["AZ"]), ("995", &["GE"]),
    ("996", &["KG"]), ("998", &["UZ"]),
];

/// The most digits in the table above.
const FIRST_DIGITS_MAX: usize = 4;

/// First digits of numbers that are free for the caller, where that is certain.
#[rustfmt::skip]
const TOLL_FREE: &[&str] = &[
    "1800", "1833", "1844", "1855", "1866", "1877", "1888", "27800", "31800", "32800", "33800", "33801",
    "33802", "33803", "33804", "33805", "34800", "34900", "351800", "3531800", "358800", "39800",
    "39803", "41800", "420800", "43800", "44800", "44808", "4620", "47800", "4880", "49800", "52800",
    "55800", "611800", "64508", "64800", "81120", "81800",
];

/// First digits of mobile numbers, where that is certain.
#[rustfmt::skip]
const MOBILE: &[&str] = &[
    "316", "324", "336", "337", "346", "347", "3519", "35383", "35385", "35386", "35387", "35389",
    "3584", "35850", "393", "417", "42060", "42072", "42073", "42077", "436", "447", "467", "474", "479",
    "4845", "4850", "4851", "4853", "4857", "4860", "4866", "4869", "4872", "4873", "4878", "4879",
    "4915", "4916", "4917", "614", "8170", "8180", "8190", "85251", "85254", "85255", "85256", "85259",
    "85260", "85261", "85262", "85263", "85264", "85265", "85266", "85267", "85268", "85269", "8529",
    "97250", "97252", "97253", "97254", "97255", "97258",
];

impl PhoneNumber {
    /// The countries the number may belong to, the largest first; none when nobody has such numbers.
    pub fn countries(&self) -> Vec<IsoCountry> {
        let digits = self.digits();
        let of_first = |length: usize| {
            let index = COUNTRIES.binary_search_by_key(&&digits[..length], |(first, _)| first).ok()?;
            Some(COUNTRIES[index].1)
        };
        let codes = (1..=FIRST_DIGITS_MAX.min(digits.len())).rev().find_map(of_first).unwrap_or_default();
        codes.iter().filter_map(|code| IsoCountry::parse(code)).collect()
    }

    /// What kind of number it is, where its first digits leave no doubt.
    pub fn apparent_type(&self) -> Option<NumberType> {
        let begins = |all: &[&str]| all.iter().any(|first| self.digits().starts_with(first));
        if begins(TOLL_FREE) {
            return Some(NumberType::TollFree);
        }
        begins(MOBILE).then_some(NumberType::Mobile)
    }

    /// The number as people write it where the original has a form of its own, `(808) 925-5327` in North
    /// America; as it is elsewhere.
    pub fn for_people(&self) -> String {
        match self.digits().strip_prefix('1') {
            Some(digits) if digits.len() == 10 => {
                format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..])
            }
            Some(_) | None => self.as_str().to_owned(),
        }
    }

    fn digits(&self) -> &str {
        self.as_str().trim_start_matches('+')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).unwrap()
    }

    #[test]
    fn the_table_is_sorted_and_has_real_countries() {
        assert!(COUNTRIES.is_sorted_by(|a, b| a.0 < b.0));
        for (first, countries) in COUNTRIES {
            assert!((1..=FIRST_DIGITS_MAX).contains(&first.len()), "{first}");
            assert!(!countries.is_empty(), "{first}");
            for code in *countries {
                assert!(IsoCountry::parse(code).is_some_and(|country| country.name().is_some()), "{code}");
            }
        }
    }

    #[test]
    fn numbers_belong_to_countries() {
        for (text, countries) in [
            ("+4930123456", &["DE"][..]),
            ("+442079460000", &["GB", "GG", "IM", "JE"]),
            ("+353861234567", &["IE"]),
            ("+12025550123", &["US"]),
            ("+14165550123", &["CA"]),
            ("+18765550123", &["JM"]),
            ("+77012345678", &["KZ"]),
            ("+74951234567", &["RU"]),
            ("+35312345678", &["IE"]),
            ("+999123456", &[]),
            ("+8001234567", &[]),
        ] {
            let found = number(text).countries();
            let found: Vec<_> = found.iter().map(IsoCountry::as_str).collect();
            assert_eq!(found, countries, "{text}");
        }
    }

    #[test]
    fn some_numbers_show_what_they_are() {
        for (text, expected) in [
            ("+498001234567", Some(NumberType::TollFree)),
            ("+18005550123", Some(NumberType::TollFree)),
            ("+4915112345678", Some(NumberType::Mobile)),
            ("+447700900123", Some(NumberType::Mobile)),
            ("+4930123456", None),
            ("+12025550123", None),
        ] {
            assert_eq!(number(text).apparent_type(), expected, "{text}");
        }
    }

    #[test]
    fn a_number_is_written_for_people() {
        assert_eq!(number("+18089255327").for_people(), "(808) 925-5327");
        assert_eq!(number("+4930123456").for_people(), "+4930123456");
        assert_eq!(number("+1808925").for_people(), "+1808925");
    }
}
