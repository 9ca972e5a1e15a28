//! Legal holds: what they name is neither changed nor erased until they are released.
//!
//! A hold on an account covers everything of it. One on a bundle covers what is in it, what was handed over
//! with it, and the addresses that its documents name. One on an object covers the bundles it is in, because
//! they are what it was handed over with.

use dossier_domain::Timestamp;
use dossier_domain::paging::Position;
use dossier_domain::sid::{AccountSid, AnySid, LegalHoldSid, OperatorSid};

use crate::Owner;
use crate::db::{Row, StoreResult, Tx, params, statements};
use crate::owner::Sealed;

const REASON: Sealed = Sealed { table: "legal_holds", column: "reason_sealed" };

macro_rules! select {
    () => {
        "SELECT sid, account_sid, subject_sid, reason_sealed, set_by, set_at, released_by, released_at FROM legal_holds"
    };
}

statements! {
    INSERT = "INSERT INTO legal_holds (account_sid, sid, subject_sid, reason_sealed, set_by, set_at) \
              VALUES ($1, $2, $3, $4, $5, $6)";
    FIND = concat!(select!(), " WHERE sid = $1");
    LIST = concat!(select!(), " WHERE (set_at, sid) < ($1, $2) ORDER BY set_at DESC, sid DESC LIMIT $3");
    RELEASE = "UPDATE legal_holds SET released_by = $3, released_at = $4 \
               WHERE account_sid = $1 AND sid = $2 AND released_at IS NULL";
    EMPTY = "UPDATE legal_holds SET reason_sealed = $3 WHERE account_sid = $1 AND subject_sid = $2 AND released_at IS NOT NULL";

    ANY = "SELECT sid FROM legal_holds WHERE account_sid = $1 AND released_at IS NULL LIMIT 1";
    DIRECTLY = "SELECT sid FROM legal_holds WHERE account_sid = $1 AND subject_sid IN ($1, $2) AND released_at IS NULL LIMIT 1";
    THROUGH_BUNDLE = "SELECT h.sid FROM item_assignments i \
                      JOIN legal_holds h ON h.account_sid = i.account_sid AND h.subject_sid = i.bundle_sid \
                      WHERE i.account_sid = $1 AND i.object_sid = $2 AND h.released_at IS NULL LIMIT 1";
    THROUGH_CASE = "SELECT h.sid FROM case_items i JOIN cases c ON c.sid = i.case_sid \
                    JOIN legal_holds h ON h.account_sid = i.account_sid AND h.subject_sid = c.bundle_sid \
                    WHERE i.account_sid = $1 AND i.object_sid = $2 AND h.released_at IS NULL LIMIT 1";
    THROUGH_DOCUMENT = "SELECT h.sid FROM document_addresses l \
                        JOIN legal_holds h ON h.account_sid = l.account_sid AND h.subject_sid = l.document_sid \
                        WHERE l.account_sid = $1 AND l.address_sid = $2 AND h.released_at IS NULL LIMIT 1";
    THROUGH_DOCUMENT_AND_BUNDLE = "SELECT h.sid FROM document_addresses l \
        JOIN item_assignments i ON i.account_sid = l.account_sid AND i.object_sid = l.document_sid \
        JOIN legal_holds h ON h.account_sid = l.account_sid AND h.subject_sid = i.bundle_sid \
        WHERE l.account_sid = $1 AND l.address_sid = $2 AND h.released_at IS NULL LIMIT 1";
    THROUGH_ITEM = "SELECT h.sid FROM item_assignments i \
                    JOIN legal_holds h ON h.account_sid = i.account_sid AND h.subject_sid = i.object_sid \
                    WHERE i.account_sid = $1 AND i.bundle_sid = $2 AND h.released_at IS NULL LIMIT 1";
    THROUGH_CASE_ITEM = "SELECT h.sid FROM cases c \
                         JOIN case_items i ON i.account_sid = c.account_sid AND i.case_sid = c.sid \
                         JOIN legal_holds h ON h.account_sid = i.account_sid AND h.subject_sid = i.object_sid \
                         WHERE c.account_sid = $1 AND c.bundle_sid = $2 AND h.released_at IS NULL LIMIT 1";
}

/// Ways in which something is held other than by itself or its account; each kind of object has some.
const WAYS: [&str; 6] = [
    THROUGH_BUNDLE,
    THROUGH_CASE,
    THROUGH_DOCUMENT,
    THROUGH_DOCUMENT_AND_BUNDLE,
    THROUGH_ITEM,
    THROUGH_CASE_ITEM,
];

