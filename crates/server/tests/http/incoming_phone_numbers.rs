//! `/IncomingPhoneNumbers.json`: the gate and the register in the form of the original (contract sections 11
//! and 15.3).

use crate::nobodys;
use dossier_domain::operator::Role;
use dossier_testkit::app::{Answer, Case, Client, Json, v2};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

on_both_engines! {
    a_number_is_leased_with_its_bundle,
    the_gate_answers_in_the_order_of_the_original,
    where_nothing_is_required_nothing_is_needed,
    what_is_no_number_is_refused,
    a_number_is_one_accounts_alone,
    two_who_want_the_same_number_do_not_both_get_it,
    everything_else_is_kept_and_returned,
    bad_settings_are_refused,
    the_gate_is_asked_again_when_something_changes,
    numbers_are_listed_and_searched,
    a_released_number_holds_nothing,
    numbers_depend_on_addresses,
    operators_and_accounts_see_the_same_register,
    a_parent_leases_for_its_sub_account,
    settings_are_sealed,
}

const BERLIN_NUMBER: &str = "+4930123456";

fn numbers(client: &Client) -> String {
    client.v2010("/IncomingPhoneNumbers.json")
}

/// A compliant bundle that is approved.
async fn approved(app: &TestApp, client: &Client) -> Case {
    let case = client.prepare_case().await;
    app.set_bundle_status(&case.bundle, "twilio-approved").await;
    case
}

async fn lease(client: &Client, number: &str, case: &Case) -> Answer {
    let form = [("PhoneNumber", number), ("BundleSid", &case.bundle), ("AddressSid", &case.address)];
    client.post(&numbers(client), &form).await
}

async fn a_number_is_leased_with_its_bundle(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = approved(&app, &alice).await;
    let before = app.snapshot().await;
    let leased = lease(&alice, BERLIN_NUMBER, &case).await.created();
    let (account, sid) = (alice.account(), leased.sid());
    let uri = format!("/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{sid}.json");
    let expected = json!({
        "account_sid": account,
        "address_requirements": "local",
        "address_sid": case.address,
        "api_version": "2010-04-01",
        "beta": false,
        "bundle_sid": case.bundle,
        "capabilities": { "voice": false, "sms": false, "mms": false, "fax": false },
        "date_created": "Thu, 01 Jan 2026 00:00:00 +0000",
        "date_updated": "Thu, 01 Jan 2026 00:00:00 +0000",
        "emergency_address_sid": null,
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "friendly_name": BERLIN_NUMBER,
        "identity_sid": null,
        "origin": "twilio",
        "phone_number": BERLIN_NUMBER,
        "sid": sid,
        "sms_application_sid": "",
        "sms_fallback_method": "POST",
        "sms_fallback_url": "",
        "sms_method": "POST",
        "sms_url": "",
        "status": "in-use",
        "status_callback": "",
        "status_callback_method": "POST",
        "trunk_sid": null,
        "type": "local",
        "uri": uri,
        "voice_application_sid": "",
        "voice_caller_id_lookup": false,
        "voice_fallback_method": "POST",
        "voice_fallback_url": null,
        "voice_method": "POST",
        "voice_receive_mode": "voice",
        "voice_url": null,
    });
    assert_eq!(*leased, expected);
    assert_eq!(*alice.get(&uri).await.ok(), expected);
    let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of it") };
    assert_eq!((&*event.action, &*event.actor, &*event.target), ("number.register", account, sid));
    alice.delete(&v2(&format!("/Bundles/{}", case.bundle))).await.refused(400, 21648);
}

