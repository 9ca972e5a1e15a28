use super::*;
use proptest::prelude::*;

fn country(code: &str) -> IsoCountry {
    IsoCountry::parse(code).unwrap()
}

fn lines(region: &str, postal_code: &str) -> AddressLines {
    AddressLines {
        customer_name: "Jane Doe".to_owned(),
        friendly_name: Some("Main Office".to_owned()),
        street: "10 Downing St".to_owned(),
        street_secondary: None,
        city: "London".to_owned(),
        region: region.to_owned(),
        postal_code: postal_code.to_owned(),
    }
}

fn code_of(result: Result<Validated, Refusal>) -> Option<Code> {
    result.err().map(|refusal| refusal.fault.code)
}

fn kept(code: &str, region: &str, postal_code: &str) -> Address {
    let input = AddressInput {
        lines: lines(region, postal_code),
        iso_country: country(code),
        emergency_enabled: false,
        auto_correct: true,
    };
    let (sid, account) = (AddressSid::from_bytes([1; 16]), AccountSid::from_bytes([2; 16]));
    Address::create(sid, account, &input, Timestamp::from_micros(1)).unwrap()
}

#[test]
fn an_address_is_kept_in_the_form_of_its_country() {
    for (code, given, expected, validated) in [
        ("GB", ("England", "sw1a1aa"), ("England", "SW1A 1AA"), true),
        ("US", ("California", "94019"), ("CA", "94019"), true),
        ("CA", ("ontario", " k1a0b1 "), ("ON", "K1A 0B1"), true),
        ("IE", ("Co. Dublin", "d08xy00"), ("Dublin", "D08 XY00"), true),
        ("DE", ("Bavaria", "D-80331"), ("Bayern", "80331"), true),
        ("FR", ("Île-de-France", "75 001"), ("Île-de-France", "75001"), true),
        ("HK", ("Kowloon", "n/a"), ("Kowloon", "N/A"), false),
        ("AC", ("-", "ascn 1zz"), ("-", "ASCN 1ZZ"), false),
    ] {
        let result = validate(&lines(given.0, given.1), country(code), true).unwrap();
        assert_eq!((result.lines.region.as_str(), result.lines.postal_code.as_str()), expected, "{code}");
        assert_eq!(result.validated, validated, "{code}");
    }
}

#[test]
fn spaces_go_and_empty_optional_lines_are_absent() {
    let given = AddressLines {
        customer_name: " Jane\u{a0} Doe ".to_owned(),
        friendly_name: Some("  ".to_owned()),
        street: "10  Downing   St ".to_owned(),
        street_secondary: Some(String::new()),
        ..lines("England", "SW1A 1AA")
    };
    let kept = validate(&given, country("GB"), true).unwrap().lines;
    assert_eq!(kept, AddressLines { friendly_name: None, ..lines("England", "SW1A 1AA") });
}

#[test]
fn a_place_that_is_not_of_the_country_is_refused() {
    for (code, region, postal_code, message) in [
        ("GB", "England", "10115", "PostalCode is not a postal code of GB"),
        ("US", "Ontario", "94019", "Region is not a region of US"),
        ("IE", "Dublin", "8", "PostalCode is not a postal code of IE"),
    ] {
        let refusal = validate(&lines(region, postal_code), country(code), true).unwrap_err();
        assert_eq!(refusal.fault, Fault::new(Code::AddressNotValid, message));
    }
}

