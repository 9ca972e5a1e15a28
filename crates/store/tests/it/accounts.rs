//! Accounts and their auth tokens.

use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::paging::{Start, Window};
use dossier_store::accounts::{self, AccountFilter, TokenSlot};
use dossier_store::{Owner, StoreError};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{read, samples, write};

on_both_engines![
    what_is_inserted_is_read_back,
    lists_cover_everything_oldest_first,
    an_account_is_listed_with_those_below,
    a_status_is_compared_and_set,
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

async fn an_account_is_listed_with_those_below(db: TestDb) {
    let mut random = Seeded::new(4);
    let parent = Account { parent_sid: None, ..samples::account(&mut random) };
    let below = |random: &mut Seeded| Account { parent_sid: Some(parent.sid), ..samples::account(random) };
    let mut family: Vec<Account> = (0..11).map(|_| below(&mut random)).collect();
    family.push(parent.clone());
    let stranger = Account { parent_sid: None, ..samples::account(&mut random) };
    for account in family.iter().chain([&stranger]) {
        insert(&db, account).await;
    }
    family.sort_by_key(|account| std::cmp::Reverse((account.created_at, account.sid)));
    let statuses = AccountStatus::ALL.map(Some).into_iter().chain([None]);
    let names = samples::NAMES.map(Some).into_iter().chain([None]);
    for (status, name) in statuses.flat_map(|status| names.clone().map(move |name| (status, name))) {
        let expected: Vec<_> = family
            .iter()
            .filter(|account| status.is_none_or(|status| account.status == status))
            .filter(|account| name.is_none_or(|name| account.friendly_name.as_str() == name))
            .cloned()
            .collect();
        let filter = AccountFilter { status, friendly_name: name.map(str::to_owned) };
        for size in [1, 3, 100] {
            assert_eq!(walk(&db, &parent, &filter, size).await, expected, "{filter:?} by {size}");
        }
    }
    for account in family.iter().filter(|account| account.sid != parent.sid).chain([&stranger]) {
        let alone = walk(&db, account, &AccountFilter::default(), 2).await;
        assert_eq!(alone.iter().map(|account| account.sid).collect::<Vec<_>>(), [account.sid]);
    }

    let sid = parent.sid;
    let mut open: Vec<_> = family
        .iter()
        .filter(|account| account.sid != sid && account.status != AccountStatus::Closed)
        .cloned()
        .collect();
    open.reverse();
    for limit in [1, 2, 100] {
        let found = write(&db, move |tx| accounts::lock_open_sub_accounts(tx, sid, limit)).await;
        assert_eq!(found, open[..limit.min(open.len())]);
        let count = read(&db, move |tx| accounts::count_open_sub_accounts(tx, sid, limit)).await;
        assert_eq!(count, found.len());
    }
}

async fn walk(db: &TestDb, own: &Account, filter: &AccountFilter, size: u32) -> Vec<Account> {
    let (mut seen, mut start) = (Vec::new(), Start::First);
    loop {
        let (own, filter) = (own.clone(), filter.clone());
        let page = read(db, move |tx| accounts::list_own(tx, &own, &filter, &Window { size, start })).await;
        seen.extend(page.items);
        if !page.more_after {
            return seen;
        }
        start = Start::After(seen.last().map(Account::position).unwrap());
    }
}

async fn a_status_is_compared_and_set(db: TestDb) {
    use AccountStatus::{Active, Closed, Suspended};
    let mut random = Seeded::new(5);
    let account = Account { status: Active, closed_at: None, ..samples::account(&mut random) };
    let sid = account.sid;
    insert(&db, &account).await;
    for (from, to, closed) in [(Active, Suspended, false), (Suspended, Active, false), (Active, Closed, true)]
    {
        let wrong = db.write(move |tx| accounts::set_status(tx, sid, to, from, samples::later(8))).await;
        assert!(matches!(wrong, Err(StoreError::RowCount { touched: 0 })), "{wrong:?}");
        write(&db, move |tx| accounts::set_status(tx, sid, from, to, samples::later(9))).await;
        let found = read(&db, move |tx| accounts::get(tx, sid)).await.unwrap();
        let closed_at = closed.then(|| samples::later(9));
        assert_eq!((found.status, found.updated_at, found.closed_at), (to, samples::later(9), closed_at));
    }
    let name = samples::name(&mut random);
    let new_name = name.clone();
    write(&db, move |tx| accounts::rename(tx, sid, &new_name, samples::later(10))).await;
    assert_eq!(read(&db, move |tx| accounts::get(tx, sid)).await.unwrap().friendly_name, name);
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
