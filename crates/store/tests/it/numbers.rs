//! The register of numbers.

use dossier_domain::NumberType;
use dossier_domain::paging::{Position, Start, Window};
use dossier_domain::phone_number::{LeasedNumber, NumberSettings, PhoneNumber, Setting};
use dossier_domain::sid::{AnySid, BundleSid, PhoneNumberSid};
use dossier_store::numbers::{self, LeasedFilter, NumberInUse, NumberPattern, NumberScope};
use dossier_store::{Owner, bundles};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{read, samples, touches_nothing, write};

on_both_engines![
    a_number_is_registered_changed_and_released,
    a_number_is_leased_by_one_account,
    all_numbers_of_an_account_are_released,
    lists_cover_everything_of_their_scope,
    a_number_without_a_bundle_is_listed_too,
    accounts_list_and_search_their_own,
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
    let leased = leased(&owner, number, Some(bundle));
    let sid = leased.sid;
    assert!(insert(db, owner, leased).await);
    sid
}

fn leased(owner: &Owner, number: usize, bundle: Option<BundleSid>) -> LeasedNumber {
    let now = samples::later(u64::try_from(number / 2).unwrap());
    LeasedNumber {
        sid: PhoneNumberSid::from_bytes([u8::try_from(number).unwrap(); 16]),
        account_sid: owner.account,
        number: phone_number(number),
        iso_country: samples::country(&mut Seeded::new(1)),
        number_type: NumberType::Local,
        bundle_sid: bundle,
        address_sid: None,
        settings: NumberSettings::default(),
        created_at: now,
        updated_at: now,
    }
}

async fn insert(db: &TestDb, owner: Owner, leased: LeasedNumber) -> bool {
    write(db, move |tx| numbers::insert(tx, &owner, &leased)).await
}

async fn own(db: &TestDb, owner: Owner, sid: PhoneNumberSid) -> Option<LeasedNumber> {
    read(db, move |tx| numbers::leased(tx, &owner, sid)).await
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
    assert_eq!((found.sid, found.account, found.with.bundle), (sid, owner().account, Some(first)));
    assert!(uses(&db, owner(), first).await && !uses(&db, owner(), second).await);

    let mut leased = own(&db, owner(), sid).await.unwrap();
    assert_eq!(own(&db, stranger(), sid).await, None);
    (leased.bundle_sid, leased.address_sid) = (Some(second), Some(random.sid()));
    leased.number_type = NumberType::Mobile;
    leased.updated_at = samples::later(9);
    leased.settings.set(Setting::FriendlyName, Some("Ünïcode 名前 🗂".to_owned()));
    leased.settings.set(Setting::VoiceUrl, Some("https://a:b@voice.example".to_owned()));
    let (theirs, mine, expected) = (leased.clone(), leased.clone(), leased);
    touches_nothing(&db, move |tx| numbers::save(tx, &stranger(), &theirs)).await;
    write(&db, move |tx| numbers::save(tx, &owner(), &mine)).await;
    assert_eq!(own(&db, owner(), sid).await.as_ref(), Some(&expected));
    let locked = write(&db, move |tx| numbers::lock_leased(tx, &owner(), sid)).await;
    assert_eq!(locked.as_ref(), Some(&expected));
    let changed = find(&db, 1).await.unwrap();
    assert_eq!((changed.with.bundle, changed.with.address), (expected.bundle_sid, expected.address_sid));
    assert_eq!(changed.updated_at, samples::later(9));
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
    let other = LeasedNumber { sid: random.sid(), ..leased(&stranger(), 1, Some(theirs)) };
    assert!(!insert(&db, stranger(), other).await);
    let again = LeasedNumber { sid: random.sid(), ..leased(&owner(), 1, Some(mine)) };
    assert!(!insert(&db, owner(), again).await);
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

async fn a_number_without_a_bundle_is_listed_too(db: TestDb) {
    let leased = leased(&owner(), 3, None);
    assert!(insert(&db, owner(), leased.clone()).await);
    assert_eq!(own(&db, owner(), leased.sid).await, Some(leased));
    let found = find(&db, 3).await.unwrap();
    assert_eq!((found.with.bundle, found.bundle_status, found.valid_until), (None, None, None));
    for scope in [NumberScope::All, NumberScope::Account(owner().account)] {
        let listed = read(&db, move |tx| numbers::list(tx, scope, None, 9)).await;
        assert_eq!(listed, std::slice::from_ref(&found));
    }
}

async fn accounts_list_and_search_their_own(db: TestDb) {
    let mut random = Seeded::new(5);
    let address = random.sid();
    let mut all = Vec::new();
    for (number, name) in [(0, None), (10, Some("Desk")), (110, Some("Desk")), (119, None), (120, None)] {
        let mut leased = leased(&owner(), number, None);
        leased.address_sid = (number > 100).then_some(address);
        leased.settings.set(Setting::FriendlyName, name.map(str::to_owned));
        assert!(insert(&db, owner(), leased.clone()).await);
        all.insert(0, leased);
    }
    insert(&db, stranger(), leased(&stranger(), 111, None)).await;
    let number = |text: &str| LeasedFilter { number: NumberPattern::parse(text), ..LeasedFilter::default() };
    let name = |text: &str| LeasedFilter { friendly_name: Some(text.to_owned()), ..LeasedFilter::default() };
    let of_address = LeasedFilter { address: Some(address), ..LeasedFilter::default() };
    for (filter, expected) in [
        (LeasedFilter::default(), vec![120, 119, 110, 10, 0]),
        (name("Desk"), vec![110, 10]),
        (name("desk"), vec![]),
        (name("+4930000119"), vec![119]),
        (of_address, vec![120, 119, 110]),
        (number("+4930000110"), vec![110]),
        (number("+493000011"), vec![]),
        (number("+49300*"), vec![120, 119, 110, 10, 0]),
        (number("+4930000*1*"), vec![119, 110, 10]),
        (number("0001**"), vec![120, 119, 110]),
        (number("11"), vec![119, 110]),
        (number("+11"), vec![]),
        (number(""), vec![120, 119, 110, 10, 0]),
        (LeasedFilter { number: NumberPattern::parse("11"), ..name("Desk") }, vec![110]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(phone_number).collect();
        for size in [1, 2, 100] {
            let (mut seen, mut start) = (Vec::new(), Start::First);
            loop {
                let filter = filter.clone();
                let page =
                    read(&db, move |tx| numbers::list_leased(tx, &owner(), &filter, &Window { size, start }))
                        .await;
                let last = page
                    .items
                    .last()
                    .map(|last| Position { key: last.created_at.as_micros(), sid: AnySid::from(last.sid) });
                seen.extend(page.items.into_iter().map(|found| found.number));
                if !page.more_after {
                    break;
                }
                start = Start::After(last.unwrap());
            }
            assert_eq!(seen, expected, "{filter:?} by {size}");
        }
    }
    for odd in ["%", "_", "+49 30", "'", "+1234567890123456", "ä", "++49"] {
        assert!(NumberPattern::parse(odd).is_none(), "{odd}");
    }
}
