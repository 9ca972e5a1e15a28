//! Our own listing, imported, and listings with something in them that cannot be said.

use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};

use super::{Import, Imported, import};
use crate::catalogue::{Catalogue, Layer, RegulationFilter};
use crate::regulation::{AcceptedDocument, Field, Regulation, Rule};

const TODAY: Date = date(2026, 11, 22);

fn imported(dumps: &[(&str, &str)], base: &Catalogue) -> Imported {
    import(&Import { dumps, base, effective_from: TODAY, source: "a listing" })
}

/// The files over the built-in ones.
fn loaded(imported: &Imported) -> Catalogue {
    let files: Vec<_> = imported.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let checked = Catalogue::check_overlay(Layer { directory: "imported", files: &files });
    let shown: Vec<_> = checked.problems.iter().map(ToString::to_string).collect();
    assert!(shown.is_empty(), "{shown:#?}");
    checked.catalogue.unwrap()
}

fn fields_json(fields: &[Field], constraint: impl Fn(&Field) -> String) -> Json {
    let field = |field: &Field| {
        json!({"machine_name": &*field.machine_name, "friendly_name": &*field.friendly_name,
               "description": &*field.description, "constraint": constraint(field)})
    };
    fields.iter().map(field).collect()
}

/// A regulation as the wire shows it with constraints (contract section 5.1).
fn regulation_json(regulation: &Regulation) -> Json {
    let kind = regulation.end_user_type;
    let names =
        |fields: &[Field]| fields.iter().map(|field| field.machine_name.to_string()).collect::<Json>();
    let end_users = regulation.end_users.iter().map(|end_user| {
        json!({"name": &*end_user.name, "type": kind.as_str(), "requirement_name": &*end_user.requirement_name,
               "url": "https://example.com/EndUserTypes", "fields": names(&end_user.fields),
               "detailed_fields": fields_json(&end_user.fields, |field| end_user.field_constraint(field)),
               "constraint": end_user.constraint()})
    });
    let accepted = |document: &AcceptedDocument| {
        json!({"name": &*document.name, "type": &*document.document_type,
               "url": "https://example.com/SupportingDocumentTypes", "fields": names(&document.fields),
               "detailed_fields": fields_json(&document.fields, |field| document.field_constraint(field, kind)),
               "constraint": document.constraint(kind)})
    };
    let documents = regulation.documents.iter().map(|requirement| {
        json!({"name": &*requirement.name, "type": "document", "requirement_name": &*requirement.requirement_name,
               "description": &*requirement.description,
               "accepted_documents": requirement.any_of.iter().map(accepted).collect::<Json>()})
    });
    json!({
        "sid": regulation.sid.to_string(),
        "friendly_name": &*regulation.friendly_name,
        "iso_country": regulation.iso_country.as_str(),
        "number_type": regulation.number_type.as_str(),
        "end_user_type": kind.as_str(),
        "requirements": {
            "end_user": end_users.collect::<Json>(),
            "supporting_document": [documents.collect::<Json>()],
        },
        "url": "https://example.com/Regulations",
    })
}

fn page(regulations: &[Json]) -> Json {
    json!({"meta": {"key": "results", "page": 0}, "results": regulations})
}

fn listing(catalogue: &Catalogue) -> Vec<Json> {
    catalogue.list(RegulationFilter::default(), TODAY).map(|found| regulation_json(found)).collect()
}

#[test]
fn our_own_listing_gives_the_same_regulations() {
    let builtin = Catalogue::builtin();
    let pages: Vec<_> = listing(&builtin).chunks(50).map(page).collect();
    let imported = imported(&[("dump.json", &Json::from(pages).to_string())], &builtin);
    assert_eq!(imported.regulations, 493);
    assert!(imported.notes.iter().all(|note| !note.left_out), "{:#?}", imported.notes);
    let catalogue = loaded(&imported);
    let mut compared = 0;
    for before in builtin.list(RegulationFilter::default(), TODAY) {
        let after = catalogue.regulation(before.sid, TODAY).unwrap();
        assert_eq!(after.provenance.revision, 2);
        assert!(after.provenance.file.starts_with("imported/countries/"));
        let as_before = Regulation { provenance: before.provenance.clone(), ..(**after).clone() };
        assert_eq!(as_before, **before);
        assert_eq!(after.content_hash(), before.content_hash());
        compared += 1;
    }
    assert_eq!(compared, 493);
}

