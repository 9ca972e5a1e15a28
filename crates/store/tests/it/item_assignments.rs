//! Item assignments.

use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::item_assignment::{ItemAssignment, Slot};
use dossier_domain::paging::{Position, Window};
use dossier_domain::sid::{AnySid, BundleSid, DocumentSid};
use dossier_store::{StoreError, bundles, item_assignments};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{paging, read, samples, touches_nothing, write};

on_both_engines![
    what_is_assigned_is_found_until_it_is_taken_out,
    a_slot_is_taken_once,
    the_states_of_all_bundles_with_an_object_are_known,
    lists_cover_everything_newest_first,
    a_stranger_reaches_no_assignment,
];

fn assignment(random: &mut Seeded, bundle_sid: BundleSid) -> ItemAssignment {
    ItemAssignment {
        sid: random.sid(),
        account_sid: owner().account,
        bundle_sid,
        object_sid: random.sid::<dossier_domain::sid::kinds::Document>().into(),
        created_at: samples::time(random),
    }
}

/// A slot that no other item has.
fn own_slot(assignment: &ItemAssignment) -> Slot {
    Slot::Document(assignment.object_sid.to_string())
}

async fn insert(db: &TestDb, assignment: &ItemAssignment) {
    let assignment = assignment.clone();
    write(db, move |tx| item_assignments::insert(tx, &owner(), &assignment, &own_slot(&assignment))).await;
}

async fn get(db: &TestDb, assignment: &ItemAssignment) -> Option<ItemAssignment> {
    let (bundle, sid) = (assignment.bundle_sid, assignment.sid);
    read(db, move |tx| item_assignments::get(tx, &owner(), bundle, sid)).await
}

async fn what_is_assigned_is_found_until_it_is_taken_out(db: TestDb) {
    let mut random = Seeded::new(1);
    let (bundle, other) = (random.sid(), random.sid());
    let mut items: Vec<ItemAssignment> = (0..4).map(|_| assignment(&mut random, bundle)).collect();
    for item in &items {
        insert(&db, item).await;
        assert_eq!(get(&db, item).await.as_ref(), Some(item));
    }
    let (sid, object) = (items[0].sid, items[0].object_sid);
    assert_eq!(read(&db, move |tx| item_assignments::get(tx, &owner(), other, sid)).await, None);
    assert!(read(&db, move |tx| item_assignments::is_assigned(tx, &owner(), object)).await);

    items.sort_by_key(|item| (item.created_at, item.sid));
    let expected: Vec<AnySid> = items.iter().map(|item| item.object_sid).collect();
    assert_eq!(read(&db, move |tx| item_assignments::objects(tx, &owner(), bundle)).await, expected);

    touches_nothing(&db, move |tx| item_assignments::delete(tx, &owner(), other, sid)).await;
    write(&db, move |tx| item_assignments::delete(tx, &owner(), bundle, sid)).await;
    assert!(!read(&db, move |tx| item_assignments::is_assigned(tx, &owner(), object)).await);
    write(&db, move |tx| item_assignments::delete_all(tx, &owner(), other)).await;
    assert_eq!(read(&db, move |tx| item_assignments::objects(tx, &owner(), bundle)).await.len(), 3);
    write(&db, move |tx| item_assignments::delete_all(tx, &owner(), bundle)).await;
    assert!(read(&db, move |tx| item_assignments::objects(tx, &owner(), bundle)).await.is_empty());
}

async fn a_slot_is_taken_once(db: TestDb) {
    let mut random = Seeded::new(2);
    let bundle = random.sid();
    let (first, second) = (assignment(&mut random, bundle), assignment(&mut random, bundle));
    let other = random.sid();
    let elsewhere = assignment(&mut random, other);
    let passport = || Slot::Document("passport".to_owned());
    write(&db, move |tx| item_assignments::insert(tx, &owner(), &first, &passport())).await;
    let taken = read(&db, move |tx| {
        Ok([
            item_assignments::is_taken(tx, &owner(), bundle, &passport())?,
            item_assignments::is_taken(tx, &owner(), bundle, &Slot::EndUser)?,
            item_assignments::is_taken(tx, &stranger(), bundle, &passport())?,
        ])
    })
    .await;
    assert_eq!(taken, [true, false, false]);
    let again = second.clone();
    let refused = db.write(move |tx| item_assignments::insert(tx, &owner(), &again, &passport())).await;
    assert!(matches!(refused, Err(StoreError::Sqlite(_) | StoreError::Postgres(_))), "{refused:?}");
    write(&db, move |tx| item_assignments::insert(tx, &owner(), &second, &Slot::EndUser)).await;
    write(&db, move |tx| item_assignments::insert(tx, &owner(), &elsewhere, &passport())).await;
}

async fn the_states_of_all_bundles_with_an_object_are_known(db: TestDb) {
    let mut random = Seeded::new(3);
    let object: DocumentSid = random.sid();
    for status in [BundleStatus::Draft, BundleStatus::InReview, BundleStatus::InReview] {
        let bundle = Bundle { status, ..samples::bundle(&mut random, &owner()) };
        let item = ItemAssignment { object_sid: object.into(), ..assignment(&mut random, bundle.sid) };
        insert(&db, &item).await;
        write(&db, move |tx| bundles::insert(tx, &owner(), &bundle)).await;
    }
    let mut statuses =
        read(&db, move |tx| item_assignments::bundle_statuses(tx, &owner(), object.into())).await;
    statuses.sort_by_key(|status| status.as_str());
    assert_eq!(statuses, [BundleStatus::Draft, BundleStatus::InReview]);
    let foreign =
        read(&db, move |tx| item_assignments::bundle_statuses(tx, &stranger(), object.into())).await;
    assert!(foreign.is_empty());
}

async fn lists_cover_everything_newest_first(db: TestDb) {
    let mut random = Seeded::new(4);
    let bundle = random.sid();
    let all: Vec<ItemAssignment> = (0..25).map(|_| assignment(&mut random, bundle)).collect();
    for item in &all {
        insert(&db, item).await;
    }
    let other = random.sid();
    insert(&db, &assignment(&mut random, other)).await;
    paging::covers_newest_first(
        all,
        |item| Position { key: item.created_at.as_micros(), sid: item.sid.into() },
        async |window: Window| {
            read(&db, move |tx| item_assignments::list(tx, &owner(), bundle, &window)).await
        },
    )
    .await;
}

async fn a_stranger_reaches_no_assignment(db: TestDb) {
    let mut random = Seeded::new(5);
    let bundle = random.sid();
    let item = assignment(&mut random, bundle);
    insert(&db, &item).await;
    let (sid, object) = (item.sid, item.object_sid);
    assert_eq!(read(&db, move |tx| item_assignments::get(tx, &stranger(), bundle, sid)).await, None);
    assert!(!read(&db, move |tx| item_assignments::is_assigned(tx, &stranger(), object)).await);
    assert!(read(&db, move |tx| item_assignments::objects(tx, &stranger(), bundle)).await.is_empty());
    touches_nothing(&db, move |tx| item_assignments::delete(tx, &stranger(), bundle, sid)).await;
    write(&db, move |tx| item_assignments::delete_all(tx, &stranger(), bundle)).await;
    assert_eq!(get(&db, &item).await, Some(item));
}
