//! Accounts and their auth tokens.

use dossier_domain::account::Account;
use dossier_store::accounts::{self, TokenSlot};
use dossier_store::{Owner, StoreError};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{read, samples, write};

on_both_engines![
    what_is_inserted_is_read_back,
    lists_cover_everything_oldest_first,
    tokens_are_set_replaced_and_demoted,
    tokens_need_an_account,
];

async fn insert(db: &TestDb, account: &Account) {
    let account = account.clone();
    write(db, move |tx| accounts::insert(tx, &account)).await;
}

async fn what_is_inserted_is_read_back(db: TestDb) {
    let mut random = Seeded::new(1);
    for _ in 0..10 {
        let account = samples::account(&mut random);
        let sid = account.sid;
        assert_eq!(read(&db, move |tx| accounts::get(tx, sid)).await, None);
        insert(&db, &account).await;
        assert_eq!(read(&db, move |tx| accounts::get(tx, sid)).await.as_ref(), Some(&account));
        assert!(db.write(move |tx| accounts::insert(tx, &account)).await.is_err(), "it exists");
        // Without a token there is nothing to check a password against.
        assert!(read(&db, move |tx| accounts::credentials(tx, sid)).await.is_none());
    }
}

async fn lists_cover_everything_oldest_first(db: TestDb) {
    let mut random = Seeded::new(2);
    let mut all: Vec<Account> = (0..25).map(|_| samples::account(&mut random)).collect();
    for account in &all {
        insert(&db, account).await;
    }
    all.sort_by_key(|account| (account.created_at, account.sid));
    for size in [1, 4, 1000] {
        let mut seen: Vec<Account> = Vec::new();
        loop {
            let after = seen.last().map(Account::position);
            let page = read(&db, move |tx| accounts::list(tx, after, size)).await;
            if page.is_empty() {
                break;
            }
            seen.extend(page);
        }
        assert_eq!(seen, all, "size {size}");
    }
}

async fn set_token(db: &TestDb, owner: Owner, slot: TokenSlot, token: &'static str) {
    let now = samples::later(9);
    write(db, move |tx| accounts::set_token(tx, &owner, slot, token, token.as_bytes(), now)).await;
}

/// The hashes, and the tokens themselves: primary, secondary.
async fn tokens(db: &TestDb) -> (Vec<String>, Option<String>, Option<String>) {
    read(db, |tx| {
        let credentials = accounts::credentials(tx, owner().account)?.expect("the account has a token");
        let mut hashes: Vec<String> =
            credentials.token_hashes.iter().map(|hash| String::from_utf8(hash.clone()).unwrap()).collect();
        hashes.sort();
        let primary = accounts::token(tx, &owner(), TokenSlot::Primary)?;
        Ok((hashes, primary, accounts::token(tx, &owner(), TokenSlot::Secondary)?))
    })
    .await
}

async fn tokens_are_set_replaced_and_demoted(db: TestDb) {
    let mut random = Seeded::new(3);
    let account = Account { sid: owner().account, ..samples::account(&mut random) };
    insert(&db, &account).await;
    let other = Account { sid: stranger().account, ..samples::account(&mut random) };
    insert(&db, &other).await;
    set_token(&db, stranger(), TokenSlot::Primary, "theirs").await;
    let text = |text: &str| Some(text.to_owned());
    let demote = || db.write(|tx| accounts::demote_primary_token(tx, &owner()));

    assert!(matches!(demote().await, Err(StoreError::RowCount { touched: 0 })), "there is no primary token");
    set_token(&db, owner(), TokenSlot::Primary, "one").await;
    assert_eq!(tokens(&db).await, (vec!["one".into()], text("one"), None));
    set_token(&db, owner(), TokenSlot::Primary, "two").await;
    assert_eq!(tokens(&db).await, (vec!["two".into()], text("two"), None));
    // A token stays readable in its other place.
    demote().await.unwrap();
    assert_eq!(tokens(&db).await, (vec!["two".into()], None, text("two")));
    set_token(&db, owner(), TokenSlot::Primary, "three").await;
    assert_eq!(tokens(&db).await, (vec!["three".into(), "two".into()], text("three"), text("two")));
    demote().await.unwrap_err();
    let delete = || write(&db, |tx| accounts::delete_token(tx, &owner(), TokenSlot::Secondary));
    delete().await;
    delete().await;
    assert_eq!(tokens(&db).await, (vec!["three".into()], text("three"), None));

    // Only the time of the last change moved, and nobody else's token did.
    let sid = account.sid;
    let expected = Account { updated_at: samples::later(9), ..account };
    assert_eq!(read(&db, move |tx| accounts::get(tx, sid)).await, Some(expected));
    let theirs = read(&db, |tx| accounts::token(tx, &stranger(), TokenSlot::Primary)).await;
    assert_eq!(theirs, text("theirs"));
}

async fn tokens_need_an_account(db: TestDb) {
    let refused = db
        .write(|tx| accounts::set_token(tx, &owner(), TokenSlot::Primary, "one", b"one", samples::later(9)))
        .await;
    assert!(matches!(refused, Err(StoreError::RowCount { touched: 0 })), "{refused:?}");
    assert_eq!(read(&db, |tx| accounts::token(tx, &owner(), TokenSlot::Primary)).await, None);
}
