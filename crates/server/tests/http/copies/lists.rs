//! `GET /Bundles/{BundleSid}/Copies`.

use super::{clone, copy, ending, path};
use dossier_testkit::app::v2;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    copies_are_listed_newest_first_page_by_page,
    what_is_gone_or_no_copy_is_not_listed,
}

async fn copies_are_listed_newest_first_page_by_page(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let copies = path(&case.bundle, "Copies");
    let empty = alice.get(&copies).await.ok();
    assert_eq!(*empty.items("results"), [json!(null); 0]);
    assert_eq!(empty["meta"]["key"], "results");
    let mut made = Vec::new();
    for _ in 0..5 {
        app.clock().advance(super::DAY);
        made.insert(0, copy(&alice, &case.bundle).await.created());
    }
    let all = alice.get(&copies).await.ok();
    assert_eq!(*all.items("results"), made.iter().map(|copy| copy.0.clone()).collect::<Vec<_>>());

    let (mut seen, mut page) = (Vec::new(), alice.get(&format!("{copies}?PageSize=2")).await.ok());
    loop {
        seen.extend(page.sids());
        let Some(next) = page["meta"]["next_page_url"].as_str() else { break };
        page = alice.get(next).await.ok();
    }
    assert_eq!(seen, made.iter().map(|copy| copy.sid().to_owned()).collect::<Vec<_>>());
    let previous = page["meta"]["previous_page_url"].as_str().unwrap();
    assert_eq!(alice.get(previous).await.ok().sids(), seen[2..4]);
    // A token belongs to its list.
    let bundles = alice.get(&v2("/Bundles?PageSize=2")).await.ok();
    let token = bundles["meta"]["next_page_url"].as_str().unwrap().split("PageToken=").nth(1).unwrap();
    alice.get(&format!("{copies}?PageToken={token}")).await.refused(400, 21481);
}

async fn what_is_gone_or_no_copy_is_not_listed(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = ending(&app).await;
    let kept = copy(&alice, &case.bundle).await.created();
    let gone = copy(&alice, &case.bundle).await.created();
    clone(&alice, &case.bundle, alice.account()).await.created();
    clone(&alice, &case.bundle, app.branch().account()).await.created();
    alice.delete(&v2(&format!("/Bundles/{}", gone.sid()))).await.deleted();
    assert_eq!(alice.get(&path(&case.bundle, "Copies")).await.ok().sids(), [kept.sid()]);
    // A copy of a copy is the copy's.
    app.set_bundle_status(kept.sid(), "twilio-approved").await;
    super::set_end(&app, kept.sid(), json!(super::in_days(5))).await;
    let second = copy(&alice, kept.sid()).await.created();
    assert_eq!(alice.get(&path(kept.sid(), "Copies")).await.ok().sids(), [second.sid()]);
    assert_eq!(alice.get(&path(&case.bundle, "Copies")).await.ok().sids(), [kept.sid()]);
    assert_eq!(alice.get(&path(gone.sid(), "Copies")).await.refused(404, 20404).code, 20404);
}
