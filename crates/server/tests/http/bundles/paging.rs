//! Pages: nothing is shown twice or left out, and nobody gets lost.

use super::BUNDLES;
use dossier_testkit::app::{Client, Json, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use std::time::Duration;

on_both_engines! {
    pages_lead_forth_and_back_over_equal_keys,
    what_is_added_meanwhile_moves_nothing,
    a_token_is_good_for_its_list_only,
    a_page_can_be_asked_for_by_its_number,
    a_page_has_1_to_1000_items,
    strict_page_sizes_are_not_lowered,
}

/// Follows `next_page_url` to the end and then `previous_page_url` back, and returns the pages.
async fn walk(client: &Client, first: &str) -> Vec<Vec<String>> {
    let mut pages = vec![client.get(first).await.ok()];
    while let Some(next) = pages.last().unwrap()["meta"]["next_page_url"].as_str() {
        pages.push(client.get(next).await.ok());
        assert!(pages.len() < 20, "the pages have no end");
    }
    for (number, pair) in pages.windows(2).enumerate() {
        let back = client.get(pair[1]["meta"]["previous_page_url"].as_str().unwrap()).await.ok();
        assert_eq!(back.sids(), pair[0].sids(), "back to page {number}");
        assert_eq!(back["meta"]["page"], number);
        assert_eq!(pair[1]["meta"]["page"], number + 1);
    }
    assert_eq!(pages[0]["meta"]["previous_page_url"], json!(null));
    pages.iter().map(Json::sids).collect()
}

async fn pages_lead_forth_and_back_over_equal_keys(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for _ in 0..2 {
        for _ in 0..4 {
            alice.create_bundle("Beispiel").await;
        }
        app.clock().advance(Duration::from_secs(1));
    }
    for sort_by in ["date-created", "date-updated", "valid-until"] {
        for direction in ["ASC", "DESC"] {
            let list = format!("{BUNDLES}?SortBy={sort_by}&SortDirection={direction}");
            let whole = alice.get(&list).await.ok().sids();
            assert_eq!(whole.len(), 8);
            for size in [1, 3, 4, 8, 9] {
                let pages = walk(&alice, &format!("{list}&PageSize={size}")).await;
                assert_eq!(pages.concat(), whole, "{sort_by} {direction} by {size}");
                assert!(pages.iter().rev().skip(1).all(|page| page.len() == size), "only the last is short");
                assert!(!pages.last().unwrap().is_empty(), "no page is empty");
            }
        }
    }
}

async fn what_is_added_meanwhile_moves_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for _ in 0..4 {
        alice.create_bundle("Beispiel").await;
    }
    let first = alice.query(BUNDLES, &[("PageSize", "2")]).await.ok();
    app.clock().advance(Duration::from_secs(1));
    let newer = alice.create_bundle("Newer").await;
    let second = alice.get(first["meta"]["next_page_url"].as_str().unwrap()).await.ok();
    let mut seen = [first.sids(), second.sids()].concat();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
    assert!(!seen.contains(&newer.sid().to_owned()));
    let back = alice.get(second["meta"]["previous_page_url"].as_str().unwrap()).await.ok();
    assert_eq!(back.sids(), first.sids());
    let before = alice.get(back["meta"]["previous_page_url"].as_str().unwrap()).await.ok();
    assert_eq!(before.sids(), [newer.sid()], "back from there is what was added");
}

async fn a_token_is_good_for_its_list_only(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for _ in 0..2 {
        alice.create_bundle("Beispiel").await;
        alice.create_end_user(&json!({})).await;
    }
    let token = async |list: &str| {
        let first = alice.get(&format!("{list}PageSize=1")).await.ok();
        let next = first["meta"]["next_page_url"].as_str().unwrap().to_owned();
        next.split_once("PageToken=").unwrap().1.to_owned()
    };
    let good = token(&format!("{BUNDLES}?")).await;
    alice.query(BUNDLES, &[("PageToken", &good)]).await.ok();
    let of_another_order = token(&format!("{BUNDLES}?SortBy=date-updated&")).await;
    let of_another_list = token(&v2("/EndUsers?")).await;
    let backwards = format!("PB{}", &good[2..]);
    alice.query(BUNDLES, &[("PageToken", &backwards)]).await.ok();
    for bad in [&of_another_order, &of_another_list, "PA", "1", "PT7", &good[..20], &format!("{good}A"), "ä"]
    {
        alice.query(BUNDLES, &[("PageToken", bad)]).await.refused(400, 21481).saying("PageToken");
    }
    for path in
        ["/EndUsers", "/SupportingDocuments", "/Regulations", "/EndUserTypes", "/SupportingDocumentTypes"]
    {
        alice.query(&v2(path), &[("PageToken", &good)]).await.refused(400, 21481);
    }
    // Somebody else's token is a place in one's own list: it shows nothing of theirs.
    assert_eq!(app.bob().query(BUNDLES, &[("PageToken", &good)]).await.ok().sids(), [""; 0]);
}

async fn a_page_can_be_asked_for_by_its_number(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for _ in 0..5 {
        alice.create_bundle("Beispiel").await;
    }
    let whole = alice.get(BUNDLES).await.ok().sids();
    let page = async |number: &str| alice.query(BUNDLES, &[("PageSize", "2"), ("Page", number)]).await;
    assert_eq!(page("0").await.ok().sids(), whole[..2]);
    let second = page("1").await.ok();
    assert_eq!(second.sids(), whole[2..4]);
    assert_eq!(second["meta"]["page"], 1);
    for (address, sids) in [("next_page_url", &whole[4..]), ("previous_page_url", &whole[..2])] {
        assert_eq!(alice.get(second["meta"][address].as_str().unwrap()).await.ok().sids(), sids, "{address}");
    }
    assert_eq!(page("3").await.ok().sids(), [""; 0]);
    for bad in ["-1", "one", "1.5", "4294967296", "100000"] {
        page(bad).await.refused(400, 20001).saying("Invalid Page");
    }
}

async fn a_page_has_1_to_1000_items(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let list = async |size: &str| alice.query(BUNDLES, &[("PageSize", size)]).await;
    for (size, expected) in
        [("", 50), ("1", 1), ("1000", 1000), ("1001", 1000), ("99999999999999999999", 1000)]
    {
        assert_eq!(list(size).await.ok()["meta"]["page_size"], expected, "{size}");
    }
    for size in ["0", "-1", "ten", "1e3", "+5x", "0x10"] {
        list(size).await.refused(400, 20001).saying("PageSize");
    }
}

async fn strict_page_sizes_are_not_lowered(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.web.strict_page_size = true).await;
    let alice = app.alice();
    alice.query(BUNDLES, &[("PageSize", "1000")]).await.ok();
    for size in ["1001", "99999999999999999999"] {
        alice.query(BUNDLES, &[("PageSize", size)]).await.refused(400, 20007);
    }
}
