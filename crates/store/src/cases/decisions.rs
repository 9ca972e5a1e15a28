//! Decisions on cases: proposed, settled, sent back.

use dossier_domain::Timestamp;
use dossier_domain::review::{ConfirmationRule, Decision};
use dossier_domain::sid::{CaseSid, OperatorSid};

use super::codes;
use crate::Owner;
use crate::db::{FromColumn, Row, StoreResult, Tx, Value, params, statements};
use crate::owner::Sealed;

const TEXTS: Sealed = Sealed { table: "case_decisions", column: "texts_sealed" };

statements! {
    INSERT = "INSERT INTO case_decisions (account_sid, case_sid, number, state, outcome, reason_codes, texts_sealed, valid_until, \
              maker, rule, made_at, settled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    LIST = "SELECT number, state, outcome, reason_codes, texts_sealed, valid_until, maker, rule, made_at, checker, settled_at \
            FROM case_decisions WHERE account_sid = $1 AND case_sid = $2 ORDER BY number LIMIT $3";
    SETTLE = "UPDATE case_decisions SET state = $4, checker = $5, settled_at = $6 \
              WHERE account_sid = $1 AND case_sid = $2 AND number = $3 AND state = 'proposed'";
    ERASE = "UPDATE case_decisions SET texts_sealed = NULL WHERE account_sid = $1 AND case_sid = $2";
}

/// Decisions of one case that are looked at.
const DECISIONS_MAX: i64 = 10_000;

/// What became of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecisionState {
    /// A second person has to confirm it.
    Proposed,
    /// It counts.
    Settled,
    /// A second person did not confirm it.
    SentBack,
    /// Its maker took it back, or a rule overtook it.
    TakenBack,
}

impl DecisionState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Proposed, Self::Settled, Self::SentBack, Self::TakenBack];

    /// The name in the database and on the operator surface.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Settled => "settled",
            Self::SentBack => "sent_back",
            Self::TakenBack => "taken_back",
        }
    }
}

/// A decision with its place in the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDecision {
    /// Counts the decisions of a case, from 1.
    pub number: i64,
    /// What became of it.
    pub state: DecisionState,
    /// What it says.
    pub decision: Decision,
    /// Who decided; nobody when a rule did.
    pub maker: Option<OperatorSid>,
    /// Why a second person has to confirm it, if one has to.
    pub rule: Option<ConfirmationRule>,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who confirmed it, or did not.
    pub checker: Option<OperatorSid>,
    /// When it was settled, sent back or taken back.
    pub settled_at: Option<Timestamp>,
}

/// Adds a decision.
///
/// # Errors
/// When the database fails.
pub fn insert_decision(
    tx: &mut Tx<'_>,
    owner: &Owner,
    case: CaseSid,
    stored: &StoredDecision,
) -> StoreResult<()> {
    let decision = &stored.decision;
    let (message, note) = (decision.message.as_ref(), decision.internal_note.as_ref());
    tx.execute_one(
        INSERT,
        params![
            owner.account,
            case,
            stored.number,
            stored.state.as_str(),
            decision.outcome.as_str(),
            codes::joined(&decision.reasons),
            codes::seal(owner, TEXTS, &row_name(case, stored.number), message, note),
            decision.valid_until,
            stored.maker,
            stored.rule.map(ConfirmationRule::as_str),
            stored.made_at,
            stored.settled_at
        ],
    )
}

/// The decisions of a case, oldest first.
///
/// # Errors
/// When the database fails or a row cannot be opened.
pub fn decisions(tx: &mut Tx<'_>, owner: &Owner, case: CaseSid) -> StoreResult<Vec<StoredDecision>> {
    tx.list(LIST, params![owner.account, case, DECISIONS_MAX], |row| read(row, owner, case))
}

/// Ends the wait of a decision for confirmation.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when it does not wait.
pub fn settle_decision(
    tx: &mut Tx<'_>,
    owner: &Owner,
    case: CaseSid,
    number: i64,
    state: DecisionState,
    checker: Option<OperatorSid>,
    now: Timestamp,
) -> StoreResult<()> {
    tx.execute_one(SETTLE, params![owner.account, case, number, state.as_str(), checker, now])
}

pub(super) fn erase_texts(tx: &mut Tx<'_>, owner: &Owner, case: CaseSid) -> StoreResult<()> {
    tx.execute(ERASE, params![owner.account, case]).map(drop)
}

fn row_name(case: CaseSid, number: i64) -> String {
    format!("{case}/{number}")
}

fn read(row: &Row<'_>, owner: &Owner, case: CaseSid) -> StoreResult<StoredDecision> {
    let mut columns = row.columns();
    let number = columns.next()?;
    let (state, outcome) = (columns.next()?, columns.next()?);
    let reasons = codes::split(columns.next()?);
    let (message, internal_note) = codes::open(owner, TEXTS, &row_name(case, number), columns.next()?)?;
    Ok(StoredDecision {
        number,
        state,
        decision: Decision { outcome, reasons, message, internal_note, valid_until: columns.next()? },
        maker: columns.next()?,
        rule: columns.next()?,
        made_at: columns.next()?,
        checker: columns.next()?,
        settled_at: columns.next()?,
    })
}

impl<'a> FromColumn<'a> for DecisionState {
    const EXPECTED: &'static str = "the state of a decision";

    fn from_value(value: Value<'a>) -> Option<Self> {
        let text = <&str>::from_value(value)?;
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}
