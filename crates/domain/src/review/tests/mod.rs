//! Every state × every action × every actor, as a table.

mod decisions;

use super::*;
use crate::operator::Role;
use crate::regulation::Combination;
use crate::sid::{AccountSid, BundleSid, CaseSid, EvaluationSid, OperatorSid, RegulationSid};
use crate::{EndUserType, IsoCountry, NumberType, Timestamp};

const NOW: Timestamp = Timestamp::from_micros(1_000);
const SOON: Timestamp = Timestamp::from_micros(2_000);
const LATER: Timestamp = Timestamp::from_micros(3_000);

/// Has the claim, or made the decision that waits.
const ME: OperatorSid = OperatorSid::from_bytes([1; 16]);
const OTHER: OperatorSid = OperatorSid::from_bytes([2; 16]);

pub(super) fn case(number: u32) -> Case {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Case {
        sid: CaseSid::from_bytes(bytes),
        account_sid: AccountSid::from_bytes([1; 16]),
        bundle_sid: BundleSid::from_bytes([1; 16]),
        version: 1,
        state: CaseState::Waiting,
        provisional: false,
        combination: Combination {
            iso_country: IsoCountry::parse("DE").unwrap(),
            number_type: NumberType::Local,
            end_user_type: EndUserType::Business,
        },
        regulation_sid: RegulationSid::from_bytes([1; 16]),
        regulation_revision: 1,
        evaluation_sid: EvaluationSid::from_bytes([1; 16]),
        previous_sid: None,
        opened_at: NOW,
        decided_at: None,
    }
}

fn in_state(state: CaseState, provisional: bool) -> Case {
    Case { state, provisional, ..case(1) }
}

