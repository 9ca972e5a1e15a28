//! Files over the built-in ones.

use super::*;
use crate::catalogue::Layer;

const DIRECTORY: &str = "/etc/dossier/catalogue";

fn over(files: &[(&str, &str)]) -> Result<Catalogue, Vec<String>> {
    let checked = Catalogue::check_overlay(Layer { directory: DIRECTORY, files });
    checked.catalogue().map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn places(catalogue: &Catalogue, name: &str) -> Vec<(u32, String)> {
    let entries = catalogue.revisions(combination(name)).iter().map(Entry::provenance);
    entries.map(|from| (from.revision, format!("{}:{}", from.file, from.line))).collect()
}

const HEAD: &str = "country = \"DE\"\nname = \"Germany\"\neffective_from = 2026-07-01\nconfidence = \"documented\"\nsources = [\"a law\"]\n";

#[test]
fn a_second_revision_is_added_and_the_first_one_kept() {
    let text = format!(
        "{HEAD}[[local.business]]\nrevision = 2\nend_user = [\"email\"]\ndocuments = [\"registration-number\"]\n"
    );
    let catalogue = over(&[("countries/DE.toml", &text)]).unwrap();
    let name = "DE/local/business";
    assert_eq!(
        places(&catalogue, name),
        [(1, "countries/DE.toml:18".to_owned()), (2, format!("{DIRECTORY}/countries/DE.toml:6"))]
    );
    let on = |day| catalogue.find(combination(name), day).unwrap();
    assert_eq!(on(date(2026, 6, 30)).documents.len(), 3);
    // The block stands in the built-in file of the country.
    assert_eq!(on(date(2026, 7, 1)).documents.len(), 1);
    assert_eq!(on(date(2026, 7, 1)).sid, on(date(2026, 6, 30)).sid);
    assert_eq!(catalogue.entries().count(), 586);

    let early = text.replace("2026-07-01", "2024-07-01");
    let problems = over(&[("countries/DE.toml", &early)]).unwrap_err();
    assert_eq!(
        problems,
        [format!(
            "{DIRECTORY}/countries/DE.toml:6: revision 2 must come into force after revision 1\n  \
             help: revision 1 of countries/DE.toml:18 is in force from 2025-01-01"
        )]
    );
}

#[test]
fn the_same_revision_is_replaced_and_nothing_else() {
    let text = format!("{HEAD}[[local.business]]\nend_user = [\"email\"]\ndocuments = []\n");
    let catalogue = over(&[("countries/DE.toml", &text)]).unwrap();
    assert_eq!(places(&catalogue, "DE/local/business"), [(1, format!("{DIRECTORY}/countries/DE.toml:6"))]);
    assert_eq!(places(&catalogue, "DE/local/individual"), [(1, "countries/DE.toml:10".to_owned())]);
    assert_eq!(catalogue.entries().count(), 585);
}

#[test]
fn a_block_that_is_replaced_changes_every_rule_that_uses_it() {
    let text = "[block.registration-form]\nrequirement_name = \"registration_form_info\"\nname = \"The form\"\ndescription = \"The form.\"\ntypes = [\"registration_form\", \"passport\"]\nfields = []\n";
    let catalogue = over(&[("blocks.toml", text)]).unwrap();
    let form = &catalogue.find(combination("DE/national/individual"), TODAY).unwrap().documents[1];
    assert_eq!((&*form.name, form.any_of.len()), ("The form", 2));
}

#[test]
fn types_are_added_and_replaced() {
    let text = r#"evidence = "label"
source = "a test"
[fields.colour]
name = "Colour"
description = "The colour."
rule = { one_of = ["RED", "GREEN"] }
[types.passport]
name = "Travel passport"
requires_file = false
fields = ["first_name", "last_name", "colour"]
[types.visa]
name = "Visa"
requires_file = true
fields = ["colour"]
"#;
    let catalogue = over(&[("types/documents.toml", text)]);
    assert!(catalogue.is_err(), "regulations ask passports for more than that");
    let text = text.replace("\"last_name\", ", "\"last_name\", \"birth_date\", \"birth_place\", \"document_number\", \"nationality\", \"address_sids\", ");
    let catalogue = over(&[("types/documents.toml", &text)]).unwrap();
    assert_eq!(catalogue.document_types().len(), 44);
    assert_eq!(&*catalogue.document_type("visa").unwrap().fields[0].friendly_name, "Colour");
    let identity = &catalogue.find(combination("DE/national/individual"), TODAY).unwrap().documents[0];
    assert_eq!((&*identity.any_of[0].name, identity.any_of[0].requires_file), ("Travel passport", false));
}

#[test]
fn sids_of_an_overlay_hold_for_all_revisions() {
    let header = "iso_country\tnumber_type\tend_user_type\tsid\tfriendly_name";
    let line = |sid: &str| format!("{header}\nDE\tlocal\tbusiness\t{sid}\tMy name\n");
    let sid = format!("RN{}", "5".repeat(32));
    let catalogue = over(&[("sids.tsv", &line(&sid))]).unwrap();
    let regulation = catalogue.find(combination("DE/local/business"), TODAY).unwrap();
    assert_eq!((regulation.sid.to_string(), &*regulation.friendly_name), (sid, "My name"));

    // That of the United Kingdom: Toll-Free - Business.
    let problems = over(&[("sids.tsv", &line("RN86a5860a853f40aa43c3e00f7064b004"))]).unwrap_err();
    assert!(problems[0].contains("stands for"), "{problems:?}");
}

#[test]
fn a_file_of_the_overlay_is_named_with_its_directory() {
    let problems = over(&[("countries/DE.toml", "country = 1"), ("block.toml", "")]).unwrap_err();
    assert_eq!(
        problems[0],
        format!(
            "{DIRECTORY}/block.toml: no file of a catalogue has this name\n  help: did you mean `blocks.toml`?"
        )
    );
    assert!(problems[1].starts_with(&format!("{DIRECTORY}/countries/DE.toml:1: ")), "{problems:?}");
    assert!(over(&[]).is_ok());
}

fn reason(code: u32, applicant: &str) -> String {
    format!(
        "[[reason]]\ncode = {code}\nname = \"x\"\napplicant = \"{applicant}\"\ncolleague = \"x\"\nretryable = false\n\
         applies_to = [\"bundle\"]\n"
    )
}

#[test]
fn reasons_are_worded_anew_and_added() {
    let text = [reason(18002, "Bitte schärfer."), reason(900_000, "Eigener Grund.")].join("\n");
    let catalogue = over(&[("reasons.toml", &text)]).unwrap();
    let reasons = catalogue.reasons();
    assert_eq!(reasons.iter().count(), 45);
    assert_eq!(reasons.sentences([18002, 900_000]), "Bitte schärfer. Eigener Grund.");
    assert!(!reasons.get(18002).unwrap().retryable);
}

#[test]
fn own_reasons_have_codes_of_their_own() {
    for (code, fine) in
        [(18026, false), (899_999, false), (900_000, true), (999_999, true), (1_000_000, false)]
    {
        let problems = over(&[("reasons.toml", &reason(code, "x"))]);
        assert_eq!(problems.is_ok(), fine, "{code}");
    }
    let text = [reason(900_001, "x"), reason(900_001, " ")].join("").replace("\"bundle\"", "");
    let place = format!("{DIRECTORY}/reasons.toml");
    assert_eq!(
        over(&[("reasons.toml", &text)]).unwrap_err(),
        [
            format!("{place}:1: `applies_to` must name `document`, `bundle` or both"),
            format!("{place}:8: `applicant` is blank"),
            format!("{place}:8: `applies_to` must name `document`, `bundle` or both"),
            format!("{place}:8: the reason 900001 is there twice"),
        ]
    );
    let misspelt = reason(900_000, "x").replace("colleague", "coleague");
    let problems = over(&[("reasons.toml", &misspelt)]).unwrap_err();
    assert!(problems.iter().any(|problem| problem.contains("did you mean `colleague`?")), "{problems:?}");
}
