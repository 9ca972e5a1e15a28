//! Jobs: claimed by one worker at a time, never lost.

use dossier_domain::Timestamp;
use dossier_domain::sid::BundleSid;
use dossier_store::jobs::{self, Job, JobKey, JobKind};
use dossier_testkit::{TestDb, on_both_engines, owner};

use crate::{read, samples, write};

on_both_engines![
    a_job_is_claimed_once_when_it_is_due,
    a_lease_that_ended_is_given_to_another_worker,
    the_longest_overdue_come_first,
    scheduling_moves_a_job_and_ensuring_does_not,
    a_job_that_failed_is_tried_again,
    a_job_is_done_or_postponed_by_who_holds_it,
    two_workers_at_once_share_the_jobs,
];

fn key(number: u8) -> JobKey {
    JobKey::new(JobKind::Expiry, owner().account, BundleSid::from_bytes([number; 16]))
}

async fn schedule(db: &TestDb, number: u8, due_at: Timestamp) {
    write(db, move |tx| jobs::schedule(tx, &key(number), due_at)).await;
}

async fn ensure(db: &TestDb, number: u8, due_at: Timestamp) {
    write(db, move |tx| jobs::ensure(tx, &key(number), due_at)).await;
}

/// Claims for ten seconds.
async fn claim(db: &TestDb, lease: &'static str, second: u64, limit: u32) -> Vec<Job> {
    let (now, until) = (samples::later(second), samples::later(second + 10));
    write(db, move |tx| jobs::claim(tx, lease, now, until, limit)).await
}

fn keys(jobs: &[Job]) -> Vec<JobKey> {
    jobs.iter().map(|job| job.key).collect()
}

async fn a_job_is_claimed_once_when_it_is_due(db: TestDb) {
    schedule(&db, 1, samples::later(5)).await;
    let is_due = async |second| read(&db, move |tx| jobs::is_due(tx, samples::later(second))).await;
    assert!(!is_due(4).await);
    assert_eq!(claim(&db, "a", 4, 9).await, []);
    assert!(is_due(5).await);
    let claimed = claim(&db, "a", 5, 9).await;
    assert_eq!(keys(&claimed), [key(1)]);
    assert_eq!((claimed[0].due_at, claimed[0].attempt), (samples::later(5), 1));
    assert!(!is_due(6).await);
    assert_eq!(claim(&db, "b", 6, 9).await, []);
}

async fn a_lease_that_ended_is_given_to_another_worker(db: TestDb) {
    schedule(&db, 1, samples::later(0)).await;
    let first = claim(&db, "a", 0, 9).await.remove(0);
    let second = claim(&db, "b", 10, 9).await.remove(0);
    assert_eq!(second.attempt, 2);
    let lost = first.clone();
    assert!(write(&db, move |tx| Ok(jobs::hold(tx, &lost)?.is_none())).await, "the first worker lost it");
    write(&db, move |tx| jobs::retry(tx, &first, samples::later(99))).await;
    write(&db, move |tx| jobs::hold(tx, &second)?.expect("the second has it").finish(tx)).await;
    assert_eq!(claim(&db, "c", 1000, 9).await, []);
}

async fn the_longest_overdue_come_first(db: TestDb) {
    for (number, second) in [(1, 3), (2, 1), (3, 2)] {
        schedule(&db, number, samples::later(second)).await;
    }
    assert_eq!(keys(&claim(&db, "a", 9, 2).await), [key(2), key(3)]);
    assert_eq!(keys(&claim(&db, "a", 9, 2).await), [key(1)]);
}

async fn scheduling_moves_a_job_and_ensuring_does_not(db: TestDb) {
    schedule(&db, 1, samples::later(5)).await;
    ensure(&db, 1, samples::later(0)).await;
    assert_eq!(claim(&db, "a", 4, 9).await, []);
    schedule(&db, 1, samples::later(3)).await;
    assert_eq!(keys(&claim(&db, "a", 3, 9).await), [key(1)]);
    ensure(&db, 2, samples::later(0)).await;
    assert_eq!(keys(&claim(&db, "a", 3, 9).await), [key(2)]);
    write(&db, |tx| jobs::cancel(tx, &key(1))).await;
    write(&db, |tx| jobs::cancel(tx, &key(1))).await;
    assert_eq!(keys(&claim(&db, "b", 99, 9).await), [key(2)]);
}

async fn a_job_that_failed_is_tried_again(db: TestDb) {
    schedule(&db, 1, samples::later(0)).await;
    schedule(&db, 2, samples::later(0)).await;
    let mut claimed = claim(&db, "a", 0, 9).await;
    let (first, second) = (claimed.remove(0), claimed.remove(0));
    // The first is scheduled anew while it is being tried: that time holds.
    let moved = first.key;
    write(&db, move |tx| jobs::schedule(tx, &moved, samples::later(2))).await;
    for job in [first, second] {
        write(&db, move |tx| jobs::retry(tx, &job, samples::later(7))).await;
    }
    assert_eq!(keys(&claim(&db, "b", 2, 9).await), [moved]);
    let again = claim(&db, "b", 7, 9).await;
    assert_eq!((again.len(), again[0].attempt), (1, 2));
}

async fn a_job_is_done_or_postponed_by_who_holds_it(db: TestDb) {
    schedule(&db, 1, samples::later(0)).await;
    let job = claim(&db, "a", 0, 9).await.remove(0);
    write(&db, move |tx| {
        let held = jobs::hold(tx, &job)?.expect("nobody else has it");
        held.postpone(tx, samples::later(4), 0)
    })
    .await;
    assert_eq!(claim(&db, "a", 3, 9).await, []);
    let job = claim(&db, "a", 4, 9).await.remove(0);
    assert_eq!(job.attempt, 1, "it is something new");
    write(&db, move |tx| jobs::hold(tx, &job)?.expect("nobody else has it").finish(tx)).await;
    assert_eq!(claim(&db, "a", 99, 9).await, []);
}

async fn two_workers_at_once_share_the_jobs(db: TestDb) {
    for number in 0..60 {
        schedule(&db, number, samples::later(0)).await;
    }
    let work = async |lease: &'static str| {
        let mut mine = Vec::new();
        loop {
            let claimed = claim(&db, lease, 1, 7).await;
            if claimed.is_empty() {
                return mine;
            }
            mine.extend(keys(&claimed));
        }
    };
    let (mut all, other) = tokio::join!(work("a"), work("b"));
    all.extend(other);
    assert_eq!(all.len(), 60);
    for number in 0..60 {
        assert!(all.contains(&key(number)), "job {number}");
    }
}
