//! `POST /Bundles/{BundleSid}/Clones`.

use super::{approved, clone, document, end_user, ending, in_days, objects, path};
use crate::nobodys;
use dossier_domain::account::AccountStatus;
use dossier_domain::sid::AccountSid;
use dossier_domain::text::FriendlyName;
use dossier_testkit::app::{Case, Client, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    a_clone_is_the_same_for_another_account,
    a_clone_can_be_a_draft_and_have_a_name,
    a_clone_ends_when_its_source_does,
    clones_go_to_the_family_and_nowhere_else,
    who_may_not_act_gets_no_clone,
    only_what_is_approved_can_be_cloned,
    parameters_are_checked,
    every_form_of_addresses_is_rewritten,
    an_address_that_several_documents_name_is_cloned_once,
    every_part_of_a_clone_is_recorded_where_it_is,
    nobody_is_told_of_a_clone,
    a_clone_opens_under_its_own_key_only,
}

/// A second sub-account of Alice's.
async fn sibling(app: &TestApp) -> Client {
    let parent = AccountSid::parse(app.alice().account()).unwrap();
    let name = FriendlyName::from_stored("Another branch".to_owned());
    let made = app.service().create_account(name, Some(parent)).await.unwrap();
    app.alice().with_login(&made.account.sid.to_string(), &made.auth_token)
}

async fn a_clone_is_the_same_for_another_account(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = ending(&app).await;
    app.clock().advance(super::DAY);
    let made = clone(&alice, &case.bundle, branch.account()).await.created();
    let sid = made.text("bundle_sid");
    let source = alice.bundle(&case.bundle).await;
    let expected = json!({
        "bundle_sid": sid,
        "account_sid": branch.account(),
        "regulation_sid": source["regulation_sid"],
        "friendly_name": "Beispiel GmbH, Berlin",
        "status": "twilio-approved",
        "valid_until": in_days(90),
        "email": "compliance@beispiel.example",
        "status_callback": null,
        "date_created": in_days(1),
        "date_updated": in_days(1),
        "url": format!("http://{}{}", app.address(), path(sid, "Clones")),
    });
    assert_eq!(*made, expected);
    // It is the branch's, and nobody else's.
    alice.get(&v2(&format!("/Bundles/{sid}"))).await.refused(404, 20404);
    let fetched = branch.bundle(sid).await;
    assert_eq!((&fetched["status"], &fetched["valid_until"]), (&made["status"], &made["valid_until"]));
    assert_eq!(end_user(&branch, sid).await["attributes"], Case::end_user_attributes());
    let document = document(&branch, sid).await;
    assert_eq!(
        (&document["status"], &document["mime_type"]),
        (&json!("approved"), &json!("application/pdf"))
    );

    let named = document["attributes"]["address_sids"][0].as_str().unwrap().to_owned();
    assert_ne!(named, case.address);
    assert_eq!(document["attributes"], Case::document_attributes(&named));
    let address = branch.get(&branch.v2010(&format!("/Addresses/{named}.json"))).await.ok();
    let original = alice.get(&alice.v2010(&format!("/Addresses/{}.json", case.address))).await.ok();
    for key in ["customer_name", "street", "city", "region", "postal_code", "iso_country", "validated"] {
        assert_eq!(address[key], original[key], "{key}");
    }
    assert_eq!(address["verified"], true);
    assert_eq!(*source, *alice.bundle(&case.bundle).await);
    assert_eq!(branch.evaluate(sid).await["status"], "compliant");
}

async fn a_clone_can_be_a_draft_and_have_a_name(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = ending(&app).await;
    let form =
        [("TargetAccountSid", branch.account()), ("MoveToDraft", "true"), ("FriendlyName", "For the branch")];
    let made = alice.post(&path(&case.bundle, "Clones"), &form).await.created();
    // A draft has no approval that could end.
    for (key, value) in
        [("status", json!("draft")), ("friendly_name", json!("For the branch")), ("valid_until", json!(null))]
    {
        assert_eq!(made[key], value, "{key}");
    }
    let sid = made.text("bundle_sid");
    assert_eq!(document(&branch, sid).await["status"], "draft");
    branch.submit(sid).await.ok();
}

async fn a_clone_ends_when_its_source_does(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = ending(&app).await;
    let made = clone(&alice, &case.bundle, branch.account()).await.created();
    let sid = made.text("bundle_sid");
    app.clock().advance(super::DAY * 89);
    app.work_off().await;
    assert_eq!(branch.bundle(sid).await["status"], "twilio-approved");
    app.clock().advance(super::DAY);
    app.work_off().await;
    assert_eq!(branch.bundle(sid).await["status"], "twilio-rejected");
    assert_eq!(alice.bundle(&case.bundle).await["status"], "twilio-rejected");
}

