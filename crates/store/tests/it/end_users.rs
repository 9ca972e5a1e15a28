//! End users.

use dossier_domain::end_user::EndUser;
use dossier_domain::paging::{Position, Window};
use dossier_store::end_users;
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{paging, read, samples, touches_nothing, write};

on_both_engines![
    what_is_inserted_is_read_back,
    saving_changes_name_and_attributes_only,
    lists_cover_everything_newest_first,
    a_stranger_reaches_no_end_user,
];

async fn insert(db: &TestDb, end_user: &EndUser) {
    let end_user = end_user.clone();
    write(db, move |tx| end_users::insert(tx, &owner(), &end_user)).await;
}

async fn get(db: &TestDb, end_user: &EndUser) -> Option<EndUser> {
    let sid = end_user.sid;
    read(db, move |tx| end_users::get(tx, &owner(), sid)).await
}

async fn what_is_inserted_is_read_back(db: TestDb) {
    let mut random = Seeded::new(1);
    for _ in 0..10 {
        let end_user = samples::end_user(&mut random, &owner());
        insert(&db, &end_user).await;
        assert_eq!(get(&db, &end_user).await.as_ref(), Some(&end_user));
        let sid = end_user.sid;
        assert_eq!(write(&db, move |tx| end_users::lock(tx, &owner(), sid)).await, Some(end_user));
    }
}

async fn saving_changes_name_and_attributes_only(db: TestDb) {
    let mut random = Seeded::new(2);
    let before = samples::end_user(&mut random, &owner());
    insert(&db, &before).await;
    let wanted = EndUser { sid: before.sid, ..samples::end_user(&mut random, &owner()) };
    let given = wanted.clone();
    write(&db, move |tx| end_users::save(tx, &owner(), &given)).await;
    let expected = EndUser { kind: before.kind, created_at: before.created_at, ..wanted };
    assert_eq!(get(&db, &expected).await.as_ref(), Some(&expected));

    let sid = expected.sid;
    write(&db, move |tx| end_users::delete(tx, &owner(), sid)).await;
    assert_eq!(get(&db, &expected).await, None);
    touches_nothing(&db, move |tx| end_users::delete(tx, &owner(), sid)).await;
    touches_nothing(&db, move |tx| end_users::save(tx, &owner(), &expected)).await;
}

async fn lists_cover_everything_newest_first(db: TestDb) {
    let mut random = Seeded::new(3);
    let all: Vec<EndUser> = (0..25).map(|_| samples::end_user(&mut random, &owner())).collect();
    let theirs = samples::end_user(&mut random, &stranger());
    let given = all.clone();
    write(&db, move |tx| {
        end_users::insert(tx, &stranger(), &theirs)?;
        given.iter().try_for_each(|end_user| end_users::insert(tx, &owner(), end_user))
    })
    .await;
    paging::covers_newest_first(
        all,
        |end_user| Position { key: end_user.created_at.as_micros(), sid: end_user.sid.into() },
        async |window: Window| read(&db, move |tx| end_users::list(tx, &owner(), &window)).await,
    )
    .await;
}

async fn a_stranger_reaches_no_end_user(db: TestDb) {
    let end_user = samples::end_user(&mut Seeded::new(4), &owner());
    insert(&db, &end_user).await;
    let (sid, changed) = (end_user.sid, end_user.clone());
    assert_eq!(read(&db, move |tx| end_users::get(tx, &stranger(), sid)).await, None);
    assert_eq!(write(&db, move |tx| end_users::lock(tx, &stranger(), sid)).await, None);
    touches_nothing(&db, move |tx| end_users::save(tx, &stranger(), &changed)).await;
    touches_nothing(&db, move |tx| end_users::delete(tx, &stranger(), sid)).await;
    assert_eq!(get(&db, &end_user).await, Some(end_user));
}