#[test]
fn pages_may_come_in_any_wrapping() {
    let builtin = Catalogue::builtin();
    let all = &listing(&builtin)[..4];
    let first = page(&all[..2]).to_string();
    let second = page(&all[2..]).to_string();
    let expected = imported(&[("d", &page(all).to_string())], &builtin).files;
    assert_eq!(imported(&[("a", &first), ("b", &second)], &builtin).files, expected);
    assert_eq!(imported(&[("a", &format!("{first}\n{second}"))], &builtin).files, expected);
    assert_eq!(imported(&[("a", &format!("[{first},{second}]"))], &builtin).files, expected);
    assert_eq!(imported(&[("a", &Json::from(all).to_string())], &builtin).files, expected);
    // Pages that overlap say the same twice.
    assert_eq!(imported(&[("a", &first), ("b", &page(&all[1..]).to_string())], &builtin).files, expected);
}

fn german() -> Json {
    let builtin = Catalogue::builtin();
    let mut found = listing(&builtin).into_iter();
    found.find(|json| json["friendly_name"] == "Germany: Local - Business").unwrap()
}

#[test]
fn what_the_catalogue_cannot_say_is_reported_and_left_out() {
    let document = "/requirements/supporting_document/0/0/accepted_documents/0";
    for (pointer, value, expected) in [
        (
            "/requirements/end_user/0/detailed_fields/0/constraint".to_owned(),
            json!("business['business_name'] == null"),
            "dump.json: results[0] (DE/local/business): end_user[0].detailed_fields[0].constraint: left out: \
             a value can only equal a text or a field of the end user: `business['business_name'] == null`",
        ),
        (
            format!("{document}/constraint"),
            json!("true"),
            "supporting_document[0][0].accepted_documents[0].constraint",
        ),
        (
            format!("{document}/detailed_fields/0/constraint"),
            json!("a b"),
            "expected an operator or the end at byte 2",
        ),
        (
            format!("{document}/detailed_fields/0/constraint"),
            json!(
                "commercial_registrar_excerpt['business_name'] != null && commercial_registrar_excerpt['business_name'] == business['phone_number']"
            ),
            "the end user is not asked for that",
        ),
        (format!("{document}/detailed_fields/0/constraint"), Json::Null, "IncludeConstraints=true"),
        (format!("{document}/type"), json!("Passport!"), "this is no machine name"),
        (format!("{document}/type"), json!("tax_document"), "this is there twice: `tax_document`"),
        (
            format!("{document}/fields/0"),
            json!("colour"),
            "`detailed_fields` does not describe this field: `colour`",
        ),
        ("/requirements/end_user/0/requirement_name".to_owned(), json!("x"), "one name for all requirements"),
        (
            "/requirements/end_user/0/type".to_owned(),
            json!("individual"),
            "of the kind that the regulation is for",
        ),
        (
            "/requirements/supporting_document/0/0/accepted_documents".to_owned(),
            json!([]),
            "no document can satisfy this",
        ),
        (
            "/requirements/supporting_document/0/0/description".to_owned(),
            json!("{where}"),
            "would be replaced",
        ),
        ("/requirements".to_owned(), json!({}), "nothing is asked for"),
        ("/sid".to_owned(), json!("BU1"), "this is no SID of a regulation: `BU1`"),
        ("/number_type".to_owned(), json!("fax"), "no country, kind of number"),
        ("/iso_country".to_owned(), json!(7), "this is no regulation: invalid type"),
    ] {
        let mut json = german();
        *json.pointer_mut(&pointer).unwrap() = value;
        let imported = imported(&[("dump.json", &page(&[json]).to_string())], &Catalogue::builtin());
        let notes: Vec<_> =
            imported.notes.iter().filter(|note| note.left_out).map(ToString::to_string).collect();
        assert!(notes.iter().any(|note| note.contains(expected)), "{pointer}: {notes:#?}");
        assert_eq!((imported.regulations, imported.files.len()), (0, 0), "{pointer}");
    }
    for text in ["{", "[1]", "{\"results\": 3}", "null"] {
        let imported = imported(&[("dump.json", text)], &Catalogue::builtin());
        assert!(imported.notes.iter().any(|note| note.left_out), "{text}");
    }
    let (mut other, one) = (german(), german());
    other["friendly_name"] = json!("Another name");
    let imported = imported(&[("dump.json", &page(&[one, other]).to_string())], &Catalogue::builtin());
    let last = imported.notes.last().unwrap().to_string();
    assert!(last.contains("results[0] (DE/local/business) says something else"), "{last}");
    assert_eq!(imported.regulations, 1);
}

