//! What a reviewer waits for with a long queue: the budget is 5 ms for the next case, and for a decision.
//!
//! `cargo bench -p dossier-server --bench review` fills an embedded database with 100,000 waiting cases
//! (another number may follow behind `--`) and prints medians in microseconds, on disk and synced.
#![expect(clippy::print_stdout, reason = "a benchmark prints its results")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on may stop")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use dossier_app::{CaseFilter, DecideCase, JudgeDocument, MasterKeySource, OperatorCaller, random_sid};
use dossier_domain::bundle::{Bundle, BundleStatus, Contact};
use dossier_domain::document::{Document, DocumentStatus};
use dossier_domain::item_assignment::{ItemAssignment, Slot};
use dossier_domain::operator::Role;
use dossier_domain::paging::{Start, Window};
use dossier_domain::regulation::Combination;
use dossier_domain::review::{Case, CaseState, Decision, Outcome, StateName, VerdictKind};
use dossier_domain::sid::{AccountSid, RegulationSid};
use dossier_domain::text::{Email, FriendlyName};
use dossier_domain::{Attributes, EndUserType, IsoCountry, NumberType};
use dossier_store::seal::{KeyFile, Keyring};
use dossier_store::{Db, Owner, bundles, cases, data_keys, documents, item_assignments};
use dossier_testkit::{Engine, ManualClock, TestApp, TestDb, engines};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CASES: u64 = 100_000;
/// Cases that are written in one transaction.
const BATCH: u64 = 1_000;
const ROUNDS: usize = 1_000;

fn main() {
    let given = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    engines::run(Engine::Sqlite, async move |db| measure(db, given.unwrap_or(CASES)).await);
}

async fn measure(db: TestDb, waiting: u64) {
    let app = TestApp::start(db).await;
    let owner = owner(&app).await;
    for batch in 0..waiting / BATCH {
        fill(app.database(), &owner, batch * BATCH).await;
    }
    app.clock().advance(Duration::from_secs(waiting));
    let service = app.service();
    let operator = service.create_operator(name(), Role::Reviewer).await.unwrap().operator;
    let caller = OperatorCaller { operator, request: random_sid() };
    let filters = [("the next case", CaseFilter::default()), ("the next of a rare kind", rare())];
    let (mut claims, mut verdicts, mut decisions) = ([Vec::new(), Vec::new()], Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let filter = filters[round % 2].1.clone();
        let begun = Instant::now();
        let case = service.claim_next_case(&caller, filter).await.unwrap().unwrap();
        claims[round % 2].push(begun.elapsed());
        let document = service.case(&caller, case.sid).await.unwrap().documents[0].sid;
        let begun = Instant::now();
        let verdict = JudgeDocument {
            document,
            kind: VerdictKind::Approved,
            reasons: Vec::new(),
            message: None,
            note: None,
            version: Some(case.version),
        };
        let case = service.judge_document(&caller, case.sid, verdict).await.unwrap();
        verdicts.push(begun.elapsed());
        let begun = Instant::now();
        let decision = Decision {
            outcome: Outcome::Approved,
            reasons: Vec::new(),
            message: None,
            internal_note: None,
            valid_until: None,
        };
        let decision = DecideCase { decision, version: Some(case.version) };
        service.decide_case(&caller, case.sid, decision).await.unwrap();
        decisions.push(begun.elapsed());
    }
    println!("{waiting} waiting cases, {ROUNDS} rounds");
    for (index, (what, _)) in filters.into_iter().enumerate() {
        report(what, &mut claims[index]);
    }
    report("a verdict", &mut verdicts);
    report("a decision", &mut decisions);
    let mut pages = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let filter = CaseFilter { state: Some(StateName::Waiting), ..CaseFilter::default() };
        let window = Window { size: 50, start: Start::First };
        service.list_cases(&caller, filter, window).await.unwrap();
        pages.push(begun.elapsed());
    }
    report("a page of 50", &mut pages);
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: usize| times[times.len() * part / 100].as_micros();
    println!("{what:24} {:6} µs median, {:6} µs at 99 %", at(50), at(99));
}

fn name() -> FriendlyName {
    FriendlyName::from_stored("Beispiel GmbH".to_owned())
}

/// One case in a hundred is of this kind.
fn rare() -> CaseFilter {
    CaseFilter {
        iso_country: IsoCountry::parse("FR"),
        number_type: Some(NumberType::Mobile),
        ..CaseFilter::default()
    }
}

/// Alice with her key.
async fn owner(app: &TestApp) -> Owner {
    let account = AccountSid::parse(app.alice().account()).unwrap();
    let MasterKeySource::File(path) = app.master_key() else { unreachable!("tests have a key file") };
    let keyring = Keyring::new(KeyFile::at(path).load().unwrap());
    let stored = app.database().read(move |tx| data_keys::of_account(tx, account)).await.unwrap();
    Owner { account, key: Arc::clone(&keyring.open_data_key(account, &stored[0]).unwrap()) }
}

async fn fill(db: &Db, owner: &Owner, first: u64) {
    let owner = owner.clone();
    db.write(move |tx| {
        for number in first..first + BATCH {
            let (bundle, document) = (bundle(&owner, number), document(&owner));
            bundles::insert(tx, &owner, &bundle)?;
            documents::insert(tx, &owner, &document, &[])?;
            let assignment = ItemAssignment {
                sid: random_sid(),
                account_sid: owner.account,
                bundle_sid: bundle.sid,
                object_sid: document.sid.into(),
                created_at: bundle.created_at,
            };
            item_assignments::insert(tx, &owner, &assignment, &Slot::Document(document.kind.clone()))?;
            let case = case(&bundle);
            cases::insert(tx, &case)?;
            cases::insert_document(tx, &owner, case.sid, document.sid, 0)?;
        }
        Ok::<_, dossier_store::StoreError>(())
    })
    .await
    .unwrap();
}

fn bundle(owner: &Owner, number: u64) -> Bundle {
    let (country, number_type) =
        if number % 100 == 99 { ("FR", NumberType::Mobile) } else { ("DE", NumberType::Local) };
    let at = ManualClock::START.plus(Duration::from_secs(number));
    Bundle {
        sid: random_sid(),
        account_sid: owner.account,
        regulation_sid: RegulationSid::from_bytes([1; 16]),
        combination: Combination {
            iso_country: IsoCountry::parse(country).unwrap(),
            number_type,
            end_user_type: EndUserType::Business,
        },
        friendly_name: name(),
        status: BundleStatus::PendingReview,
        contact: Contact { email: Email::parse("a@beispiel.example").unwrap(), status_callback: None },
        valid_until: None,
        is_test: false,
        created_at: at,
        updated_at: at,
    }
}

fn document(owner: &Owner) -> Document {
    Document {
        sid: random_sid(),
        account_sid: owner.account,
        kind: "passport".to_owned(),
        friendly_name: name(),
        status: DocumentStatus::PendingReview,
        attributes: Attributes::parse(r#"{"first_name":"Erika","last_name":"Mustermann"}"#).unwrap(),
        file: None,
        rejection: None,
        created_at: ManualClock::START,
        updated_at: ManualClock::START,
    }
}

fn case(bundle: &Bundle) -> Case {
    Case {
        sid: random_sid(),
        account_sid: bundle.account_sid,
        bundle_sid: bundle.sid,
        version: 1,
        state: CaseState::Waiting,
        provisional: false,
        combination: bundle.combination,
        regulation_sid: bundle.regulation_sid,
        regulation_revision: 1,
        evaluation_sid: random_sid(),
        previous_sid: None,
        opened_at: bundle.created_at,
        decided_at: None,
    }
}
