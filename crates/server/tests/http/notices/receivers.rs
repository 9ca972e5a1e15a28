//! Receivers that misbehave. Nothing is lost, and nobody else waits for them.

use std::time::Duration;

use dossier_domain::operator::Role;
use dossier_testkit::app::{Manners, Receiver};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

use super::{HOUR, MINUTE, calling, log_of, told};

on_both_engines! {
    an_answer_of_500_for_a_day_ends_in_the_log,
    a_receiver_that_comes_back_gets_it_with_the_same_id,
    a_receiver_that_hangs_is_left_after_its_time,
    a_redirect_is_not_followed,
    whatever_is_sent_without_end_is_not_read,
    what_is_no_http_is_tried_again,
    a_receiver_that_is_gone_is_not_asked_again,
    a_receiver_that_asks_for_patience_gets_it,
    nobody_there_is_knocked_at_twice,
    many_that_hang_do_not_keep_another_waiting,
}

/// Lets time pass hour by hour, as a day passes.
async fn pass(app: &TestApp, hours: u32) {
    for _ in 0..hours {
        app.clock().advance(HOUR);
        app.work_off().await;
    }
}

async fn an_answer_of_500_for_a_day_ends_in_the_log(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    receiver.behave(Manners::status(500));
    told(&app, &receiver.url("/")).await;
    app.work_off().await;
    assert_eq!(log_of(&app).await, ["waiting/1/status 500"]);
    app.work_off().await;
    assert_eq!(receiver.received().len(), 1, "not at once again");
    // Each try may come up to an hour late here, because time passes by the hour.
    pass(&app, 29).await;
    assert_eq!(log_of(&app).await, ["dead/5/status 500"]);
    pass(&app, 48).await;
    assert_eq!(receiver.received().len(), 5, "it was given up");

    receiver.behave(Manners::status(204));
    let reviewer = app.operator(Role::Reviewer).await;
    let dead = reviewer.get("/deliveries?state=dead").await.ok();
    let sid = dead["items"][0]["sid"].as_str().unwrap().to_owned();
    assert_eq!(reviewer.act(&format!("/deliveries/{sid}/redeliver")).await.ok().text("state"), "waiting");
    app.work_off().await;
    assert_eq!(log_of(&app).await, ["delivered/6/status 204"]);
    assert!(receiver.received().iter().all(|callback| callback.delivery() == sid), "the same identifier");
}

async fn a_receiver_that_comes_back_gets_it_with_the_same_id(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    receiver.behave(Manners::status(503));
    told(&app, &receiver.url("/")).await;
    app.work_off().await;
    receiver.behave(Manners::status(200));
    app.clock().advance(MINUTE);
    app.work_off().await;
    assert_eq!(receiver.received().len(), 1, "too soon");
    app.clock().advance(2 * MINUTE);
    app.work_off().await;
    let [first, second] = &receiver.received()[..] else { panic!("two tries: {:?}", receiver.received()) };
    assert_eq!(first, second, "to the letter");
    assert_eq!(log_of(&app).await, ["delivered/2/status 200"]);
}

async fn a_receiver_that_hangs_is_left_after_its_time(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    receiver.behave(Manners::Hang);
    told(&app, &receiver.url("/#rt=150")).await;
    app.work_off().await;
    assert_eq!(log_of(&app).await, ["waiting/1/response timeout"]);
}

async fn a_redirect_is_not_followed(db: TestDb) {
    let (app, receiver, inside) = (calling(db).await, Receiver::start().await, Receiver::start().await);
    let location = format!("Location: {}\r\n", inside.url("/latest/meta-data"));
    for status in [301, 302, 307, 308] {
        receiver.behave(Manners::Answer(status, location.clone()));
        told(&app, &receiver.url("/")).await;
        app.work_off().await;
        assert_eq!(*log_of(&app).await.last().unwrap(), format!("waiting/1/status {status}"));
        app.clock().advance(Duration::from_secs(1));
    }
    assert_eq!(inside.received(), []);
}

async fn whatever_is_sent_without_end_is_not_read(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    receiver.behave(Manners::EndlessBody);
    told(&app, &receiver.url("/")).await;
    app.work_off().await;
    receiver.behave(Manners::EndlessHead);
    app.clock().advance(MINUTE);
    told(&app, &receiver.url("/#rt=5000")).await;
    app.work_off().await;
    assert_eq!(log_of(&app).await, ["delivered/1/status 200", "waiting/1/no HTTP answer"]);
}

async fn what_is_no_http_is_tried_again(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    for manners in [Manners::Gibberish, Manners::Close] {
        receiver.behave(manners);
        told(&app, &receiver.url("/")).await;
        app.work_off().await;
        assert_eq!(*log_of(&app).await.last().unwrap(), "waiting/1/no HTTP answer");
        app.clock().advance(Duration::from_secs(1));
    }
}

async fn a_receiver_that_is_gone_is_not_asked_again(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    receiver.behave(Manners::status(410));
    told(&app, &receiver.url("/")).await;
    app.work_off().await;
    assert_eq!(log_of(&app).await, ["dead/1/status 410"]);
    pass(&app, 25).await;
    assert_eq!(receiver.received().len(), 1);
}

async fn a_receiver_that_asks_for_patience_gets_it(db: TestDb) {
    let (app, receiver) = (calling(db).await, Receiver::start().await);
    let pauses = ["120", "Thu, 01 Jan 2026 00:12:00 GMT"];
    for pause in pauses {
        receiver.behave(Manners::Answer(429, format!("Retry-After: {pause}\r\n")));
        if receiver.received().is_empty() {
            told(&app, &receiver.url("/")).await;
        }
        app.work_off().await;
        app.clock().advance(Duration::from_secs(119));
        app.work_off().await;
        assert!(log_of(&app).await[0].ends_with("/status 429"));
        app.clock().advance(Duration::from_secs(1));
    }
    // Four minutes have passed; the date is eight minutes away.
    assert_eq!(receiver.received().len(), 2);
    receiver.behave(Manners::status(200));
    app.clock().advance(7 * MINUTE);
    app.work_off().await;
    assert_eq!(receiver.received().len(), 2);
    app.clock().advance(MINUTE);
    app.work_off().await;
    assert_eq!(log_of(&app).await, ["delivered/3/status 200"]);
}

async fn nobody_there_is_knocked_at_twice(db: TestDb) {
    let app = calling(db).await;
    let nobody = {
        let receiver = Receiver::start().await;
        receiver.url("/")
    };
    told(&app, &nobody).await;
    app.work_off().await;
    let failed = log_of(&app).await;
    assert!(failed == ["waiting/1/connection failed"], "{failed:?}");
    let receiver = app.operator(Role::Admin).await;
    let deliveries = receiver.get("/deliveries").await.ok();
    assert_eq!(deliveries["items"][0]["host"], json!("127.0.0.1"));
}

async fn many_that_hang_do_not_keep_another_waiting(db: TestDb) {
    let (app, hanging, good) = (calling(db).await, Receiver::start().await, Receiver::start().await);
    hanging.behave(Manners::Hang);
    // More than there are places for one host, and the one that is well comes last.
    for _ in 0..40 {
        told(&app, &hanging.url("/#rt=15000")).await;
    }
    let good_url = format!("http://localhost:{}/", good.address().port());
    told(&app, &good_url).await;
    let service = app.worker();
    let received = good.wait_for(1).await;
    assert_eq!(received[0].param("Status"), Some("draft"));
    assert!(hanging.received().len() <= 32, "{}", hanging.received().len());
    drop(service);
}
