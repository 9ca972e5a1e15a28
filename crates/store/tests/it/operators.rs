//! Operators.

use dossier_domain::operator::{Operator, Role};
use dossier_store::operators;
use dossier_testkit::{Seeded, TestDb, on_both_engines};

use crate::{read, samples, write};

on_both_engines![what_is_inserted_is_found_by_sid_and_token, lists_cover_everything_oldest_first];

fn sample(random: &mut Seeded) -> Operator {
    Operator {
        sid: random.sid(),
        name: samples::name(random),
        role: random.pick(&Role::ALL),
        created_at: samples::time(random),
        revoked_at: None,
    }
}

/// Adds an operator whose token has its identifier as a hash.
async fn insert(db: &TestDb, operator: &Operator) {
    let operator = operator.clone();
    write(db, move |tx| operators::insert(tx, &operator, operator.sid.as_bytes())).await;
}

async fn what_is_inserted_is_found_by_sid_and_token(db: TestDb) {
    let mut random = Seeded::new(1);
    let (operator, other) = (sample(&mut random), sample(&mut random));
    insert(&db, &operator).await;
    insert(&db, &other).await;
    let sid = operator.sid;
    let found = async || {
        read(&db, move |tx| Ok([operators::get(tx, sid)?, operators::by_token(tx, sid.as_bytes())?])).await
    };
    assert_eq!(found().await, [Some(operator.clone()), Some(operator.clone())]);
    assert_eq!(read(&db, |tx| operators::by_token(tx, b"other")).await, None);
    let twin = Operator { sid: random.sid(), ..operator.clone() };
    assert!(db.write(move |tx| operators::insert(tx, &twin, sid.as_bytes())).await.is_err(), "tokens differ");

    assert!(write(&db, move |tx| operators::revoke(tx, sid, samples::later(9))).await);
    assert!(!write(&db, move |tx| operators::revoke(tx, sid, samples::later(10))).await);
    let revoked = Operator { revoked_at: Some(samples::later(9)), ..operator };
    assert_eq!(found().await, [Some(revoked.clone()), Some(revoked)]);
    let sid = other.sid;
    assert_eq!(read(&db, move |tx| operators::get(tx, sid)).await, Some(other));
}

async fn lists_cover_everything_oldest_first(db: TestDb) {
    let mut random = Seeded::new(2);
    let mut all: Vec<Operator> = (0..25).map(|_| sample(&mut random)).collect();
    for operator in &all {
        insert(&db, operator).await;
    }
    all.sort_by_key(|operator| (operator.created_at, operator.sid));
    for size in [1, 4, 1000] {
        let mut seen: Vec<Operator> = Vec::new();
        loop {
            let after = seen.last().map(Operator::position);
            let page = read(&db, move |tx| operators::list(tx, after, size)).await;
            if page.is_empty() {
                break;
            }
            seen.extend(page);
        }
        assert_eq!(seen, all, "size {size}");
    }
}
