//! What a campaign does to bundles, and what it leaves alone.

use std::time::Duration;

use dossier_app::{MailOptions, MailServer as Server};
use dossier_domain::operator::Role;
use dossier_domain::review::Outcome;
use dossier_testkit::app::{Case, MailServer, Receiver, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};

use super::{
    IN_FORCE, ONE_MORE, activate, approve, approved, approved_with_phone, at, campaign, decide, german,
    progress,
};

on_both_engines! {
    an_approval_that_will_lack_something_ends_with_the_old_rule,
    nobody_else_is_concerned,
    people_are_told_what_will_be_missing,
    who_cannot_be_told_is_counted_apart,
    an_end_that_comes_sooner_stays,
    an_approval_that_comes_later_ends_as_well,
    what_was_lacking_before_is_no_matter_of_the_change,
    approvals_that_are_not_renewed_end_and_are_overdue,
    a_bundle_that_is_approved_anew_is_done,
    a_deleted_bundle_is_counted_apart,
    a_rule_that_is_in_force_already_gives_some_time,
    the_file_may_give_more_time,
    two_changes_are_two_campaigns,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn an_approval_that_will_lack_something_ends_with_the_old_rule(db: TestDb) {
    let app = TestApp::start(db).await;
    let case = approved(&app, &app.alice()).await;
    let before = app.snapshot().await;
    activate(&app, ONE_MORE).await;
    let bundle = app.alice().bundle(&case.bundle).await;
    assert_eq!((bundle.text("status"), bundle.text("valid_until")), ("twilio-approved", IN_FORCE));
    let audited = app.audited_since(&before).await;
    let lines: Vec<_> = audited.iter().map(|line| (line.action.as_str(), line.actor.as_str())).collect();
    assert_eq!(lines, [("campaign.open", "policy"), ("bundle.set-valid-until", "policy")]);
    assert_eq!(audited[1].target, case.bundle);

    let campaign = campaign(&app.operator(Role::Viewer).await).await;
    assert_eq!((&campaign["state"], &campaign["revision"]), (&json!("open"), &json!(2)));
    assert_eq!(
        (&campaign["effective_from"], &campaign["approvals_end"]),
        (&json!(IN_FORCE), &json!(IN_FORCE))
    );
    assert_eq!(
        [&campaign["iso_country"], &campaign["number_type"], &campaign["end_user_type"]],
        ["DE", "local", "business"]
    );
    assert_eq!(campaign["looked_at"], 1);
    assert_eq!(progress(&app).await, "affected 1");

    // The same catalogue again, or at another node, is no news.
    let before = app.snapshot().await;
    activate(&app, ONE_MORE).await;
    app.second_node().await.replace_catalogue(german(ONE_MORE)).await.unwrap();
    app.work_off().await;
    app.snapshot().await.assert_is(&before);
}

async fn nobody_else_is_concerned(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, bob) = (app.alice(), app.bob());
    let safe = approved_with_phone(&app, &alice).await.bundle;
    let other_rule = alice.create_bundle_for("Other", ["DE", "mobile", "business"]).await.sid().to_owned();
    app.set_bundle_status(&other_rule, "twilio-approved").await;
    let mut untouched = vec![(&alice, safe), (&alice, other_rule)];
    for status in ["draft", "pending-review", "in-review", "twilio-rejected"] {
        untouched.push((&alice, app.case_in(status).await.bundle));
    }
    let concerned =
        [(&alice, approved(&app, &alice).await.bundle), (&bob, approved(&app, &bob).await.bundle)];
    let provisional = app.case_in("provisionally-approved").await.bundle;
    activate(&app, ONE_MORE).await;
    for (client, bundle) in untouched {
        assert_eq!(client.bundle(&bundle).await["valid_until"], Value::Null, "{bundle}");
    }
    for (client, bundle) in concerned.iter().chain([&(&alice, provisional)]) {
        assert_eq!(client.bundle(bundle).await["valid_until"], IN_FORCE, "{bundle}");
    }
    assert_eq!(progress(&app).await, "affected 3");
}

