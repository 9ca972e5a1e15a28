//! Undoing an erasure, and who may do what.

use dossier_domain::operator::Role;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

use super::{HOUR, erase, exists, objects, request};

on_both_engines! {
    until_it_is_due_it_can_be_undone,
    one_at_a_time,
    each_role_does_what_it_may,
    erasures_are_listed_newest_first,
    bad_requests_are_refused,
}

async fn until_it_is_due_it_can_be_undone(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let case = alice.prepare_case().await;
    let body = json!({ "subject": case.end_user, "reason": "Ticket 4711" });
    let wanted = admin.post("/erasures", &body).await.created();
    assert_eq!((wanted.text("state"), wanted.text("reason")), ("waiting", "Ticket 4711"));
    assert_eq!(objects(&wanted).len(), 4, "the plan says what will go");
    app.clock().advance(HOUR / 2);
    app.work_off().await;
    assert_eq!(exists(&alice, &case).await, [true; 4], "the default is an hour");
    let path = format!("/erasures/{}/undo", wanted.sid());
    assert_eq!(admin.act(&path).await.ok().text("state"), "undone");
    app.clock().advance(HOUR);
    app.work_off().await;
    assert_eq!(exists(&alice, &case).await, [true; 4]);
    admin.act(&path).await.refused(409, 20409);

    let wanted = admin.post("/erasures", &body).await.created();
    app.clock().advance(HOUR);
    app.work_off().await;
    assert_eq!(exists(&alice, &case).await, [true, false, false, false]);
    let done = admin.get(&format!("/erasures/{}", wanted.sid())).await.ok();
    assert!(done["reason"].is_null(), "why is erased with the rest");
    admin.act(&format!("/erasures/{}/undo", wanted.sid())).await.refused(409, 20409);
}

async fn one_at_a_time(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let case = alice.prepare_case().await;
    let body = json!({ "subject": case.end_user, "reason": "x" });
    let (one, other) = tokio::join!(admin.post("/erasures", &body), admin.post("/erasures", &body));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    // The parts may be wanted by themselves meanwhile: whoever comes second finds nothing left of them.
    request(&admin, &case.document).await;
    app.work_off().await;
    app.clock().advance(HOUR);
    app.work_off().await;
    let states: Vec<_> = admin.get("/erasures").await.ok().items("items").clone();
    assert!(states.iter().all(|erasure| erasure["state"] == "done"), "{states:?}");
}

async fn each_role_does_what_it_may(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let done = erase(&app, &alice.prepare_case().await.end_user).await;
    let admin = app.operator(Role::Admin).await;
    let held = alice.create_address().await;
    let hold = json!({ "subject": held.sid(), "reason": "File 12" });
    let hold = admin.post("/legal-holds", &hold).await.created();
    for role in Role::ALL {
        let operator = app.operator(role).await;
        let address = alice.create_address().await;
        let body = json!({ "subject": address.sid(), "reason": "x", "undo_seconds": 60 });
        let changes = [
            operator.post("/erasures", &body).await,
            operator.post("/legal-holds", &json!({ "subject": address.sid(), "reason": "x" })).await,
        ];
        let mut looks = Vec::new();
        for path in [
            "/erasures",
            &format!("/erasures/{}", done.sid()),
            &format!("/erasures/{}/certificate", done.sid()),
            "/legal-holds",
            &format!("/legal-holds/{}", hold.sid()),
        ] {
            looks.push(operator.get(path).await);
        }
        let may_look = matches!(role, Role::Admin | Role::Auditor);
        for look in looks {
            assert_eq!(look.status, if may_look { 200 } else { 403 }, "{role}");
        }
        if may_look {
            let shown = operator.get(&format!("/legal-holds/{}", hold.sid())).await.ok();
            assert_eq!(shown["reason"].is_string(), role == Role::Admin, "{role}");
        }
        for change in changes {
            assert_eq!(change.status, if role == Role::Admin { 201 } else { 403 }, "{role}");
        }
        for path in [
            format!("/erasures/{}/undo", done.sid()),
            format!("/legal-holds/{}/release", crate::nobodys("LH")),
        ] {
            let answer = operator.act(&path).await;
            assert_eq!(answer.status == 403, role != Role::Admin, "{role} {path}");
        }
    }
}

async fn erasures_are_listed_newest_first(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let mut sids = Vec::new();
    for _ in 0..3 {
        let address = alice.create_address().await;
        sids.insert(0, request(&admin, address.sid()).await.sid().to_owned());
        app.clock().advance(std::time::Duration::from_millis(1));
    }
    assert_eq!(admin.walk("/erasures?limit=2").await, sids);
    admin.get("/erasures?state=done").await.refused(400, 20001);
    admin.get(&format!("/erasures/{}", crate::nobodys("ER"))).await.refused(404, 20404);
    admin.get(&format!("/erasures/{}/certificate?limit=1", sids[0])).await.refused(400, 20001);
    admin.get(&format!("/erasures/{}/certificate?after=x", sids[0])).await.refused(400, 20001);
}

async fn bad_requests_are_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let address = alice.create_address().await;
    for (key, value) in [
        ("subject", json!("Jane")),
        ("subject", json!(null)),
        ("reason", json!("  ")),
        ("reason", json!("x".repeat(4001))),
        ("undo_seconds", json!(-1)),
        ("undo_seconds", json!(32 * 24 * 60 * 60)),
        ("even_if_in_use", json!("yes")),
        ("colour", json!("red")),
    ] {
        let mut body = json!({ "subject": address.sid(), "reason": "x" });
        body[key] = value;
        let refused = admin.post("/erasures", &body).await.refused(400, 20001);
        assert!(!refused.message.contains("Jane"), "{}", refused.message);
    }
    for (key, value) in [("subject", json!("x")), ("reason", json!("")), ("until", json!("x"))] {
        let mut body = json!({ "subject": address.sid(), "reason": "x" });
        body[key] = value;
        admin.post("/legal-holds", &body).await.refused(400, 20001);
    }
    let body = json!({ "subject": crate::nobodys("BU"), "reason": "x" });
    admin.post("/legal-holds", &body).await.refused(404, 20404);
}