async fn the_gate_answers_in_the_order_of_the_original(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, bob) = (app.alice(), app.bob());
    let case = alice.prepare_case().await;
    let (his, other_address) = (approved(&app, &bob).await, alice.create_address().await);
    let ireland = [
        ("CustomerName", "x"),
        ("Street", "1 Wood Quay"),
        ("City", "Dublin 8"),
        ("Region", "Dublin"),
        ("PostalCode", "D08 RF3F"),
        ("IsoCountry", "IE"),
    ];
    let abroad = alice.post(&alice.v2010("/Addresses.json"), &ireland).await.created();
    let wants = async |bundle: &str, address: &str, code: u64, message: &str| {
        let form = [("PhoneNumber", BERLIN_NUMBER), ("BundleSid", bundle), ("AddressSid", address)];
        let refusal = alice.post(&numbers(&alice), &form).await.refused(400, code);
        assert_eq!(refusal.message, message);
    };
    let before = app.snapshot().await;
    let (unknown_bundle, unknown_address) = (nobodys("BU"), nobodys("AD"));
    let missing = "Phone Number Requires an Address but the 'AddressSid' parameter was empty.";
    wants("", "", 21631, missing).await;
    wants(&case.bundle, " ", 21631, missing).await;
    wants("", abroad.sid(), 21615, "No valid address created for: DE").await;
    for foreign in [&unknown_address, &his.address] {
        let message = format!("No valid address created for: DE; there is no {foreign}");
        wants(&case.bundle, foreign, 21615, &message).await;
    }
    let (bundle, address) = (&*case.bundle, &*case.address);
    wants("", address, 21649, "Bundle required and not provided for country: [DE] and numberType: [LOCAL]")
        .await;
    for foreign in [&unknown_bundle, &his.bundle] {
        wants(foreign, address, 21649, "Bundle not found").await;
    }
    for status in ["draft", "pending-review", "in-review", "twilio-rejected", "provisionally-approved"] {
        app.set_bundle_status(bundle, status).await;
        let message = format!("Bundle [{bundle}] status is not twilio-approved");
        wants(bundle, address, 21649, &message).await;
    }
    app.set_bundle_status(bundle, "twilio-approved").await;
    let message = format!("Address [{}] is not in Bundle [{bundle}]", other_address.sid());
    wants(bundle, other_address.sid(), 21651, &message).await;
    // A bundle for numbers of another country is none for this one.
    let irish = alice.create_bundle_for("x", ["IE", "local", "business"]).await;
    app.set_bundle_status(irish.sid(), "twilio-approved").await;
    let message = format!(
        "Bundle [{}] is for country: [IE] and numberType: [LOCAL] and endUserType: [business]",
        irish.sid()
    );
    wants(irish.sid(), address, 21649, &message).await;
    let registered =
        |snapshot: &dossier_testkit::app::Snapshot| format!("{snapshot:?}").contains("number.register");
    assert!(!registered(&before) && !registered(&app.snapshot().await), "nothing was leased");
    lease(&alice, BERLIN_NUMBER, &case).await.created();
}

async fn where_nothing_is_required_nothing_is_needed(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let leased = alice.post(&numbers(&alice), &[("PhoneNumber", "+12025550123")]).await.created();
    assert_eq!((&leased["bundle_sid"], &leased["address_sid"]), (&Value::Null, &Value::Null));
    assert_eq!((leased.text("address_requirements"), leased.text("type")), ("none", "local"));
    assert_eq!(leased["friendly_name"], "(202) 555-0123");
    let toll_free = alice.post(&numbers(&alice), &[("PhoneNumber", "+18005550123")]).await.created();
    assert_eq!(toll_free["type"], "toll-free");
    // What is not asked for may be given, if it is one's own.
    let address = alice.create_address().await;
    let form = [("PhoneNumber", "+12025550124"), ("AddressSid", address.sid())];
    assert_eq!(alice.post(&numbers(&alice), &form).await.created()["address_sid"], address.sid());
    let (bundle, unknown) = (approved(&app, &alice).await.bundle, nobodys("AD"));
    for (name, value, code) in
        [("AddressSid", &unknown, 21615), ("BundleSid", &nobodys("BU"), 21649), ("BundleSid", &bundle, 21649)]
    {
        let form = [("PhoneNumber", "+12025550125"), (name, value)];
        alice.post(&numbers(&alice), &form).await.refused(400, code);
    }
}

