//! API keys.

use dossier_domain::api_key::ApiKey;
use dossier_domain::paging::{Start, Window};
use dossier_domain::sid::ApiKeySid;
use dossier_store::{Owner, api_keys};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{read, samples, touches_nothing, write};

on_both_engines![
    a_key_is_made_found_renamed_and_deleted,
    a_key_is_one_accounts_alone,
    lists_cover_everything_newest_first,
];

fn api_key(random: &mut Seeded, owner: &Owner) -> ApiKey {
    ApiKey {
        sid: random.sid(),
        account_sid: owner.account,
        friendly_name: random.flip().then(|| samples::name(random)),
        created_at: samples::time(random),
        updated_at: samples::time(random),
    }
}

async fn insert(db: &TestDb, owner: Owner, key: &ApiKey) {
    let key = key.clone();
    write(db, move |tx| api_keys::insert(tx, &owner, &key, b"hash")).await;
}

async fn find(db: &TestDb, owner: Owner, sid: ApiKeySid) -> Option<ApiKey> {
    read(db, move |tx| api_keys::get(tx, &owner, sid)).await
}

async fn a_key_is_made_found_renamed_and_deleted(db: TestDb) {
    let mut random = Seeded::new(1);
    for _ in 0..4 {
        let key = api_key(&mut random, &owner());
        let sid = key.sid;
        assert_eq!(find(&db, owner(), sid).await, None);
        insert(&db, owner(), &key).await;
        assert_eq!(find(&db, owner(), sid).await.as_ref(), Some(&key));
        let found = read(&db, move |tx| api_keys::credentials(tx, sid)).await.unwrap();
        assert_eq!((found.account, found.secret_hash), (owner().account, b"hash".to_vec()));

        let (name, now) = (samples::name(&mut random), samples::later(9));
        let new_name = name.clone();
        write(&db, move |tx| api_keys::rename(tx, &owner(), sid, &new_name, now)).await;
        let renamed = ApiKey { friendly_name: Some(name), updated_at: now, ..key };
        assert_eq!(find(&db, owner(), sid).await, Some(renamed));

        assert!(write(&db, move |tx| api_keys::delete(tx, &owner(), sid)).await);
        assert!(!write(&db, move |tx| api_keys::delete(tx, &owner(), sid)).await);
        assert!(read(&db, move |tx| api_keys::credentials(tx, sid)).await.is_none());
    }
}

async fn a_key_is_one_accounts_alone(db: TestDb) {
    let mut random = Seeded::new(2);
    let key = api_key(&mut random, &owner());
    let sid = key.sid;
    insert(&db, owner(), &key).await;
    assert_eq!(find(&db, stranger(), sid).await, None);
    let name = samples::name(&mut random);
    touches_nothing(&db, move |tx| api_keys::rename(tx, &stranger(), sid, &name, samples::later(9))).await;
    assert!(!write(&db, move |tx| api_keys::delete(tx, &stranger(), sid)).await);
    assert_eq!(find(&db, owner(), sid).await.as_ref(), Some(&key));
    // Whoever logs in with a key names no account, so there is one of each identifier.
    let twice = db.write(move |tx| api_keys::insert(tx, &stranger(), &key, b"hash")).await;
    assert!(twice.is_err());
}

async fn lists_cover_everything_newest_first(db: TestDb) {
    let mut random = Seeded::new(3);
    let mut all: Vec<ApiKey> = (0..12).map(|_| api_key(&mut random, &owner())).collect();
    for key in &all {
        insert(&db, owner(), key).await;
    }
    insert(&db, stranger(), &api_key(&mut random, &stranger())).await;
    all.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.sid)));
    for size in [1, 5, 12, 100] {
        let (mut seen, mut start) = (Vec::new(), Start::First);
        loop {
            let page = read(&db, move |tx| api_keys::list(tx, &owner(), &Window { size, start })).await;
            seen.extend(page.items);
            if !page.more_after {
                break;
            }
            start = Start::After(seen.last().unwrap().position());
        }
        assert_eq!(seen, all, "size {size}");
    }
    for (limit, count) in [(1, 1), (11, 11), (12, 12), (100, 12)] {
        assert_eq!(read(&db, move |tx| api_keys::count(tx, &owner(), limit)).await, count);
    }
}
