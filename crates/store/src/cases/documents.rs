//! The documents of a case, and the verdicts on them.

use dossier_domain::review::{Verdict, VerdictKind};
use dossier_domain::sid::{AccountSid, CaseSid, DocumentSid, OperatorSid};

use super::codes;
use crate::Owner;
use crate::db::{Columns, StoreResult, Tx, params, statements};
use crate::owner::Sealed;

const TEXTS: Sealed = Sealed { table: "case_documents", column: "texts_sealed" };

statements! {
    INSERT = "INSERT INTO case_documents (account_sid, case_sid, document_sid, place) VALUES ($1, $2, $3, $4)";
    LIST = "SELECT document_sid, verdict, reason_codes, texts_sealed, judged_by, judged_at FROM case_documents \
            WHERE account_sid = $1 AND case_sid = $2 ORDER BY place, document_sid LIMIT $3";
    JUDGE = "UPDATE case_documents SET verdict = $4, reason_codes = $5, texts_sealed = $6, judged_by = $7, judged_at = $8 \
             WHERE account_sid = $1 AND case_sid = $2 AND document_sid = $3";
    ERASE = "UPDATE case_documents SET texts_sealed = NULL WHERE account_sid = $1 AND case_sid = $2";
    OWNER = "SELECT account_sid FROM case_documents WHERE document_sid = $1 LIMIT 1";
}

/// A document of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseDocument {
    /// Which. It may have been deleted since.
    pub sid: DocumentSid,
    /// The verdict on it, once there is one.
    pub verdict: Option<Verdict>,
}

/// Adds a document to a case. `place` says where it stands among the others.
///
/// # Errors
/// When the database fails.
pub fn insert_document(
    tx: &mut Tx<'_>,
    owner: &Owner,
    case: CaseSid,
    document: DocumentSid,
    place: i64,
) -> StoreResult<()> {
    tx.execute_one(INSERT, params![owner.account, case, document, place])
}

/// The documents of a case, in the order in which they were put into the bundle.
///
/// # Errors
/// When the database fails or a row cannot be opened.
pub fn documents(tx: &mut Tx<'_>, owner: &Owner, case: CaseSid) -> StoreResult<Vec<CaseDocument>> {
    let limit = i64::from(crate::item_assignments::ITEMS_MAX);
    tx.list(LIST, params![owner.account, case, limit], |row| {
        let mut columns = row.columns();
        let sid = columns.next()?;
        Ok(CaseDocument { sid, verdict: read_verdict(&mut columns, owner, &row_name(case, sid))? })
    })
}

/// Sets the verdict on a document, in the place of any there was.
///
/// # Errors
/// [`crate::StoreError::RowCount`] when the case does not have the document.
pub fn set_verdict(
    tx: &mut Tx<'_>,
    owner: &Owner,
    case: CaseSid,
    document: DocumentSid,
    verdict: &Verdict,
) -> StoreResult<()> {
    let row = row_name(case, document);
    let texts = codes::seal(owner, TEXTS, &row, verdict.message.as_ref(), verdict.note.as_ref());
    tx.execute_one(
        JUDGE,
        params![
            owner.account,
            case,
            document,
            verdict.kind.as_str(),
            codes::joined(&verdict.reasons),
            texts,
            verdict.by,
            verdict.at
        ],
    )
}

/// Whose document it is, if it ever came to review.
///
/// # Errors
/// When the database fails.
pub fn owner_of_document(tx: &mut Tx<'_>, document: DocumentSid) -> StoreResult<Option<AccountSid>> {
    tx.optional(OWNER, params![document], |row| row.columns().next())
}

pub(super) fn erase_texts(tx: &mut Tx<'_>, owner: &Owner, case: CaseSid) -> StoreResult<()> {
    tx.execute(ERASE, params![owner.account, case]).map(drop)
}

fn row_name(case: CaseSid, document: DocumentSid) -> String {
    format!("{case}/{document}")
}

fn read_verdict(columns: &mut Columns<'_, '_>, owner: &Owner, row: &str) -> StoreResult<Option<Verdict>> {
    let kind: Option<VerdictKind> = columns.next()?;
    let reasons: Option<&str> = columns.next()?;
    let (message, note) = codes::open(owner, TEXTS, row, columns.next()?)?;
    let by: Option<OperatorSid> = columns.next()?;
    let (Some(kind), Some(at)) = (kind, columns.next()?) else { return Ok(None) };
    let reasons = codes::split(reasons.unwrap_or_default());
    Ok(Some(Verdict { kind, reasons, message, note, by, at }))
}
