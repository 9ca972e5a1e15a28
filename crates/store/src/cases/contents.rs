//! What was handed over with a case.

use dossier_domain::review::Submitted;
use dossier_domain::sid::CaseSid;

use crate::Owner;
use crate::db::{StoreError, StoreResult, Tx, params, statements};
use crate::owner::Sealed;

const CONTENTS: Sealed = Sealed { table: "case_contents", column: "contents_sealed" };

statements! {
    INSERT = "INSERT INTO case_contents (account_sid, case_sid, contents_sealed) VALUES ($1, $2, $3)";
    GET = "SELECT contents_sealed FROM case_contents WHERE account_sid = $1 AND case_sid = $2";
    INSERT_ITEM = "INSERT INTO case_items (account_sid, object_sid, case_sid) VALUES ($1, $2, $3) \
                   ON CONFLICT (account_sid, object_sid, case_sid) DO NOTHING";
    ERASE_ITEMS = "DELETE FROM case_items WHERE account_sid = $1 AND case_sid = $2";
    ERASE = "DELETE FROM case_contents WHERE account_sid = $1 AND case_sid = $2";
}

/// Keeps what was handed over.
///
/// # Errors
/// When the database fails.
pub fn keep_contents(
    tx: &mut Tx<'_>,
    owner: &Owner,
    case: CaseSid,
    submitted: &Submitted,
) -> StoreResult<()> {
    let sealed = owner.seal(CONTENTS, case, &submitted.to_stored());
    tx.execute_one(INSERT, params![owner.account, case, sealed])?;
    for item in &submitted.items {
        tx.execute(INSERT_ITEM, params![owner.account, item.sid, case])?;
    }
    Ok(())
}

/// What was handed over, unless it was forgotten or never known.
///
/// # Errors
/// When the database fails or the row cannot be read.
pub fn contents(tx: &mut Tx<'_>, owner: &Owner, case: CaseSid) -> StoreResult<Option<Submitted>> {
    tx.optional(GET, params![owner.account, case], |row| {
        let text = owner.open(CONTENTS, case, row.columns().next()?)?;
        let unreadable = |_| StoreError::Column { column: 0, expected: "a stored submission" };
        Submitted::from_stored(&text).map_err(unreadable)
    })
}

pub(super) fn erase(tx: &mut Tx<'_>, owner: &Owner, case: CaseSid) -> StoreResult<()> {
    tx.execute(ERASE_ITEMS, params![owner.account, case])?;
    tx.execute(ERASE, params![owner.account, case]).map(drop)
}