async fn clones_go_to_the_family_and_nowhere_else(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch, bob, sibling) = (app.alice(), app.branch(), app.bob(), sibling(&app).await);
    let case = approved(&app).await;
    let made = clone(&alice, &case.bundle, branch.account()).await.created();
    let of_branch = made.text("bundle_sid").to_owned();
    // To the parent, to a sibling, to a child, and once more to oneself; a clone can be cloned.
    for (from, bundle, to) in [
        (&branch, &of_branch, &alice),
        (&branch, &of_branch, &sibling),
        (&branch, &of_branch, &branch),
        (&alice, &case.bundle, &sibling),
        (&alice, &case.bundle, &alice),
    ] {
        let made = clone(from, bundle, to.account()).await.created();
        assert_eq!(made["account_sid"], to.account());
        let sid = made.text("bundle_sid");
        assert_eq!(to.bundle(sid).await["status"], "twilio-approved");
        assert!(objects(to, sid).await.iter().all(|sid| *sid != case.document && *sid != case.end_user));
    }
    let before = app.snapshot().await;
    for (from, bundle) in [(&alice, &case.bundle), (&branch, &of_branch)] {
        clone(from, bundle, bob.account()).await.refused(403, 20403);
        clone(from, bundle, &nobodys("AC")).await.refused(404, 20404);
    }
    // The bundle is asked for first: whose it is not learns nothing about accounts.
    for target in [bob.account(), &nobodys("AC"), alice.account()] {
        clone(&bob, &case.bundle, target).await.refused(404, 20404).saying(&case.bundle);
        clone(&branch, &case.bundle, target).await.refused(404, 20404).saying(&case.bundle);
    }
    before.assert_is(&app.snapshot().await);
}

async fn who_may_not_act_gets_no_clone(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = approved(&app).await;
    for status in [AccountStatus::Suspended, AccountStatus::Closed] {
        app.set_account_status(branch.account(), status.as_str()).await;
        let before = app.snapshot().await;
        let refusal = clone(&alice, &case.bundle, branch.account()).await.refused(403, 20403);
        assert!(refusal.message.contains(status.as_str()), "{refusal:?}");
        before.assert_is(&app.snapshot().await);
    }
}

async fn only_what_is_approved_can_be_cloned(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = approved(&app).await;
    for status in ["draft", "pending-review", "in-review", "twilio-rejected", "provisionally-approved"] {
        app.set_bundle_status(&case.bundle, status).await;
        let before = app.snapshot().await;
        clone(&alice, &case.bundle, branch.account()).await.refused(400, 22223);
        before.assert_is(&app.snapshot().await);
    }
    // An end of the approval is not asked for.
    app.set_bundle_status(&case.bundle, "twilio-approved").await;
    let made = clone(&alice, &case.bundle, branch.account()).await.created();
    assert_eq!(made["valid_until"], json!(null));
    app.database().script(&format!("DELETE FROM addresses WHERE sid = '{}'", case.address)).await;
    clone(&alice, &case.bundle, branch.account()).await.refused(400, 22230);
}

async fn parameters_are_checked(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = approved(&app).await;
    let clones = path(&case.bundle, "Clones");
    let before = app.snapshot().await;
    alice.post(&clones, &[]).await.refused(400, 20001).saying("TargetAccountSid");
    for bad in ["AC", "AC12", &nobodys("BU"), "x"] {
        alice
            .post(&clones, &[("TargetAccountSid", bad)])
            .await
            .refused(400, 20001)
            .saying("TargetAccountSid");
    }
    let target = ("TargetAccountSid", branch.account());
    alice.post(&clones, &[target, ("MoveToDraft", "maybe")]).await.refused(400, 20001).saying("MoveToDraft");
    let long = "x".repeat(256);
    alice.post(&clones, &[target, ("FriendlyName", &long)]).await.refused(400, 20002);
    before.assert_is(&app.snapshot().await);
}

