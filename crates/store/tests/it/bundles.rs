//! Bundles.

use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::paging::{Start, Window};
use dossier_store::bundles::{self, BundleFilter};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{read, samples, touches_nothing, write};

on_both_engines![
    what_is_inserted_is_read_back,
    saving_changes_name_contact_status_and_end_only,
    saving_and_deleting_compare_the_state,
    a_stranger_reaches_no_bundle,
    equal_identifiers_of_two_accounts_are_two_bundles,
];

async fn insert(db: &TestDb, bundle: &Bundle) {
    let (owner, bundle) = (owner(), bundle.clone());
    write(db, move |tx| bundles::insert(tx, &owner, &bundle)).await;
}

async fn get(db: &TestDb, bundle: &Bundle) -> Option<Bundle> {
    let (owner, sid) = (owner(), bundle.sid);
    read(db, move |tx| bundles::get(tx, &owner, sid)).await
}

async fn what_is_inserted_is_read_back(db: TestDb) {
    let mut random = Seeded::new(1);
    for _ in 0..20 {
        let bundle = samples::bundle(&mut random, &owner());
        insert(&db, &bundle).await;
        assert_eq!(get(&db, &bundle).await.as_ref(), Some(&bundle));
        let sid = bundle.sid;
        assert_eq!(write(&db, move |tx| bundles::lock(tx, &owner(), sid)).await, Some(bundle));
    }
    let unknown = random.sid();
    assert_eq!(read(&db, move |tx| bundles::get(tx, &owner(), unknown)).await, None);
}

async fn saving_changes_name_contact_status_and_end_only(db: TestDb) {
    let mut random = Seeded::new(2);
    let before = samples::bundle(&mut random, &owner());
    insert(&db, &before).await;
    let wanted = Bundle { sid: before.sid, ..samples::bundle(&mut random, &owner()) };
    let was = before.status;
    let given = wanted.clone();
    write(&db, move |tx| bundles::save(tx, &owner(), &given, was)).await;
    let expected = Bundle {
        friendly_name: wanted.friendly_name,
        contact: wanted.contact,
        status: wanted.status,
        valid_until: wanted.valid_until,
        updated_at: wanted.updated_at,
        ..before
    };
    assert_eq!(get(&db, &expected).await, Some(expected));
}

async fn saving_and_deleting_compare_the_state(db: TestDb) {
    let mut random = Seeded::new(3);
    let bundle = Bundle { status: BundleStatus::Draft, ..samples::bundle(&mut random, &owner()) };
    insert(&db, &bundle).await;
    for was in BundleStatus::ALL.into_iter().filter(|status| *status != BundleStatus::Draft) {
        let (changed, sid) = (Bundle { status: BundleStatus::InReview, ..bundle.clone() }, bundle.sid);
        touches_nothing(&db, move |tx| bundles::save(tx, &owner(), &changed, was)).await;
        touches_nothing(&db, move |tx| bundles::delete(tx, &owner(), sid, was)).await;
    }
    assert_eq!(get(&db, &bundle).await.as_ref(), Some(&bundle));
    let sid = bundle.sid;
    write(&db, move |tx| bundles::delete(tx, &owner(), sid, BundleStatus::Draft)).await;
    assert_eq!(get(&db, &bundle).await, None);
}

async fn a_stranger_reaches_no_bundle(db: TestDb) {
    let bundle = samples::bundle(&mut Seeded::new(4), &owner());
    insert(&db, &bundle).await;
    let (sid, was, changed) = (bundle.sid, bundle.status, bundle.clone());
    assert_eq!(read(&db, move |tx| bundles::get(tx, &stranger(), sid)).await, None);
    assert_eq!(write(&db, move |tx| bundles::lock(tx, &stranger(), sid)).await, None);
    let filter = BundleFilter { sids: vec![sid], ..BundleFilter::default() };
    let window = Window { size: 50, start: Start::First };
    let page = read(&db, move |tx| bundles::list(tx, &stranger(), &filter, &window)).await;
    assert!(page.items.is_empty());
    touches_nothing(&db, move |tx| bundles::save(tx, &stranger(), &changed, was)).await;
    touches_nothing(&db, move |tx| bundles::delete(tx, &stranger(), sid, was)).await;
    assert_eq!(get(&db, &bundle).await, Some(bundle));
}

async fn equal_identifiers_of_two_accounts_are_two_bundles(db: TestDb) {
    let mut random = Seeded::new(5);
    let ours = samples::bundle(&mut random, &owner());
    let theirs = Bundle { sid: ours.sid, ..samples::bundle(&mut random, &stranger()) };
    insert(&db, &ours).await;
    let given = theirs.clone();
    write(&db, move |tx| bundles::insert(tx, &stranger(), &given)).await;
    let (sid, was) = (ours.sid, ours.status);
    write(&db, move |tx| bundles::delete(tx, &owner(), sid, was)).await;
    assert_eq!(get(&db, &ours).await, None);
    assert_eq!(read(&db, move |tx| bundles::get(tx, &stranger(), sid)).await, Some(theirs));
}
