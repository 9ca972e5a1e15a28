//! The queue: filtered, sorted, page by page.

use super::{Desk, submitted};
use dossier_domain::operator::Role;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use std::time::Duration;

on_both_engines! {
    the_oldest_comes_first,
    filters_narrow_the_list,
    whoever_is_choosy_gets_the_next_of_that_kind,
    pages_have_every_case_once,
    what_makes_no_sense_is_refused,
}

/// So many submitted bundles, a second apart; the identifiers of their cases.
async fn several(app: &TestApp, count: usize) -> Vec<String> {
    let mut cases = Vec::new();
    for _ in 0..count {
        app.clock().advance(Duration::from_secs(1));
        cases.push(submitted(app).await.1);
    }
    cases
}

async fn the_oldest_comes_first(db: TestDb) {
    let app = TestApp::start(db).await;
    let mut cases = several(&app, 4).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    assert_eq!(desk.operator.walk("/cases").await, cases);
    for expected in &cases {
        assert_eq!(desk.operator.act("/cases/next").await.ok().text("sid"), expected);
    }
    assert_eq!(desk.operator.act("/cases/next").await.status, 204);
    cases.reverse();
    assert_eq!(desk.operator.walk("/cases?sort=newest").await, cases);
}

async fn filters_narrow_the_list(db: TestDb) {
    let app = TestApp::start(db).await;
    let cases = several(&app, 3).await;
    let (one, other) = (Desk::new(&app, Role::Reviewer).await, Desk::new(&app, Role::Reviewer).await);
    one.claim(&cases[0]).await.ok();
    one.decide(&cases[0], json!({ "outcome": "rejected", "message": "x" })).await.ok();
    other.claim(&cases[1]).await.ok();
    let me = one.sid();
    for (query, expected) in [
        ("state=waiting".to_owned(), &cases[2..]),
        ("state=claimed".to_owned(), &cases[1..2]),
        ("state=decided".to_owned(), &cases[..1]),
        ("state=confirming".to_owned(), &[]),
        ("state=withdrawn".to_owned(), &[]),
        ("assignee=me".to_owned(), &cases[..1]),
        (format!("assignee={me}&state=claimed"), &[]),
        ("country=de".to_owned(), &cases[..]),
        ("country=FR".to_owned(), &[]),
        ("country=DE&number_type=local&end_user_type=business&state=waiting".to_owned(), &cases[2..]),
        ("number_type=mobile".to_owned(), &[]),
        ("end_user_type=individual&sort=newest".to_owned(), &[]),
    ] {
        assert_eq!(one.operator.walk(&format!("/cases?{query}")).await, expected, "{query}");
    }
}

async fn whoever_is_choosy_gets_the_next_of_that_kind(db: TestDb) {
    let app = TestApp::start(db).await;
    let (_, sid) = submitted(&app).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    for (filter, status) in [
        (json!({ "country": "FR" }), 204),
        (json!({ "number_type": "mobile" }), 204),
        (json!({ "end_user_type": "individual" }), 204),
        (json!({ "country": "Germany" }), 400),
        (json!({ "state": "waiting" }), 400),
    ] {
        assert_eq!(desk.operator.post("/cases/next", &filter).await.status, status, "{filter}");
    }
    let filter = json!({ "country": "DE", "number_type": "local", "end_user_type": "business" });
    assert_eq!(desk.operator.post("/cases/next", &filter).await.ok().text("sid"), sid);
}

/// Also across states, and while cases change theirs.
async fn pages_have_every_case_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let cases = several(&app, 7).await;
    let desk = Desk::new(&app, Role::Reviewer).await;
    for case in [&cases[1], &cases[4]] {
        desk.claim(case).await.ok();
    }
    desk.decide(&cases[4], json!({ "outcome": "rejected", "message": "x" })).await.ok();
    for limit in 1..=8 {
        assert_eq!(desk.operator.walk(&format!("/cases?limit={limit}")).await, cases, "{limit}");
        let mut newest = desk.operator.walk(&format!("/cases?limit={limit}&sort=newest")).await;
        newest.reverse();
        assert_eq!(newest, cases, "{limit}");
    }
    let page = desk.operator.get("/cases?state=waiting&limit=2").await.ok();
    assert_eq!(page.items("items").len(), 2);
    desk.claim(page["items"][1]["sid"].as_str().unwrap()).await.ok();
    let rest = format!("/cases?state=waiting&after={}", page["next"].as_str().unwrap());
    assert_eq!(desk.operator.walk(&rest).await, [&*cases[3], &*cases[5], &*cases[6]]);
}

async fn what_makes_no_sense_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let desk = Desk::new(&app, Role::Viewer).await;
    for query in ["state=open", "sate=waiting", "country=Germany", "sort=age", "assignee=you", "limit=0"] {
        desk.operator.get(&format!("/cases?{query}")).await.refused(400, 20001);
    }
    desk.operator.get("/cases?after=x").await.refused(400, 21481);
}
