//! What the checker says about broken files.

use super::*;
use crate::catalogue::{Layer, Severity};

const CH: &str = "countries/CH.toml";
/// The problems with a country file that differs from a good one in one place.
fn problems_of(from: &str, to: &str) -> Vec<String> {
    let text = TEST_COUNTRY.replacen(from, to, 1);
    assert_ne!(text, TEST_COUNTRY, "{from:?} is not there");
    load_with(&[("countries/XT.toml", "", &text)]).err().unwrap_or_default()
}

#[test]
fn mistakes_in_a_country_are_named_with_their_line() {
    assert!(load_with(&[("countries/XT.toml", "", TEST_COUNTRY)]).is_ok());
    for (from, to, expected) in [
        (
            "\"XT\"",
            "\"XU\"",
            "countries/XT.toml:1: `country` must be the two capital letters that the file is named after",
        ),
        ("name = ", "title = ", "countries/XT.toml:2: unknown field `title`"),
        (
            "2025-01-01",
            "2025-01-01T10:00:00",
            "countries/XT.toml:3: `effective_from` must be a date such as 2025-01-31",
        ),
        ("2025-01-01", "2025-02-30", "countries/XT.toml:3: invalid date"),
        ("\"documented\"", "\"sure\"", "countries/XT.toml:4: unknown variant `sure`"),
        ("[\"a test\"]", "[\" \"]", "countries/XT.toml:7: the rule needs `sources`"),
        ("[\"a test\"]", "[\"a test\", \"\"]", "countries/XT.toml:7: the rule needs `sources`"),
        ("2025-01-01", "1025-01-01", "countries/XT.toml:3: no rule comes into force on 1025-01-01"),
        ("2025-01-01", "2525-01-01", "countries/XT.toml:3: no rule comes into force on 2525-01-01"),
        (
            "[[local.business]]",
            "[[local.business]]\napprovals_end = 2024-12-31",
            "countries/XT.toml:8: approvals under the rule before cannot end before this one is in force, on 2025-01-01",
        ),
        (
            "[[local.business]]",
            "[[local.business]]\napprovals_end = 2525-01-01",
            "countries/XT.toml:8: no rule comes into force on 2525-01-01",
        ),
        ("[[local.", "[[lokal.", "countries/XT.toml:7: unknown field `lokal`"),
        (
            "[[local.business]]",
            "[[local.business]]\nrevision = 0",
            "countries/XT.toml:7: revisions are counted from 1",
        ),
        (
            "[[local.business]]",
            "[[local.business]]\nstatus = \"unavailable\"",
            "countries/XT.toml:7: an entry with a `status`",
        ),
        ("address_scope = \"country\"", "", "the block says where, so the entry needs an `address_scope`"),
        (
            "\"business_name\"",
            "\"business_nam\"",
            "countries/XT.toml:9: `business` has no field `business_nam`",
        ),
        (
            "\"business_name\"",
            "\"email\", \"email\"",
            "countries/XT.toml:9: the field `email` is there twice",
        ),
        (
            "\"business_name\"",
            "{ field = \"email\", rule = { pattern = '(' } }",
            "countries/XT.toml:9: regex parse error",
        ),
        (
            "\"business_name\"",
            "{ field = \"email\", rule = { one_of = [\"A\", \" \"] } }",
            "countries/XT.toml:9: a value of `one_of` is blank",
        ),
        (
            "\"business_name\"",
            "{ field = \"email\", rule = { one_of = [\"A\", \"B\", \"A\"] } }",
            "countries/XT.toml:9: `one_of` has the value `A` twice",
        ),
        (
            "\"business_name\"",
            "{ field = \"email\", rule = { equals_end_user = \"first_name\" } }",
            "countries/XT.toml:9: the rule of `email` is one for fields of documents",
        ),
        (
            "\"business_name\"",
            "{ field = \"email\", rule = { one_of = [] } }",
            "countries/XT.toml:9: `one_of` needs at least one value",
        ),
        (
            "\"business_name\"",
            "{ field = \"email\", rule = \"maybe\" }",
            "countries/XT.toml:9: unknown variant `maybe`",
        ),
        (
            "\"business_name\"",
            "{ field = \"email\", roole = \"optional\" }",
            "countries/XT.toml:9: unknown field `roole`",
        ),
        (
            "\"business_name\"",
            "3",
            "countries/XT.toml:9: invalid type: integer `3`, expected a name or a table",
        ),
        (
            "\"business-address\"",
            "\"busines-address\"",
            "countries/XT.toml:10: the block `busines-address` does not exist",
        ),
        (
            "\"business-address\"",
            "\"business-address\", \"business-address\"",
            "countries/XT.toml:10: the requirement `business_address_info` is there twice",
        ),
        ("documents =", "dokuments =", "countries/XT.toml:10: unknown field `dokuments`"),
        (
            "documents = [\"business-address\"]",
            "",
            "countries/XT.toml:7: an entry has `end_user` and `documents`, or a `status`",
        ),
        (
            "\"business-address\"",
            "{ block = \"business-address\", any_of = [{ types = [\"pasport\"], fields = [] }] }",
            "countries/XT.toml:10: the document type `pasport` does not exist\n  help: did you mean `passport`?",
        ),
        (
            "\"business-address\"",
            "{ block = \"business-address\", any_of = [] }",
            "countries/XT.toml:10: `any_of` is empty: no document can satisfy this",
        ),
        (
            "\"business-address\"",
            "{ block = \"business-address\", any_of = [{ types = [], fields = [] }] }",
            "countries/XT.toml:10: `types` is empty: no document is in this group",
        ),
        (
            "\"business-address\"",
            "{ block = \"business-address\", any_of = [{ types = [\"passport\", \"passport\"], fields = [] }] }",
            "countries/XT.toml:10: the document type `passport` is there twice",
        ),
        (
            "\"business-address\"",
            "{ block = \"business-address\", any_of = [{ types = [\"power_of_attorney\"], fields = [\"address_sids\"] }] }",
            "countries/XT.toml:10: `power_of_attorney` has no field `address_sids`",
        ),
        (
            "\"business-address\"",
            "{ block = \"business-address\", any_of = [{ types = [\"passport\"], fields = [{ field = \"first_name\", rule = \"addresses\" }] }] }",
            "countries/XT.toml:10: `first_name` cannot name addresses: documents name them in `address_sids`",
        ),
        (
            "\"business-address\"",
            "{ block = \"business-address\", any_of = [{ types = [\"passport\"], fields = [{ field = \"address_sids\", rule = \"required\" }] }] }",
            "countries/XT.toml:10: the rule of `address_sids` can only be `addresses` or `optional`",
        ),
        (
            "\"business-address\"",
            "{ block = \"business-address\", any_of = [{ types = [\"passport\"], fields = [{ field = \"first_name\", rule = { equals_end_user = \"frist_name\" } }] }] }",
            "countries/XT.toml:10: no kind of end user has a field `frist_name`\n  help: did you mean `first_name`?",
        ),
        (
            "\"business-address\"",
            "{ block = \"business-address\", any_of = [{ types = [\"passport\"], fields = [{ field = \"first_name\", rule = { equals_end_user = \"first_name\" } }] }] }",
            "countries/XT.toml:10: the end user is not asked for `first_name`, so nothing can equal it",
        ),
    ] {
        let problems = problems_of(from, to);
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{to}: {problems:#?}");
    }
}

#[test]
fn mistakes_elsewhere_are_named_with_their_line() {
    for (file, from, to, expected) in [
        ("notes.txt", "", "x", "notes.txt: no file of a catalogue has this name"),
        ("blocks.toml", "name = \"Name of the individual\"", "", "blocks.toml:"),
        (
            "blocks.toml",
            "[\"passport\", \"government_issued_document\"]",
            "[]",
            "no kind of document can satisfy this block",
        ),
        ("types/documents.toml", "[types.passport]", "[types.Passport]", "`Passport` is no machine name"),
        (
            "types/documents.toml",
            "name = \"Passport\"",
            "name = \"Title deed\"",
            "have the same name, `Title deed`",
        ),
        ("types/documents.toml", "name = \"Passport\"", "name = \"\"", "`name` is blank"),
        (
            "types/documents.toml",
            "[\"address_sids\", \"business_name\", \"document_number\"]",
            "[\"address_sid\"]",
            "the field `address_sid` is not declared under `[fields]`\n  help: did you mean `address_sids`?",
        ),
        (
            "types/documents.toml",
            "{ equals_end_user = \"first_name\" }",
            "{ equals_end_user = \"nick_name\" }",
            "no kind of end user has a field `nick_name`",
        ),
        ("types/end-users.toml", "[types.business]", "[types.company]", "`company` is no kind of end user"),
        (
            "types/end-users.toml",
            "rule = \"optional\"",
            "rule = \"addresses\"",
            "is one for fields of documents",
        ),
        (
            CH,
            "[[",
            "[block.identity]\nrequirement_name = \"x\"\nname = \"X\"\ndescription = \"X\"\ntypes = [\"passport\"]\nfields = []\n\n[[",
            "choose another name",
        ),
    ] {
        let problems = load_with(&[(file, from, to)]).unwrap_err();
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{to}: {problems:#?}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let mut files = builtin_files().to_vec();
    files.retain(|(name, _)| *name != "blocks.toml");
    let problems = Catalogue::load(&files).unwrap_err();
    assert!(problems.iter().any(|problem| problem.to_string() == "blocks.toml: the file is missing"));
}

#[test]
fn all_mistakes_are_found_at_once() {
    let text = r#"country = "XT"
naem = "Testland"
name = "Testland"
effective_from = 2025-01-01
confidence = "sure"
sources = ["a test"]

[[local.business]]
confidence = "documented"
address_scope = "cuntry"
end_user = ["busines_name", 3, "email"]
documents = ["business-addres"]

[[local.busines]]
end_user = ["email"]
documents = []

[[mobile.business]]
confidence = "documented"
roole = 1
end_user = ["email"]
documents = []

[block.mine]
name = "Mine"
requirement_name = "mine"
description = "D"
types = ["pasport"]
fields = []
"#;
    let problems = load_with(&[("countries/XT.toml", "", text)]).unwrap_err();
    for expected in [
        "countries/XT.toml:2: unknown field `naem`",
        "countries/XT.toml:5: unknown variant `sure`, expected `documented` or `inferred`",
        "countries/XT.toml:10: unknown variant `cuntry`, expected one of `world`, `country`, `area`\n  help: did you mean `country`?",
        "countries/XT.toml:11: `business` has no field `busines_name`\n  help: did you mean `business_name`?",
        "countries/XT.toml:11: invalid type: integer `3`",
        "countries/XT.toml:12: the block `business-addres` does not exist\n  help: did you mean `business-address`?",
        "countries/XT.toml:14: unknown field `busines`, expected `individual` or `business`\n  help: did you mean `business`?",
        "countries/XT.toml:20: unknown field `roole`",
        "countries/XT.toml:28: the document type `pasport` does not exist",
    ] {
        assert!(problems.iter().any(|problem| problem.starts_with(expected)), "{expected}: {problems:#?}");
    }
    assert_eq!(problems.len(), 9, "{problems:#?}");
}

#[test]
fn what_cannot_be_read_is_not_called_missing_elsewhere() {
    // Without its name the block is broken, but that is the only problem there is.
    let problems = load_with(&[("blocks.toml", "name = \"Tax identification\"\n", "")]).unwrap_err();
    assert!(matches!(problems.as_slice(), [one] if one.contains("missing field `name`")), "{problems:#?}");
    let problems = load_with(&[("blocks.toml", "[block.identity]", "[block.identity")]).unwrap_err();
    assert!(problems.iter().all(|problem| problem.starts_with("blocks.toml:")), "{problems:#?}");
    let problems =
        load_with(&[("types/documents.toml", "[fields.address_sids]\nname", "[fields.address_sids]\nnaem")]);
    let problems = problems.unwrap_err();
    assert!(problems.iter().all(|problem| problem.starts_with("types/documents.toml:")), "{problems:#?}");
}

#[test]
fn what_is_probably_not_meant_is_a_warning() {
    for (from, to, expected) in [
        (
            "Testland",
            "Germany",
            "countries/XT.toml:7: warning: XT/local/business and DE/local/business have the same title, `Germany: Local - Business`",
        ),
        (
            "documents = [\"business-address\"]",
            "documents = []",
            "countries/XT.toml:7: warning: no document is asked for an address, so `address_scope` has no effect",
        ),
        (
            "end_user = [\"business_name\"]\ndocuments = [",
            "end_user = [{ field = \"business_name\", rule = \"optional\" }]\ndocuments = [\"business-name\", ",
            "countries/XT.toml:10: warning: a document must equal `business_name`, which the end user may leave out",
        ),
        (
            "documents = [\"business-address\"]\n",
            "documents = [\"business-address\"]\n[block.unused]\nrequirement_name = \"x\"\nname = \"X\"\ndescription = \"X\"\ntypes = [\"passport\"]\nfields = []\n",
            "countries/XT.toml:11: warning: no regulation uses the block `unused`",
        ),
    ] {
        let text = TEST_COUNTRY.replacen(from, to, 1);
        assert_ne!(text, TEST_COUNTRY);
        let overlay = Layer { directory: "", files: &[("countries/XT.toml", &text)] };
        let checked = Catalogue::check_overlay(overlay);
        assert!(checked.catalogue.is_some());
        let [problem] = checked.problems.as_slice() else { panic!("{:#?}", checked.problems) };
        assert_eq!(problem.severity, Severity::Warning);
        assert!(problem.to_string().starts_with(expected), "{problem}");
    }
}

#[test]
fn the_built_in_files_have_no_problem_at_all() {
    let checked = Catalogue::check(&[Layer { directory: "", files: builtin_files() }]);
    assert_eq!(checked.problems, []);
}
