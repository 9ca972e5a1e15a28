//! Stored evaluations: what a bundle looked like to its regulation at some moment.

use dossier_domain::Timestamp;
use dossier_domain::evaluation::Evaluation;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::{AccountSid, BundleSid, EvaluationSid};

use crate::Owner;
use crate::db::{Row, StoreError, StoreResult, ToValue, Tx, params, statements};
use crate::list::Listing;

macro_rules! select {
    () => {
        "SELECT sid, bundle_sid, results, created_at FROM evaluations"
    };
}

statements! {
    INSERT = "INSERT INTO evaluations (account_sid, bundle_sid, sid, regulation_sid, regulation_revision, compliant, results, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    GET = concat!(select!(), " WHERE account_sid = $1 AND bundle_sid = $2 AND sid = $3");
    PRUNE = "DELETE FROM evaluations WHERE account_sid = $1 AND bundle_sid = $2 AND (created_at, sid) <= \
             (SELECT created_at, sid FROM evaluations WHERE account_sid = $1 AND bundle_sid = $2 \
             ORDER BY created_at DESC, sid DESC LIMIT 1 OFFSET $3)";
    DELETE_ALL = "DELETE FROM evaluations WHERE account_sid = $1 AND bundle_sid = $2";
}

/// How many evaluations of a bundle are kept (contract 14.4 row 87).
pub const KEPT_MAX: i64 = 100;

/// An evaluation with its place in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvaluation {
    /// Its identifier.
    pub sid: EvaluationSid,
    /// Whose it is.
    pub account_sid: AccountSid,
    /// What was evaluated.
    pub bundle_sid: BundleSid,
    /// What was found.
    pub evaluation: Evaluation,
    /// When.
    pub created_at: Timestamp,
}

/// Adds an evaluation, and forgets the oldest beyond [`KEPT_MAX`].
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, owner: &Owner, stored: &StoredEvaluation) -> StoreResult<()> {
    let evaluation = &stored.evaluation;
    tx.execute_one(
        INSERT,
        params![
            owner.account,
            stored.bundle_sid,
            stored.sid,
            evaluation.regulation,
            i64::from(evaluation.revision),
            evaluation.is_compliant(),
            evaluation.to_stored(),
            stored.created_at
        ],
    )?;
    tx.execute(PRUNE, params![owner.account, stored.bundle_sid, KEPT_MAX]).map(drop)
}

/// The evaluation, if the account's bundle has it.
///
/// # Errors
/// When the database fails or the row cannot be read.
pub fn get(
    tx: &mut Tx<'_>,
    owner: &Owner,
    bundle: BundleSid,
    sid: EvaluationSid,
) -> StoreResult<Option<StoredEvaluation>> {
    tx.optional(GET, params![owner.account, bundle, sid], |row| read(row, owner))
}

/// One page of a bundle's evaluations, newest first.
///
/// # Errors
/// When the database fails or a row cannot be read.
pub fn list(
    tx: &mut Tx<'_>,
    owner: &Owner,
    bundle: BundleSid,
    window: &Window,
) -> StoreResult<Page<StoredEvaluation>> {
    let conditions = vec![("account_sid =", owner.account.to_value()), ("bundle_sid =", bundle.to_value())];
    let listing =
        Listing { select: select!(), conditions, sids: Vec::new(), sort_by: "created_at", descending: true };
    listing.page(tx, window, |row| read(row, owner))
}

/// Deletes all evaluations of a bundle.
///
/// # Errors
/// When the database fails.
pub fn delete_all(tx: &mut Tx<'_>, owner: &Owner, bundle: BundleSid) -> StoreResult<()> {
    tx.execute(DELETE_ALL, params![owner.account, bundle]).map(drop)
}

fn read(row: &Row<'_>, owner: &Owner) -> StoreResult<StoredEvaluation> {
    let mut columns = row.columns();
    Ok(StoredEvaluation {
        sid: columns.next()?,
        account_sid: owner.account,
        bundle_sid: columns.next()?,
        evaluation: Evaluation::from_stored(columns.next()?)
            .map_err(|_| StoreError::Column { column: 2, expected: "a stored evaluation" })?,
        created_at: columns.next()?,
    })
}
