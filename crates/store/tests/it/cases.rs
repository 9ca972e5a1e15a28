//! Review cases: the queue, what belongs to a case, and what strangers see of it.

use std::collections::BTreeSet;

use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::item_assignment::{ItemAssignment, Slot};
use dossier_domain::operator::Role;
use dossier_domain::paging::{Position, Start, Window};
use dossier_domain::review::{
    Case, CaseState, ConfirmationRule, Decision, Outcome, ReviewText, StateName, Submitted, SubmittedItem,
    Verdict, VerdictKind,
};
use dossier_domain::sid::{AnySid, CaseSid, DocumentSid, EndUserSid, OperatorSid};
use dossier_store::cases::{self, CaseEvent, CaseFilter, DecisionState, StoredDecision};
use dossier_store::evaluations::{self as store_evaluations, StoredEvaluation};
use dossier_store::{StoreError, bundles, item_assignments};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{evaluations, read, samples, touches_nothing, write};

on_both_engines![
    a_case_is_read_back_in_every_state,
    a_bundle_has_one_open_case,
    the_newest_case_of_a_bundle_is_found,
    saving_compares_the_version,
    lists_are_what_filtering_and_sorting_all_of_them_gives,
    the_next_case_is_the_oldest_that_is_meant,
    two_units_at_once_get_different_cases,
    verdicts_and_decisions_are_read_back,
    nobody_else_opens_what_belongs_to_a_case,
    what_people_wrote_is_forgotten_and_the_rest_stays,
    history_is_read_from_any_version,
    approvals_are_counted_by_revision_and_no_further_than_asked,
    what_was_submitted_before_there_was_a_review_waits_for_it,
];

fn states(random: &mut Seeded) -> [CaseState; 7] {
    let (by, until) = (random.sid(), samples::time(random));
    [
        CaseState::Waiting,
        CaseState::Claimed { by, until },
        CaseState::Confirming { maker: by, outcome: Outcome::Rejected },
        CaseState::Decided { outcome: Outcome::Approved, by: Some(by) },
        CaseState::Decided { outcome: Outcome::Rejected, by: None },
        CaseState::Decided { outcome: Outcome::ProvisionallyApproved, by: Some(by) },
        CaseState::Withdrawn,
    ]
}

pub(crate) fn sample(random: &mut Seeded) -> Case {
    let bundle = samples::bundle(random, &owner());
    let states = states(random);
    let state = random.pick(&states);
    Case {
        sid: random.sid(),
        account_sid: owner().account,
        bundle_sid: bundle.sid,
        version: 1,
        state,
        provisional: matches!(state, CaseState::Decided { outcome: Outcome::ProvisionallyApproved, .. }),
        combination: bundle.combination,
        regulation_sid: bundle.regulation_sid,
        regulation_revision: 1,
        evaluation_sid: random.sid(),
        previous_sid: random.flip().then(|| random.sid()),
        opened_at: samples::time(random),
        decided_at: random.flip().then(|| samples::time(random)),
    }
}

async fn insert(db: &TestDb, case: &Case) {
    let case = case.clone();
    write(db, move |tx| cases::insert(tx, &case)).await;
}

async fn many(db: &TestDb, count: usize) -> Vec<Case> {
    let mut random = Seeded::new(7);
    let all: Vec<_> = (0..count).map(|_| sample(&mut random)).collect();
    let inserted = all.clone();
    write(db, move |tx| inserted.iter().try_for_each(|case| cases::insert(tx, case))).await;
    all
}

async fn a_case_is_read_back_in_every_state(db: TestDb) {
    let mut random = Seeded::new(1);
    for state in states(&mut random) {
        for provisional in [false, true] {
            let decided = matches!(state, CaseState::Decided { .. });
            let ends = matches!(state, CaseState::Decided { outcome: Outcome::ProvisionallyApproved, .. });
            // While a decision stands, it is the one that says whether it is provisional.
            let provisional = if decided { ends } else { provisional };
            let case = Case { state, provisional, ..sample(&mut random) };
            insert(&db, &case).await;
            let sid = case.sid;
            assert_eq!(read(&db, move |tx| cases::get(tx, sid)).await, Some(case.clone()));
            assert_eq!(write(&db, move |tx| cases::lock(tx, sid)).await, Some(case));
        }
    }
    assert_eq!(read(&db, |tx| cases::get(tx, CaseSid::from_bytes([7; 16]))).await, None);
}

