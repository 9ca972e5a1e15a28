//! The gate in front of numbers, and the register behind it.

use std::time::Duration;

use dossier_domain::operator::Role;
use dossier_testkit::app::{Case, Client, OperatorClient, v2};
use dossier_testkit::{ManualClock, TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    the_gate_asks_in_its_order,
    a_suspended_account_gets_no_number,
    the_gate_tells_accounts_apart,
    a_registered_number_keeps_its_bundle,
    a_number_moves_only_after_its_release,
    numbers_at_risk_are_listed,
    what_is_in_service_is_registered_as_it_is,
    each_role_does_what_it_may,
    bad_questions_are_refused,
}

const NUMBER: &str = "/numbers/+4930123456";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A compliant bundle that is approved.
async fn approved(app: &TestApp, client: &Client) -> Case {
    let case = client.prepare_case().await;
    app.set_bundle_status(&case.bundle, "twilio-approved").await;
    case
}

fn question(client: &Client, bundle: Option<&str>, address: Option<&str>) -> Value {
    json!({
        "account_sid": client.account(), "iso_country": "DE", "number_type": "local",
        "bundle_sid": bundle, "address_sid": address,
    })
}

fn registration(client: &Client, case: &Case) -> Value {
    json!({ "account_sid": client.account(), "bundle_sid": case.bundle, "address_sid": case.address })
}

/// The code of a refusal; 0 when it is allowed.
async fn code(operator: &OperatorClient, question: &Value) -> u64 {
    let answer = operator.post("/eligibility", question).await.ok().0;
    assert_eq!(answer["allowed"], answer["code"].is_null(), "{answer}");
    assert_eq!(answer["code"].is_null(), answer["message"].is_null(), "{answer}");
    assert_eq!(answer["allowed"], answer["regulation_sid"].is_string(), "{answer}");
    answer["code"].as_u64().unwrap_or(0)
}

async fn the_gate_asks_in_its_order(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, operator) = (app.alice(), app.operator(Role::Viewer).await);
    let case = alice.prepare_case().await;
    let other = alice.create_address().await.sid().to_owned();
    let (bundle, address) = (Some(case.bundle.as_str()), Some(case.address.as_str()));
    assert_eq!(code(&operator, &question(&alice, None, None)).await, 21631);
    let unknown = format!("AD{}", "0".repeat(32));
    assert_eq!(code(&operator, &question(&alice, None, Some(&unknown))).await, 21615);
    assert_eq!(code(&operator, &question(&alice, None, address)).await, 21649);
    assert_eq!(code(&operator, &question(&alice, bundle, address)).await, 21649, "it is a draft");
    app.set_bundle_status(&case.bundle, "twilio-approved").await;
    assert_eq!(code(&operator, &question(&alice, bundle, Some(&other))).await, 21651);
    assert_eq!(code(&operator, &question(&alice, bundle, address)).await, 0);
    let mut mobile = question(&alice, bundle, address);
    mobile["number_type"] = "mobile".into();
    assert_eq!(code(&operator, &mobile).await, 21649, "the bundle is for other numbers");
    app.set_valid_until(&case.bundle, ManualClock::START.as_micros() / 1_000_000).await;
    assert_eq!(code(&operator, &question(&alice, bundle, address)).await, 21649, "it has run out");
}

async fn a_suspended_account_gets_no_number(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, operator) = (app.alice(), app.operator(Role::Reviewer).await);
    let case = approved(&app, &alice).await;
    app.set_account_status(alice.account(), "suspended").await;
    let question = question(&alice, Some(&case.bundle), Some(&case.address));
    assert_eq!(code(&operator, &question).await, 21472);
    operator.put(NUMBER, &registration(&alice, &case)).await.refused(400, 21472);
}

async fn the_gate_tells_accounts_apart(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, bob, operator) = (app.alice(), app.bob(), app.operator(Role::Admin).await);
    let case = approved(&app, &alice).await;
    let bobs = bob.create_address().await.sid().to_owned();
    let answer = operator.post("/eligibility", &question(&bob, Some(&case.bundle), Some(&bobs))).await.ok().0;
    assert_eq!((&answer["code"], &answer["message"]), (&json!(21649), &json!("Bundle not found")));
    assert_eq!(code(&operator, &question(&bob, Some(&case.bundle), Some(&case.address))).await, 21615);
    operator.put(NUMBER, &registration(&bob, &case)).await.refused(404, 20404);
    let mut nobody = question(&bob, None, None);
    nobody["account_sid"] = format!("AC{}", "9".repeat(32)).into();
    operator.post("/eligibility", &nobody).await.refused(404, 20404);
}

async fn a_registered_number_keeps_its_bundle(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, operator) = (app.alice(), app.operator(Role::Reviewer).await);
    let case = approved(&app, &alice).await;
    operator.get(NUMBER).await.refused(404, 20404);
    let before = app.snapshot().await;
    let number = operator.put(NUMBER, &registration(&alice, &case)).await.created().0;
    assert_eq!(number["phone_number"], "+4930123456");
    assert_eq!(number["bundle_sid"], case.bundle.as_str());
    assert_eq!(number["bundle_status"], "twilio-approved");
    assert_eq!(operator.get(NUMBER).await.ok().0, number);
    let audited = app.audited_since(&before).await;
    assert_eq!(audited.len(), 1);
    assert_eq!((audited[0].action.as_str(), audited[0].actor.as_str()), ("number.register", operator.sid()));
    assert_eq!(audited[0].target, number["sid"]);

    let bundle = v2(&format!("/Bundles/{}", case.bundle));
    alice.delete(&bundle).await.refused(400, 21648);
    assert_eq!(operator.put(NUMBER, &registration(&alice, &case)).await.ok().0["sid"], number["sid"]);
    operator.delete(NUMBER).await.deleted();
    operator.delete(NUMBER).await.refused(404, 20404);
    alice.delete(&bundle).await.deleted();
}

