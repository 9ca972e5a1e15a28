//! `/operator/v1/audit-events`: who did what, newest first.

use std::collections::BTreeSet;

use dossier_domain::operator::Role;
use dossier_testkit::app::OperatorClient;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::Value;

use crate::audit_chain::events::{ACCOUNT, at, record, sid};

on_both_engines! {
    an_event_is_shown_with_its_checkpoint,
    filters_choose_events,
    pages_show_every_event_once_while_others_are_recorded_and_sealed,
    rare_events_are_found_over_several_pages,
    only_those_who_may_read_the_audit_do,
    bad_filters_are_refused,
}

/// The items of the first page.
async fn items(auditor: &OperatorClient, query: &str) -> Vec<Value> {
    auditor.get(&format!("/audit-events?{query}")).await.ok().items("items").clone()
}

async fn an_event_is_shown_with_its_checkpoint(db: TestDb) {
    let app = TestApp::start(db).await;
    let auditor = app.operator(Role::Auditor).await;
    let bundle = app.alice().create_bundle("Beispiel").await;
    for query in [String::new(), format!("account_sid={}", app.alice().account())] {
        let query = format!("{query}&target={}", bundle.sid());
        let shown = &items(&auditor, &query).await[..];
        let [waiting] = shown else { panic!("{shown:?}") };
        let keys: Vec<&str> = waiting.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "sid",
            "account_sid",
            "at",
            "actor",
            "action",
            "target",
            "outcome",
            "request_id",
            "rule_revision",
            "checkpoint",
        ];
        assert_eq!(keys, expected);
        assert_eq!(waiting["account_sid"], app.alice().account());
        assert_eq!(waiting["actor"], app.alice().account());
        assert_eq!((&waiting["action"], &waiting["outcome"]), (&"bundle.create".into(), &"done".into()));
        assert_eq!(waiting["at"], "2026-01-01T00:00:00.000000Z");
        assert!(waiting["rule_revision"].is_null());
        let before = waiting["checkpoint"].clone();
        app.service().seal_audit().await.unwrap();
        let sealed = &items(&auditor, &query).await[0];
        assert_eq!(sealed["checkpoint"], 1, "it was {before}");
        assert_eq!(sealed["sid"], waiting["sid"]);
    }
}

/// Events 1 to 30 of the account, of which 1 to 20 are sealed, in two checkpoints.
async fn recorded(db: TestDb) -> (TestApp, OperatorClient) {
    let app = TestApp::start(db).await;
    let auditor = app.operator(Role::Auditor).await;
    for first in [1, 11] {
        record(app.database(), first..first + 10).await;
        app.service().seal_audit().await.unwrap();
    }
    record(app.database(), 21..31).await;
    (app, auditor)
}

async fn filters_choose_events(db: TestDb) {
    let (_app, auditor) = recorded(db).await;
    let all: Vec<u32> = (1..31).rev().collect();
    let odd = all.iter().copied().filter(|number| number % 2 == 1).collect();
    let none = Vec::new();
    let upper = ACCOUNT.to_string().to_uppercase();
    let table: [(String, Vec<u32>); 13] = [
        (String::new(), all.clone()),
        (format!("actor={ACCOUNT}"), all.clone()),
        (format!("actor={upper}"), all.clone()),
        ("actor=command-line".to_owned(), none.clone()),
        ("action=bundle.delete".to_owned(), odd),
        ("action=bundle.submit".to_owned(), none.clone()),
        (format!("target={ACCOUNT}"), all.clone()),
        (format!("target={}", sid(1)), none.clone()),
        (format!("from={}", at(10)), (10..31).rev().collect()),
        (format!("to={}", at(10)), (1..11).rev().collect()),
        (format!("from={}&to={}", at(10), at(12)), vec![12, 11, 10]),
        (format!("from={}&to={}&action=bundle.create", at(9), at(13)), vec![12, 10]),
        ("from=2026-01-02".to_owned(), none),
    ];
    for (query, expected) in table {
        let expected: Vec<String> = expected.into_iter().map(sid).collect();
        let path = format!("/audit-events?account_sid={ACCOUNT}&{query}");
        assert_eq!(auditor.walk(&format!("{path}&limit=1000")).await, expected, "{query}");
        assert_eq!(auditor.walk(&format!("{path}&limit=4")).await, expected, "{query}, in pages");
        let everywhere = auditor.walk(&format!("/audit-events?{query}&limit=7")).await;
        let of_account: Vec<_> =
            everywhere.into_iter().filter(|sid| sid.starts_with("AE000000000000")).collect();
        assert_eq!(of_account, expected, "{query}, in all accounts");
    }
}

