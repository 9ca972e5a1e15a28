//! What a case shows, and to whom: a viewer gets nothing personal.

use super::{Desk, recorded, submitted};
use dossier_domain::operator::Role;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both_engines! {
    a_reviewer_sees_everything_that_was_handed_over,
    a_viewer_sees_nothing_personal,
    looking_at_personal_data_is_recorded,
}

/// Every key there is, as paths; list items have no number.
fn keys(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{path}/{name}");
                found.insert(path.clone());
                keys(value, &path, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, path, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What only those see who may see personal data. Whatever is in the attributes is theirs as well.
const PERSONAL: [&str; 20] = [
    "/addresses/city",
    "/addresses/customer_name",
    "/addresses/postal_code",
    "/addresses/region",
    "/addresses/street",
    "/addresses/street_secondary",
    "/bundle/email",
    "/bundle/friendly_name",
    "/changes/after",
    "/changes/before",
    "/decisions/internal_note",
    "/decisions/message",
    "/documents/attributes",
    "/documents/failure_reason",
    "/documents/friendly_name",
    "/documents/verdict/message",
    "/documents/verdict/note",
    "/end_user/attributes",
    "/end_user/friendly_name",
    "/end_user",
];

/// A case with everything in it that a case can have.
async fn full(app: &TestApp) -> String {
    let desk = Desk::new(app, Role::Reviewer).await;
    let (case, sid) = submitted(app).await;
    desk.claim(&sid).await.ok();
    desk.decide(&sid, json!({ "outcome": "rejected", "message": "x" })).await.ok();
    let end_user = dossier_testkit::app::v2(&format!("/EndUsers/{}", case.end_user));
    let mut attributes = dossier_testkit::app::Case::end_user_attributes();
    attributes["first_name"] = json!("Erna");
    app.alice().post(&end_user, &[("Attributes", &attributes.to_string())]).await.ok();
    app.alice().submit(&case.bundle).await.ok();
    let sid = super::case_of(app, &case.bundle).await;
    desk.claim(&sid).await.ok();
    let verdict = json!({
        "verdict": "rejected", "reasons": [{ "code": 18002 }], "message": "For Erika.", "note": "Hm.",
    });
    desk.judge(&sid, &case.document, verdict).await.ok();
    let decision = json!({ "outcome": "rejected", "message": "To Erika.", "internal_note": "Mustermann!" });
    desk.decide(&sid, decision).await.ok();
    sid
}

async fn a_reviewer_sees_everything_that_was_handed_over(db: TestDb) {
    let app = TestApp::start(db).await;
    let sid = full(&app).await;
    for role in [Role::Reviewer, Role::Senior, Role::Admin] {
        let file = Desk::new(&app, role).await.case(&sid).await;
        let mut found = BTreeSet::new();
        keys(&file.0, "", &mut found);
        for key in PERSONAL {
            assert!(found.contains(key), "{key}: {found:?}");
        }
        assert_eq!(file["end_user"]["attributes"]["first_name"], "Erna");
        assert_eq!(file["bundle"]["email"], "compliance@beispiel.example");
        assert_eq!(file["addresses"][0]["city"], "Berlin");
        assert_eq!(file["documents"][0]["file"]["mime_type"], "application/pdf");
        assert_eq!(file["evaluation"]["status"], "compliant");
        let regulation = &file["regulation"];
        assert_eq!(regulation["sid"], file["regulation_sid"]);
        assert!(!regulation["documents"][0]["description"].as_str().unwrap().is_empty());
        assert!(!regulation["end_users"][0]["fields"][0]["description"].as_str().unwrap().is_empty());
    }
}

async fn a_viewer_sees_nothing_personal(db: TestDb) {
    let app = TestApp::start(db).await;
    let sid = full(&app).await;
    let (viewer, reviewer) = (Desk::new(&app, Role::Viewer).await, Desk::new(&app, Role::Reviewer).await);
    let before = app.snapshot().await;
    let file = viewer.case(&sid).await;
    before.assert_is(&app.snapshot().await);
    let (mut seen, mut everything) = (BTreeSet::new(), BTreeSet::new());
    keys(&file.0, "", &mut seen);
    keys(&reviewer.case(&sid).await.0, "", &mut everything);
    let hidden = |key: &String| {
        PERSONAL[..19].iter().any(|personal| key == personal || key.starts_with(&format!("{personal}/")))
    };
    let expected: BTreeSet<_> = everything.into_iter().filter(|key| !hidden(key)).collect();
    assert_eq!(seen, expected);
    let text = file.0.to_string();
    for personal in ["Erika", "Erna", "Mustermann", "Beispiel", "beispiel", "HRB", "Linden", "Hm."] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
    for list in ["/cases", "/reasons"] {
        let text = String::from_utf8(reviewer.operator.get(list).await.body).unwrap();
        assert!(!text.contains("Erika") && !text.contains("Beispiel"), "{list}");
    }
}

async fn looking_at_personal_data_is_recorded(db: TestDb) {
    let app = TestApp::start(db).await;
    let (_, sid) = submitted(&app).await;
    for (role, count) in [(Role::Viewer, 0), (Role::Reviewer, 1), (Role::Senior, 1), (Role::Admin, 1)] {
        let desk = Desk::new(&app, role).await;
        let before = app.snapshot().await;
        desk.case(&sid).await;
        let expected = vec![format!("case.view {} {sid}", desk.sid()); count];
        assert_eq!(recorded(&app, &before).await, expected, "{role}");
    }
}
