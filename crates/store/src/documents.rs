//! Supporting documents and which addresses they name.

use dossier_domain::document::{Document, DocumentFile, DocumentStatus, Rejection};
use dossier_domain::file::FileType;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::{AccountSid, AddressSid, DocumentSid};
use dossier_domain::{Attributes, Timestamp};

use crate::Owner;
use crate::cases::codes::{joined, split};
use crate::db::{Columns, FromColumn, Row, StoreError, StoreResult, ToValue, Tx, Value, params, statements};
use crate::list::{Listing, NOT_ERASED, many, places};
use crate::owner::Sealed;

const ATTRIBUTES: Sealed = Sealed { table: "documents", column: "attributes_sealed" };
const FAILURE_REASON: Sealed = Sealed { table: "documents", column: "failure_reason_sealed" };

macro_rules! select {
    () => {
        "SELECT sid, type, friendly_name, status, attributes_sealed, file_key, file_type, file_bytes, file_sha256, \
         failure_reason, failure_reason_sealed, error_codes, created_at, updated_at FROM documents"
    };
}

statements! {
    INSERT = "INSERT INTO documents (account_sid, sid, type, friendly_name, status, attributes_sealed, file_key, file_type, \
              file_bytes, file_sha256, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    GET = concat!(select!(), " WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL");
    GET_MANY = concat!(select!(), " WHERE account_sid = $1 AND erased_at IS NULL AND sid IN ", places!());
    LOCK = concat!(select!(), " WHERE account_sid = $1 AND sid = $2 AND erased_at IS NULL FOR UPDATE");
    SAVE = "UPDATE documents SET friendly_name = $4, attributes_sealed = $5, file_key = $6, file_type = $7, file_bytes = $8, \
            file_sha256 = $9, updated_at = $10 WHERE account_sid = $1 AND sid = $2 AND status = $3";
    SET_STATUS = "UPDATE documents SET status = $4, updated_at = $5 WHERE account_sid = $1 AND sid = $2 AND status = $3";
    DECIDE = "UPDATE documents SET status = $4, failure_reason = NULL, failure_reason_sealed = $5, error_codes = $6, updated_at = $7 \
              WHERE account_sid = $1 AND sid = $2 AND status = $3";
    DELETE = "DELETE FROM documents WHERE account_sid = $1 AND sid = $2 AND status = $3";
    FILE_KEY = "SELECT sid FROM documents WHERE account_sid = $1 AND sid = $2 AND file_key = $3";
    FILE_KEYS = "SELECT account_sid, sid, file_key FROM documents WHERE (account_sid, sid) > ($1, $2) \
                 ORDER BY account_sid, sid LIMIT $3";
    LINK = "INSERT INTO document_addresses (account_sid, address_sid, document_sid) VALUES ($1, $2, $3)";
    UNLINK = "DELETE FROM document_addresses WHERE account_sid = $1 AND document_sid = $2";
}

/// Adds a document. `addresses` are the ones its attributes name, each once.
///
/// # Errors
/// When the database fails.
pub fn insert(
    tx: &mut Tx<'_>,
    owner: &Owner,
    document: &Document,
    addresses: &[AddressSid],
) -> StoreResult<()> {
    let attributes = owner.seal(ATTRIBUTES, document.sid, document.attributes.as_str());
    let file = document.file.as_ref();
    tx.execute_one(
        INSERT,
        params![
            owner.account,
            document.sid,
            document.kind,
            document.friendly_name.as_str(),
            document.status.as_str(),
            attributes,
            file.map(|file| &file.key),
            file.map(|file| file.file_type.mime()),
            file.map(stored_bytes),
            file.map(|file| &file.sha256),
            document.created_at,
            document.updated_at
        ],
    )?;
    link(tx, owner, document.sid, addresses)
}

/// The document, if the account has it.
///
/// # Errors
/// When the database fails or the row cannot be opened.
pub fn get(tx: &mut Tx<'_>, owner: &Owner, sid: DocumentSid) -> StoreResult<Option<Document>> {
    tx.optional(GET, params![owner.account, sid], |row| read(row, owner))
}

