//! Erasures, and the objects of each. They belong to the installation, so functions here take no owner: one
//! erasure may reach into several accounts.

mod objects;
mod redact;
mod scope;

use dossier_domain::Timestamp;
use dossier_domain::audit::Actor;
use dossier_domain::erasure::ErasureState;
use dossier_domain::paging::Position;
use dossier_domain::sid::{AccountSid, AnySid, AuditEventSid, ErasureSid, RequestSid};

use crate::Owner;
use crate::db::{FromColumn, Row, StoreError, StoreResult, Tx, Value, params, statements};
use crate::owner::Sealed;

pub use objects::{
    ErasureObject, add, count, file_is_deleted, has_files, is_object, mark_erased, objects, to_do,
};
pub use redact::{
    account, accounts_since, address, bundle, closed_accounts, document, end_user, is_account_erased,
    open_sub_account,
};
pub use scope::{
    account_of, addresses_of, bundle_in_service, bundles_ever_with, bundles_with, documents_naming,
    end_user_of, exists, is_address_in_service, items_ever_of, next_of_account, use_of_bundle,
};

const REASON: Sealed = Sealed { table: "erasures", column: "reason_sealed" };

macro_rules! select {
    () => {
        "SELECT sid, account_sid, subject_sid, state, even_if_in_use, reason_sealed, requested_by, request_id, requested_at, \
         request_event_sid, due_at, finished_at, finish_event_sid, blocked_by, place, objects FROM erasures"
    };
}

statements! {
    INSERT = "INSERT INTO erasures (sid, account_sid, subject_sid, state, even_if_in_use, reason_sealed, requested_by, request_id, \
              requested_at, request_event_sid, due_at, place, objects) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', 0)";
    GET = concat!(select!(), " WHERE sid = $1");
    LOCK = concat!(select!(), " WHERE sid = $1 FOR UPDATE");
    OPEN_ABOUT = "SELECT sid FROM erasures WHERE account_sid = $1 AND subject_sid = $2 \
                  AND state IN ('waiting', 'running', 'blocked') LIMIT 1";
    LIST = concat!(select!(), " WHERE (requested_at, sid) < ($1, $2) ORDER BY requested_at DESC, sid DESC LIMIT $3");
    SAVE = "UPDATE erasures SET state = $2, blocked_by = $3, place = $4, objects = $5, reason_sealed = $6, finished_at = $7, \
            finish_event_sid = $8 WHERE sid = $1";
}

/// Every list of statements in here.
pub(crate) const ALL_STATEMENTS: [&[(&str, &str)]; 4] =
    [STATEMENTS, objects::STATEMENTS, redact::STATEMENTS, scope::STATEMENTS];

/// An erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its identifier.
    pub sid: ErasureSid,
    /// Whose the subject is.
    pub account: AccountSid,
    /// What is erased: an end user, a document, an address, or an account.
    pub subject: AnySid,
    /// Where it stands.
    pub state: ErasureState,
    /// Whether it goes on although something of it is in use.
    pub even_if_in_use: bool,
    /// Why, sealed; empty when it was forgotten.
    pub reason: Vec<u8>,
    /// Who wanted it.
    pub requested_by: Actor,
    /// In which request; the audit events of the erasure have it as well.
    pub request: RequestSid,
    /// When it was wanted.
    pub requested_at: Timestamp,
    /// The audit event that recorded it.
    pub request_event: AuditEventSid,
    /// When it begins; until then it can be undone.
    pub due_at: Timestamp,
    /// When it was done or undone.
    pub finished_at: Option<Timestamp>,
    /// The audit event that recorded that.
    pub finish_event: Option<AuditEventSid>,
    /// What is in its way.
    pub blocked_by: Option<AnySid>,
    /// How far the walk over a whole account has come; empty at its beginning.
    pub place: String,
    /// How many objects are erased.
    pub objects: i64,
}

