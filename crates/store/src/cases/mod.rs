//! Review cases. A case belongs to the installation and is found by its own identifier; what people
//! wrote or handed over belongs to an account and is sealed, so those functions take the [`Owner`].
//!
//! A unit that locks a case and a bundle locks the case first.
//!
//! [`Owner`]: crate::Owner

pub(crate) mod codes;
mod contents;
mod decisions;
mod documents;
mod events;
mod queue;

use dossier_domain::regulation::Combination;
use dossier_domain::review::{Case, CaseState, Outcome, StateName};
use dossier_domain::sid::{AccountSid, BundleSid, CaseSid, OperatorSid, RegulationSid};

use crate::Owner;
use crate::db::{FromColumn, Row, StoreError, StoreResult, Tx, Value, params, statements};

pub use contents::{contents, keep_contents};
pub use decisions::{DecisionState, StoredDecision, decisions, insert_decision, settle_decision};
pub use documents::{CaseDocument, documents, insert_document, owner_of_document, set_verdict};
pub use events::{CaseEvent, append_event, events, events_since};
pub use queue::{CaseFilter, list, lock_next};

macro_rules! columns {
    () => {
        "sid, account_sid, bundle_sid, version, state, outcome, proposed, iso_country, number_type, end_user_type, \
         regulation_sid, regulation_revision, evaluation_sid, previous_sid, assignee, claimed_until, opened_at, decided_at"
    };
}
macro_rules! select {
    () => {
        concat!("SELECT ", $crate::cases::columns!(), " FROM cases")
    };
}
use {columns, select};

statements! {
    INSERT = concat!("INSERT INTO cases (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)");
    GET = concat!(select!(), " WHERE sid = $1");
    LOCK = concat!(select!(), " WHERE sid = $1 FOR UPDATE");
    LATEST = concat!(select!(), " WHERE account_sid = $1 AND bundle_sid = $2 ORDER BY opened_at DESC, sid DESC LIMIT 1");
    LOCK_LATEST = concat!(select!(), " WHERE account_sid = $1 AND bundle_sid = $2 ORDER BY opened_at DESC, sid DESC LIMIT 1 FOR UPDATE");
    OF_BUNDLE = "SELECT sid FROM cases WHERE account_sid = $1 AND bundle_sid = $2 ORDER BY opened_at, sid LIMIT $3";
    SAVE = "UPDATE cases SET version = $3, state = $4, outcome = $5, proposed = $6, assignee = $7, claimed_until = $8, decided_at = $9 \
            WHERE sid = $1 AND version = $2";
    APPROVALS = "SELECT 1 FROM cases WHERE regulation_sid = $1 AND regulation_revision = $2 AND outcome = 'approved' LIMIT $3";
}

/// Every list of statements in here.
pub(crate) const ALL_STATEMENTS: [&[(&str, &str)]; 6] = [
    STATEMENTS,
    contents::STATEMENTS,
    decisions::STATEMENTS,
    documents::STATEMENTS,
    events::STATEMENTS,
    queue::STATEMENTS,
];

/// Cases of one bundle that are looked at: as many as anybody ever submits it.
const CASES_OF_BUNDLE_MAX: i64 = 10_000;

/// Adds a case.
///
/// # Errors
/// When the database fails, or the bundle has an open case.
pub fn insert(tx: &mut Tx<'_>, case: &Case) -> StoreResult<()> {
    let stored = StoredState::of(case);
    tx.execute_one(
        INSERT,
        params![
            case.sid,
            case.account_sid,
            case.bundle_sid,
            i64::from(case.version),
            case.state.name().as_str(),
            stored.outcome,
            stored.proposed,
            case.combination.iso_country.as_str(),
            case.combination.number_type.as_str(),
            case.combination.end_user_type.as_str(),
            case.regulation_sid,
            i64::from(case.regulation_revision),
            case.evaluation_sid,
            case.previous_sid,
            case.assignee(),
            stored.claimed_until,
            case.opened_at,
            case.decided_at
        ],
    )
}

/// The case, if there is one.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, sid: CaseSid) -> StoreResult<Option<Case>> {
    tx.optional(GET, params![sid], read)
}

/// As [`get`], and nobody else changes the case until this unit ends.
///
/// # Errors
/// When the database fails.
pub fn lock(tx: &mut Tx<'_>, sid: CaseSid) -> StoreResult<Option<Case>> {
    tx.optional(LOCK, params![sid], read)
}

/// The case of the bundle's last submission, if it was ever submitted.
///
/// # Errors
/// When the database fails.
pub fn latest(tx: &mut Tx<'_>, account: AccountSid, bundle: BundleSid) -> StoreResult<Option<Case>> {
    tx.optional(LATEST, params![account, bundle], read)
}

/// As [`latest`], and nobody else changes the case until this unit ends.
///
/// # Errors
/// When the database fails.
pub fn lock_latest(tx: &mut Tx<'_>, account: AccountSid, bundle: BundleSid) -> StoreResult<Option<Case>> {
    tx.optional(LOCK_LATEST, params![account, bundle], read)
}

