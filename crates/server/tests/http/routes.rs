//! Every route there is, walked: nobody gets in without credentials, and nobody gets at what is
//! another's. A route that is added to the service is walked without anybody thinking of it.

use crate::nobodys;
use dossier_testkit::app::{Case, Client, Part, Request};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use dossier_web::ROUTES;
use std::collections::{BTreeMap, BTreeSet};

on_both_engines! {
    every_route_is_there_with_exactly_these_methods,
    without_credentials_every_route_turns_away,
    nothing_of_another_account_can_be_reached,
    nothing_that_never_was_can_be_reached,
}

/// What may be asked by anybody.
const OPEN: [&str; 3] = ["/health", "/live", "/metrics"];

fn is_open(path: &str) -> bool {
    OPEN.contains(&path) || path.starts_with("/openapi")
}

/// What is for operators, who have other credentials than accounts.
fn is_operators(path: &str) -> bool {
    path.starts_with("/operator/")
}

/// What the names in a path stand for.
struct Names {
    account: String,
    case: Case,
    assignment: String,
    evaluation: String,
    api_key: String,
    number: String,
}

impl Names {
    /// One of everything, Alice's.
    async fn of_alice(app: &TestApp) -> Self {
        let alice = app.alice();
        let case = alice.prepare_case().await;
        let evaluation = alice.evaluate(&case.bundle).await;
        let api_key = alice.post(&alice.v2010("/Keys.json"), &[]).await.created();
        let assignments = format!("/v2/RegulatoryCompliance/Bundles/{}/ItemAssignments", case.bundle);
        let assignment = alice.get(&assignments).await.ok().sids().remove(0);
        let numbers = alice.v2010("/IncomingPhoneNumbers.json");
        let number = alice.post(&numbers, &[("PhoneNumber", "+12025550123")]).await.created();
        Self {
            account: alice.account().to_owned(),
            case,
            assignment,
            evaluation: evaluation.sid().to_owned(),
            api_key: api_key.sid().to_owned(),
            number: number.sid().to_owned(),
        }
    }

    /// Well-formed, and nobody's.
    fn of_nobody(account: &str) -> Self {
        let case = Case {
            bundle: nobodys("BU"),
            end_user: nobodys("IT"),
            document: nobodys("RD"),
            address: nobodys("AD"),
        };
        Self {
            account: account.to_owned(),
            case,
            assignment: nobodys("BV"),
            evaluation: nobodys("EL"),
            api_key: nobodys("SK"),
            number: nobodys("PN"),
        }
    }

    /// A path with everything in it that has a name.
    fn fill(&self, template: &str) -> String {
        let collection = template.split("/{sid}").next().unwrap().rsplit('/').next().unwrap();
        let object = match collection {
            "Bundles" => &self.case.bundle,
            "EndUsers" => &self.case.end_user,
            "SupportingDocuments" => &self.case.document,
            "ItemAssignments" => &self.assignment,
            "Evaluations" => &self.evaluation,
            "Addresses" if template.ends_with("{sid}") => &format!("{}.json", self.case.address),
            "Addresses" => &self.case.address,
            "IncomingPhoneNumbers" => &format!("{}.json", self.number),
            "Keys" => &format!("{}.json", self.api_key),
            // The catalogue is everybody's; what is asked for here is not in it.
            _ => &nobodys("OY"),
        };
        let own_ending = if template.ends_with("{account_sid}") { ".json" } else { "" };
        let path = template
            .replace("{account_sid}", &self.account)
            .replace("{bundle_sid}", &self.case.bundle)
            .replace("{sid}", object);
        path + own_ending
    }
}

/// The routes that accounts may use: whatever the others name, accounts are turned away before.
fn customers_routes() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    ROUTES.iter().filter(|(_, template)| !is_operators(template))
}

/// A request that would succeed if it were its owner's.
fn good_request(client: &Client, method: &str, path: &str, names: &Names) -> Request {
    let request = client.request(method, path);
    if method != "POST" {
        return request;
    }
    if path.ends_with("/SupportingDocuments") {
        return request.multipart(&[Part::Text("FriendlyName", "x"), Part::Text("Type", "passport")]);
    }
    request.form(&[
        ("FriendlyName", "Changed"),
        ("Email", "changed@beispiel.example"),
        ("RegulationSid", "RNfd11dde5d4b7252abf96139766f68034"),
        ("Type", "business"),
        ("ObjectSid", &names.case.end_user),
        ("TargetAccountSid", &names.account),
        ("FromBundleSid", &names.case.bundle),
        ("CustomerName", "x"),
        ("Street", "x"),
        ("City", "Berlin"),
        ("Region", "Berlin"),
        ("PostalCode", "10117"),
        ("IsoCountry", "DE"),
        ("PhoneNumber", "+12025550199"),
    ])
}

