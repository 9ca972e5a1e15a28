//! Mail to the people behind a bundle (contract 14.6 row 103).

use dossier_app::{MailOptions, MailServer as Server};
use dossier_domain::operator::Role;
use dossier_testkit::app::MailServer;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

use super::{HOUR, MINUTE, log_of};

on_both_engines! {
    mail_goes_out_with_both_forms,
    reminders_and_the_end_are_written_about,
    a_mail_server_that_is_away_for_an_hour_is_waited_for,
    a_recipient_that_is_refused_is_given_up,
    in_a_rehearsal_mail_is_kept,
}

async fn mailing(db: TestDb, server: Server) -> TestApp {
    TestApp::with(db, |choices| {
        let from = "Compliance <compliance@example.com>".to_owned();
        choices.notices.mail = Some(MailOptions { server, from, templates: None });
    })
    .await
}

fn at(server: &MailServer) -> Server {
    Server::Smtp(format!("smtp://{}", server.address()))
}

/// An approved bundle whose approval gets an end, which is written about.
async fn approved_until(app: &TestApp, end: &str) -> String {
    let bundle = app.alice().create_bundle("Top secret GmbH").await.sid().to_owned();
    app.set_bundle_status(&bundle, "twilio-approved").await;
    let path = format!("/bundles/{bundle}/valid-until");
    app.operator(Role::Reviewer).await.put(&path, &json!({ "valid_until": end })).await.ok();
    bundle
}

async fn mail_goes_out_with_both_forms(db: TestDb) {
    let server = MailServer::start().await;
    let app = mailing(db, at(&server)).await;
    let bundle = approved_until(&app, "2027-06-01").await;
    app.work_off().await;
    let [mail] = &server.mails()[..] else { panic!("one mail: {:?}", server.mails()) };
    for part in [
        "From: Compliance <compliance@example.com>",
        "To: compliance@beispiel.example",
        "multipart/alternative",
        "text/plain",
        "text/html",
        &bundle,
        "Germany",
    ] {
        assert!(mail.contains(part), "{part} is not in {mail}");
    }
    assert!(!mail.contains("secret"), "not even the name of the bundle: {mail}");
    assert_eq!(log_of(&app).await, ["delivered/1/accepted by the mail server"]);
}

async fn reminders_and_the_end_are_written_about(db: TestDb) {
    let app = mailing(db, Server::Kept).await;
    approved_until(&app, "2026-02-10T00:00:00Z").await;
    for _ in 0..42 {
        app.work_off().await;
        app.clock().advance(24 * HOUR);
    }
    let mails = app.service().rehearsal_mail().await.unwrap();
    let subjects: Vec<_> = mails
        .iter()
        .map(|kept| kept.mail.subject.replace("your regulatory bundle for Germany", "…"))
        .collect();
    assert_eq!(
        subjects,
        [
            "The approval of … has an end date",
            "The approval of … ends in 30 days",
            "The approval of … ends in 7 days",
            "The approval of … ends in 1 day",
            "The approval of … has ended",
        ]
    );
}

async fn a_mail_server_that_is_away_for_an_hour_is_waited_for(db: TestDb) {
    let server = MailServer::start().await;
    let (address, options) = (server.address(), at(&server));
    drop(server);
    let app = mailing(db, options).await;
    approved_until(&app, "2027-06-01").await;
    for _ in 0..60 {
        app.work_off().await;
        app.clock().advance(MINUTE);
    }
    let log = log_of(&app).await;
    assert!(log[0].starts_with("waiting/") && log[0].ends_with("mail server not reached"), "{log:?}");
    let server = MailServer::start_at(address).await;
    for _ in 0..70 {
        app.work_off().await;
        app.clock().advance(MINUTE);
    }
    assert_eq!(server.mails().len(), 1, "once");
    assert!(log_of(&app).await[0].starts_with("delivered/"));
}

async fn a_recipient_that_is_refused_is_given_up(db: TestDb) {
    let server = MailServer::start().await;
    let app = mailing(db, at(&server)).await;
    server.refuse(Some("450 busy"));
    approved_until(&app, "2027-06-01").await;
    app.work_off().await;
    assert_eq!(log_of(&app).await, ["waiting/1/reply 450"]);
    server.refuse(Some("550 nobody of that name"));
    app.clock().advance(2 * MINUTE);
    app.work_off().await;
    assert_eq!(log_of(&app).await, ["dead/2/reply 550"]);
    assert_eq!(server.mails().len(), 0);
}

async fn in_a_rehearsal_mail_is_kept(db: TestDb) {
    let app = mailing(db, Server::Kept).await;
    let bundle = approved_until(&app, "2027-06-01").await;
    app.work_off().await;
    let [kept] = &app.service().rehearsal_mail().await.unwrap()[..] else { panic!("one mail") };
    assert_eq!(kept.to, "compliance@beispiel.example");
    assert_eq!(kept.bundle_sid.to_string(), bundle);
    assert!(kept.mail.text.contains("1 June 2027") && kept.mail.html.contains("1 June 2027"));
    assert_eq!(log_of(&app).await, ["delivered/1/kept for the rehearsal"]);
}