async fn people_are_told_what_will_be_missing(db: TestDb) {
    let (receiver, mails) = (Receiver::start().await, MailServer::start().await);
    let app = TestApp::with(db, |choices| {
        choices.notices.callbacks.allow = vec!["127.0.0.1/32".parse().unwrap()];
        let server = Server::Smtp(format!("smtp://{}", mails.address()));
        let from = "Compliance <compliance@example.com>".to_owned();
        choices.notices.mail = Some(MailOptions { server, from, templates: None });
    })
    .await;
    let alice = app.alice();
    let case = approved(&app, &alice).await;
    alice
        .post(&v2(&format!("/Bundles/{}", case.bundle)), &[("StatusCallback", &*receiver.url("/hook"))])
        .await
        .ok();
    app.work_off().await;
    let mailed = mails.mails().len();
    activate(&app, ONE_MORE).await;

    let received = receiver.wait_for(1).await.remove(0);
    assert_eq!(received.param("BundleSid"), Some(&*case.bundle));
    assert_eq!(received.param("Status"), Some("twilio-approved"));
    assert_eq!(received.param("ValidUntil"), Some(IN_FORCE));
    assert_eq!(received.param("MissingRequirements"), Some("business_info.phone_number"));
    assert_eq!(received.param("FailureReason"), None);
    let mail = mails.mails().split_off(mailed).remove(0);
    assert!(mail.contains("Subject: The rules for local numbers in Germany change"), "{mail}");
    assert!(mail.contains("The Phone Number is missing"), "{mail}");
    assert!(mail.contains("1 January 2027"), "{mail}");
    assert_eq!(progress(&app).await, "notified 1");

    let viewer = app.operator(Role::Viewer).await;
    let path = format!("/campaigns/{}/bundles", campaign(&viewer).await["sid"].as_str().unwrap());
    let list = viewer.get(&path).await.ok();
    let item = &list.items("items")[0];
    assert_eq!((&item["bundle_sid"], &item["account_sid"]), (&json!(case.bundle), &json!(alice.account())));
    assert_eq!((&item["standing"], &item["valid_until"]), (&json!("notified"), &json!(IN_FORCE)));
    let missing = &item["missing"][0];
    assert_eq!(
        (&missing["requirement"], &missing["field"]),
        (&json!("business_info"), &json!("phone_number"))
    );
    assert_eq!(missing["code"], 22215);
    assert!(missing["reason"].as_str().unwrap().contains("Phone Number"), "{missing}");
}