#[test]
fn malformed_lines_are_refused_by_name() {
    let good = || lines("England", "SW1A 1AA");
    let long = || "é".repeat(256);
    for (given, code, message) in [
        (
            AddressLines { customer_name: long(), ..good() },
            21238,
            "CustomerName must have at most 255 characters",
        ),
        (
            AddressLines { friendly_name: Some("x".repeat(65)), ..good() },
            20002,
            "FriendlyName must have at most 64 characters",
        ),
        (
            AddressLines { friendly_name: Some("a\0".to_owned()), ..good() },
            20002,
            "FriendlyName must not have control characters",
        ),
        (AddressLines { street: " ".to_owned(), ..good() }, 21238, "Street must not be blank"),
        (
            AddressLines { street_secondary: Some(long()), ..good() },
            21238,
            "StreetSecondary must have at most 255 characters",
        ),
        (
            AddressLines { city: "Lon\ndon".to_owned(), ..good() },
            21238,
            "City must not have control characters",
        ),
        (
            AddressLines { city: "Lon\u{202e}nod".to_owned(), ..good() },
            21238,
            "City must not have control characters",
        ),
        (AddressLines { region: String::new(), ..good() }, 21238, "Region must not be blank"),
        (
            AddressLines { postal_code: long(), ..good() },
            21238,
            "PostalCode must have at most 255 characters",
        ),
    ] {
        let fault = validate(&given, country("GB"), true).unwrap_err().fault;
        assert_eq!((fault.code.number(), fault.message.as_str()), (code, message));
    }
    let full =
        AddressLines { customer_name: "é".repeat(255), friendly_name: Some("é".repeat(64)), ..good() };
    assert!(validate(&full, country("GB"), true).is_ok());
}

#[test]
fn an_address_is_in_a_country() {
    for code in ["ZZ", "EU", "UK"] {
        let result = validate(&lines("England", "SW1A 1AA"), country(code), true);
        assert_eq!(code_of(result), Some(Code::InvalidAddressParameter), "{code}");
    }
}

#[test]
fn a_correction_that_is_not_allowed_is_suggested_to_the_caller_only() {
    let refusal = validate(&lines("California", " 94019"), country("US"), false).unwrap_err();
    assert_eq!(refusal.fault.code, Code::AddressNeedsCorrection);
    let sentence = "AutoCorrectAddress is false and the address needs a correction of Region, PostalCode";
    assert_eq!(refusal.to_string(), sentence);
    assert!(!format!("{refusal:?}").contains("94019"));
    assert_eq!(
        refusal.caller_message(),
        format!(
            "{sentence}. Suggested address: Street: 10 Downing St; City: London; Region: CA; PostalCode: 94019"
        )
    );
    let suggested = *refusal.suggestion.unwrap();
    assert_eq!(code_of(validate(&suggested, country("US"), false)), None);
}

#[test]
fn names_and_empty_lines_need_no_correction() {
    let given = AddressLines {
        customer_name: " Jane  Doe".to_owned(),
        friendly_name: Some(String::new()),
        street_secondary: Some(" ".to_owned()),
        ..lines("CA", "94019")
    };
    assert_eq!(code_of(validate(&given, country("US"), false)), None);
}

#[test]
fn an_update_replaces_what_is_given() {
    let old = kept("US", "CA", "94019");
    let now = Timestamp::from_micros(2);
    let patch = AddressPatch {
        friendly_name: Some(String::new()),
        street_secondary: Some("Suite 300".to_owned()),
        region: Some("new york".to_owned()),
        emergency_enabled: Some(true),
        ..AddressPatch::default()
    };
    let new = old.update(patch, false, now).unwrap();
    let expected = AddressLines {
        friendly_name: None,
        street_secondary: Some("Suite 300".to_owned()),
        ..lines("NY", "94019")
    };
    assert_eq!(new, Address { lines: expected, emergency_enabled: true, updated_at: now, ..old });
    let removed = AddressPatch { street_secondary: Some(String::new()), ..AddressPatch::default() };
    assert_eq!(new.update(removed, false, now).unwrap().lines.street_secondary, None);
}

#[test]
fn a_linked_address_can_only_be_renamed() {
    let old = kept("US", "CA", "94019");
    let now = Timestamp::from_micros(2);
    let moved = AddressPatch { city: Some("Paris".to_owned()), ..AddressPatch::default() };
    assert_eq!(old.update(moved.clone(), true, now).unwrap_err().fault.code, Code::AddressLinked);
    assert!(old.update(moved, false, now).is_ok());
    let married = AddressPatch { customer_name: Some("Jane Roe".to_owned()), ..AddressPatch::default() };
    assert_eq!(old.update(married, true, now).unwrap_err().fault.code, Code::AddressLinked);
    let renamed = AddressPatch {
        friendly_name: Some(" Second  office".to_owned()),
        emergency_enabled: Some(true),
        ..AddressPatch::default()
    };
    assert_eq!(old.update(renamed, true, now).unwrap().lines.friendly_name.as_deref(), Some("Second office"));
    let same = AddressPatch { region: Some("California".to_owned()), ..AddressPatch::default() };
    assert_eq!(old.update(same, true, now).unwrap().lines, old.lines);
}