async fn a_bundle_has_one_open_case(db: TestDb) {
    let mut random = Seeded::new(2);
    for state in states(&mut random) {
        let first = Case { state, ..sample(&mut random) };
        insert(&db, &first).await;
        let second =
            Case { sid: random.sid(), state: CaseState::Waiting, provisional: false, ..first.clone() };
        let open = matches!(state.name(), StateName::Waiting | StateName::Claimed | StateName::Confirming);
        assert_eq!(db.write(move |tx| cases::insert(tx, &second)).await.is_err(), open, "{state:?}");
    }
}

async fn the_newest_case_of_a_bundle_is_found(db: TestDb) {
    let mut random = Seeded::new(3);
    let old = Case { state: CaseState::Withdrawn, opened_at: samples::later(1), ..sample(&mut random) };
    let new = Case { sid: random.sid(), opened_at: samples::later(2), ..old.clone() };
    insert(&db, &new).await;
    insert(&db, &old).await;
    let bundle = old.bundle_sid;
    let found = read(&db, move |tx| cases::latest(tx, owner().account, bundle)).await;
    assert_eq!(found, Some(new.clone()));
    assert_eq!(write(&db, move |tx| cases::lock_latest(tx, owner().account, bundle)).await, Some(new));
    assert_eq!(read(&db, move |tx| cases::latest(tx, stranger().account, bundle)).await, None);
}

async fn saving_compares_the_version(db: TestDb) {
    let mut random = Seeded::new(4);
    let case = Case { state: CaseState::Waiting, provisional: false, ..sample(&mut random) };
    insert(&db, &case).await;
    let claimed = CaseState::Claimed { by: random.sid(), until: samples::later(9) };
    let next = Case { version: 2, state: claimed, ..case };
    let saved = next.clone();
    write(&db, move |tx| cases::save(tx, &saved, 1)).await;
    let sid = next.sid;
    assert_eq!(read(&db, move |tx| cases::get(tx, sid)).await, Some(next.clone()));
    touches_nothing(&db, move |tx| cases::save(tx, &next, 1)).await;
}

/// Every choice of conditions.
fn filters(some: &[Case]) -> Vec<CaseFilter> {
    let choice = |bits: u32, bit: u32| bits & (1 << bit) != 0;
    let mut filters = Vec::new();
    for (bits, case) in (0..32).flat_map(|bits| some.iter().map(move |case| (bits, case))) {
        for newest_first in [false, true] {
            filters.push(CaseFilter {
                state: choice(bits, 0).then(|| case.state.name()),
                iso_country: choice(bits, 1).then_some(case.combination.iso_country),
                number_type: choice(bits, 2).then_some(case.combination.number_type),
                end_user_type: choice(bits, 3).then_some(case.combination.end_user_type),
                assignee: case.assignee().filter(|_| choice(bits, 4)),
                newest_first,
            });
        }
    }
    filters
}

fn admits(filter: &CaseFilter, case: &Case) -> bool {
    filter.state.is_none_or(|state| state == case.state.name())
        && filter.iso_country.is_none_or(|country| country == case.combination.iso_country)
        && filter.number_type.is_none_or(|kind| kind == case.combination.number_type)
        && filter.end_user_type.is_none_or(|kind| kind == case.combination.end_user_type)
        && filter.assignee.is_none_or(|assignee| Some(assignee) == case.assignee())
}

async fn lists_are_what_filtering_and_sorting_all_of_them_gives(db: TestDb) {
    let all = many(&db, 60).await;
    for filter in filters(&all[..3]) {
        let mut expected: Vec<_> = all.iter().filter(|case| admits(&filter, case)).cloned().collect();
        expected.sort_by_key(|case| (case.opened_at, case.sid));
        if filter.newest_first {
            expected.reverse();
        }
        let (mut walked, mut start) = (Vec::new(), Start::First);
        loop {
            let (filter, window) = (filter.clone(), Window { size: 7, start });
            let page = read(&db, move |tx| cases::list(tx, &filter, &window)).await;
            walked.extend(page.items);
            let last: Option<Position> = walked.last().map(Case::position);
            match last.filter(|_| page.more_after) {
                Some(last) => start = Start::After(last),
                None => break,
            }
        }
        assert_eq!(walked, expected, "{filter:?}");
    }
}