async fn every_form_of_addresses_is_rewritten(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = approved(&app).await;
    let other = alice.create_address().await;
    let (one, two) = (case.address.as_str(), other.sid());
    for form in [
        json!([one]),
        json!([two, one]),
        json!(one),
        json!(format!("{one},{two}")),
        json!([format!("{one},{two}")]),
    ] {
        let document = alice.create_document("utility_bill", &json!({ "a": 1, "address_sids": form })).await;
        let bundle = alice.create_bundle("Beispiel").await;
        alice.assign(bundle.sid(), document.sid()).await.created();
        app.set_bundle_status(bundle.sid(), "twilio-approved").await;
        let made = clone(&alice, bundle.sid(), branch.account()).await.created();
        let cloned = super::document(&branch, made.text("bundle_sid")).await;
        let addresses = branch.get(&branch.v2010("/Addresses.json?PageSize=1000")).await.ok();
        let mut text = cloned["attributes"].to_string();
        assert!(!text.contains(one) && !text.contains(two), "{text}");
        // Whatever was renamed, the form is the same.
        for address in addresses.items("addresses").iter().filter_map(|address| address["sid"].as_str()) {
            text = text.replace(address, "an address");
        }
        let expected = json!({ "a": 1, "address_sids": form }).to_string();
        assert_eq!(text, expected.replace(one, "an address").replace(two, "an address"));
    }
}

async fn an_address_that_several_documents_name_is_cloned_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = alice.prepare_case().await;
    for kind in ["utility_bill", "tax_document"] {
        let more = alice.create_document(kind, &json!({ "address_sids": [case.address] })).await;
        alice.assign(&case.bundle, more.sid()).await.created();
    }
    app.set_bundle_status(&case.bundle, "twilio-approved").await;
    clone(&alice, &case.bundle, branch.account()).await.created();
    let addresses = branch.get(&branch.v2010("/Addresses.json")).await.ok();
    assert_eq!(addresses.items("addresses").len(), 1);
}

async fn every_part_of_a_clone_is_recorded_where_it_is(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = approved(&app).await;
    let before = app.snapshot().await;
    clone(&alice, &case.bundle, branch.account()).await.created();
    let events = app.audited_since(&before).await;
    assert!(events.iter().all(|event| event.actor == alice.account() && event.outcome == "done"));
    let mut actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    actions.sort_unstable();
    let of_source = ["bundle.clone"];
    let of_target = [
        "address.create",
        "bundle.assign-item",
        "bundle.assign-item",
        "bundle.create",
        "document.create",
        "end-user.create",
    ];
    let mut expected = [&of_source[..], &of_target].concat();
    expected.sort_unstable();
    assert_eq!(actions, expected);
    // What the branch's auditor sees is what was made for the branch.
    let auditor = app.operator(dossier_domain::operator::Role::Auditor).await;
    let list = auditor.get(&format!("/audit-events?account_sid={}&limit=1000", branch.account())).await.ok();
    let mut seen: Vec<_> =
        list.items("items").iter().map(|event| event["action"].as_str().unwrap()).collect();
    seen.retain(|action| *action != "account.create");
    seen.sort_unstable();
    assert_eq!(seen, of_target);
}

async fn nobody_is_told_of_a_clone(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = approved(&app).await;
    let bundle = v2(&format!("/Bundles/{}", case.bundle));
    alice.post(&bundle, &[("StatusCallback", "https://beispiel.example/hook")]).await.ok();
    clone(&alice, &case.bundle, branch.account()).await.created();
    let admin = app.operator(dossier_domain::operator::Role::Admin).await;
    let told = admin.get(&format!("/deliveries?account_sid={}", branch.account())).await.ok();
    assert_eq!(told.items("items").len(), 0);
}

/// Rows that are given to the other account do not open: everything is sealed for its account, its table
/// and its row.
async fn a_clone_opens_under_its_own_key_only(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = approved(&app).await;
    let made = clone(&alice, &case.bundle, branch.account()).await.created();
    let [cloned_user, cloned_document] =
        [end_user(&branch, made.text("bundle_sid")).await, document(&branch, made.text("bundle_sid")).await];
    for (table, column, from, to) in [
        ("end_users", "attributes_sealed", case.end_user.as_str(), cloned_user.sid()),
        ("documents", "attributes_sealed", case.document.as_str(), cloned_document.sid()),
    ] {
        let sql = format!(
            "UPDATE {table} SET {column} = (SELECT s.{column} FROM {table} s WHERE s.sid = '{from}') WHERE sid = '{to}'"
        );
        app.database().script(&sql).await;
    }
    for (collection, sid) in [("EndUsers", cloned_user.sid()), ("SupportingDocuments", cloned_document.sid())]
    {
        let target = v2(&format!("/{collection}/{sid}"));
        let answer = branch.request("GET", &target).send_unchecked().await.unwrap();
        assert_eq!(answer.status, 500, "{answer}");
    }
}