/// The states, with the claim or the decision mine where there is one, and what is short for them.
fn states() -> [(&'static str, Case); 10] {
    let claimed = CaseState::Claimed { by: ME, until: SOON };
    let over = CaseState::Claimed { by: ME, until: NOW };
    let confirming = CaseState::Confirming { maker: ME, outcome: Outcome::Approved };
    let decided = |outcome| CaseState::Decided { outcome, by: Some(ME) };
    [
        ("waiting", in_state(CaseState::Waiting, false)),
        ("claimed", in_state(claimed, false)),
        ("claimed, provisional", in_state(claimed, true)),
        ("claim over", in_state(over, false)),
        ("confirming", in_state(confirming, false)),
        ("confirming, provisional", in_state(confirming, true)),
        ("approved", in_state(decided(Outcome::Approved), false)),
        ("rejected", in_state(decided(Outcome::Rejected), false)),
        ("provisional", in_state(decided(Outcome::ProvisionallyApproved), true)),
        ("withdrawn", in_state(CaseState::Withdrawn, false)),
    ]
}

const ACTORS: [(&str, CaseActor); 10] = [
    ("viewer", CaseActor::Operator(OTHER, Role::Viewer)),
    ("auditor", CaseActor::Operator(OTHER, Role::Auditor)),
    ("I, a viewer now", CaseActor::Operator(ME, Role::Viewer)),
    ("I, a reviewer", CaseActor::Operator(ME, Role::Reviewer)),
    ("I, a senior", CaseActor::Operator(ME, Role::Senior)),
    ("another reviewer", CaseActor::Operator(OTHER, Role::Reviewer)),
    ("another senior", CaseActor::Operator(OTHER, Role::Senior)),
    ("customer", CaseActor::Customer),
    ("policy", CaseActor::Policy),
    ("clock", CaseActor::Clock),
];

/// What comes out, in a few letters: the name of the new state, or the refusal.
fn shown(result: Result<CaseState, CaseRefusal>) -> String {
    match result {
        Ok(CaseState::Claimed { by, .. }) => if by == ME { "mine" } else { "theirs" }.to_owned(),
        Ok(CaseState::Decided { outcome, .. }) => outcome.as_str().to_owned(),
        Ok(state) => state.name().as_str().to_owned(),
        Err(refusal) => format!("{refusal:?}"),
    }
}

/// A state, what comes out for most actors, and what for others.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

/// One line for each state; what comes out is the same for all actors that are not named.
fn check(action: CaseAction, table: [Row<'_>; 10]) {
    for ((name, case), (row, otherwise, exceptions)) in states().into_iter().zip(table) {
        assert_eq!(name, row, "the rows are in the order of the states");
        for (who, actor) in ACTORS {
            let named = exceptions.iter().find(|(named, _)| *named == who);
            assert!(exceptions.iter().all(|(named, _)| ACTORS.iter().any(|(who, _)| who == named)));
            let expected = named.map_or(otherwise, |(_, result)| result);
            let result = shown(case.after(action, actor, NOW));
            assert_eq!(result, expected, "{action:?} by {who} when {name}");
        }
    }
}

const ME_ONLY: [&str; 2] = ["I, a reviewer", "I, a senior"];
const REVIEWERS: [&str; 4] = ["I, a reviewer", "I, a senior", "another reviewer", "another senior"];

fn all(names: &[&'static str], result: &'static str) -> Vec<(&'static str, &'static str)> {
    names.iter().map(|name| (*name, result)).collect()
}

#[test]
fn reviewers_claim_what_nobody_is_at() {
    let theirs: &[_] = &[
        ("I, a reviewer", "mine"),
        ("I, a senior", "mine"),
        ("another reviewer", "theirs"),
        ("another senior", "theirs"),
    ];
    let mine: &[_] = &[
        ("I, a reviewer", "mine"),
        ("I, a senior", "mine"),
        ("another reviewer", "ClaimedByAnother"),
        ("another senior", "ClaimedByAnother"),
    ];
    let awaits = all(&REVIEWERS, "AwaitsConfirmation");
    let decided = all(&REVIEWERS, "Decided");
    check(
        CaseAction::Claim { until: LATER },
        [
            ("waiting", "NotAllowed", theirs),
            ("claimed", "NotAllowed", mine),
            ("claimed, provisional", "NotAllowed", mine),
            ("claim over", "NotAllowed", theirs),
            ("confirming", "NotAllowed", &awaits),
            ("confirming, provisional", "NotAllowed", &awaits),
            ("approved", "NotAllowed", &decided),
            ("rejected", "NotAllowed", &decided),
            ("provisional", "NotAllowed", theirs),
            ("withdrawn", "NotAllowed", &all(&REVIEWERS, "Withdrawn")),
        ],
    );
}

#[test]
fn whoever_has_it_gives_it_back_and_a_senior_for_anybody() {
    let release = |state: &'static str| -> Vec<(&str, &str)> {
        vec![
            ("I, a reviewer", state),
            ("I, a senior", state),
            ("another senior", state),
            ("another reviewer", "ClaimedByAnother"),
        ]
    };
    let take_back = |state: &'static str| -> Vec<(&str, &str)> {
        vec![
            ("I, a reviewer", state),
            ("I, a senior", state),
            ("another senior", "AwaitsConfirmation"),
            ("another reviewer", "AwaitsConfirmation"),
        ]
    };
    check(
        CaseAction::Release,
        [
            ("waiting", "NotAllowed", &all(&REVIEWERS, "NotClaimed")),
            ("claimed", "NotAllowed", &release("waiting")),
            ("claimed, provisional", "NotAllowed", &release("provisionally_approved")),
            ("claim over", "NotAllowed", &all(&REVIEWERS, "NotClaimed")),
            ("confirming", "NotAllowed", &take_back("waiting")),
            ("confirming, provisional", "NotAllowed", &take_back("provisionally_approved")),
            ("approved", "NotAllowed", &all(&REVIEWERS, "Decided")),
            ("rejected", "NotAllowed", &all(&REVIEWERS, "Decided")),
            ("provisional", "NotAllowed", &all(&REVIEWERS, "Decided")),
            ("withdrawn", "NotAllowed", &all(&REVIEWERS, "Withdrawn")),
        ],
    );
}

#[test]
fn a_claim_ends_when_its_time_is_over_and_not_before() {
    check(
        CaseAction::EndClaim,
        [
            ("waiting", "NotAllowed", &[("clock", "NotClaimed")]),
            ("claimed", "NotAllowed", &[("clock", "ClaimLasts")]),
            ("claimed, provisional", "NotAllowed", &[("clock", "ClaimLasts")]),
            ("claim over", "NotAllowed", &[("clock", "waiting")]),
            ("confirming", "NotAllowed", &[("clock", "AwaitsConfirmation")]),
            ("confirming, provisional", "NotAllowed", &[("clock", "AwaitsConfirmation")]),
            ("approved", "NotAllowed", &[("clock", "Decided")]),
            ("rejected", "NotAllowed", &[("clock", "Decided")]),
            ("provisional", "NotAllowed", &[("clock", "Decided")]),
            ("withdrawn", "NotAllowed", &[("clock", "Withdrawn")]),
        ],
    );
    let reclaimed = in_state(CaseState::Claimed { by: ME, until: NOW }, true);
    let ended = reclaimed.after(CaseAction::EndClaim, CaseActor::Clock, NOW);
    assert_eq!(shown(ended), "provisionally_approved", "the approval stood all the while");
}

/// What comes out for each actor.
type Results = Vec<(&'static str, &'static str)>;

/// What whoever works on a case may do, and what others are told.
fn work(done: &'static str, done_to_provisional: &'static str) -> [(&'static str, Results); 10] {
    let working = |done: &'static str| {
        let mut row = all(&ME_ONLY, done);
        row.extend(all(&REVIEWERS[2..], "ClaimedByAnother"));
        row
    };
    [
        ("waiting", all(&REVIEWERS, "NotClaimed")),
        ("claimed", working(done)),
        ("claimed, provisional", working(done_to_provisional)),
        ("claim over", all(&REVIEWERS, "NotClaimed")),
        ("confirming", all(&REVIEWERS, "AwaitsConfirmation")),
        ("confirming, provisional", all(&REVIEWERS, "AwaitsConfirmation")),
        ("approved", all(&REVIEWERS, "Decided")),
        ("rejected", all(&REVIEWERS, "Decided")),
        ("provisional", all(&REVIEWERS, "NotClaimed")),
        ("withdrawn", all(&REVIEWERS, "Withdrawn")),
    ]
}

fn check_work(action: CaseAction, rows: &[(&'static str, Results); 10]) {
    let table = std::array::from_fn(|row| (rows[row].0, "NotAllowed", rows[row].1.as_slice()));
    check(action, table);
}

#[test]
fn only_whoever_has_the_claim_judges() {
    check_work(CaseAction::Judge, &work("mine", "mine"));
}

#[test]
fn whoever_has_the_claim_decides_and_a_rule_in_any_open_state() {
    for outcome in Outcome::ALL {
        for needs_confirmation in [false, true] {
            let done = if needs_confirmation { "confirming" } else { outcome.as_str() };
            let mut rows = work(done, done);
            for (state, row) in &mut rows {
                let ruled = match *state {
                    "approved" | "rejected" => "Decided",
                    "withdrawn" => "Withdrawn",
                    _ => outcome.as_str(),
                };
                row.push(("policy", ruled));
            }
            check_work(CaseAction::Decide { outcome, needs_confirmation }, &rows);
        }
    }
}

#[test]
fn a_senior_who_did_not_decide_confirms_or_sends_back() {
    for (action, done) in [(CaseAction::Confirm, "approved"), (CaseAction::SendBack { until: LATER }, "mine")]
    {
        let nothing: &[_] = &[("I, a senior", "NothingToConfirm"), ("another senior", "NothingToConfirm")];
        // Whoever has the claim is told about the state first; the role shows as soon as it matters.
        let mine: &[_] = &[
            ("I, a reviewer", "NothingToConfirm"),
            ("I, a senior", "NothingToConfirm"),
            ("another senior", "NothingToConfirm"),
        ];
        let waits: &[_] =
            &[("I, a reviewer", "OwnDecision"), ("I, a senior", "OwnDecision"), ("another senior", done)];
        check(
            action,
            [
                ("waiting", "NotAllowed", nothing),
                ("claimed", "NotAllowed", mine),
                ("claimed, provisional", "NotAllowed", mine),
                ("claim over", "NotAllowed", nothing),
                ("confirming", "NotAllowed", waits),
                ("confirming, provisional", "NotAllowed", waits),
                ("approved", "NotAllowed", nothing),
                ("rejected", "NotAllowed", nothing),
                ("provisional", "NotAllowed", nothing),
                ("withdrawn", "NotAllowed", &[("I, a senior", "Withdrawn"), ("another senior", "Withdrawn")]),
            ],
        );
    }
}

#[test]
fn customers_take_back_what_nobody_is_at_and_delete_what_is_provisional() {
    check(
        CaseAction::Withdraw,
        [
            ("waiting", "NotAllowed", &[("customer", "withdrawn")]),
            ("claimed", "NotAllowed", &[("customer", "ClaimedByAnother")]),
            ("claimed, provisional", "NotAllowed", &[("customer", "withdrawn"), ("clock", "withdrawn")]),
            ("claim over", "NotAllowed", &[("customer", "withdrawn")]),
            ("confirming", "NotAllowed", &[("customer", "AwaitsConfirmation")]),
            ("confirming, provisional", "NotAllowed", &[("customer", "withdrawn"), ("clock", "withdrawn")]),
            ("approved", "NotAllowed", &[("customer", "Decided")]),
            ("rejected", "NotAllowed", &[("customer", "Decided")]),
            ("provisional", "NotAllowed", &[("customer", "withdrawn"), ("clock", "withdrawn")]),
            ("withdrawn", "NotAllowed", &[("customer", "Withdrawn")]),
        ],
    );
}

/// However long nobody acts, somebody can: every open state is left by an action that is allowed to a
/// lone senior, or by the passing of time.
#[test]
fn no_open_state_is_one_that_nobody_can_leave() {
    for (name, case) in states() {
        let open = !matches!(name, "approved" | "rejected" | "withdrawn");
        let actions = [
            CaseAction::Claim { until: LATER },
            CaseAction::Release,
            CaseAction::EndClaim,
            CaseAction::Confirm,
            CaseAction::SendBack { until: LATER },
        ];
        let others = [CaseActor::Operator(OTHER, Role::Senior), CaseActor::Clock];
        let left = actions.iter().any(|action| {
            others.iter().any(|actor| case.after(*action, *actor, NOW).is_ok_and(|next| next != case.state))
        });
        assert_eq!(left, open, "{name}");
    }
}

#[test]
fn refusals_are_conflicts_that_name_the_case_and_a_wrong_role_is_forbidden() {
    use crate::Code;
    let sid = CaseSid::from_bytes([7; 16]);
    assert_eq!(CaseRefusal::NotAllowed.fault(sid).code, Code::Forbidden);
    for refusal in [CaseRefusal::NotClaimed, CaseRefusal::OwnDecision, CaseRefusal::Withdrawn] {
        let fault = refusal.fault(sid);
        assert!(fault.code == Code::Conflict && fault.message.contains(&*sid.text()), "{fault:?}");
    }
}