async fn a_number_moves_only_after_its_release(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, bob, operator) = (app.alice(), app.bob(), app.operator(Role::Senior).await);
    let (hers, his) = (approved(&app, &alice).await, approved(&app, &bob).await);
    operator.put(NUMBER, &registration(&alice, &hers)).await.created();
    operator.put(NUMBER, &registration(&bob, &his)).await.refused(409, 20409);
    operator.delete(NUMBER).await.deleted();
    operator.put(NUMBER, &registration(&bob, &his)).await.created();
}

async fn numbers_at_risk_are_listed(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, operator) = (app.alice(), app.operator(Role::Reviewer).await);
    let start = ManualClock::START.as_micros() / 1_000_000;
    let days = |days: i64| Some(start + days * 24 * 60 * 60);
    let table = [
        ("twilio-approved", None, false),
        ("twilio-approved", days(31), false),
        ("twilio-approved", days(30), true),
        ("twilio-approved", days(-1), true),
        ("twilio-rejected", None, true),
        ("pending-review", None, true),
        ("provisionally-approved", None, false),
    ];
    let mut expected = Vec::new();
    for (index, (status, valid_until, at_risk)) in table.into_iter().enumerate() {
        let case = approved(&app, &alice).await;
        let number = format!("+493012345{index}");
        app.clock().advance(Duration::from_millis(1));
        operator.put(&format!("/numbers/{number}"), &registration(&alice, &case)).await.created();
        app.set_bundle_status(&case.bundle, status).await;
        if let Some(seconds) = valid_until {
            app.set_valid_until(&case.bundle, seconds).await;
        }
        expected.extend(at_risk.then_some(number));
    }
    let listed = async |query: &str| {
        let mut numbers = Vec::new();
        let mut path = format!("/numbers?{query}");
        loop {
            let page = operator.get(&path).await.ok().0;
            let items = page["items"].as_array().unwrap().clone();
            numbers.extend(items.iter().map(|item| item["phone_number"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { return numbers };
            path = format!("/numbers?{query}&after={next}");
        }
    };
    app.clock().set(ManualClock::START);
    for query in
        ["at_risk=true", "at_risk=true&limit=1", &format!("at_risk=true&account_sid={}", alice.account())]
    {
        assert_eq!(listed(query).await, expected, "{query}");
    }
    assert_eq!(listed("at_risk=true&within_days=31").await.len(), expected.len() + 1);
    assert_eq!(listed("limit=3").await.len(), 7);
    app.clock().advance(DAY);
    assert_eq!(listed("at_risk=true").await.len(), expected.len() + 1, "a day later one more is near");
    assert_eq!(listed(&format!("account_sid={}", app.bob().account())).await, Vec::<String>::new());
}

async fn what_is_in_service_is_registered_as_it_is(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, operator) = (app.alice(), app.operator(Role::Admin).await);
    let case = alice.prepare_case().await;
    operator.put(NUMBER, &registration(&alice, &case)).await.refused(400, 21649);
    let mut registration = registration(&alice, &case);
    registration["in_service"] = true.into();
    assert_eq!(operator.put(NUMBER, &registration).await.created().0["bundle_status"], "draft");
}

async fn each_role_does_what_it_may(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = approved(&app, &alice).await;
    let question = question(&alice, Some(&case.bundle), Some(&case.address));
    for role in Role::ALL {
        let operator = app.operator(role).await;
        let (asked, put) = (
            operator.post("/eligibility", &question).await,
            operator.put(NUMBER, &registration(&alice, &case)).await,
        );
        let listed = operator.get("/numbers").await;
        let deleted = operator.delete(NUMBER).await;
        match role {
            Role::Auditor => {
                for answer in [asked, put, listed, deleted] {
                    answer.refused(403, 20403);
                }
            }
            Role::Viewer => {
                asked.ok();
                listed.ok();
                put.refused(403, 20403);
                deleted.refused(403, 20403);
            }
            Role::Reviewer | Role::Senior | Role::Admin => {
                asked.ok();
                listed.ok();
                put.created();
                deleted.deleted();
            }
        }
    }
}

async fn bad_questions_are_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, operator) = (app.alice(), app.operator(Role::Admin).await);
    let case = approved(&app, &alice).await;
    for (key, value) in
        [("iso_country", "Germany"), ("number_type", "fax"), ("bundle_sid", "BU1"), ("colour", "red")]
    {
        let mut question = question(&alice, None, None);
        question[key] = value.into();
        let refused = operator.post("/eligibility", &question).await.refused(400, 20001);
        assert!(!refused.message.contains(value), "values are not repeated: {}", refused.message);
    }
    for number in ["4930123456", "+49 30 123456", "+0123456789", "x"] {
        let path = format!("/numbers/{}", number.replace(' ', "%20"));
        operator.put(&path, &registration(&alice, &case)).await.refused(400, 20001);
        operator.get(&path).await.refused(404, 20404);
    }
    // What is no text is no number either.
    operator.put("/numbers/%FF", &registration(&alice, &case)).await.refused(404, 20404);
    operator.get("/numbers/%FF").await.refused(404, 20404);
    operator.delete("/numbers/%FF").await.refused(404, 20404);
    for query in
        ["bundle_sid=BU", "within_days=3", "at_risk=maybe", "at_risk=true&within_days=99999", "risk=1"]
    {
        operator.get(&format!("/numbers?{query}")).await.refused(400, 20001);
    }
    let bundle = &case.bundle;
    operator.get(&format!("/numbers?bundle_sid={bundle}")).await.refused(400, 20001);
}