/// Saves the state of a case that was in version `was`.
///
/// # Errors
/// [`StoreError::RowCount`] when it is in that version no longer.
pub fn save(tx: &mut Tx<'_>, case: &Case, was: u32) -> StoreResult<()> {
    let stored = StoredState::of(case);
    tx.execute_one(
        SAVE,
        params![
            case.sid,
            i64::from(was),
            i64::from(case.version),
            case.state.name().as_str(),
            stored.outcome,
            stored.proposed,
            case.assignee(),
            stored.claimed_until,
            case.decided_at
        ],
    )
}

/// How many approvals there are under a revision of a regulation; at most `limit` are counted.
///
/// # Errors
/// When the database fails.
pub fn approvals(tx: &mut Tx<'_>, regulation: RegulationSid, revision: u32, limit: u32) -> StoreResult<u32> {
    let found = tx.list(APPROVALS, params![regulation, i64::from(revision), i64::from(limit)], |_| Ok(()))?;
    Ok(u32::try_from(found.len()).expect("at most `limit` were read"))
}

/// Forgets what people handed over and wrote in the cases of a bundle. Who decided what, when and for
/// which reasons stays.
///
/// # Errors
/// When the database fails.
pub fn erase_texts(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid) -> StoreResult<()> {
    let cases: Vec<CaseSid> =
        tx.list(OF_BUNDLE, params![owner.account, bundle, CASES_OF_BUNDLE_MAX], |row| row.columns().next())?;
    for case in cases {
        contents::erase(tx, owner, case)?;
        documents::erase_texts(tx, owner, case)?;
        decisions::erase_texts(tx, owner, case)?;
    }
    Ok(())
}

/// The columns that depend on the state.
struct StoredState {
    outcome: Option<&'static str>,
    proposed: Option<&'static str>,
    claimed_until: Option<dossier_domain::Timestamp>,
}

impl StoredState {
    fn of(case: &Case) -> Self {
        let standing = case.provisional.then_some(Outcome::ProvisionallyApproved.as_str());
        let (outcome, proposed, claimed_until) = match case.state {
            CaseState::Waiting | CaseState::Withdrawn => (standing, None, None),
            CaseState::Claimed { until, .. } => (standing, None, Some(until)),
            CaseState::Confirming { outcome, .. } => (standing, Some(outcome.as_str()), None),
            CaseState::Decided { outcome, .. } => (Some(outcome.as_str()), None, None),
        };
        Self { outcome, proposed, claimed_until }
    }
}

fn read(row: &Row<'_>) -> StoreResult<Case> {
    let mut columns = row.columns();
    let (sid, account_sid, bundle_sid) = (columns.next()?, columns.next()?, columns.next()?);
    let version = small(columns.next()?)?;
    let name: StateName = columns.next()?;
    let outcome: Option<Outcome> = columns.next()?;
    let proposed: Option<Outcome> = columns.next()?;
    let combination = Combination {
        iso_country: columns.next()?,
        number_type: columns.next()?,
        end_user_type: columns.next()?,
    };
    let (regulation_sid, regulation_revision) = (columns.next()?, small(columns.next()?)?);
    let (evaluation_sid, previous_sid) = (columns.next()?, columns.next()?);
    let assignee: Option<OperatorSid> = columns.next()?;
    let state = match (name, assignee, columns.next()?, proposed, outcome) {
        (StateName::Waiting, ..) => CaseState::Waiting,
        (StateName::Claimed, Some(by), Some(until), ..) => CaseState::Claimed { by, until },
        (StateName::Confirming, Some(maker), _, Some(outcome), _) => CaseState::Confirming { maker, outcome },
        (StateName::Decided, by, _, _, Some(outcome)) => CaseState::Decided { outcome, by },
        (StateName::Withdrawn, ..) => CaseState::Withdrawn,
        _ => return Err(StoreError::Column { column: 4, expected: "a state with what belongs to it" }),
    };
    Ok(Case {
        sid,
        account_sid,
        bundle_sid,
        version,
        state,
        provisional: outcome == Some(Outcome::ProvisionallyApproved),
        combination,
        regulation_sid,
        regulation_revision,
        evaluation_sid,
        previous_sid,
        opened_at: columns.next()?,
        decided_at: columns.next()?,
    })
}

fn small(number: i64) -> StoreResult<u32> {
    u32::try_from(number).map_err(|_| StoreError::Column { column: 3, expected: "a small number" })
}

macro_rules! from_text {
    ($($type:ty, $expected:literal;)*) => {$(
        impl<'a> FromColumn<'a> for $type {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: Value<'a>) -> Option<Self> {
                <&str>::from_value(value).and_then(Self::parse)
            }
        }
    )*};
}

from_text! {
    StateName, "the state of a case";
    Outcome, "the outcome of a case";
    dossier_domain::review::VerdictKind, "a verdict";
    dossier_domain::review::ConfirmationRule, "a rule of confirmation";
}