async fn what_is_no_number_is_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let path = numbers(&alice);
    let before = app.snapshot().await;
    alice.post(&path, &[]).await.refused(400, 20001).saying("Missing required parameter PhoneNumber");
    alice.post(&path, &[("AreaCode", "510")]).await.refused(400, 20001).saying("no stock of numbers");
    for odd in ["510", "4930123456", " 4930123456", "+49 30 123456", "+0123456789", "x"] {
        let refusal = alice.post(&path, &[("PhoneNumber", odd)]).await.refused(400, 21421);
        assert!(!refusal.message.contains(odd.trim()), "{}", refusal.message);
    }
    alice.post(&path, &[("PhoneNumber", "+999123456")]).await.refused(400, 21421).saying("no country");
    // Countries that the catalogue does not know have no numbers here.
    alice.post(&path, &[("PhoneNumber", "+37612345678")]).await.refused(400, 21422).saying("[AD]");
    for (name, value) in [("BundleSid", "BU1"), ("AddressSid", "me")] {
        let form = [("PhoneNumber", BERLIN_NUMBER), (name, value)];
        alice.post(&path, &form).await.refused(400, 20001).saying(name);
    }
    before.assert_is(&app.snapshot().await);
}

async fn a_number_is_one_accounts_alone(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, bob, branch) = (app.alice(), app.bob(), app.branch());
    let leased = lease(&alice, BERLIN_NUMBER, &approved(&app, &alice).await).await.created();
    for client in [&alice, &bob, &branch] {
        let case = approved(&app, client).await;
        let refusal = lease(client, BERLIN_NUMBER, &case).await.refused(400, 21422);
        assert_eq!(refusal.message, "PhoneNumber is not available", "whoever has it");
    }
    for client in [&bob, &branch] {
        let path = client.v2010(&format!("/IncomingPhoneNumbers/{}.json", leased.sid()));
        client.get(&path).await.refused(404, 20404);
        client.post(&path, &[("FriendlyName", "mine")]).await.refused(404, 20404);
        client.delete(&path).await.refused(404, 20404);
        assert!(client.get(&numbers(client)).await.ok().items("incoming_phone_numbers").is_empty());
    }
    alice.delete(leased.text("uri")).await.deleted();
    lease(&bob, BERLIN_NUMBER, &approved(&app, &bob).await).await.created();
}

async fn two_who_want_the_same_number_do_not_both_get_it(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, bob) = (app.alice(), app.bob());
    let (hers, his) = (approved(&app, &alice).await, approved(&app, &bob).await);
    for number in 0..10 {
        let number = format!("+493012345{number}");
        let (one, other) = tokio::join!(lease(&alice, &number, &hers), lease(&bob, &number, &his));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 400], "{number}");
    }
}

fn everything() -> Vec<(&'static str, String)> {
    let sid = |prefix: &str| format!("{prefix}{}", "0a".repeat(16));
    let url = |name: &str| format!("https://user:secret@hooks.example/{name}?x=1");
    vec![
        ("ApiVersion", "2008-08-01".to_owned()),
        ("EmergencyAddressSid", sid("AD")),
        ("EmergencyStatus", "Active".to_owned()),
        ("FriendlyName", "Front desk".to_owned()),
        ("IdentitySid", sid("RI")),
        ("SmsApplicationSid", sid("AP")),
        ("SmsFallbackMethod", "GET".to_owned()),
        ("SmsFallbackUrl", url("sms-fallback")),
        ("SmsMethod", "GET".to_owned()),
        ("SmsUrl", url("sms")),
        ("StatusCallback", url("status")),
        ("StatusCallbackMethod", "GET".to_owned()),
        ("VoiceApplicationSid", sid("AP")),
        ("VoiceCallerIdLookup", "true".to_owned()),
        ("VoiceFallbackMethod", "GET".to_owned()),
        ("VoiceFallbackUrl", url("voice-fallback")),
        ("VoiceMethod", "GET".to_owned()),
        ("VoiceReceiveMode", "fax".to_owned()),
        ("VoiceUrl", url("voice")),
    ]
}

/// `VoiceUrl` as `voice_url`.
fn key(name: &str) -> String {
    let mut key = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !key.is_empty() {
            key.push('_');
        }
        key.push(letter.to_ascii_lowercase());
    }
    key
}

fn assert_shows(number: &Json, settings: &[(&str, String)]) {
    for (name, value) in settings {
        let expected = if *name == "VoiceCallerIdLookup" { json!(true) } else { json!(value) };
        assert_eq!(number[key(name)], expected, "{name}");
    }
}

