//! What was made from what.

use dossier_domain::account::Account;
use dossier_domain::bundle::Bundle;
use dossier_domain::lineage::{BundleLineage, ItemLineage, LineageKind, Replacement};
use dossier_domain::paging::{Position, Window};
use dossier_domain::sid::{AccountSid, AnySid, BundleSid};
use dossier_store::{Owner, accounts, bundles, lineage};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{paging, read, samples, touches_nothing, write};

on_both_engines![
    a_bundle_knows_its_source_and_when_it_took_its_place,
    what_was_made_from_a_bundle_is_walked_newest_first_over_all_accounts,
    lists_of_copies_cover_those_that_still_exist,
    what_was_made_from_an_item_is_walked_over_all_accounts,
];

fn made(random: &mut Seeded, owner: &Owner, source: BundleSid) -> BundleLineage {
    BundleLineage {
        account_sid: owner.account,
        bundle_sid: random.sid(),
        kind: if random.flip() { LineageKind::Copy } else { LineageKind::Clone },
        source_account_sid: self::owner().account,
        source_bundle_sid: source,
        made_at: samples::time(random),
        made_by: owner.account.to_string(),
        replaced: None,
    }
}

async fn insert(db: &TestDb, made: &BundleLineage) {
    let made = made.clone();
    write(db, move |tx| lineage::insert(tx, &made)).await;
}

async fn source_of(db: &TestDb, account: AccountSid, bundle: BundleSid) -> Option<BundleLineage> {
    read(db, move |tx| lineage::source_of(tx, account, bundle)).await
}

async fn a_bundle_knows_its_source_and_when_it_took_its_place(db: TestDb) {
    let mut random = Seeded::new(1);
    let source = random.sid();
    let mut made = made(&mut random, &owner(), source);
    insert(&db, &made).await;
    // Accounts are asked one by one, so they must be known.
    let known = Account { sid: made.account_sid, ..samples::account(&mut random) };
    write(&db, move |tx| accounts::insert(tx, &known)).await;
    let (account, bundle) = (made.account_sid, made.bundle_sid);
    assert_eq!(source_of(&db, account, bundle).await.as_ref(), Some(&made));
    assert_eq!(source_of(&db, account, source).await, None);
    assert_eq!(source_of(&db, stranger().account, bundle).await, None);

    for (seconds, by) in [(10, "command-line"), (20, "policy")] {
        let replaced = Replacement { at: samples::later(seconds), by: by.to_owned() };
        made.replaced = Some(replaced.clone());
        write(&db, move |tx| lineage::mark_replaced(tx, account, bundle, &replaced)).await;
        assert_eq!(source_of(&db, account, bundle).await.as_ref(), Some(&made));
    }
    for (bundle, whose) in [(bundle, Some(account)), (source, Some(account)), (random.sid(), None)] {
        assert_eq!(read(&db, move |tx| lineage::account_of(tx, bundle)).await, whose);
    }
    let replaced = made.replaced.unwrap();
    touches_nothing(&db, move |tx| lineage::mark_replaced(tx, stranger().account, bundle, &replaced)).await;
}

async fn what_was_made_from_a_bundle_is_walked_newest_first_over_all_accounts(db: TestDb) {
    let mut random = Seeded::new(2);
    let source = random.sid();
    let mut all = Vec::new();
    for number in 0..20 {
        let owner = if number % 3 == 0 { stranger() } else { owner() };
        all.push(made(&mut random, &owner, source));
        insert(&db, all.last().unwrap()).await;
    }
    let other = random.sid();
    insert(&db, &made(&mut random, &owner(), other)).await;
    all.sort_by_key(|made| std::cmp::Reverse((made.made_at, made.bundle_sid)));

    let mut seen: Vec<BundleLineage> = Vec::new();
    loop {
        let after =
            seen.last().map(|made| Position { key: made.made_at.as_micros(), sid: made.bundle_sid.into() });
        let part = read(&db, move |tx| lineage::made_from(tx, owner().account, source, after, 7)).await;
        if part.is_empty() {
            break;
        }
        seen.extend(part);
    }
    assert_eq!(seen, all);
    let of_stranger = read(&db, move |tx| lineage::made_from(tx, stranger().account, source, None, 7)).await;
    assert_eq!(of_stranger, []);
}

async fn lists_of_copies_cover_those_that_still_exist(db: TestDb) {
    let mut random = Seeded::new(3);
    let source = random.sid();
    let mut copies: Vec<Bundle> = Vec::new();
    for number in 0..40 {
        let bundle = samples::bundle(&mut random, &owner());
        let from = if number % 7 == 0 { random.sid() } else { source };
        let mut made = made(&mut random, &owner(), from);
        made.bundle_sid = bundle.sid;
        made.made_at = bundle.created_at;
        insert(&db, &made).await;
        // A copy that is gone.
        if number % 5 == 0 {
            continue;
        }
        let stored = bundle.clone();
        write(&db, move |tx| bundles::insert(tx, &owner(), &stored)).await;
        if made.kind == LineageKind::Copy && made.source_bundle_sid == source {
            copies.push(bundle);
        }
    }
    assert!(copies.len() > 8);
    copies.sort_by_key(|copy| std::cmp::Reverse((copy.created_at, copy.sid)));
    let position = |copy: &Bundle| Position { key: copy.created_at.as_micros(), sid: copy.sid.into() };
    let list =
        async |window: Window| read(&db, move |tx| lineage::copies(tx, &owner(), source, &window)).await;
    paging::covers_exactly(&copies, position, list).await;
    let window = Window { size: 5, start: dossier_domain::paging::Start::First };
    let of_stranger = read(&db, move |tx| lineage::copies(tx, &stranger(), source, &window)).await;
    assert_eq!(of_stranger.items, []);
}

async fn what_was_made_from_an_item_is_walked_over_all_accounts(db: TestDb) {
    let mut random = Seeded::new(4);
    let source: AnySid = random.sid::<dossier_domain::sid::kinds::Document>().into();
    let mut all = Vec::new();
    for number in 0..9 {
        let made = ItemLineage {
            account_sid: if number % 2 == 0 { owner() } else { stranger() }.account,
            sid: random.sid::<dossier_domain::sid::kinds::Document>().into(),
            source_account_sid: owner().account,
            source_sid: if number == 0 {
                random.sid::<dossier_domain::sid::kinds::Document>().into()
            } else {
                source
            },
            made_at: samples::time(&mut random),
        };
        write(&db, move |tx| lineage::insert_item(tx, &made)).await;
        if made.source_sid == source {
            all.push(made);
        }
    }
    all.sort_by_key(|made| (made.account_sid, made.sid.to_string()));
    let mut seen: Vec<ItemLineage> = Vec::new();
    loop {
        let after = seen.last().map(|made| (made.account_sid, made.sid));
        let part = read(&db, move |tx| lineage::items_made_from(tx, owner().account, source, after, 3)).await;
        if part.is_empty() {
            break;
        }
        seen.extend(part);
    }
    assert_eq!(seen, all);
}
