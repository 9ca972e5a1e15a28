//! The delivery log on the operator surface, and delivering again.

use std::time::Duration;

use dossier_domain::operator::Role;
use dossier_testkit::app::{AuditLine, Manners, Receiver};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

use super::{calling, told};

on_both_engines! {
    lists_show_nothing_personal_and_are_filtered,
    one_delivery_shows_its_address_to_those_who_may_see_it,
    a_range_is_delivered_again,
    roles_and_mistakes_are_refused,
}

/// Three callbacks: one delivered, one dead, one that waits.
async fn three(app: &TestApp, receiver: &Receiver) -> [String; 3] {
    let mut bundles = Vec::new();
    for status in [200, 410, 500] {
        receiver.behave(Manners::status(status));
        bundles.push(told(app, &receiver.url("/secret-path?token=s3cret")).await);
        app.work_off().await;
        app.clock().advance(Duration::from_secs(1));
    }
    bundles.try_into().unwrap()
}

fn column<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    list["items"].as_array().unwrap().iter().map(|item| item[name].as_str().unwrap()).collect()
}

async fn lists_show_nothing_personal_and_are_filtered(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    let bundles = three(&app, &receiver).await;
    let viewer = app.operator(Role::Viewer).await;
    let all = viewer.get("/deliveries").await.ok();
    assert_eq!(column(&all, "state"), ["waiting", "dead", "delivered"]);
    assert_eq!(column(&all, "host"), ["127.0.0.1"; 3]);
    assert!(!all.0.to_string().contains("s3cret"), "{}", all.0);
    let (alice, bob) = (app.alice().account().to_owned(), app.bob().account().to_owned());
    for (query, expected) in [
        ("state=dead".to_owned(), vec!["dead"]),
        ("state=dead&channel=callback".to_owned(), vec!["dead"]),
        ("channel=mail".to_owned(), vec![]),
        (format!("account_sid={alice}&state=delivered"), vec!["delivered"]),
        (format!("account_sid={bob}"), vec![]),
        (format!("account_sid={alice}&bundle_sid={}", bundles[2]), vec!["waiting"]),
        ("limit=1".to_owned(), vec!["waiting"]),
    ] {
        let list = viewer.get(&format!("/deliveries?{query}")).await.ok();
        assert_eq!(column(&list, "state"), expected, "{query}");
    }
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = viewer.get(&format!("/deliveries?limit=2{next}")).await.ok();
        seen.extend(column(&page, "sid").iter().map(|sid| (*sid).to_owned()));
        let Some(token) = page["next"].as_str() else { break };
        next = format!("&after={token}");
    }
    assert_eq!(seen, column(&all, "sid"));
}

async fn one_delivery_shows_its_address_to_those_who_may_see_it(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    three(&app, &receiver).await;
    let (viewer, reviewer) = (app.operator(Role::Viewer).await, app.operator(Role::Reviewer).await);
    let dead = viewer.get("/deliveries?state=dead").await.ok();
    let path = format!("/deliveries/{}", column(&dead, "sid")[0]);
    let before = app.snapshot().await;
    let hidden = viewer.get(&path).await.ok();
    assert_eq!(hidden["message"], Value::Null);
    assert_eq!(hidden["tries"][0]["outcome"], "status 410");
    assert_eq!(hidden["tries"][0]["status"], 410);
    assert_eq!(app.audited_since(&before).await, [], "nothing personal was seen");
    let shown = reviewer.get(&path).await.ok();
    assert_eq!(shown["message"]["url"], json!(receiver.url("/secret-path?token=s3cret")));
    assert_eq!(shown["message"]["status"], "draft");
    let viewed = AuditLine {
        action: "delivery.view".to_owned(),
        actor: reviewer.sid().to_owned(),
        target: path.rsplit('/').next().unwrap().to_owned(),
        outcome: "done".to_owned(),
    };
    assert_eq!(app.audited_since(&before).await, [viewed]);
}

async fn a_range_is_delivered_again(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    receiver.behave(Manners::status(410));
    for _ in 0..3 {
        told(&app, &receiver.url("/")).await;
        app.work_off().await;
        app.clock().advance(Duration::from_secs(60));
    }
    receiver.behave(Manners::status(200));
    let senior = app.operator(Role::Senior).await;
    let again = |body: Value| {
        let senior = senior.clone();
        async move { senior.post("/deliveries/redeliver", &body).await }
    };
    let account = app.alice().account().to_owned();
    let range =
        json!({ "account_sid": account, "from": "2026-01-01T00:01:00Z", "before": "2026-01-01T00:02:00Z" });
    assert_eq!(*again(range).await.ok(), json!({ "redelivered": 1, "complete": true }));
    app.work_off().await;
    assert_eq!(receiver.received().len(), 4);
    let dead = json!({ "from": "2026-01-01" });
    assert_eq!(again(dead).await.ok()["redelivered"], 2, "what was delivered by now is not dead");
    app.work_off().await;
    let mut ids: Vec<_> = receiver.received().iter().map(|one| one.delivery().to_owned()).collect();
    assert_eq!(ids.len(), 6);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3, "identifiers stay");
    let all = json!({ "account_sid": account, "state": "delivered" });
    assert_eq!(again(all).await.ok()["redelivered"], 3);
}

async fn roles_and_mistakes_are_refused(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    three(&app, &receiver).await;
    let admin = app.operator(Role::Admin).await;
    let list = admin.get("/deliveries").await.ok();
    let path = format!("/deliveries/{}", column(&list, "sid")[0]);
    let auditor = app.operator(Role::Auditor).await;
    auditor.get("/deliveries").await.refused(403, 20403);
    auditor.get(&path).await.refused(403, 20403);
    let viewer = app.operator(Role::Viewer).await;
    viewer.act(&format!("{path}/redeliver")).await.refused(403, 20403);
    viewer.post("/deliveries/redeliver", &json!({ "from": "2026-01-01" })).await.refused(403, 20403);
    let nobodys = format!("/deliveries/{}", crate::nobodys("WD"));
    admin.get(&nobodys).await.refused(404, 20404);
    admin.act(&format!("{nobodys}/redeliver")).await.refused(404, 20404);
    for query in ["state=lost", "channel=fax", "account_sid=x", "bundle_sid=x"] {
        admin.get(&format!("/deliveries?{query}")).await.refused(400, 20001);
    }
    let bundle = crate::nobodys("BU");
    admin.get(&format!("/deliveries?bundle_sid={bundle}")).await.refused(400, 20001).saying("account_sid");
    for body in [
        json!({}),
        json!({ "state": "dead" }),
        json!({ "from": "yesterday" }),
        json!({ "since": "2026-01-01" }),
    ] {
        admin.post("/deliveries/redeliver", &body).await.refused(400, 20001);
    }
}