async fn the_next_case_is_the_oldest_that_is_meant(db: TestDb) {
    let all = many(&db, 60).await;
    for filter in filters(&all[..3]) {
        let meant = CaseFilter { state: Some(StateName::Waiting), assignee: None, ..filter.clone() };
        let waiting = all.iter().filter(|case| admits(&meant, case));
        let expected = waiting.min_by_key(|case| (case.opened_at, case.sid)).cloned();
        assert_eq!(write(&db, move |tx| cases::lock_next(tx, &filter)).await, expected, "{meant:?}");
    }
}

async fn two_units_at_once_get_different_cases(db: TestDb) {
    let mut random = Seeded::new(5);
    for _ in 0..30 {
        insert(&db, &Case { state: CaseState::Waiting, provisional: false, ..sample(&mut random) }).await;
    }
    let work = async |by: OperatorSid| {
        let mut mine = Vec::new();
        loop {
            let claimed = write(&db, move |tx| {
                let Some(case) = cases::lock_next(tx, &CaseFilter::default())? else { return Ok(None) };
                let state = CaseState::Claimed { by, until: samples::later(9) };
                cases::save(tx, &Case { state, version: 2, ..case }, 1)?;
                Ok(Some(case.sid))
            })
            .await;
            match claimed {
                Some(sid) => mine.push(sid),
                None => return mine,
            }
        }
    };
    let (mut all, other) = tokio::join!(work(random.sid()), work(random.sid()));
    all.extend(other);
    assert_eq!(all.len(), 30);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 30);
}

fn text(text: &str) -> Option<ReviewText> {
    Some(ReviewText::parse("text", text).unwrap())
}

fn verdict(random: &mut Seeded) -> Verdict {
    Verdict {
        kind: random.pick(&VerdictKind::ALL),
        reasons: vec![18002, 900_001],
        message: text("Für Erika"),
        note: random.flip().then(|| text("intern")).flatten(),
        by: random.flip().then(|| random.sid()),
        at: samples::time(random),
    }
}

fn decision(random: &mut Seeded, number: i64) -> StoredDecision {
    StoredDecision {
        number,
        state: DecisionState::Proposed,
        decision: Decision {
            outcome: random.pick(&Outcome::ALL),
            reasons: vec![18050],
            message: random.flip().then(|| text("Für Erika")).flatten(),
            internal_note: text("intern"),
            valid_until: random.flip().then(|| samples::time(random)),
        },
        maker: Some(random.sid()),
        rule: Some(random.pick(&ConfirmationRule::ALL)),
        made_at: samples::time(random),
        checker: None,
        settled_at: None,
    }
}

/// A case with two documents, a verdict on the first, a decision, and what was handed over.
async fn full(db: &TestDb) -> (Case, [DocumentSid; 2], Verdict, StoredDecision, Submitted) {
    let mut random = Seeded::new(6);
    let (case, documents) = (sample(&mut random), [random.sid(), random.sid()]);
    let (verdict, decision) = (verdict(&mut random), decision(&mut random, 1));
    let fields = [("name".to_owned(), "Erika".to_owned())].into_iter().collect();
    let sid = AnySid::from(documents[0]);
    let item = SubmittedItem { sid, kind: "passport".to_owned(), fields, file: None };
    let submitted = Submitted { items: vec![item] };
    let kept = (case.clone(), documents, verdict.clone(), decision.clone(), submitted.clone());
    write(db, move |tx| {
        let (owner, sid) = (owner(), case.sid);
        cases::insert(tx, &case)?;
        for (place, document) in documents.iter().enumerate() {
            cases::insert_document(tx, &owner, sid, *document, i64::try_from(place).unwrap())?;
        }
        cases::set_verdict(tx, &owner, sid, documents[0], &verdict)?;
        cases::insert_decision(tx, &owner, sid, &decision)?;
        cases::keep_contents(tx, &owner, sid, &submitted)
    })
    .await;
    kept
}

