//! The register of numbers.

use dossier_domain::paging::Position;
use dossier_domain::phone_number::PhoneNumber;
use dossier_domain::sid::{AnySid, BundleSid, PhoneNumberSid};
use dossier_store::numbers::{self, NumberInUse, NumberScope, NumberUse};
use dossier_store::{Owner, bundles};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{read, samples, touches_nothing, write};

on_both_engines![
    a_number_is_registered_changed_and_released,
    a_number_is_leased_by_one_account,
    all_numbers_of_an_account_are_released,
    lists_cover_everything_of_their_scope,
];

fn phone_number(number: usize) -> PhoneNumber {
    PhoneNumber::parse(&format!("+4930{number:06}")).unwrap()
}

async fn bundle(db: &TestDb, random: &mut Seeded, owner: Owner) -> BundleSid {
    let bundle = samples::bundle(random, &owner);
    let sid = bundle.sid;
    write(db, move |tx| bundles::insert(tx, &owner, &bundle)).await;
    sid
}

async fn register(db: &TestDb, owner: Owner, number: usize, bundle: BundleSid) -> PhoneNumberSid {
    let sid = PhoneNumberSid::from_bytes([u8::try_from(number).unwrap(); 16]);
    let (with, now) =
        (NumberUse { bundle, address: None }, samples::later(u64::try_from(number / 2).unwrap()));
    write(db, move |tx| numbers::insert(tx, &owner, sid, &phone_number(number), with, now)).await;
    sid
}

async fn find(db: &TestDb, number: usize) -> Option<NumberInUse> {
    read(db, move |tx| numbers::get(tx, &phone_number(number))).await
}

async fn uses(db: &TestDb, owner: Owner, bundle: BundleSid) -> bool {
    read(db, move |tx| numbers::use_bundle(tx, &owner, bundle)).await
}

async fn a_number_is_registered_changed_and_released(db: TestDb) {
    let mut random = Seeded::new(1);
    let (first, second) = (bundle(&db, &mut random, owner()).await, bundle(&db, &mut random, owner()).await);
    let sid = register(&db, owner(), 1, first).await;
    let found = find(&db, 1).await.unwrap();
    assert_eq!((found.sid, found.account, found.with.bundle), (sid, owner().account, first));
    assert!(uses(&db, owner(), first).await && !uses(&db, owner(), second).await);

    let with = NumberUse { bundle: second, address: Some(random.sid()) };
    touches_nothing(&db, move |tx| numbers::save(tx, &stranger(), sid, with, samples::later(9))).await;
    write(&db, move |tx| numbers::save(tx, &owner(), sid, with, samples::later(9))).await;
    let changed = find(&db, 1).await.unwrap();
    assert_eq!((changed.with, changed.updated_at), (with, samples::later(9)));
    assert_eq!(changed.created_at, found.created_at);
    assert!(!uses(&db, owner(), first).await && uses(&db, owner(), second).await);
    assert!(!uses(&db, stranger(), second).await);

    touches_nothing(&db, move |tx| numbers::delete(tx, &stranger(), sid)).await;
    write(&db, move |tx| numbers::delete(tx, &owner(), sid)).await;
    assert_eq!(find(&db, 1).await, None);
}

async fn a_number_is_leased_by_one_account(db: TestDb) {
    let mut random = Seeded::new(2);
    let mine = bundle(&db, &mut random, owner()).await;
    let theirs = bundle(&db, &mut random, stranger()).await;
    let sid = register(&db, owner(), 1, mine).await;
    let with = NumberUse { bundle: theirs, address: None };
    let other = random.sid();
    let twice = db
        .write(move |tx| numbers::insert(tx, &stranger(), other, &phone_number(1), with, samples::later(0)))
        .await;
    assert!(twice.is_err());
    let locked = write(&db, |tx| numbers::lock(tx, &phone_number(1))).await;
    assert_eq!(locked, Some((owner().account, sid)));
    assert_eq!(write(&db, |tx| numbers::lock(tx, &phone_number(2))).await, None);
}

async fn all_numbers_of_an_account_are_released(db: TestDb) {
    let mut random = Seeded::new(4);
    let mine = bundle(&db, &mut random, owner()).await;
    let theirs = bundle(&db, &mut random, stranger()).await;
    let mut expected = vec![register(&db, owner(), 1, mine).await, register(&db, owner(), 2, mine).await];
    register(&db, stranger(), 3, theirs).await;
    let mut released = write(&db, |tx| numbers::delete_all(tx, owner().account)).await;
    released.sort_unstable();
    expected.sort_unstable();
    assert_eq!(released, expected);
    assert_eq!(write(&db, |tx| numbers::delete_all(tx, owner().account)).await, []);
    assert!(find(&db, 1).await.is_none() && find(&db, 3).await.is_some());
}

async fn lists_cover_everything_of_their_scope(db: TestDb) {
    let mut random = Seeded::new(3);
    let (first, second) = (bundle(&db, &mut random, owner()).await, bundle(&db, &mut random, owner()).await);
    let other = bundle(&db, &mut random, stranger()).await;
    for number in 0..9 {
        match number % 3 {
            0 => register(&db, owner(), number, first).await,
            1 => register(&db, owner(), number, second).await,
            _ => register(&db, stranger(), number, other).await,
        };
    }
    let account = owner().account;
    for (scope, expected) in [
        (NumberScope::All, vec![0, 1, 2, 3, 4, 5, 6, 7, 8]),
        (NumberScope::Account(account), vec![0, 1, 3, 4, 6, 7]),
        (NumberScope::Bundle(account, second), vec![1, 4, 7]),
        (NumberScope::Bundle(account, other), vec![]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(phone_number).collect();
        for limit in [1, 2, 100] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = read(&db, move |tx| numbers::list(tx, scope, after, limit)).await;
                let Some(last) = page.last() else { break };
                after = Some(Position { key: last.created_at.as_micros(), sid: AnySid::from(last.sid) });
                seen.extend(page.into_iter().map(|found| found.number));
            }
            assert_eq!(seen, expected, "{scope:?} by {limit}");
        }
    }
}
