//! Revisions of regulations that were in force. They belong to the installation and are only ever added.

use dossier_domain::Timestamp;
use dossier_domain::regulation::Regulation;
use dossier_domain::sid::RegulationSid;

use crate::db::{StoreResult, Tx, params, statements};

statements! {
    INSERT = "INSERT INTO regulation_revisions (regulation_sid, revision, content_hash, record, recorded_at) \
              VALUES ($1, $2, $3, $4, $5) ON CONFLICT (regulation_sid, revision, content_hash) DO NOTHING";
    HASHES = "SELECT regulation_sid, revision, content_hash FROM regulation_revisions \
              WHERE regulation_sid > $1 ORDER BY regulation_sid, revision, content_hash LIMIT $2";
    RECORDS = "SELECT record FROM regulation_revisions WHERE regulation_sid = $1 AND revision = $2 \
               ORDER BY content_hash LIMIT $3";
}

/// Revisions that are known at most; a catalogue has hundreds, and they change rarely.
const REVISIONS_MAX: i64 = 1_000_000;
/// Times one revision was changed without a new number.
const VARIANTS_MAX: i64 = 100;

/// What tells revisions apart: the regulation, the number of the revision, and what it asks for.
pub type RevisionKey = (RegulationSid, i64, Vec<u8>);

/// The key of a regulation as it is.
pub fn key(regulation: &Regulation) -> RevisionKey {
    let hash = regulation.content_hash().as_bytes().to_vec();
    (regulation.sid, i64::from(regulation.provenance.revision), hash)
}

/// Adds a revision, unless it is there.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, regulation: &Regulation, now: Timestamp) -> StoreResult<()> {
    let (sid, revision, hash) = key(regulation);
    tx.execute(INSERT, params![sid, revision, hash, regulation.to_record(), now]).map(drop)
}

/// The keys of all revisions that are recorded.
///
/// # Errors
/// When the database fails.
pub fn keys(tx: &mut Tx<'_>) -> StoreResult<Vec<RevisionKey>> {
    tx.list(HASHES, params!["", REVISIONS_MAX], |row| {
        let mut columns = row.columns();
        Ok((columns.next()?, columns.next()?, columns.next()?))
    })
}

/// The records of a revision: several when its content was changed without a new number.
///
/// # Errors
/// When the database fails.
pub fn records(tx: &mut Tx<'_>, sid: RegulationSid, revision: u32) -> StoreResult<Vec<String>> {
    tx.list(RECORDS, params![sid, i64::from(revision), VARIANTS_MAX], |row| row.columns().next())
}