async fn verdicts_and_decisions_are_read_back(db: TestDb) {
    let (case, documents, verdict, mut decision, submitted) = full(&db).await;
    let sid = case.sid;
    let found = read(&db, move |tx| cases::documents(tx, &owner(), sid)).await;
    assert_eq!(found.iter().map(|found| found.sid).collect::<Vec<_>>(), documents);
    assert_eq!((&found[0].verdict, &found[1].verdict), (&Some(verdict), &None));
    assert_eq!(read(&db, move |tx| cases::decisions(tx, &owner(), sid)).await, [decision.clone()]);
    assert_eq!(read(&db, move |tx| cases::contents(tx, &owner(), sid)).await, Some(submitted));
    let (checker, now) = (Some(OperatorSid::from_bytes([3; 16])), samples::later(5));
    let settle = move |tx: &mut dossier_store::Tx<'_>| {
        cases::settle_decision(tx, &owner(), sid, 1, DecisionState::SentBack, checker, now)
    };
    write(&db, settle).await;
    decision = StoredDecision { state: DecisionState::SentBack, checker, settled_at: Some(now), ..decision };
    assert_eq!(read(&db, move |tx| cases::decisions(tx, &owner(), sid)).await, [decision]);
    touches_nothing(&db, settle).await;
    let account = read(&db, move |tx| cases::owner_of_document(tx, documents[1])).await;
    assert_eq!(account, Some(owner().account));
    let never = DocumentSid::from_bytes([9; 16]);
    assert_eq!(read(&db, move |tx| cases::owner_of_document(tx, never)).await, None);
    let again = Verdict { kind: VerdictKind::Approved, ..found[0].verdict.clone().unwrap() };
    let given = again.clone();
    write(&db, move |tx| cases::set_verdict(tx, &owner(), sid, documents[0], &given)).await;
    let found = read(&db, move |tx| cases::documents(tx, &owner(), sid)).await;
    assert_eq!(found[0].verdict, Some(again.clone()));
    touches_nothing(&db, move |tx| cases::set_verdict(tx, &owner(), sid, never, &again)).await;
}

async fn nobody_else_opens_what_belongs_to_a_case(db: TestDb) {
    let (case, ..) = full(&db).await;
    let sid = case.sid;
    assert_eq!(read(&db, move |tx| cases::documents(tx, &stranger(), sid)).await, []);
    assert_eq!(read(&db, move |tx| cases::decisions(tx, &stranger(), sid)).await, []);
    assert_eq!(read(&db, move |tx| cases::contents(tx, &stranger(), sid)).await, None);
    // With another key it does not open, and neither does what was moved to another row.
    let other = dossier_store::Owner { account: owner().account, key: stranger().key };
    let opened = db.read(move |tx| cases::decisions(tx, &other, sid)).await;
    assert!(matches!(opened, Err(StoreError::Seal(_))), "{opened:?}");
    db.script("UPDATE case_decisions SET number = 2").await;
    let opened = db.read(move |tx| cases::decisions(tx, &owner(), sid)).await;
    assert!(matches!(opened, Err(StoreError::Seal(_))), "{opened:?}");
}

async fn what_people_wrote_is_forgotten_and_the_rest_stays(db: TestDb) {
    let (case, _, verdict, decision, _) = full(&db).await;
    let (sid, bundle) = (case.sid, case.bundle_sid);
    write(&db, move |tx| cases::erase_texts(tx, &stranger(), bundle)).await;
    assert!(read(&db, move |tx| cases::contents(tx, &owner(), sid)).await.is_some());
    write(&db, move |tx| cases::erase_texts(tx, &owner(), bundle)).await;
    assert_eq!(read(&db, move |tx| cases::contents(tx, &owner(), sid)).await, None);
    let found = read(&db, move |tx| cases::documents(tx, &owner(), sid)).await.remove(0);
    assert_eq!(found.verdict, Some(Verdict { message: None, note: None, ..verdict }));
    let found = read(&db, move |tx| cases::decisions(tx, &owner(), sid)).await.remove(0);
    let silent = Decision { message: None, internal_note: None, ..decision.decision };
    assert_eq!(found.decision, silent);
}