async fn every_route_is_there_with_exactly_these_methods(db: TestDb) {
    let app = TestApp::start(db).await;
    let names = Names::of_alice(&app).await;
    let mut routes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (method, template) in ROUTES {
        let methods = routes.entry(template).or_default();
        methods.insert(method);
        if *method == "GET" {
            methods.insert("HEAD");
        }
    }
    for (template, methods) in routes {
        let path = names.fill(template);
        let unused = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"]
            .into_iter()
            .filter(|method| !methods.contains(method));
        for method in unused {
            let refusal = app.alice().request(method, &path).send().await.refused(405, 20004);
            let allowed = refusal.header("allow").unwrap_or_default().split(',').map(str::trim).collect();
            assert_eq!(methods, allowed, "{method} {template}");
        }
    }
}

async fn without_credentials_every_route_turns_away(db: TestDb) {
    let app = TestApp::start(db).await;
    let names = Names::of_alice(&app).await;
    let before = app.snapshot().await;
    for (method, template) in ROUTES {
        let path = names.fill(template);
        let answer = good_request(&app.nobody(), method, &path, &names).send().await;
        if is_open(template) {
            assert_eq!(answer.status, 200, "{method} {template}");
            continue;
        }
        let refusal = answer.refused(401, 20003);
        let challenge = if is_operators(template) { "Bearer" } else { "Basic realm=\"Twilio API\"" };
        assert_eq!(refusal.header("www-authenticate"), Some(challenge), "{template}");
        let wrong = app.alice().with_login(app.alice().account(), "wrong");
        good_request(&wrong, method, &path, &names).send().await.refused(401, 20003);
        if is_operators(template) {
            good_request(&app.alice(), method, &path, &names).send().await.refused(401, 20003);
        }
    }
    before.assert_is(&app.snapshot().await);
}

/// Whoever names what is another's is told what they are told of what never was, to the letter, and
/// whoever lists sees nothing of it.
async fn nothing_of_another_account_can_be_reached(db: TestDb) {
    let app = TestApp::start(db).await;
    let names = Names::of_alice(&app).await;
    let Case { bundle, end_user, document, address } = &names.case;
    let secrets = [bundle, end_user, document, address, &names.api_key, &names.number];
    for stranger in [app.bob(), app.branch()] {
        let before = app.snapshot().await;
        for (method, template) in customers_routes().filter(|(_, template)| template.contains("sid}")) {
            let path = names.fill(template);
            let refusal = good_request(&stranger, method, &path, &names).send().await.refused(404, 20404);
            assert_eq!(refusal.message, format!("The requested resource {path} was not found"), "{method}");
            assert_eq!(refusal.details, None, "{method} {template}");
        }
        // What belongs to Alice cannot be taken into something of one's own either.
        let own = stranger.create_bundle("Own").await;
        for object in [&names.case.end_user, &names.case.document] {
            stranger.assign(own.sid(), object).await.refused(400, 22205);
        }
        stranger.delete(&format!("/v2/RegulatoryCompliance/Bundles/{}", own.sid())).await.deleted();
        for (_, template) in ROUTES.iter().filter(|(method, _)| *method == "GET") {
            let own = Names::of_nobody(stranger.account());
            let answer = stranger.get(&own.fill(template)).await;
            let text = String::from_utf8_lossy(&answer.body);
            assert!(secrets.iter().all(|sid| !text.contains(sid.as_str())), "{template}: {text}");
        }
        let mine = |snapshot: dossier_testkit::app::Snapshot| snapshot.without_account(stranger.account());
        mine(before).assert_is(&mine(app.snapshot().await));
    }
}

async fn nothing_that_never_was_can_be_reached(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let before = app.snapshot().await;
    let names = Names::of_nobody(alice.account());
    let names_something = |template: &str| template.contains("{sid}") || template.contains("{bundle_sid}");
    for (method, template) in customers_routes().filter(|(_, template)| names_something(template)) {
        let path = names.fill(template);
        good_request(&alice, method, &path, &names).send().await.refused(404, 20404).saying(&path);
        for odd in ["0", "me", "BU", "%00", "%C3%A4", "..", "'", "%25s"] {
            let path = template
                .replace("{account_sid}", alice.account())
                .replace("{bundle_sid}", odd)
                .replace("{sid}", odd);
            good_request(&alice, method, &path, &names).send().await.refused(404, 20404);
        }
    }
    before.assert_is(&app.snapshot().await);
}
