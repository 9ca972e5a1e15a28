//! Deliveries and their lanes.

use dossier_domain::delivery::{Attempt, Channel, Delivery, DeliveryState, Message};
use dossier_domain::paging::{Start, Window};
use dossier_domain::sid::{BundleSid, DeliverySid};
use dossier_store::deliveries::{self, DeliveryFilter, Progress};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{read, samples, write};

on_both_engines![
    messages_come_back_as_they_were,
    a_lane_is_worked_through_in_order,
    lanes_do_not_wait_for_each_other,
    a_try_is_written_down_once,
    what_is_over_can_be_wanted_again,
    a_deleted_bundle_has_no_deliveries,
    lists_go_from_the_newest_to_the_oldest,
];

const BUNDLE: BundleSid = BundleSid::from_bytes([7; 16]);

/// Adds a delivery at this many seconds after the start of the clock.
async fn add(
    db: &TestDb,
    random: &mut Seeded,
    bundle: BundleSid,
    message: Message,
    second: u64,
) -> DeliverySid {
    let new = samples::delivery(random, bundle, message);
    let sid = new.sid;
    write(db, move |tx| deliveries::insert(tx, &owner(), &new, samples::later(second))).await;
    sid
}

async fn next(db: &TestDb, channel: Channel) -> Option<Delivery> {
    read(db, move |tx| deliveries::next(tx, &owner(), BUNDLE, channel)).await
}

fn attempt(number: u32, second: u64) -> Attempt {
    Attempt {
        number,
        at: samples::later(second),
        outcome: "status 500".to_owned(),
        status: Some(500),
        millis: 12,
    }
}

async fn record(db: &TestDb, sid: DeliverySid, attempt: Attempt, state: DeliveryState) -> bool {
    let progress = Progress { state, failures: attempt.number, due_at: samples::later(99) };
    write(db, move |tx| deliveries::record(tx, owner().account, sid, &attempt, progress)).await
}

async fn messages_come_back_as_they_were(db: TestDb) {
    let mut random = Seeded::new(1);
    for message in [samples::callback("Jane"), samples::mail("Jane")] {
        let sid = add(&db, &mut random, BUNDLE, message.clone(), 3).await;
        let delivery = next(&db, message.channel()).await.unwrap();
        assert_eq!((delivery.sid, delivery.message), (sid, message));
        assert_eq!((delivery.state, delivery.attempts, delivery.failures), (DeliveryState::Waiting, 0, 0));
        assert_eq!((delivery.created_at, delivery.due_at), (samples::later(3), samples::later(3)));
    }
    let sealed = read(&db, |tx| deliveries::list(tx, &DeliveryFilter::default(), &first(9))).await;
    assert!(
        sealed.items.into_iter().all(|sealed| sealed.open(&stranger()).is_err()),
        "another account's key"
    );
}

async fn a_lane_is_worked_through_in_order(db: TestDb) {
    let mut random = Seeded::new(2);
    let mut sids = Vec::new();
    for _ in 0..5 {
        // All at once: their times do not tell them apart, nor do their identifiers.
        sids.push(add(&db, &mut random, BUNDLE, samples::callback("Jane"), 0).await);
    }
    for sid in sids {
        assert_eq!(next(&db, Channel::Callback).await.unwrap().sid, sid);
        assert!(record(&db, sid, attempt(1, 1), DeliveryState::Waiting).await);
        assert_eq!(next(&db, Channel::Callback).await.unwrap().sid, sid, "the same until its fate is known");
        let due = read(&db, |tx| deliveries::next_due(tx, owner().account, BUNDLE, Channel::Callback)).await;
        assert_eq!(due, Some(samples::later(99)));
        assert!(record(&db, sid, attempt(2, 1), DeliveryState::Dead).await);
    }
    assert_eq!(next(&db, Channel::Callback).await, None);
}

async fn lanes_do_not_wait_for_each_other(db: TestDb) {
    let mut random = Seeded::new(3);
    add(&db, &mut random, BundleSid::from_bytes([8; 16]), samples::callback("Jane"), 0).await;
    let mail = add(&db, &mut random, BUNDLE, samples::mail("Jane"), 0).await;
    assert_eq!(next(&db, Channel::Callback).await, None);
    assert_eq!(next(&db, Channel::Mail).await.unwrap().sid, mail);
    let strangers = read(&db, |tx| deliveries::next(tx, &stranger(), BUNDLE, Channel::Mail)).await;
    assert_eq!(strangers, None);
}