/// Those of the documents that the account has, in no order.
///
/// # Errors
/// As [`get`].
pub fn get_many(tx: &mut Tx<'_>, owner: &Owner, sids: &[DocumentSid]) -> StoreResult<Vec<Document>> {
    many(tx, GET_MANY, owner, sids, |row| read(row, owner))
}

/// As [`get`], and nobody else changes the document or assigns it until this unit ends.
///
/// # Errors
/// As [`get`].
pub fn lock(tx: &mut Tx<'_>, owner: &Owner, sid: DocumentSid) -> StoreResult<Option<Document>> {
    tx.optional(LOCK, params![owner.account, sid], |row| read(row, owner))
}

/// One page of the account's documents, newest first.
///
/// # Errors
/// When the database fails or a row cannot be opened.
pub fn list(tx: &mut Tx<'_>, owner: &Owner, window: &Window) -> StoreResult<Page<Document>> {
    let conditions = vec![("account_sid =", owner.account.to_value()), NOT_ERASED];
    let listing =
        Listing { select: select!(), conditions, sids: Vec::new(), sort_by: "created_at", descending: true };
    listing.page(tx, window, |row| read(row, owner))
}

/// Saves the name, the attributes and the file of a document whose state did not change.
///
/// # Errors
/// [`StoreError::RowCount`] when its state did.
pub fn save(
    tx: &mut Tx<'_>,
    owner: &Owner,
    document: &Document,
    addresses: &[AddressSid],
) -> StoreResult<()> {
    let attributes = owner.seal(ATTRIBUTES, document.sid, document.attributes.as_str());
    let file = document.file.as_ref();
    tx.execute_one(
        SAVE,
        params![
            owner.account,
            document.sid,
            document.status.as_str(),
            document.friendly_name.as_str(),
            attributes,
            file.map(|file| &file.key),
            file.map(|file| file.file_type.mime()),
            file.map(stored_bytes),
            file.map(|file| &file.sha256),
            document.updated_at
        ],
    )?;
    tx.execute(UNLINK, params![owner.account, document.sid])?;
    link(tx, owner, document.sid, addresses)
}

/// Moves a document from one state to another.
///
/// # Errors
/// [`StoreError::RowCount`] when it is not in the first one.
pub fn set_status(
    tx: &mut Tx<'_>,
    owner: &Owner,
    sid: DocumentSid,
    from: DocumentStatus,
    to: DocumentStatus,
    now: Timestamp,
) -> StoreResult<()> {
    tx.execute_one(SET_STATUS, params![owner.account, sid, from.as_str(), to.as_str(), now])
}

/// Moves a document from one state to another, with the reasons if it is rejected.
///
/// # Errors
/// [`StoreError::RowCount`] when it is not in the first state.
pub fn decide(
    tx: &mut Tx<'_>,
    owner: &Owner,
    sid: DocumentSid,
    from: DocumentStatus,
    (to, rejection): (DocumentStatus, Option<&Rejection>),
    now: Timestamp,
) -> StoreResult<()> {
    let codes = rejection.map(|rejection| joined(&rejection.codes));
    let reason = rejection.map(|rejection| owner.seal(FAILURE_REASON, sid, &rejection.reason));
    let (from, to) = (from.as_str(), to.as_str());
    tx.execute_one(DECIDE, params![owner.account, sid, from, to, reason, codes, now])
}

/// Deletes a document that is in state `was`.
///
/// # Errors
/// [`StoreError::RowCount`] when it is in that state no longer.
pub fn delete(tx: &mut Tx<'_>, owner: &Owner, sid: DocumentSid, was: DocumentStatus) -> StoreResult<()> {
    tx.execute(UNLINK, params![owner.account, sid])?;
    tx.execute_one(DELETE, params![owner.account, sid, was.as_str()])
}