impl Erasure {
    /// Its place among all erasures, in the order in which they were wanted.
    pub fn position(&self) -> Position {
        Position { key: self.requested_at.as_micros(), sid: self.sid.into() }
    }

    /// Whether it is about a whole account.
    pub fn of_account(&self) -> Option<AccountSid> {
        self.subject.of_kind()
    }

    /// Seals the reason.
    pub fn set_reason(&mut self, owner: &Owner, reason: &str) {
        self.reason = owner.seal(REASON, self.sid, reason);
    }

    /// The reason, unless it was forgotten.
    ///
    /// # Errors
    /// When the owner is not the account's.
    pub fn open_reason(&self, owner: &Owner) -> StoreResult<Option<String>> {
        if self.reason.is_empty() {
            return Ok(None);
        }
        owner.open(REASON, self.sid, &self.reason).map(Some)
    }
}

/// Adds an erasure.
///
/// # Errors
/// When the database fails, or an open one has the same subject.
pub fn insert(tx: &mut Tx<'_>, erasure: &Erasure) -> StoreResult<()> {
    tx.execute_one(
        INSERT,
        params![
            erasure.sid,
            erasure.account,
            erasure.subject,
            erasure.state.as_str(),
            erasure.even_if_in_use,
            erasure.reason,
            erasure.requested_by.text(),
            erasure.request,
            erasure.requested_at,
            erasure.request_event,
            erasure.due_at
        ],
    )
}

/// The erasure, if there is one.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, sid: ErasureSid) -> StoreResult<Option<Erasure>> {
    tx.optional(GET, params![sid], read)
}

/// As [`get`], and nobody else goes on with it or undoes it until this unit ends.
///
/// # Errors
/// When the database fails.
pub fn lock(tx: &mut Tx<'_>, sid: ErasureSid) -> StoreResult<Option<Erasure>> {
    tx.optional(LOCK, params![sid], read)
}

/// The erasure of this subject that has not come to its end, if there is one.
///
/// # Errors
/// When the database fails.
pub fn open_about(tx: &mut Tx<'_>, account: AccountSid, subject: AnySid) -> StoreResult<Option<ErasureSid>> {
    tx.optional(OPEN_ABOUT, params![account, subject], |row| row.columns().next())
}

/// Up to `limit` erasures, the newest first, behind a place in that order.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, after: Option<Position>, limit: u32) -> StoreResult<Vec<Erasure>> {
    let (time, sid) = after.map_or((i64::MAX, String::new()), |last| (last.key, last.sid.to_string()));
    tx.list(LIST, params![time, sid, i64::from(limit)], read)
}

/// Saves where an erasure stands. It is locked by this unit.
///
/// # Errors
/// When the database fails.
pub fn save(tx: &mut Tx<'_>, erasure: &Erasure) -> StoreResult<()> {
    tx.execute_one(
        SAVE,
        params![
            erasure.sid,
            erasure.state.as_str(),
            erasure.blocked_by,
            erasure.place,
            erasure.objects,
            erasure.reason,
            erasure.finished_at,
            erasure.finish_event
        ],
    )
}

fn read(row: &Row<'_>) -> StoreResult<Erasure> {
    let mut columns = row.columns();
    Ok(Erasure {
        sid: columns.next()?,
        account: columns.next()?,
        subject: columns.next()?,
        state: columns.next()?,
        even_if_in_use: columns.next()?,
        reason: columns.next()?,
        requested_by: Actor::parse(columns.next()?)
            .ok_or(StoreError::Column { column: 6, expected: "an actor" })?,
        request: columns.next()?,
        requested_at: columns.next()?,
        request_event: columns.next()?,
        due_at: columns.next()?,
        finished_at: columns.next()?,
        finish_event: columns.next()?,
        blocked_by: columns.next()?,
        place: columns.next()?,
        objects: columns.next()?,
    })
}

impl<'a> FromColumn<'a> for ErasureState {
    const EXPECTED: &'static str = "the state of an erasure";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}