async fn everything_else_is_kept_and_returned(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let settings = everything();
    let mut form: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    form.push(("PhoneNumber", "+12025550123"));
    form.push(("Unknown", "ignored"));
    let leased = alice.post(&numbers(&alice), &form).await.created();
    assert_shows(&leased, &settings);
    assert_eq!(*alice.get(leased.text("uri")).await.ok(), *leased);

    // One after the other on a number that has none, and away again.
    let plain = alice.post(&numbers(&alice), &[("PhoneNumber", "+12025550124")]).await.created();
    app.clock().advance(Duration::from_secs(1));
    for (name, value) in &settings {
        let before = app.snapshot().await;
        let changed = alice.post(plain.text("uri"), &[(*name, value)]).await.ok();
        assert_shows(&changed, &[(*name, value.clone())]);
        assert_eq!(changed["date_updated"], "Thu, 01 Jan 2026 00:00:01 +0000");
        let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of {name}") };
        assert_eq!((&*event.action, &*event.target), ("number.update", plain.sid()));
        let before = app.snapshot().await;
        assert_eq!(*alice.post(plain.text("uri"), &[(*name, value)]).await.ok(), *changed);
        before.assert_is(&app.snapshot().await);
        let mut undone = alice.post(plain.text("uri"), &[(*name, "")]).await.ok();
        undone.0["date_updated"] = plain["date_updated"].clone();
        assert_eq!(*undone, *plain, "{name}");
    }
    // A trunk takes the place of an application.
    let trunk = format!("TK{}", "0a".repeat(16));
    let changed = alice.post(leased.text("uri"), &[("TrunkSid", &trunk)]).await.ok();
    assert_eq!((changed.text("trunk_sid"), changed.text("voice_application_sid")), (&*trunk, ""));
}

async fn bad_settings_are_refused(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let leased = alice.post(&numbers(&alice), &[("PhoneNumber", "+12025550123")]).await.created();
    let before = app.snapshot().await;
    let (name, url) = ("x".repeat(65), format!("https://x.example/{}", "x".repeat(2048)));
    for (name, value, code) in [
        ("FriendlyName", &*name, 20002),
        ("VoiceUrl", "voice.example", 20001),
        ("SmsUrl", "javascript:alert(1)", 20001),
        ("StatusCallback", &url, 20001),
        ("VoiceMethod", "DELETE", 20001),
        ("VoiceCallerIdLookup", "perhaps", 20001),
        ("EmergencyStatus", "on", 20001),
        ("VoiceReceiveMode", "telex", 20001),
        ("TrunkSid", "AP1", 20001),
        ("BundleSid", "1", 20001),
        ("AccountSid", app.bob().account(), 20001),
        ("AccountSid", app.branch().account(), 20001),
    ] {
        let refusal = alice.post(leased.text("uri"), &[(name, value)]).await.refused(400, code);
        assert!(refusal.message.contains(name) && !refusal.message.contains("alert"), "{}", refusal.message);
        if name != "AccountSid" {
            let form = [("PhoneNumber", "+12025550124"), (name, value)];
            alice.post(&numbers(&alice), &form).await.refused(400, code);
        }
    }
    before.assert_is(&app.snapshot().await);
    let same = [("AccountSid", alice.account())];
    assert_eq!(*alice.post(leased.text("uri"), &same).await.ok(), *leased);
}

async fn the_gate_is_asked_again_when_something_changes(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let (old, new) = (approved(&app, &alice).await, approved(&app, &alice).await);
    let leased = lease(&alice, BERLIN_NUMBER, &old).await.created();
    let uri = leased.text("uri");
    let before = app.snapshot().await;
    alice.post(uri, &[("BundleSid", &new.bundle)]).await.refused(400, 21651);
    alice.post(uri, &[("AddressSid", "")]).await.refused(400, 21631);
    alice.post(uri, &[("BundleSid", "")]).await.refused(400, 21649);
    alice
        .post(uri, &[("BundleSid", &nobodys("BU")), ("VoiceUrl", "https://x.example")])
        .await
        .refused(400, 21649);
    before.assert_is(&app.snapshot().await);
    // The bundle it has does not matter while nothing about that changes.
    app.set_bundle_status(&old.bundle, "twilio-rejected").await;
    let same = [("BundleSid", &*old.bundle), ("AddressSid", &*old.address), ("FriendlyName", "Desk")];
    assert_eq!(alice.post(uri, &same).await.ok()["friendly_name"], "Desk");
    let before = app.snapshot().await;
    let changed = alice.post(uri, &[("BundleSid", &*new.bundle), ("AddressSid", &*new.address)]).await.ok();
    assert_eq!((changed.text("bundle_sid"), changed.text("address_sid")), (&*new.bundle, &*new.address));
    assert_eq!(changed["friendly_name"], "Desk");
    let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of it") };
    assert_eq!(event.action, "number.register");
    alice.delete(&v2(&format!("/Bundles/{}", old.bundle))).await.deleted();
    alice.delete(&v2(&format!("/Bundles/{}", new.bundle))).await.refused(400, 21648);
}

