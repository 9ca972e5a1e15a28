//! `GET /operator/v1/bundles/{sid}/lineage`.

use super::{approved_copy, clone, copy, ending, in_days, replace};
use crate::nobodys;
use dossier_domain::operator::Role;
use dossier_testkit::app::{OperatorClient, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    operators_see_which_bundle_came_from_which,
    lineage_outlives_the_bundles,
    many_are_shown_page_by_page,
    auditors_and_customers_do_not_see_it,
    items_know_what_they_were_made_from,
    the_case_of_a_copy_names_its_source,
}

async fn lineage(operator: &OperatorClient, bundle: &str) -> Value {
    operator.get(&format!("/bundles/{bundle}/lineage")).await.ok().0
}

async fn operators_see_which_bundle_came_from_which(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch, viewer) = (app.alice(), app.branch(), app.operator(Role::Viewer).await);
    let case = ending(&app).await;
    let nothing = json!({ "bundle_sid": case.bundle, "account_sid": alice.account(), "source": null,
        "made": [], "next": null });
    assert_eq!(lineage(&viewer, &case.bundle).await, nothing);
    app.clock().advance(super::DAY);
    let copied = approved_copy(&app, &case.bundle).await;
    app.clock().advance(super::DAY);
    let cloned = clone(&alice, &case.bundle, branch.account()).await.created();
    let cloned = cloned.text("bundle_sid");
    let mut copy = json!({ "bundle_sid": copied, "account_sid": alice.account(), "kind": "copy",
        "made_at": in_days(1), "made_by": alice.account(), "replaced_at": null, "replaced_by": null });
    let clone = json!({ "bundle_sid": cloned, "account_sid": branch.account(), "kind": "clone",
        "made_at": in_days(2), "made_by": alice.account(), "replaced_at": null, "replaced_by": null });
    assert_eq!(lineage(&viewer, &case.bundle).await["made"], json!([clone, copy]));

    app.clock().advance(super::DAY);
    replace(&alice, &case.bundle, &copied).await.created();
    copy["replaced_at"] = json!(in_days(3));
    copy["replaced_by"] = json!(alice.account());
    assert_eq!(lineage(&viewer, &case.bundle).await["made"], json!([clone, copy]));
    let mut source = copy.clone();
    source["bundle_sid"] = json!(case.bundle);
    let expected = json!({ "bundle_sid": copied, "account_sid": alice.account(), "source": source,
        "made": [], "next": null });
    assert_eq!(lineage(&viewer, &copied).await, expected);
    let of_clone = lineage(&viewer, cloned).await;
    assert_eq!(of_clone["account_sid"], branch.account());
    assert_eq!(of_clone["source"]["account_sid"], alice.account());
    assert_eq!(of_clone["source"]["kind"], "clone");
}

async fn lineage_outlives_the_bundles(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, viewer) = (app.alice(), app.operator(Role::Viewer).await);
    let case = ending(&app).await;
    let copied = copy(&alice, &case.bundle).await.created();
    let (of_source, of_copy) = (lineage(&viewer, &case.bundle).await, lineage(&viewer, copied.sid()).await);
    for bundle in [copied.sid(), &case.bundle] {
        alice.delete(&v2(&format!("/Bundles/{bundle}"))).await.deleted();
    }
    assert_eq!(lineage(&viewer, &case.bundle).await, of_source);
    assert_eq!(lineage(&viewer, copied.sid()).await, of_copy);
    for nobodys in [nobodys("BU"), "BU1".to_owned()] {
        viewer.get(&format!("/bundles/{nobodys}/lineage")).await.refused(404, 20404);
    }
}

async fn many_are_shown_page_by_page(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, viewer) = (app.alice(), app.operator(Role::Viewer).await);
    let case = ending(&app).await;
    let mut made = Vec::new();
    for _ in 0..5 {
        app.clock().advance(super::DAY);
        made.insert(0, copy(&alice, &case.bundle).await.created().sid().to_owned());
    }
    let path = format!("/bundles/{}/lineage?limit=2", case.bundle);
    let (mut seen, mut page) = (Vec::new(), viewer.get(&path).await.ok());
    loop {
        let sids = page.items("made").iter().map(|made| made["bundle_sid"].as_str().unwrap().to_owned());
        seen.extend(sids);
        let Some(next) = page["next"].as_str() else { break };
        page = viewer.get(&format!("{path}&after={next}")).await.ok();
    }
    assert_eq!(seen, made);
    viewer.get(&format!("{path}&order=x")).await.refused(400, 20001);
    viewer.get(&format!("{path}&after=x")).await.refused(400, 21481);
}

async fn auditors_and_customers_do_not_see_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let case = ending(&app).await;
    let below = format!("/bundles/{}/lineage", case.bundle);
    for role in [Role::Viewer, Role::Reviewer, Role::Senior, Role::Admin] {
        let before = app.snapshot().await;
        let operator = app.operator(role).await;
        operator.get(&below).await.ok();
        assert_eq!(app.audited_since(&before).await.len(), 1, "the operator was made, nothing else");
    }
    app.operator(Role::Auditor).await.get(&below).await.refused(403, 20403);
    app.alice().get(&format!("/operator/v1{below}")).await.refused(401, 20003);
}

/// Erasure follows them.
async fn items_know_what_they_were_made_from(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = ending(&app).await;
    copy(&alice, &case.bundle).await.created();
    clone(&alice, &case.bundle, branch.account()).await.created();
    let account = dossier_domain::sid::AccountSid::parse(alice.account()).unwrap();
    for (sid, accounts) in [
        (&case.end_user, vec![alice.account(), branch.account()]),
        (&case.document, vec![alice.account(), branch.account()]),
        (&case.address, vec![branch.account()]),
    ] {
        let sid = dossier_domain::sid::AnySid::parse(sid).unwrap();
        let unit = move |tx: &mut dossier_store::Tx<'_>| {
            dossier_store::lineage::items_made_from(tx, account, sid, None, 10)
        };
        let made = app.database().read(unit).await.unwrap();
        let mut owners: Vec<_> = made.iter().map(|made| made.account_sid.to_string()).collect();
        let mut expected: Vec<_> = accounts.into_iter().map(str::to_owned).collect();
        owners.sort();
        expected.sort();
        assert_eq!(owners, expected, "{sid}");
    }
}

async fn the_case_of_a_copy_names_its_source(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, viewer) = (app.alice(), app.operator(Role::Viewer).await);
    let case = ending(&app).await;
    let copied = copy(&alice, &case.bundle).await.created();
    let form = [("TargetAccountSid", alice.account()), ("MoveToDraft", "true")];
    let cloned = alice.post(&super::path(&case.bundle, "Clones"), &form).await.created();
    for (bundle, source) in [(copied.sid(), json!(case.bundle)), (cloned.text("bundle_sid"), Value::Null)] {
        alice.submit(bundle).await.ok();
        let waiting = viewer.get("/cases?sort=newest&state=waiting").await.ok();
        let found = waiting.items("items").iter().find(|found| found["bundle_sid"] == bundle).unwrap();
        let file = viewer.get(&format!("/cases/{}", found["sid"].as_str().unwrap())).await.ok();
        assert_eq!(file["copy_of"], source);
    }
}