#[test]
fn renaming_does_not_check_the_place_again() {
    let mut old = kept("US", "CA", "94019");
    old.lines.postal_code = "accepted under older rules".to_owned();
    let name = |name: &str| AddressPatch { friendly_name: Some(name.to_owned()), ..AddressPatch::default() };
    let now = Timestamp::from_micros(2);
    assert!(old.update(name("Office"), false, now).is_ok());
    assert_eq!(
        old.update(name(&"x".repeat(65)), false, now).unwrap_err().fault.code,
        Code::InvalidFriendlyName
    );
}

#[test]
fn the_sealed_text_keeps_its_names() {
    let full = AddressLines { street_secondary: Some("Suite 300".to_owned()), ..lines("CA", "94019") };
    let text = r#"{"name":"Jane Doe","label":"Main Office","street":"10 Downing St","unit":"Suite 300","city":"London","region":"CA","postcode":"94019"}"#;
    assert_eq!(serde_json::to_string(&full).unwrap(), text);
    assert_eq!(serde_json::from_str::<AddressLines>(text).unwrap(), full);
    let short = AddressLines { friendly_name: None, ..lines("CA", "94019") };
    let text = serde_json::to_string(&short).unwrap();
    assert!(!text.contains("label") && !text.contains("unit"));
    assert_eq!(serde_json::from_str::<AddressLines>(&text).unwrap(), short);
}

#[test]
fn nothing_personal_is_printed() {
    let address = kept("US", "CA", "94019");
    let patch = AddressPatch { city: Some("London".to_owned()), ..AddressPatch::default() };
    for text in [format!("{address:?}"), format!("{patch:?}")] {
        assert!(!text.contains("London") && !text.contains("Jane"), "{text}");
    }
}

/// Countries with and without tables.
fn any_country() -> impl Strategy<Value = IsoCountry> {
    prop::sample::select(IsoCountry::iso_3166().collect::<Vec<_>>())
}

/// Regions that some country has, in odd spellings, and any other text.
fn any_region() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "california",
            "Co. Cork",
            "BAVARIA",
            " on ",
            "Sao Paulo",
            "Tokyo-to",
            "京都",
            "vic"
        ])
        .prop_map(str::to_owned),
        ".{0,30}",
    ]
}

fn any_postal_code() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9]{3,7}", "[a-z][0-9]{1,2} ?[0-9][a-z]{2}", "[A-Z]{1,2}-[0-9]{4,5}", ".{0,20}"]
}

proptest! {
    #[test]
    fn what_was_accepted_once_needs_no_correction(
        country in any_country(),
        region in any_region(),
        postal_code in any_postal_code(),
        name in ".{0,40}",
        street in ".{0,40}",
    ) {
        let given = AddressLines {
            customer_name: name.clone(),
            friendly_name: Some(name),
            street: street.clone(),
            street_secondary: Some(street),
            ..lines(&region, &postal_code)
        };
        if let Ok(first) = validate(&given, country, true) {
            prop_assert_eq!(validate(&first.lines, country, false), Ok(first));
        }
    }

    #[test]
    fn strict_countries_accept_their_codes_in_any_case(
        (code, region, postal_code) in prop_oneof![
            "[0-9]{5}".prop_map(|zip| ("US", "california", zip)),
            "[a-z][0-9]{1,2} ?[0-9][abd]{2}".prop_map(|post| ("GB", "Kent", post)),
            "[a-c][0-9][a-c] ?[0-9][a-c][0-9]".prop_map(|post| ("CA", "ontario", post)),
            "[0-9]{3}-?[0-9]{4}".prop_map(|post| ("JP", "kyoto-fu", post)),
        ],
    ) {
        let first = validate(&lines(region, &postal_code), country(code), true).unwrap();
        prop_assert!(first.validated);
        prop_assert_eq!(validate(&first.lines, country(code), false), Ok(first));
    }
}
