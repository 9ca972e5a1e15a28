//! Differences between the built-in catalogue and changed ones.

use crate::catalogue::{Catalogue, Layer, diff, diff::Effect};

const HEAD: &str = "country = \"DE\"\nname = \"Germany\"\neffective_from = 2026-07-01\nconfidence = \"documented\"\nsources = [\"a law\"]\n";

/// Effects and sentences of everything that an overlay changes.
fn changes(files: &[(&str, &str)]) -> Vec<(String, Effect, Vec<String>)> {
    let overlay = Catalogue::check_overlay(Layer { directory: "", files }).catalogue().unwrap();
    let changes = diff::diff(&Catalogue::builtin(), &overlay);
    let shown = changes.iter().map(|change| {
        let differences = change.differences.iter().map(ToString::to_string).collect();
        (change.combination.to_string(), change.effect(), differences)
    });
    shown.collect()
}

fn german(entry: &str) -> (Effect, Vec<String>) {
    let text = format!("{HEAD}{entry}");
    let found = changes(&[("countries/DE.toml", &text)]);
    let [(combination, effect, differences)] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(combination, "DE/mobile/business");
    (*effect, differences.clone())
}

#[test]
fn nothing_is_different_from_itself() {
    assert_eq!(diff::diff(&Catalogue::builtin(), &Catalogue::builtin()), []);
}

#[test]
fn a_second_revision_is_compared_with_the_first() {
    // Revision 1: address_scope = "country", business_name, the two blocks below.
    let same = r#"documents = ["business-register-excerpt", "business-address-document"]"#;
    let table: [(&str, Effect, &[&str]); 12] = [
        (
            &format!("address_scope = \"area\"\nend_user = [\"business_name\"]\n{same}"),
            Effect::Narrower,
            &[
                "addresses must be in the area that belongs to the prefix of the number; before, in the country of the number",
            ],
        ),
        (
            &format!("address_scope = \"world\"\nend_user = [\"business_name\", \"email\"]\n{same}"),
            Effect::Mixed,
            &[
                "addresses must be anywhere in the world; before, in the country of the number",
                r"end user: `email` is asked for now and must match `^\S+@\S+\.\S+$`",
            ],
        ),
        (
            &format!("address_scope = \"country\"\nend_user = [\"business_name\", \"comments\"]\n{same}"),
            Effect::Neutral,
            &["end user: `comments` is asked for now and may be left out"],
        ),
        (
            &format!(
                "address_scope = \"country\"\nend_user = [{{ field = \"business_name\", rule = {{ one_of = [\"A\"] }} }}]\n{same}"
            ),
            Effect::Narrower,
            &["end user: `business_name` must be `A`; before, it must be filled in"],
        ),
        (
            "end_user = [\"business_name\"]\ndocuments = [\"business-register-excerpt\"]",
            Effect::Wider,
            &["requirement `business_address_proof_info` (Business address with proof) removed"],
        ),
        (
            "address_scope = \"country\"\nend_user = [\"business_name\"]\ndocuments = [\"business-address-document\", \"business-register-excerpt\"]",
            Effect::Neutral,
            &["the requirements have another order"],
        ),
        (
            "address_scope = \"country\"\nend_user = [\"business_name\"]\ndocuments = [\"business-name\", \"business-address-document\"]",
            Effect::Wider,
            &[
                "`business_name_info`: title or description is different",
                "`business_name_info`: `business_registration` is accepted now",
            ],
        ),
        (
            "address_scope = \"country\"\nend_user = [\"business_name\"]\ndocuments = [\"business-name-registration\", \"business-address-document\"]",
            Effect::Mixed,
            &[
                "`business_name_info`: title or description is different",
                "`business_name_info`: `commercial_registrar_excerpt` is not accepted any more",
                "`business_name_info`: `business_registration` is accepted now",
            ],
        ),
        (
            "address_scope = \"country\"\nend_user = [\"business_name\"]\ndocuments = [{ block = \"business-register-excerpt\", any_of = [{ types = [\"commercial_registrar_excerpt\"], fields = [\"business_name\", \"first_name\"], name = \"X\" }] }, \"business-address-document\"]",
            Effect::Narrower,
            &[
                "`business_name_info`: `commercial_registrar_excerpt` has another name",
                "`business_name_info`: `commercial_registrar_excerpt`: `first_name` is asked for now",
            ],
        ),
        (
            "address_scope = \"country\"\nend_user = [\"business_name\"]\ndocuments = [\"business-register-excerpt\", \"business-address-document\", \"authorisation\"]",
            Effect::Narrower,
            &["requirement `auth_of_rep_info` (Authorisation) added"],
        ),
        (
            "status = \"unavailable\"",
            Effect::Narrower,
            &[
                "such numbers are not to be had; before, there are rules",
                "end user: `business_name` is not asked for any more",
                "requirement `business_name_info` (Business name) removed",
                "requirement `business_address_proof_info` (Business address with proof) removed",
            ],
        ),
        (
            "address_scope = \"country\"\nend_user = [{ field = \"business_name\", description = \"X\" }]\ndocuments = [\"business-register-excerpt\", \"business-address-document\"]",
            Effect::Neutral,
            &["end user: the label or description of `business_name` is different"],
        ),
    ];
    for (entry, effect, expected) in table {
        let found = german(&format!("[[mobile.business]]\nrevision = 2\n{entry}\n"));
        assert_eq!(found, (effect, expected.iter().map(|&text| text.to_owned()).collect()), "{entry}");
    }
}