/// A legal hold.
#[derive(Clone)]
pub struct LegalHold {
    /// Its identifier.
    pub sid: LegalHoldSid,
    /// Whose the subject is.
    pub account: AccountSid,
    /// What is held: an account, a bundle, an end user, a document, an address.
    pub subject: AnySid,
    /// Why, in the words of whoever set it; empty once the subject is erased.
    pub reason: String,
    /// Who set it.
    pub set_by: OperatorSid,
    /// When.
    pub set_at: Timestamp,
    /// Who released it and when, if it does not hold any more.
    pub released: Option<(OperatorSid, Timestamp)>,
}

impl LegalHold {
    /// Its place among all holds, in the order in which they were set.
    pub fn position(&self) -> Position {
        Position { key: self.set_at.as_micros(), sid: self.sid.into() }
    }
}

/// A hold whose reason nobody has opened yet.
#[derive(Clone)]
pub struct SealedHold {
    hold: LegalHold,
    reason: Vec<u8>,
}

impl SealedHold {
    /// Whose the subject is.
    pub fn account(&self) -> AccountSid {
        self.hold.account
    }

    /// Opens the reason with the key of its account.
    ///
    /// # Errors
    /// When it is another account's key.
    pub fn open(self, owner: &Owner) -> StoreResult<LegalHold> {
        let Self { mut hold, reason } = self;
        if !reason.is_empty() {
            hold.reason = owner.open(REASON, hold.sid, &reason)?;
        }
        Ok(hold)
    }
}

/// Adds a hold.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, owner: &Owner, hold: &LegalHold) -> StoreResult<()> {
    let reason = owner.seal(REASON, hold.sid, &hold.reason);
    tx.execute_one(INSERT, params![owner.account, hold.sid, hold.subject, reason, hold.set_by, hold.set_at])
}

/// The hold, if there is one.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, sid: LegalHoldSid) -> StoreResult<Option<SealedHold>> {
    tx.optional(FIND, params![sid], read)
}

/// Up to `limit` holds of all accounts, the newest first, behind a place in that order.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, after: Option<Position>, limit: u32) -> StoreResult<Vec<SealedHold>> {
    let (time, sid) = after.map_or((i64::MAX, String::new()), |last| (last.key, last.sid.to_string()));
    tx.list(LIST, params![time, sid, i64::from(limit)], read)
}

/// Ends a hold. `false` when it had ended before.
///
/// # Errors
/// When the database fails.
pub fn release(
    tx: &mut Tx<'_>,
    account: AccountSid,
    sid: LegalHoldSid,
    by: OperatorSid,
    now: Timestamp,
) -> StoreResult<bool> {
    Ok(tx.execute(RELEASE, params![account, sid, by, now])? == 1)
}

/// The hold that keeps an object, a bundle or an account from being changed, if there is one.
///
/// # Errors
/// When the database fails.
pub fn holding(
    tx: &mut Tx<'_>,
    account: AccountSid,
    object: impl Into<AnySid>,
) -> StoreResult<Option<LegalHoldSid>> {
    let object = object.into();
    // Hardly any account has one.
    if !tx.exists(ANY, params![account])? {
        return Ok(None);
    }
    for sql in [DIRECTLY].iter().chain(&WAYS) {
        let found = tx.optional(sql, params![account, object], |row| row.columns().next())?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Any hold on something of the account, which keeps it from being erased as a whole.
///
/// # Errors
/// When the database fails.
pub fn any_of_account(tx: &mut Tx<'_>, account: AccountSid) -> StoreResult<Option<LegalHoldSid>> {
    tx.optional(ANY, params![account], |row| row.columns().next())
}

/// Forgets the reasons of the holds there were on a subject that is erased.
pub(crate) fn empty(tx: &mut Tx<'_>, account: AccountSid, subject: AnySid) -> StoreResult<()> {
    tx.execute(EMPTY, params![account, subject, [0_u8; 0]]).map(drop)
}

fn read(row: &Row<'_>) -> StoreResult<SealedHold> {
    let mut columns = row.columns();
    let (sid, account, subject) = (columns.next()?, columns.next()?, columns.next()?);
    let reason = columns.next()?;
    let (set_by, set_at) = (columns.next()?, columns.next()?);
    let released: (Option<OperatorSid>, Option<Timestamp>) = (columns.next()?, columns.next()?);
    let released = released.0.zip(released.1);
    Ok(SealedHold {
        hold: LegalHold { sid, account, subject, reason: String::new(), set_by, set_at, released },
        reason,
    })
}