/// The numbers in a list, page by page.
async fn listed(client: &Client, query: &str) -> Vec<String> {
    let (mut found, mut path) = (Vec::new(), format!("{}?{query}", numbers(client)));
    loop {
        let page = client.get(&path).await.ok();
        let number = |item: &Value| item["phone_number"].as_str().unwrap().to_owned();
        found.extend(page.items("incoming_phone_numbers").iter().map(number));
        let Some(next) = page["next_page_uri"].as_str() else { return found };
        path = next.to_owned();
    }
}

async fn numbers_are_listed_and_searched(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let mut all = Vec::new();
    for (number, name) in
        [("+12025550111", ""), ("+12025550112", "Desk"), ("+14155550111", "Desk"), ("+18005550111", "")]
    {
        let form = [("PhoneNumber", number), ("FriendlyName", name)];
        alice.post(&numbers(&alice), &form).await.created();
        all.insert(0, number);
        app.clock().advance(Duration::from_secs(1));
    }
    for size in [1, 2, 4, 50] {
        assert_eq!(listed(&alice, &format!("PageSize={size}")).await, all, "{size}");
    }
    for (query, expected) in [
        ("PhoneNumber=%2B12025550111", &["+12025550111"][..]),
        ("PhoneNumber=%2B1202", &["+12025550112", "+12025550111"]),
        ("PhoneNumber=%2B1***555011*", &all),
        ("PhoneNumber=415&PageSize=1", &["+14155550111"]),
        ("PhoneNumber=%25", &[]),
        ("PhoneNumber=0111&FriendlyName=Desk", &["+14155550111"]),
        ("FriendlyName=Desk&PageSize=1", &["+14155550111", "+12025550112"]),
        ("FriendlyName=%28800%29+555-0111", &["+18005550111"]),
        ("Origin=twilio&Beta=false", &all),
        ("Origin=hosted", &[]),
    ] {
        assert_eq!(listed(&alice, query).await, expected, "{query}");
    }
    for query in ["Origin=elsewhere", "Beta=perhaps", "PageSize=0"] {
        alice.get(&format!("{}?{query}", numbers(&alice))).await.refused(400, 20001);
    }
    assert_eq!(listed(&app.bob(), "").await, [""; 0]);
    let page = alice.get(&format!("{}?PhoneNumber=415", numbers(&alice))).await.ok();
    assert_eq!(page["uri"], format!("{}?PhoneNumber=415&PageSize=50&Page=0", numbers(&alice)));
}

async fn a_released_number_holds_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = approved(&app, &alice).await;
    let leased = lease(&alice, BERLIN_NUMBER, &case).await.created();
    let before = app.snapshot().await;
    alice.delete(leased.text("uri")).await.deleted();
    let [event] = &app.audited_since(&before).await[..] else { panic!("one event tells of it") };
    assert_eq!((&*event.action, &*event.target), ("number.release", leased.sid()));
    alice.get(leased.text("uri")).await.refused(404, 20404);
    alice.delete(leased.text("uri")).await.refused(404, 20404);
    alice.delete(&v2(&format!("/Bundles/{}", case.bundle))).await.deleted();
}