async fn history_is_read_from_any_version(db: TestDb) {
    let sid = CaseSid::from_bytes([1; 16]);
    let event = |version: u32| CaseEvent {
        version,
        at: samples::later(version.into()),
        actor: Role::Admin.as_str().to_owned(),
        action: "case.claim".to_owned(),
        document: (version == 2).then(|| DocumentSid::from_bytes([2; 16])),
        outcome: (version == 3).then_some(Outcome::Approved),
    };
    for version in [2, 1, 3] {
        write(&db, move |tx| cases::append_event(tx, owner().account, sid, &event(version))).await;
    }
    let account = owner().account;
    let since = async |version| read(&db, move |tx| cases::events_since(tx, account, sid, version)).await;
    assert_eq!(since(0).await, [event(1), event(2), event(3)]);
    assert_eq!(since(2).await, [event(3)]);
    assert_eq!(since(3).await, []);
    let again = db.write(move |tx| cases::append_event(tx, account, sid, &event(3))).await;
    assert!(again.is_err(), "a version happens once");
}

async fn approvals_are_counted_by_revision_and_no_further_than_asked(db: TestDb) {
    let mut random = Seeded::new(8);
    let approved = CaseState::Decided { outcome: Outcome::Approved, by: None };
    let first = Case { state: approved, ..sample(&mut random) };
    for (revision, state, count) in [
        (1, approved, 3),
        (2, approved, 1),
        (1, CaseState::Decided { outcome: Outcome::Rejected, by: None }, 2),
    ] {
        for _ in 0..count {
            let case = sample(&mut random);
            let case =
                Case { regulation_sid: first.regulation_sid, regulation_revision: revision, state, ..case };
            insert(&db, &case).await;
        }
    }
    let sid = first.regulation_sid;
    let count = async |revision, limit| read(&db, move |tx| cases::approvals(tx, sid, revision, limit)).await;
    assert_eq!((count(1, 9).await, count(1, 2).await), (3, 2));
    assert_eq!((count(2, 9).await, count(3, 9).await), (1, 0));
}

/// The end of the migration, run over bundles of every status.
async fn what_was_submitted_before_there_was_a_review_waits_for_it(db: TestDb) {
    let mut random = Seeded::new(9);
    let document: DocumentSid = random.sid();
    let mut expected = Vec::new();
    for status in BundleStatus::ALL {
        let bundle = Bundle { status, ..samples::bundle(&mut random, &owner()) };
        let evaluations = [1, 2].map(|second| StoredEvaluation {
            created_at: samples::later(second),
            ..evaluations::sample(&mut random, bundle.sid)
        });
        let items = [AnySid::from(document), EndUserSid::from_bytes([1; 16]).into()];
        let assignments = items.map(|object_sid| ItemAssignment {
            sid: random.sid(),
            account_sid: owner().account,
            bundle_sid: bundle.sid,
            object_sid,
            created_at: samples::later(1),
        });
        expected.push((bundle.clone(), evaluations[1].sid));
        write(&db, move |tx| {
            bundles::insert(tx, &owner(), &bundle)?;
            evaluations.iter().try_for_each(|one| store_evaluations::insert(tx, &owner(), one))?;
            assignments.iter().try_for_each(|one| {
                let slot = Slot::Document(one.object_sid.to_string());
                item_assignments::insert(tx, &owner(), one, &slot)
            })
        })
        .await;
    }
    let migration = include_str!("../../migrations/0008_cases.sql");
    db.script(migration.split_once("-- Bundles that were submitted").unwrap().1.split_once('\n').unwrap().1)
        .await;
    for (bundle, evaluation) in expected {
        let sid = bundle.sid;
        let case = read(&db, move |tx| cases::latest(tx, owner().account, sid)).await;
        assert_eq!(case.is_some(), bundle.status == BundleStatus::PendingReview, "{}", bundle.status);
        let Some(case) = case else { continue };
        assert_eq!((case.state, case.version), (CaseState::Waiting, 1));
        assert_eq!((case.combination, case.evaluation_sid), (bundle.combination, evaluation));
        let sid = case.sid;
        let found = read(&db, move |tx| cases::documents(tx, &owner(), sid)).await;
        assert_eq!(found.into_iter().map(|found| found.sid).collect::<Vec<_>>(), [document]);
        assert_eq!(read(&db, move |tx| cases::events(tx, owner().account, sid)).await.len(), 1);
    }
}