async fn a_try_is_written_down_once(db: TestDb) {
    let mut random = Seeded::new(4);
    let sid = add(&db, &mut random, BUNDLE, samples::callback("Jane"), 0).await;
    assert!(record(&db, sid, attempt(1, 1), DeliveryState::Waiting).await);
    assert!(!record(&db, sid, attempt(1, 2), DeliveryState::Dead).await, "somebody else was first");
    assert!(record(&db, sid, attempt(2, 3), DeliveryState::Delivered).await);
    assert!(!record(&db, sid, attempt(3, 4), DeliveryState::Dead).await, "it is over");
    let found = read(&db, move |tx| deliveries::find(tx, sid)).await.unwrap().open(&owner()).unwrap();
    assert_eq!((found.state, found.attempts), (DeliveryState::Delivered, 2));
    assert_eq!(found.finished_at, Some(samples::later(3)));
    let tries = read(&db, move |tx| deliveries::attempts(tx, owner().account, sid, 9)).await;
    assert_eq!(tries, [attempt(2, 3), attempt(1, 1)]);
    let last = read(&db, move |tx| deliveries::attempts(tx, owner().account, sid, 1)).await;
    assert_eq!(last, [attempt(2, 3)]);
}

async fn what_is_over_can_be_wanted_again(db: TestDb) {
    let mut random = Seeded::new(5);
    let sid = add(&db, &mut random, BUNDLE, samples::callback("Jane"), 0).await;
    record(&db, sid, attempt(1, 1), DeliveryState::Dead).await;
    let again = move |account| {
        move |tx: &mut dossier_store::Tx<'_>| deliveries::want_again(tx, account, sid, samples::later(50))
    };
    assert!(!write(&db, again(stranger().account)).await);
    assert!(write(&db, again(owner().account)).await);
    let wanted = next(&db, Channel::Callback).await.unwrap();
    assert_eq!((wanted.sid, wanted.attempts, wanted.failures), (sid, 1, 0));
    assert_eq!((wanted.wanted_at, wanted.due_at), (samples::later(50), samples::later(50)));
    assert_eq!(wanted.finished_at, None);
}

async fn a_deleted_bundle_has_no_deliveries(db: TestDb) {
    let mut random = Seeded::new(6);
    let gone = add(&db, &mut random, BUNDLE, samples::callback("Jane"), 0).await;
    let other = BundleSid::from_bytes([8; 16]);
    let stays = add(&db, &mut random, other, samples::callback("Jane"), 0).await;
    for sid in [gone, stays] {
        record(&db, sid, attempt(1, 1), DeliveryState::Waiting).await;
    }
    write(&db, |tx| deliveries::delete_all(tx, &stranger(), BUNDLE)).await;
    assert!(next(&db, Channel::Callback).await.is_some(), "a stranger deletes nothing");
    write(&db, |tx| deliveries::delete_all(tx, &owner(), BUNDLE)).await;
    for (sid, is_there) in [(gone, false), (stays, true)] {
        assert_eq!(read(&db, move |tx| deliveries::find(tx, sid)).await.is_some(), is_there);
        let tries = read(&db, move |tx| deliveries::attempts(tx, owner().account, sid, 9)).await;
        assert_eq!(tries.len(), usize::from(is_there));
    }
}

const fn first(size: u32) -> Window {
    Window { size, start: Start::First }
}

async fn lists_go_from_the_newest_to_the_oldest(db: TestDb) {
    let mut random = Seeded::new(7);
    let mut sids = Vec::new();
    for second in 0..5 {
        sids.push(add(&db, &mut random, BUNDLE, samples::callback("Jane"), second).await);
    }
    record(&db, sids[0], attempt(1, 9), DeliveryState::Dead).await;
    sids.reverse();
    let listed = async |filter: DeliveryFilter, start| {
        let window = Window { size: 2, start };
        read(&db, move |tx| deliveries::list(tx, &filter, &window)).await
    };
    let (mut seen, mut start) = (Vec::new(), Start::First);
    loop {
        let page = listed(DeliveryFilter::default(), start).await;
        seen.extend(page.items.iter().map(|item| item.sid));
        let Some(last) = page.items.last().filter(|_| page.more_after) else { break };
        start = Start::After(last.position());
    }
    assert_eq!(seen, sids);
    let some = DeliveryFilter {
        account: Some(owner().account),
        from: Some(samples::later(2)),
        before: Some(samples::later(3)),
        ..DeliveryFilter::default()
    };
    let page = listed(some, Start::First).await;
    assert_eq!(page.items.iter().map(|item| item.sid).collect::<Vec<_>>(), [sids[2]]);
    let dead = DeliveryFilter { state: Some(DeliveryState::Dead), ..DeliveryFilter::default() };
    assert_eq!(listed(dead, Start::First).await.items[0].sid, sids[4]);
    let other = DeliveryFilter { account: Some(stranger().account), ..DeliveryFilter::default() };
    assert!(listed(other, Start::First).await.items.is_empty());
}