async fn pages_show_every_event_once_while_others_are_recorded_and_sealed(db: TestDb) {
    let (app, auditor) = recorded(db).await;
    let there: BTreeSet<String> = auditor.walk("/audit-events").await.into_iter().collect();
    assert_eq!(there.len(), 30 + 4, "and three accounts and an operator");
    let (mut seen, mut path) = (Vec::new(), "/audit-events?limit=5".to_owned());
    let mut added = 31;
    loop {
        let page = auditor.get(&path).await.ok();
        seen.extend(page.items("items").iter().map(|item| item["sid"].as_str().unwrap().to_owned()));
        record(app.database(), added..added + 3).await;
        added += 3;
        app.service().seal_audit().await.unwrap();
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/audit-events?limit=5&after={next}");
    }
    assert_eq!(seen.iter().cloned().collect::<BTreeSet<_>>(), there, "nothing is left out");
    assert_eq!(seen.len(), there.len(), "nothing is shown twice");
}

async fn rare_events_are_found_over_several_pages(db: TestDb) {
    let app = TestApp::start(db).await;
    let auditor = app.operator(Role::Auditor).await;
    for first in (0..40_000).step_by(10_000) {
        record(app.database(), first..first + 10_000).await;
    }
    let first = auditor.get("/audit-events?action=account.create").await.ok();
    assert!(first.items("items").is_empty() && first["next"].is_string(), "it goes on: {}", first["next"]);
    assert_eq!(auditor.walk("/audit-events?action=account.create").await.len(), 3);
    let of_bob = format!("/audit-events?account_sid={}&action=account.create", app.bob().account());
    assert_eq!(auditor.walk(&of_bob).await.len(), 1);
}

async fn only_those_who_may_read_the_audit_do(db: TestDb) {
    let app = TestApp::start(db).await;
    for role in Role::ALL {
        let answer = app.operator(role).await.get("/audit-events").await;
        match role {
            Role::Admin | Role::Auditor => drop(answer.ok()),
            Role::Viewer | Role::Reviewer | Role::Senior => drop(answer.refused(403, 20403)),
        }
    }
}

async fn bad_filters_are_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let auditor = app.operator(Role::Auditor).await;
    for query in [
        "account_sid=me",
        "account_sid=OP00000000000000000000000000000001",
        "actor=jane",
        "action=bundle.eat",
        "target=x",
        "from=yesterday",
        "to=2026-13-01",
        "acount=AC00000000000000000000000000000001",
        "limit=1001",
    ] {
        auditor.get(&format!("/audit-events?{query}")).await.refused(400, 20001);
    }
    auditor.get("/audit-events?after=PAx").await.refused(400, 21481);
    let operators = app.operator(Role::Admin).await.get("/operators?limit=1").await.ok();
    let token = operators["next"].as_str().unwrap();
    auditor.get(&format!("/audit-events?after={token}")).await.refused(400, 21481);
    // A row that was tampered with is shown as it is.
    record(app.database(), 1..2).await;
    let odd = format!("UPDATE audit_events SET actor = 'nobody', action = '' WHERE sid = '{}'", sid(1));
    app.database().script(&odd).await;
    let shown = items(&auditor, "limit=1").await;
    assert_eq!((&shown[0]["actor"], &shown[0]["action"]), (&"nobody".into(), &"".into()));
}
