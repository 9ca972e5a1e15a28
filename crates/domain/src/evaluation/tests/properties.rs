//! What holds for any contents.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::catalogue::{Catalogue, RegulationFilter};

static BUILTIN: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);

fn json_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,6}".prop_map(Json::from),
        prop::sample::select(vec![
            "YES",
            "a@b.cd",
            "+4930",
            "2026-11-01",
            "AD01010101010101010101010101010101"
        ])
        .prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            prop::collection::hash_map("[a-z]{1,3}", inner, 0..3).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let names =
        ["first_name", "last_name", "business_name", "email", "address_sids", "is_subassigned", "other"];
    let object = prop::collection::hash_map(prop::sample::select(names.to_vec()), json_value(), 0..7);
    object.prop_map(|object| {
        attributes_of(&object.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    })
}

proptest! {
    #[test]
    fn any_contents_have_a_reproducible_result(
        end_user in prop::option::of((any::<bool>(), attributes())),
        documents in prop::collection::vec((any::<prop::sample::Index>(), attributes(), any::<bool>()), 0..6),
        regulation in any::<prop::sample::Index>(),
        switches in any::<(bool, bool)>(),
    ) {
        let regulations: Vec<_> = BUILTIN.list(RegulationFilter::default(), TODAY).collect();
        let regulation = regulations[regulation.index(regulations.len())];
        let types = BUILTIN.document_types();
        let bundle = Bundle {
            end_user: end_user.map(|(person, attributes)| (EndUserType::ALL[usize::from(person)], attributes)),
            documents: documents
                .into_iter()
                .map(|(index, attributes, file)| (&*types[index.index(types.len())].machine_name, attributes, file))
                .collect(),
            addresses: vec![address(1, "DE", switches.0)],
            switches: Switches { require_files: switches.0, check_address_scope: switches.1 },
        };
        let evaluation = bundle.evaluated(regulation);
        prop_assert_eq!(evaluation.results.len(), regulation.end_users.len() + regulation.documents.len());
        for result in &evaluation.results {
            prop_assert!(!result.passed() || result.invalid.is_empty());
        }
        prop_assert_eq!(bundle.evaluated(regulation).to_stored(), evaluation.to_stored());
        prop_assert_eq!(Evaluation::from_stored(&evaluation.to_stored()), Ok(evaluation));
    }

    #[test]
    fn stored_text_that_nobody_wrote_never_panics(text in ".{0,60}", damaged in r#"[{}\[\]:,"a0 \\]{0,60}"#) {
        let attributes = Attributes::from_stored(damaged);
        let contents = Contents {
            end_user: Some(EndUserContents { end_user_type: EndUserType::Business, attributes: &attributes }),
            documents: &[DocumentContents { document_type: "passport", attributes: &attributes, has_file: true }],
            addresses: &[],
            today: TODAY,
            switches: Switches::default(),
        };
        prop_assert!(!evaluate(&identity(), &contents).is_compliant());
        prop_assert!(Evaluation::from_stored(&text).is_err());
    }
}