#[test]
fn the_same_revision_says_when_it_is_in_force_and_how_it_is_known() {
    let entry = "[[mobile.business]]\naddress_scope = \"country\"\nend_user = [\"business_name\"]\ndocuments = [\"business-register-excerpt\", \"business-address-document\"]\n";
    assert_eq!(
        german(entry),
        (
            Effect::Neutral,
            vec![
                "in force from 2026-07-01; before, from 2025-01-01".to_owned(),
                "how the rule is known is different".to_owned()
            ]
        )
    );
}

#[test]
fn the_same_revision_says_how_long_older_approvals_hold() {
    let entry = "[[mobile.business]]\neffective_from = 2025-01-01\napprovals_end = 2025-06-01\naddress_scope = \"country\"\nend_user = [\"business_name\"]\ndocuments = [\"business-register-excerpt\", \"business-address-document\"]\n";
    let (_, differences) = german(entry);
    let expected = "how long approvals under the rule before hold is different";
    assert!(differences.iter().any(|difference| difference == expected), "{differences:?}");
}

#[test]
fn a_change_of_a_block_or_type_shows_wherever_it_is_used() {
    let block = "[block.registration-form]\nrequirement_name = \"registration_form_info\"\nname = \"Registration form\"\ndescription = \"The registration form of the country, signed.\"\ntypes = [\"registration_form\", \"passport\"]\nfields = []\n";
    let found = changes(&[("blocks.toml", block)]);
    assert!(found.len() > 3);
    for (name, effect, differences) in &found {
        assert_eq!(*effect, Effect::Wider, "{name}");
        assert_eq!(differences, &["`registration_form_info`: `passport` is accepted now"]);
    }
    let types = "evidence = \"label\"\nsource = \"a test\"\n[types.registration_form]\nname = \"Signed registration form\"\nrequires_file = false\nfields = []\n";
    for (name, effect, differences) in changes(&[("types/documents.toml", types)]) {
        assert_eq!(effect, Effect::Wider, "{name}");
        let expected = "`registration_form_info`: `registration_form` needs no file any more";
        assert!(differences.iter().any(|difference| difference == expected), "{name}: {differences:?}");
    }
}

#[test]
fn what_comes_and_goes_is_said_both_ways() {
    let country = "country = \"XT\"\nname = \"Testland\"\neffective_from = 2026-07-01\nconfidence = \"documented\"\nsources = [\"a law\"]\n[[local.business]]\nend_user = [\"email\"]\ndocuments = [\"authorisation\"]\n";
    let files = [("countries/XT.toml", country)];
    let with = Catalogue::check_overlay(Layer { directory: "", files: &files }).catalogue().unwrap();
    let builtin = Catalogue::builtin();
    let added = diff::diff(&builtin, &with);
    assert_eq!((added.len(), added[0].effect()), (1, Effect::Wider));
    assert_eq!(added[0].differences[0].to_string(), "there are rules; before, nothing is known");
    let removed = diff::diff(&with, &builtin);
    assert_eq!(removed[0].differences[0].to_string(), "nothing is known; before, there are rules");
    assert_eq!(removed[0].effective_from(), Some(jiff::civil::date(2026, 7, 1)));
}

#[test]
fn a_revision_that_is_withdrawn_gives_way_to_the_one_before() {
    let text = format!("{HEAD}[[mobile.business]]\nrevision = 2\nstatus = \"unavailable\"\n");
    let files = [("countries/DE.toml", text.as_str())];
    let with = Catalogue::check_overlay(Layer { directory: "", files: &files }).catalogue().unwrap();
    let found = diff::diff(&with, &Catalogue::builtin());
    let [change] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(change.old.as_ref().map(|entry| entry.revision()), Some(2));
    assert_eq!(change.new.as_ref().map(|entry| entry.revision()), Some(1));
    assert_eq!(change.differences[0].to_string(), "there are rules; before, such numbers are not to be had");
}
