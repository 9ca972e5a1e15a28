//! Addresses.

use dossier_domain::address::Address;
use dossier_domain::document::{Document, DocumentStatus};
use dossier_domain::paging::{Position, Window};
use dossier_store::addresses::{self, AddressFilter};
use dossier_store::documents;
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{paging, read, samples, touches_nothing, write};

on_both_engines![
    what_is_inserted_is_read_back,
    saving_changes_everything_but_the_country,
    documents_decide_whether_an_address_is_linked_and_verified,
    every_filter_finds_what_the_model_finds,
    a_stranger_reaches_no_address,
];

async fn insert(db: &TestDb, address: &Address) {
    let address = address.clone();
    write(db, move |tx| addresses::insert(tx, &owner(), &address)).await;
}

async fn get(db: &TestDb, address: &Address) -> Option<Address> {
    let sid = address.sid;
    read(db, move |tx| addresses::get(tx, &owner(), sid)).await
}

async fn what_is_inserted_is_read_back(db: TestDb) {
    let mut random = Seeded::new(1);
    for _ in 0..10 {
        let address = samples::address(&mut random, &owner());
        insert(&db, &address).await;
        assert_eq!(get(&db, &address).await.as_ref(), Some(&address));
        let sid = address.sid;
        assert_eq!(write(&db, move |tx| addresses::lock(tx, &owner(), sid)).await, Some(address));
    }
    let unknown = random.sid();
    assert_eq!(write(&db, move |tx| addresses::lock(tx, &owner(), unknown)).await, None);
}

async fn saving_changes_everything_but_the_country(db: TestDb) {
    let mut random = Seeded::new(2);
    let before = samples::address(&mut random, &owner());
    insert(&db, &before).await;
    let wanted = Address { sid: before.sid, ..samples::address(&mut random, &owner()) };
    let given = wanted.clone();
    write(&db, move |tx| addresses::save(tx, &owner(), &given)).await;
    let expected = Address { iso_country: before.iso_country, created_at: before.created_at, ..wanted };
    assert_eq!(get(&db, &expected).await.as_ref(), Some(&expected));

    // The blind indexes follow the lines.
    let filter = AddressFilter {
        customer_name: Some(expected.lines.customer_name.clone()),
        friendly_name: expected.lines.friendly_name.clone(),
        ..AddressFilter::default()
    };
    let window = Window { size: 5, start: dossier_domain::paging::Start::First };
    let found = read(&db, move |tx| addresses::list(tx, &owner(), &filter, &window)).await;
    assert_eq!(found.items, std::slice::from_ref(&expected));

    let sid = expected.sid;
    write(&db, move |tx| addresses::delete(tx, &owner(), sid)).await;
    assert_eq!(get(&db, &expected).await, None);
    touches_nothing(&db, move |tx| addresses::delete(tx, &owner(), sid)).await;
}

async fn documents_decide_whether_an_address_is_linked_and_verified(db: TestDb) {
    use DocumentStatus::{Approved, Draft, Expired, PendingReview, ProvisionallyApproved, Rejected};
    let mut random = Seeded::new(3);
    for (status, linked, verified) in [
        (Draft, false, false),
        (PendingReview, true, false),
        (Rejected, false, false),
        (Approved, true, true),
        (Expired, false, false),
        (ProvisionallyApproved, true, false),
    ] {
        let address = samples::address(&mut random, &owner());
        insert(&db, &address).await;
        let document = Document { status, ..samples::document(&mut random, &owner()) };
        let sid = address.sid;
        // A stranger's document that names the address changes nothing about it.
        let foreign = Document { status: Approved, ..samples::document(&mut random, &stranger()) };
        write(&db, move |tx| documents::insert(tx, &stranger(), &foreign, &[sid])).await;
        let is_linked = |db| read(db, move |tx| addresses::is_linked(tx, &owner(), sid));
        assert!(!is_linked(&db).await);
        write(&db, move |tx| documents::insert(tx, &owner(), &document, &[sid])).await;
        assert_eq!(is_linked(&db).await, linked, "{status}");
        assert_eq!(get(&db, &address).await.unwrap().verified, verified, "{status}");
    }
}

async fn every_filter_finds_what_the_model_finds(db: TestDb) {
    let mut random = Seeded::new(4);
    let all: Vec<Address> = (0..40).map(|_| samples::address(&mut random, &owner())).collect();
    let theirs: Vec<Address> = (0..10).map(|_| samples::address(&mut random, &stranger())).collect();
    let given = all.clone();
    write(&db, move |tx| {
        theirs.iter().try_for_each(|address| addresses::insert(tx, &stranger(), address))?;
        given.iter().try_for_each(|address| addresses::insert(tx, &owner(), address))
    })
    .await;
    // Every condition is there or not: sixteen combinations.
    for bits in 0..16_u8 {
        let given = |bit: u8| bits & (1 << bit) != 0;
        let filter = AddressFilter {
            customer_name: given(0).then(|| random.pick(&samples::NAMES).to_owned()),
            friendly_name: given(1).then(|| random.pick(&samples::NAMES).to_owned()),
            emergency_enabled: given(2).then(|| random.flip()),
            iso_country: given(3).then(|| samples::country(&mut random)),
        };
        let expected: Vec<Address> =
            all.iter().filter(|address| matches(&filter, address)).cloned().collect();
        paging::covers_newest_first(
            expected,
            |address| Position { key: address.created_at.as_micros(), sid: address.sid.into() },
            async |window: Window| {
                let filter = filter.clone();
                read(&db, move |tx| addresses::list(tx, &owner(), &filter, &window)).await
            },
        )
        .await;
    }
}

fn matches(filter: &AddressFilter, address: &Address) -> bool {
    filter.customer_name.as_ref().is_none_or(|name| *name == address.lines.customer_name)
        && (filter.friendly_name.is_none() || filter.friendly_name == address.lines.friendly_name)
        && filter.emergency_enabled.is_none_or(|enabled| enabled == address.emergency_enabled)
        && filter.iso_country.is_none_or(|country| country == address.iso_country)
}

async fn a_stranger_reaches_no_address(db: TestDb) {
    let address = samples::address(&mut Seeded::new(5), &owner());
    insert(&db, &address).await;
    let (sid, changed) = (address.sid, address.clone());
    assert_eq!(read(&db, move |tx| addresses::get(tx, &stranger(), sid)).await, None);
    assert_eq!(write(&db, move |tx| addresses::lock(tx, &stranger(), sid)).await, None);
    touches_nothing(&db, move |tx| addresses::save(tx, &stranger(), &changed)).await;
    touches_nothing(&db, move |tx| addresses::delete(tx, &stranger(), sid)).await;
    assert_eq!(get(&db, &address).await, Some(address));
}