/// Whether the document's file is the one of this key, so that a sweep must leave it alone.
///
/// # Errors
/// When the database fails.
pub fn has_file(tx: &mut Tx<'_>, owner: &Owner, sid: DocumentSid, key: &str) -> StoreResult<bool> {
    names_file(tx, owner.account, sid, key)
}

/// As [`has_file`], for whoever acts for the installation and reads nothing of the document.
///
/// # Errors
/// When the database fails.
pub fn names_file(tx: &mut Tx<'_>, account: AccountSid, sid: DocumentSid, key: &str) -> StoreResult<bool> {
    tx.exists(FILE_KEY, params![account, sid, key])
}

/// A document of any account, and the key of its file.
pub type FileOfAny = (AccountSid, DocumentSid, Option<String>);

/// Up to `limit` documents of all accounts, in order, behind the given one.
///
/// # Errors
/// When the database fails.
pub fn files_of_all(
    tx: &mut Tx<'_>,
    after: Option<(AccountSid, DocumentSid)>,
    limit: u32,
) -> StoreResult<Vec<FileOfAny>> {
    let (account, sid) =
        after.map_or_else(Default::default, |(account, sid)| (account.to_string(), sid.to_string()));
    tx.list(FILE_KEYS, params![account, sid, i64::from(limit)], |row| {
        let mut columns = row.columns();
        Ok((columns.next()?, columns.next()?, columns.next()?))
    })
}

fn link(tx: &mut Tx<'_>, owner: &Owner, sid: DocumentSid, addresses: &[AddressSid]) -> StoreResult<()> {
    addresses.iter().try_for_each(|address| tx.execute_one(LINK, params![owner.account, address, sid]))
}

fn stored_bytes(file: &DocumentFile) -> i64 {
    i64::try_from(file.bytes).expect("files are at most a few megabytes")
}

fn read(row: &Row<'_>, owner: &Owner) -> StoreResult<Document> {
    let mut columns = row.columns();
    let sid = columns.next()?;
    Ok(Document {
        sid,
        account_sid: owner.account,
        kind: columns.next()?,
        friendly_name: columns.next()?,
        status: columns.next()?,
        attributes: Attributes::from_stored(owner.open(ATTRIBUTES, sid, columns.next()?)?),
        file: read_file(&mut columns)?,
        rejection: read_rejection(&mut columns, owner, sid)?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
    })
}

fn read_file(columns: &mut Columns<'_, '_>) -> StoreResult<Option<DocumentFile>> {
    let key: Option<String> = columns.next()?;
    let file_type: Option<FileType> = columns.next()?;
    let bytes: Option<i64> = columns.next()?;
    let sha256: Option<&[u8]> = columns.next()?;
    let (Some(key), Some(file_type), Some(bytes), Some(sha256)) = (key, file_type, bytes, sha256) else {
        return Ok(None);
    };
    let out_of_form = || StoreError::Column { column: 7, expected: "the size and the hash of a file" };
    Ok(Some(DocumentFile {
        key,
        file_type,
        bytes: u64::try_from(bytes).map_err(|_| out_of_form())?,
        sha256: sha256.try_into().map_err(|_| out_of_form())?,
    }))
}

fn read_rejection(
    columns: &mut Columns<'_, '_>,
    owner: &Owner,
    sid: DocumentSid,
) -> StoreResult<Option<Rejection>> {
    let reason: Option<String> = columns.next()?;
    let sealed: Option<&[u8]> = columns.next()?;
    let reason = match sealed {
        Some(sealed) => Some(owner.open(FAILURE_REASON, sid, sealed)?),
        None => reason,
    };
    let codes = split(columns.next::<Option<&str>>()?.unwrap_or_default());
    Ok(reason.map(|reason| Rejection { reason, codes }))
}

impl<'a> FromColumn<'a> for DocumentStatus {
    const EXPECTED: &'static str = "a document status";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}

impl<'a> FromColumn<'a> for FileType {
    const EXPECTED: &'static str = "a file type";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}
