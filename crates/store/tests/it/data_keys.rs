//! Wrapped data keys.

use dossier_domain::sid::AccountSid;
use dossier_store::data_keys;
use dossier_store::seal::{Keyring, MasterKey, MasterKeys, WrappedKey};
use dossier_testkit::{Seeded, TestDb, on_both_engines};

use crate::{read, samples, touches_nothing, write};

on_both_engines![
    keys_are_kept_per_account_and_version,
    keys_are_rewrapped_in_place,
    the_first_of_several_first_keys_stays,
];

fn keyring() -> Keyring {
    Keyring::new(MasterKeys::new(MasterKey::generate()))
}

async fn insert(db: &TestDb, account: AccountSid, key: &WrappedKey) {
    let key = key.clone();
    write(db, move |tx| data_keys::insert(tx, account, &key, samples::later(0))).await;
}

async fn keys_are_kept_per_account_and_version(db: TestDb) {
    let mut random = Seeded::new(1);
    let keyring = keyring();
    let mut all: Vec<(AccountSid, WrappedKey)> = Vec::new();
    for _ in 0..5 {
        let account = random.sid();
        for version in [2, 1, 3] {
            let (_, wrapped) = keyring.new_data_key(account, version);
            insert(&db, account, &wrapped).await;
            all.push((account, wrapped.clone()));
            assert!(
                db.write(move |tx| data_keys::insert(tx, account, &wrapped, samples::later(1)))
                    .await
                    .is_err()
            );
        }
    }
    all.sort_by_key(|(account, key)| (account.to_string(), key.version));
    let account = all[3].0;
    let expected: Vec<WrappedKey> = all[3..6].iter().map(|(_, key)| key.clone()).collect();
    assert_eq!(read(&db, move |tx| data_keys::of_account(tx, account)).await, expected);

    let mut seen: Vec<(AccountSid, WrappedKey)> = Vec::new();
    loop {
        let after = seen.last().map(|(account, key)| (*account, key.version));
        let page = read(&db, move |tx| data_keys::list(tx, after, 4)).await;
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    assert_eq!(seen, all);
}

async fn keys_are_rewrapped_in_place(db: TestDb) {
    let mut random = Seeded::new(2);
    let (account, other): (AccountSid, AccountSid) = (random.sid(), random.sid());
    let (before, after) = (keyring(), keyring());
    let (_, key) = before.new_data_key(account, 1);
    let (_, replacement) = after.new_data_key(account, 1);
    insert(&db, account, &key).await;
    insert(&db, other, &key).await;
    let given = replacement.clone();
    write(&db, move |tx| data_keys::rewrap(tx, account, &given)).await;
    assert_eq!(
        read(&db, move |tx| data_keys::of_account(tx, account)).await,
        std::slice::from_ref(&replacement)
    );
    assert_eq!(read(&db, move |tx| data_keys::of_account(tx, other)).await, [key]);
    let unknown = random.sid();
    touches_nothing(&db, move |tx| data_keys::rewrap(tx, unknown, &replacement)).await;
}

async fn the_first_of_several_first_keys_stays(db: TestDb) {
    let account: AccountSid = Seeded::new(3).sid();
    let keyring = keyring();
    let keys = [keyring.new_data_key(account, 1).1, keyring.new_data_key(account, 1).1];
    for key in keys.clone() {
        write(&db, move |tx| data_keys::insert_first(tx, account, &key, samples::later(0))).await;
    }
    assert_eq!(read(&db, move |tx| data_keys::of_account(tx, account)).await, [keys[0].clone()]);
}