async fn numbers_depend_on_addresses(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let case = approved(&app, &alice).await;
    let dependents = alice.v2010(&format!("/Addresses/{}/DependentPhoneNumbers.json", case.address));
    assert!(alice.get(&dependents).await.ok().items("dependent_phone_numbers").is_empty());
    let leased = lease(&alice, BERLIN_NUMBER, &case).await.created();
    alice.post(&numbers(&alice), &[("PhoneNumber", "+12025550123")]).await.created();
    let list = alice.get(&dependents).await.ok();
    let [one] = &list.items("dependent_phone_numbers")[..] else { panic!("{:?}", list.0) };
    for (key, value) in one.as_object().unwrap() {
        assert_eq!(*value, leased[key], "{key}");
    }
    app.clock().advance(Duration::from_secs(1));
    lease(&alice, "+4930123457", &case).await.created();
    let page = alice.get(&format!("{dependents}?PageSize=1")).await.ok();
    assert_eq!(page.items("dependent_phone_numbers")[0]["phone_number"], "+4930123457");
    let next = alice.get(page.text("next_page_uri")).await.ok();
    assert_eq!(next.items("dependent_phone_numbers")[0]["sid"], leased.sid());
}

async fn operators_and_accounts_see_the_same_register(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, reviewer) = (app.alice(), app.operator(Role::Reviewer).await);
    let case = approved(&app, &alice).await;
    let leased = lease(&alice, BERLIN_NUMBER, &case).await.created();
    let path = format!("/numbers/{BERLIN_NUMBER}");
    let seen = reviewer.get(&path).await.ok();
    assert_eq!((seen.sid(), seen.text("account_sid")), (leased.sid(), alice.account()));
    assert_eq!(seen["bundle_status"], "twilio-approved");
    alice.post(leased.text("uri"), &[("FriendlyName", "Desk")]).await.ok();
    // An operator puts a renewed bundle in place: what the account said about the number stays.
    let renewed = approved(&app, &alice).await;
    let body = json!({ "account_sid": alice.account(), "bundle_sid": renewed.bundle, "address_sid": renewed.address });
    reviewer.put(&path, &body).await.ok();
    let now = alice.get(leased.text("uri")).await.ok();
    assert_eq!((now.text("bundle_sid"), now.text("friendly_name")), (&*renewed.bundle, "Desk"));
    reviewer.delete(&path).await.deleted();
    alice.get(leased.text("uri")).await.refused(404, 20404);

    let registered = reviewer.put(&path, &body).await.created();
    let uri = alice.v2010(&format!("/IncomingPhoneNumbers/{}.json", registered.sid()));
    assert_eq!(alice.get(&uri).await.ok()["friendly_name"], BERLIN_NUMBER);
    alice.post(&numbers(&alice), &[("PhoneNumber", "+12025550123")]).await.created();
    let free = reviewer.get("/numbers/+12025550123").await.ok();
    assert_eq!((&free["bundle_sid"], &free["bundle_status"]), (&Value::Null, &Value::Null));
    assert_eq!(reviewer.walk("/numbers").await.len(), 2);
    assert_eq!(
        reviewer.walk("/numbers?at_risk=true").await.len(),
        0,
        "nothing is required of it, so nothing ends"
    );
}

async fn a_parent_leases_for_its_sub_account(db: TestDb) {
    let app = TestApp::start(db).await;
    let (alice, branch) = (app.alice(), app.branch());
    let case = approved(&app, &branch).await;
    let form = [("PhoneNumber", BERLIN_NUMBER), ("BundleSid", &case.bundle), ("AddressSid", &case.address)];
    let leased = alice.post(&numbers(&branch), &form).await.created();
    assert_eq!(leased["account_sid"], branch.account());
    branch.get(leased.text("uri")).await.ok();
    alice
        .get(&alice.v2010(&format!("/IncomingPhoneNumbers/{}.json", leased.sid())))
        .await
        .refused(404, 20404);
    // What is the parent's is not the sub-account's.
    let hers = approved(&app, &alice).await;
    let form = [("PhoneNumber", "+4930123457"), ("BundleSid", &hers.bundle), ("AddressSid", &hers.address)];
    alice.post(&numbers(&branch), &form).await.refused(400, 21615);
}

async fn settings_are_sealed(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let form = [
        ("PhoneNumber", "+12025550123"),
        ("VoiceUrl", "https://a:b@voice.example"),
        ("FriendlyName", "Desk"),
    ];
    alice.post(&numbers(&alice), &form).await.created();
    let everything = format!("{:?}", app.snapshot().await);
    assert!(
        everything.contains("+12025550123")
            && !everything.contains("voice.example")
            && !everything.contains("Desk")
    );
}
