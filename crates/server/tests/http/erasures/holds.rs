//! Legal holds: nothing of what is held goes away, by nobody's hand.

use dossier_domain::operator::Role;
use dossier_testkit::app::{Case, Client, OperatorClient, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

use super::{HOUR, exists, request};

on_both_engines! {
    what_a_hold_covers_cannot_be_changed_or_deleted,
    a_hold_blocks_erasures_until_it_is_released,
    a_hold_that_comes_later_stops_what_has_begun,
    a_released_hold_is_told_once,
}

async fn hold(admin: &OperatorClient, subject: &str) -> String {
    let body = json!({ "subject": subject, "reason": "The regulator asks about Erika" });
    admin.post("/legal-holds", &body).await.created().sid().to_owned()
}

/// What a customer can do to a draft bundle and what is in it: the changes, and the deletions. Whether each
/// is refused with a message that says nothing of why.
async fn held(client: &Client, case: &Case) -> Vec<bool> {
    let (bundle, document) =
        (v2(&format!("/Bundles/{}", case.bundle)), v2(&format!("/SupportingDocuments/{}", case.document)));
    let (end_user, address) = (
        v2(&format!("/EndUsers/{}", case.end_user)),
        client.v2010(&format!("/Addresses/{}.json", case.address)),
    );
    let name = [("FriendlyName", "Another")];
    let extra = client.create_document("passport", &json!({})).await;
    let mut answers = vec![
        client.post(&bundle, &name).await,
        client.post(&end_user, &name).await,
        client.post(&document, &name).await,
        client.post(&address, &name).await,
        client.assign(&case.bundle, extra.sid()).await,
    ];
    let items = format!("{bundle}/ItemAssignments");
    if answers[4].status == 409 {
        let item = client.get(&items).await.ok().sids().remove(0);
        answers.push(client.delete(&format!("{items}/{item}")).await);
        answers.push(client.delete(&bundle).await);
    }
    let refused = |answer: dossier_testkit::app::Answer| {
        if answer.status != 409 {
            return false;
        }
        let message = answer.refused(409, 20409).message;
        assert!(!message.contains("hold") && !message.contains("regulator"), "{message}");
        true
    };
    answers.into_iter().map(refused).collect()
}

async fn what_a_hold_covers_cannot_be_changed_or_deleted(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    // Whether bundle, end user, document, address and assignment are refused; further on what was refused is
    // tried again as a deletion.
    for (subject, expected) in [
        ("account", vec![true, true, true, true, true, true, true]),
        ("bundle", vec![true, true, true, true, true, true, true]),
        ("end user", vec![true, true, false, false, true, true, true]),
        ("document", vec![true, false, true, true, true, true, true]),
        ("address", vec![false, false, false, true, false]),
    ] {
        let case = alice.prepare_case().await;
        let sid = match subject {
            "account" => alice.account(),
            "bundle" => &case.bundle,
            "end user" => &case.end_user,
            "document" => &case.document,
            _ => &case.address,
        };
        let hold = hold(&admin, sid).await;
        assert_eq!(held(&alice, &case).await, expected, "{subject}");
        let released = admin.act(&format!("/legal-holds/{hold}/release")).await.ok();
        assert_eq!(released["active"], false);
        assert!(!held(&alice, &case).await[0], "{subject}");
    }
    // What is in no bundle any more can be deleted while it is not held.
    let (end_user, document) =
        (alice.create_end_user(&json!({})).await, alice.create_document("passport", &json!({})).await);
    let address = alice.create_address().await;
    let paths = [
        v2(&format!("/EndUsers/{}", end_user.sid())),
        v2(&format!("/SupportingDocuments/{}", document.sid())),
        alice.v2010(&format!("/Addresses/{}.json", address.sid())),
    ];
    for (path, sid) in paths.iter().zip([end_user.sid(), document.sid(), address.sid()]) {
        let hold = hold(&admin, sid).await;
        alice.delete(path).await.refused(409, 20409);
        admin.act(&format!("/legal-holds/{hold}/release")).await.ok();
        alice.delete(path).await.deleted();
    }
    // Somebody else's hold is no matter of Alice's.
    hold(&admin, app.bob().account()).await;
    let case = alice.prepare_case().await;
    assert_eq!(held(&alice, &case).await, [false; 5]);
}

async fn a_hold_blocks_erasures_until_it_is_released(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let case = alice.prepare_case().await;
    for subject in [alice.account(), &case.bundle, &case.end_user, &case.document, &case.address] {
        let hold = hold(&admin, subject).await;
        let body = json!({ "subject": case.end_user, "reason": "x", "even_if_in_use": true });
        admin.post("/erasures", &body).await.refused(409, 20409).saying(&hold);
        let mut body = body;
        body["subject"] = alice.account().into();
        admin.post("/erasures", &body).await.refused(409, 20409).saying(&hold);
        admin.act(&format!("/legal-holds/{hold}/release")).await.ok();
    }
    let wanted = request(&admin, &case.end_user).await;
    let hold = hold(&admin, &case.address).await;
    app.work_off().await;
    let path = format!("/erasures/{}", wanted.sid());
    let blocked = admin.get(&path).await.ok();
    assert_eq!((blocked.text("state"), blocked.text("blocked_by")), ("blocked", &*hold));
    assert_eq!(exists(&alice, &case).await, [true; 4], "all of it waits");
    admin.act(&format!("/legal-holds/{hold}/release")).await.ok();
    app.clock().advance(HOUR);
    app.work_off().await;
    let done = admin.get(&path).await.ok();
    assert_eq!((done.text("state"), done["blocked_by"].is_null()), ("done", true));
    let hold = admin.get(&format!("/legal-holds/{hold}")).await.ok();
    assert!(hold["reason"].is_null(), "what was held is erased, and so are the words about it");
}

async fn a_hold_that_comes_later_stops_what_has_begun(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let case = alice.prepare_case().await;
    let wanted = request(&admin, &case.end_user).await;
    // As if the first unit were done, and the process had died behind it.
    let sql = format!("UPDATE erasures SET state = 'running' WHERE sid = '{}'", wanted.sid());
    app.database().script(&sql).await;
    let hold = hold(&admin, &case.document).await;
    app.work_off().await;
    let blocked = admin.get(&format!("/erasures/{}", wanted.sid())).await.ok();
    assert_eq!((blocked.text("state"), blocked.text("blocked_by")), ("blocked", &*hold));
    assert!(exists(&alice, &case).await[2], "the document is there");
    admin.act(&format!("/legal-holds/{hold}/release")).await.ok();
    app.clock().advance(HOUR);
    app.work_off().await;
    assert_eq!(exists(&alice, &case).await, [true, false, false, false]);
}

async fn a_released_hold_is_told_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let address = alice.create_address().await;
    let before = app.snapshot().await;
    let hold = hold(&admin, address.sid()).await;
    let path = format!("/legal-holds/{hold}");
    assert_eq!(admin.get(&path).await.ok().text("reason"), "The regulator asks about Erika");
    let released = admin.act(&format!("{path}/release")).await.ok();
    assert_eq!((released.text("released_by"), released["active"].as_bool()), (admin.sid(), Some(false)));
    app.clock().advance(HOUR);
    let again = app.operator(Role::Admin).await.act(&format!("{path}/release")).await.ok();
    assert_eq!(again.0, released.0, "it was released by the first");
    let audited = app.audited_since(&before).await;
    let about = audited.iter().filter(|line| line.target == hold);
    let actions: std::collections::BTreeSet<_> = about.map(|line| &*line.action).collect();
    assert_eq!(actions.into_iter().collect::<Vec<_>>(), ["legal-hold.release", "legal-hold.set"]);
    let snapshot = format!("{:?}", app.snapshot().await);
    assert!(!snapshot.contains("The regulator asks"), "it is sealed");
    assert_eq!(admin.walk("/legal-holds").await, [hold]);
}
