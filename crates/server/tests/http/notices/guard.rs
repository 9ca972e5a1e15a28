//! Which addresses are called: none inside, whatever its name says and when.

use std::net::SocketAddr;
use std::sync::Arc;

use dossier_testkit::app::{Names, Receiver};
use dossier_testkit::{TestApp, TestDb, on_both_engines};

use super::{allow_loopback, log_of, told};

on_both_engines! {
    nothing_inside_is_called,
    a_name_is_looked_up_once_per_try,
    a_name_that_turns_private_is_refused,
}

async fn nothing_inside_is_called(db: TestDb) {
    let receiver = Receiver::start().await;
    let port = receiver.address().port();
    let app = TestApp::start(db).await;
    let hosts = ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"];
    for host in hosts {
        told(&app, &format!("http://{host}:{port}/")).await;
    }
    told(&app, "http://169.254.169.254/latest/meta-data/").await;
    told(&app, "https://10.0.0.1/").await;
    app.work_off().await;
    assert_eq!(receiver.received(), []);
    let log = log_of(&app).await;
    assert_eq!(log.len(), hosts.len() + 2);
    for line in log {
        let refused = ["waiting/1/address refused", "waiting/1/name not found"].contains(&&*line);
        assert!(refused, "{line}");
    }
}

/// With a name that says other addresses from one look-up to the next.
async fn naming(db: TestDb, answers: &[SocketAddr]) -> (TestApp, Arc<Names>) {
    let names = Arc::new(Names::default().with("rebind.example", answers));
    let resolver = Arc::clone(&names);
    let app = TestApp::with(db, |choices| {
        allow_loopback(choices);
        choices.resolver = resolver;
    })
    .await;
    (app, names)
}

async fn a_name_is_looked_up_once_per_try(db: TestDb) {
    let receiver = Receiver::start().await;
    // A second look-up, between the check and the connection, would say an address that is not allowed.
    let inside: SocketAddr = "127.0.0.2:1".parse().unwrap();
    let (app, names) = naming(db, &[receiver.address(), inside]).await;
    told(&app, "http://rebind.example/hook").await;
    app.work_off().await;
    assert_eq!(names.asked("rebind.example"), 1);
    assert_eq!(log_of(&app).await, ["delivered/1/status 200"]);
    assert_eq!(receiver.received()[0].header("host"), "rebind.example");
}

async fn a_name_that_turns_private_is_refused(db: TestDb) {
    let receiver = Receiver::start().await;
    let inside = Receiver::start().await;
    let private = SocketAddr::from(([127, 0, 0, 2], inside.address().port()));
    let (app, names) = naming(db, &[receiver.address(), private]).await;
    for _ in 0..2 {
        told(&app, "http://rebind.example/hook").await;
        app.work_off().await;
        app.clock().advance(std::time::Duration::from_secs(1));
    }
    assert_eq!(log_of(&app).await, ["delivered/1/status 200", "waiting/1/address refused"]);
    assert_eq!(names.asked("rebind.example"), 2, "and not knocked at again at once");
    assert_eq!((receiver.received().len(), inside.received().len()), (1, 0));
}
