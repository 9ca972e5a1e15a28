//! The reasons that reviewers choose from.

use super::Desk;
use dossier_domain::operator::Role;
use dossier_testkit::{TestApp, TestDb, on_both_engines};

on_both_engines! {
    all_reasons_are_listed,
}

async fn all_reasons_are_listed(db: TestDb) {
    let app = TestApp::start(db).await;
    let list = Desk::new(&app, Role::Viewer).await.operator.get("/reasons").await.ok();
    let items = list.items("items");
    assert_eq!((items.len(), &list["next"]), (44, &serde_json::Value::Null));
    for item in items {
        let keys: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["code", "name", "applicant", "colleague", "retryable", "applies_to"]);
    }
    let blurry = items.iter().find(|item| item["code"] == 18002).unwrap();
    assert_eq!((&blurry["retryable"], &blurry["applies_to"][0]), (&true.into(), &"document".into()));
}