async fn who_cannot_be_told_is_counted_apart(db: TestDb) {
    let receiver = Receiver::start().await;
    let app = TestApp::with(db, |choices| {
        choices.notices.callbacks.allow = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let alice = app.alice();
    let told = approved(&app, &alice).await.bundle;
    alice.post(&v2(&format!("/Bundles/{told}")), &[("StatusCallback", &*receiver.url("/"))]).await.ok();
    let untold = approved(&app, &alice).await.bundle;
    activate(&app, ONE_MORE).await;
    assert_eq!(progress(&app).await, "affected 1, notified 1");
    let viewer = app.operator(Role::Viewer).await;
    let sid = campaign(&viewer).await["sid"].as_str().unwrap().to_owned();
    for (standing, bundle) in [("affected", untold), ("notified", told)] {
        let list = viewer.get(&format!("/campaigns/{sid}/bundles?standing={standing}")).await.ok();
        assert_eq!(list.items("items").len(), 1);
        assert_eq!(list.items("items")[0]["bundle_sid"], bundle);
    }
}

async fn an_end_that_comes_sooner_stays(db: TestDb) {
    let app = TestApp::start(db).await;
    let operator = app.operator(Role::Admin).await;
    let mut bundles = Vec::new();
    for end in ["2026-06-01T00:00:00Z", "2028-06-01T00:00:00Z"] {
        let bundle = approved(&app, &app.alice()).await.bundle;
        operator.put(&format!("/bundles/{bundle}/valid-until"), &json!({ "valid_until": end })).await.ok();
        bundles.push(bundle);
    }
    activate(&app, ONE_MORE).await;
    assert_eq!(app.alice().bundle(&bundles[0]).await["valid_until"], "2026-06-01T00:00:00Z");
    assert_eq!(app.alice().bundle(&bundles[1]).await["valid_until"], IN_FORCE);
    assert_eq!(progress(&app).await, "affected 2");
}

async fn an_approval_that_comes_later_ends_as_well(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let waiting = alice.prepare_case().await.bundle;
    alice.submit(&waiting).await.ok();
    activate(&app, ONE_MORE).await;
    assert_eq!(progress(&app).await, "");
    approve(&app, &alice, &waiting).await;
    assert_eq!(alice.bundle(&waiting).await["valid_until"], IN_FORCE);
    let new = approved(&app, &alice).await.bundle;
    assert_eq!(alice.bundle(&new).await["valid_until"], IN_FORCE);
    assert_eq!(progress(&app).await, "affected 2");
    let safe = approved_with_phone(&app, &alice).await.bundle;
    assert_eq!(alice.bundle(&safe).await["valid_until"], Value::Null);

    // Once more from provisional to approved, which says nothing about an end: it stays.
    let provisional = alice.prepare_case().await.bundle;
    alice.submit(&provisional).await.ok();
    for outcome in [Outcome::ProvisionallyApproved, Outcome::Approved] {
        decide(&app, &alice, &provisional, outcome).await;
        assert_eq!(alice.bundle(&provisional).await["valid_until"], IN_FORCE, "{outcome:?}");
    }
    assert_eq!(progress(&app).await, "affected 3");

    // What was handed over under the old rule, and is approved under the new one, gets some time.
    let late = alice.prepare_case().await.bundle;
    alice.submit(&late).await.ok();
    app.clock().set(at("2027-02-01T00:00:00Z"));
    approve(&app, &alice, &late).await;
    assert_eq!(alice.bundle(&late).await["valid_until"], "2027-03-03T00:00:00Z");
}

async fn what_was_lacking_before_is_no_matter_of_the_change(db: TestDb) {
    let app = TestApp::start(db).await;
    // It never had anything in it, and the coming rule asks for less.
    let empty = app.alice().create_bundle("Empty").await.sid().to_owned();
    app.set_bundle_status(&empty, "twilio-approved").await;
    activate(&app, &ONE_MORE.replace("\"email\", \"phone_number\"", "\"email\"")).await;
    assert_eq!(campaign(&app.operator(Role::Viewer).await).await["looked_at"], 1);
    assert_eq!(app.alice().bundle(&empty).await["valid_until"], Value::Null);
    assert_eq!(progress(&app).await, "");
}

async fn approvals_that_are_not_renewed_end_and_are_overdue(db: TestDb) {
    let app = TestApp::start(db).await;
    let bundle = approved(&app, &app.alice()).await.bundle;
    activate(&app, ONE_MORE).await;
    app.clock().set(at("2026-12-31T23:59:59Z"));
    app.work_off().await;
    assert_eq!(app.alice().bundle(&bundle).await["status"], "twilio-approved");
    assert_eq!(campaign(&app.operator(Role::Viewer).await).await["state"], "open");
    app.clock().advance(Duration::from_secs(1));
    app.work_off().await;
    assert_eq!(app.alice().bundle(&bundle).await["status"], "twilio-rejected");
    assert_eq!(progress(&app).await, "overdue 1");
    assert_eq!(campaign(&app.operator(Role::Viewer).await).await["state"], "closed");
}

async fn a_bundle_that_is_approved_anew_is_done(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = approved(&app, &alice).await;
    activate(&app, ONE_MORE).await;
    app.clock().set(at("2027-01-02T00:00:00Z"));
    app.work_off().await;
    assert_eq!(progress(&app).await, "overdue 1");
    assert_eq!(alice.evaluate(&case.bundle).await["status"], "noncompliant");
    let mut attributes = Case::end_user_attributes();
    attributes["phone_number"] = json!("+493012345678");
    let attributes = attributes.to_string();
    alice.post(&v2(&format!("/EndUsers/{}", case.end_user)), &[("Attributes", &attributes)]).await.ok();
    alice.submit(&case.bundle).await.ok();
    approve(&app, &alice, &case.bundle).await;
    assert_eq!(alice.bundle(&case.bundle).await["valid_until"], Value::Null);
    assert_eq!(progress(&app).await, "replaced 1");
}

async fn a_deleted_bundle_is_counted_apart(db: TestDb) {
    let app = TestApp::start(db).await;
    let bundle = approved(&app, &app.alice()).await.bundle;
    activate(&app, ONE_MORE).await;
    app.alice().delete(&v2(&format!("/Bundles/{bundle}"))).await.deleted();
    assert_eq!(progress(&app).await, "deleted 1");
}

async fn a_rule_that_is_in_force_already_gives_some_time(db: TestDb) {
    let app = TestApp::start(db).await;
    let bundle = approved(&app, &app.alice()).await.bundle;
    activate(&app, &ONE_MORE.replace("2027-01-01", "2025-12-01")).await;
    let end = app.clock().now().plus(30 * DAY).to_string();
    assert_eq!(app.alice().bundle(&bundle).await["valid_until"], end);
    assert_eq!(app.alice().evaluate(&bundle).await["status"], "noncompliant");
    assert_eq!(progress(&app).await, "affected 1");
}

async fn the_file_may_give_more_time(db: TestDb) {
    let app = TestApp::start(db).await;
    let bundle = approved(&app, &app.alice()).await.bundle;
    activate(&app, &ONE_MORE.replace("address_scope", "approvals_end = 2027-04-01\naddress_scope")).await;
    assert_eq!(app.alice().bundle(&bundle).await["valid_until"], "2027-04-01T00:00:00Z");
    let campaign = campaign(&app.operator(Role::Viewer).await).await;
    assert_eq!(
        (&campaign["effective_from"], &campaign["approvals_end"]),
        (&json!(IN_FORCE), &json!("2027-04-01T00:00:00Z"))
    );
}

async fn two_changes_are_two_campaigns(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let (plain, phone) =
        (approved(&app, &alice).await.bundle, approved_with_phone(&app, &alice).await.bundle);
    let third = ONE_MORE
        .replace("revision = 2", "revision = 3")
        .replace("2027-01-01", "2028-01-01")
        .replace("\"phone_number\"", "\"phone_number\", \"birth_place\"");
    activate(&app, &format!("{ONE_MORE}{third}")).await;
    let operator = app.operator(Role::Viewer).await;
    let list = operator.get("/campaigns").await.ok();
    let revisions: Vec<_> =
        list.items("items").iter().map(|item| item["revision"].as_u64().unwrap()).collect();
    assert_eq!(revisions.len(), 2);
    assert!(revisions.contains(&2) && revisions.contains(&3));
    assert_eq!(alice.bundle(&plain).await["valid_until"], IN_FORCE);
    assert_eq!(alice.bundle(&phone).await["valid_until"], "2028-01-01T00:00:00Z");
    assert_eq!(operator.walk("/campaigns?limit=1").await.len(), 2);
}
