//! Stored evaluations.

use dossier_domain::Code;
use dossier_domain::evaluation::{Evaluation, Failure, RequirementResult};
use dossier_domain::paging::{Position, Window};
use dossier_domain::sid::BundleSid;
use dossier_store::evaluations::{self, KEPT_MAX, StoredEvaluation};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{paging, read, samples, write};

on_both_engines![
    what_is_inserted_is_read_back_until_it_is_deleted,
    the_oldest_beyond_the_limit_are_forgotten,
    lists_cover_everything_newest_first,
];

pub(crate) fn sample(random: &mut Seeded, bundle_sid: BundleSid) -> StoredEvaluation {
    let failure = Failure { code: Code::EndUserMissing, reason: "Ä \"reason\"".to_owned() };
    let result = RequirementResult {
        friendly_name: "Business".to_owned(),
        object_type: "business".to_owned(),
        requirement_friendly_name: "Business".to_owned(),
        requirement_name: "business_info".to_owned(),
        failure: random.flip().then_some(failure),
        valid: Vec::new(),
        invalid: Vec::new(),
    };
    let evaluation =
        Evaluation { regulation: samples::regulation(random), revision: 3, results: vec![result] };
    StoredEvaluation {
        sid: random.sid(),
        account_sid: owner().account,
        bundle_sid,
        evaluation,
        created_at: samples::time(random),
    }
}

async fn insert(db: &TestDb, evaluation: &StoredEvaluation) {
    let evaluation = evaluation.clone();
    write(db, move |tx| evaluations::insert(tx, &owner(), &evaluation)).await;
}

async fn get(db: &TestDb, evaluation: &StoredEvaluation) -> Option<StoredEvaluation> {
    let (bundle, sid) = (evaluation.bundle_sid, evaluation.sid);
    read(db, move |tx| evaluations::get(tx, &owner(), bundle, sid)).await
}

async fn what_is_inserted_is_read_back_until_it_is_deleted(db: TestDb) {
    let mut random = Seeded::new(1);
    let (bundle, other): (BundleSid, BundleSid) = (random.sid(), random.sid());
    let (one, elsewhere) = (sample(&mut random, bundle), sample(&mut random, other));
    insert(&db, &one).await;
    insert(&db, &elsewhere).await;
    assert_eq!(get(&db, &one).await.as_ref(), Some(&one));
    let sid = one.sid;
    assert_eq!(read(&db, move |tx| evaluations::get(tx, &owner(), other, sid)).await, None);
    assert_eq!(read(&db, move |tx| evaluations::get(tx, &stranger(), bundle, sid)).await, None);
    write(&db, move |tx| evaluations::delete_all(tx, &stranger(), bundle)).await;
    assert_eq!(get(&db, &one).await.as_ref(), Some(&one));
    write(&db, move |tx| evaluations::delete_all(tx, &owner(), bundle)).await;
    assert_eq!(get(&db, &one).await, None);
    assert_eq!(get(&db, &elsewhere).await, Some(elsewhere));
}

async fn the_oldest_beyond_the_limit_are_forgotten(db: TestDb) {
    let mut random = Seeded::new(2);
    let bundle = random.sid();
    let (oldest, foreign) = (sample(&mut random, bundle), sample(&mut random, bundle));
    let oldest = StoredEvaluation { created_at: samples::later(0), ..oldest };
    insert(&db, &oldest).await;
    let theirs = foreign.clone();
    write(&db, move |tx| evaluations::insert(tx, &stranger(), &theirs)).await;
    for second in 1..u64::try_from(KEPT_MAX).unwrap() {
        let next = StoredEvaluation { created_at: samples::later(second), ..sample(&mut random, bundle) };
        insert(&db, &next).await;
    }
    assert_eq!(get(&db, &oldest).await.as_ref(), Some(&oldest), "there is room for it yet");
    let last = StoredEvaluation { created_at: samples::later(1000), ..sample(&mut random, bundle) };
    insert(&db, &last).await;
    assert_eq!(get(&db, &oldest).await, None);
    assert_eq!(get(&db, &last).await, Some(last));
    let sid = foreign.sid;
    assert!(read(&db, move |tx| evaluations::get(tx, &stranger(), bundle, sid)).await.is_some());
}

async fn lists_cover_everything_newest_first(db: TestDb) {
    let mut random = Seeded::new(3);
    let bundle = random.sid();
    let all: Vec<StoredEvaluation> = (0..25).map(|_| sample(&mut random, bundle)).collect();
    for evaluation in &all {
        insert(&db, evaluation).await;
    }
    let other = random.sid();
    insert(&db, &sample(&mut random, other)).await;
    let foreign = read(&db, move |tx| {
        evaluations::list(
            tx,
            &stranger(),
            bundle,
            &Window { size: 5, start: dossier_domain::paging::Start::First },
        )
    });
    assert!(foreign.await.items.is_empty());
    paging::covers_newest_first(
        all,
        |stored| Position { key: stored.created_at.as_micros(), sid: stored.sid.into() },
        async |window: Window| read(&db, move |tx| evaluations::list(tx, &owner(), bundle, &window)).await,
    )
    .await;
}