#[test]
fn types_and_fields_that_are_new_are_written_too() {
    let mut json = german();
    json["sid"] = json!(format!("RN{}", "9".repeat(32)));
    json["friendly_name"] = json!("Germany: Local \"new\" - Business");
    let fields = json!([
        {"machine_name": "first_name", "friendly_name": "Given name", "description": "", "constraint": "visa['first_name'] != null"},
        {"machine_name": "colour", "friendly_name": "Colour", "description": "A\n\"b\"\\", "constraint": "visa['colour'] =~ '^(RED|it\\x27s)$'"},
        {"machine_name": "issued", "friendly_name": "Issued", "description": "D", "constraint": "visa['issued'] != null && months_since(visa['issued']) <= 3"},
    ]);
    json["requirements"]["supporting_document"] = json!([[{
        "name": "Visa", "type": "document", "requirement_name": "visa_info", "description": "A visa.",
        "accepted_documents": [
            {"name": "Passport", "type": "visa", "fields": ["first_name"], "detailed_fields": fields, "constraint": "visa != null"},
            {"name": "Passport", "type": "passport", "fields": [], "constraint": "business != null && passport != null"},
        ],
    }]]);
    json["requirements"]["end_user"][0]["detailed_fields"]
        .as_array_mut()
        .unwrap()
        .push(json!({"machine_name": "shoe_size", "friendly_name": "Shoe size", "description": "D", "constraint": r"business['shoe_size'] =~ '^\d+$'"}));
    let imported = imported(&[("dump.json", &page(&[json]).to_string())], &Catalogue::builtin());
    let notes: Vec<_> = imported.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "dump.json: results[0] (DE/local/business): assumed: a listing does not tell whether a new type needs a \
          file: `true` was written: `visa`"
        ]
    );
    let catalogue = loaded(&imported);
    let sid = crate::sid::RegulationSid::parse(&format!("RN{}", "9".repeat(32))).unwrap();
    let regulation = catalogue.regulation(sid, TODAY).unwrap();
    assert_eq!(&*regulation.friendly_name, "Germany: Local \"new\" - Business");
    assert_eq!(&*regulation.end_users[0].fields.last().unwrap().machine_name, "shoe_size");
    let [visa, passport] = regulation.documents[0].any_of.as_slice() else { panic!() };
    assert_eq!((&*visa.name, visa.requires_file), ("Passport", true));
    assert_eq!((&*visa.fields[0].friendly_name, &visa.fields[0].rule), ("Given name", &Rule::Required));
    assert_eq!(&*visa.fields[1].description, "A\n\"b\"\\");
    assert_eq!(visa.fields[1].rule, Rule::OneOf(["RED".into(), "it's".into()].into()));
    assert_eq!(visa.fields[2].rule, Rule::NotOlderThan { months: 3 });
    assert_eq!((&*passport.name, passport.fields.len()), ("Passport", 0));
    assert_eq!(catalogue.document_type("visa").unwrap().fields.len(), 3);
}

#[test]
fn a_scope_that_nobody_knows_is_the_world() {
    let mut json = german();
    json["iso_country"] = json!("XT");
    json["friendly_name"] = json!("Testland: Local - Business");
    json["sid"] = json!(format!("RN{}", "9".repeat(32)));
    let imported = imported(&[("dump.json", &page(&[json]).to_string())], &Catalogue::builtin());
    assert!(imported.notes[0].to_string().ends_with("`world` was written"), "{:?}", imported.notes);
    let catalogue = loaded(&imported);
    let sid = crate::sid::RegulationSid::parse(&format!("RN{}", "9".repeat(32))).unwrap();
    let regulation = catalogue.regulation(sid, TODAY).unwrap();
    assert_eq!(regulation.address_scope.as_str(), "world");
    assert_eq!((regulation.provenance.revision, regulation.provenance.effective_from), (1, TODAY));
}
