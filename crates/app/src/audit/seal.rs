//! The sealer: what was recorded since the last checkpoint becomes the next one.

use dossier_domain::Timestamp;
use dossier_domain::audit::chain::{Checkpoint, Digest, MerkleRoot};
use dossier_store::audit_chain::{self, StoredCheckpoint};
use dossier_store::seal::ChainKey;
use dossier_store::{Db, StoreError, StoreResult, Tx};

use crate::{App, Result};

/// Events of one checkpoint. On SQLite nobody else writes while one is made, which takes some ten
/// milliseconds for so many.
const EVENTS_MAX: u32 = 1000;

/// What one run of the sealer did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Events that are in a checkpoint now.
    pub events: u64,
    /// The checkpoint that was made last, if any was.
    pub newest: Option<StoredCheckpoint>,
}

impl App {
    /// Seals all events that wait, in as many checkpoints as they need. Without any, nothing is made.
    ///
    /// Any number of nodes may do it at the same time.
    ///
    /// # Errors
    /// When the database fails; what was sealed until then stays sealed.
    pub async fn seal_audit(&self) -> Result<Sealed> {
        let mut sealed = Sealed::default();
        loop {
            let (key, now) = (self.chain_key.clone(), self.now());
            let made = self.db.write(move |tx| seal_some(tx, &key, now)).await?;
            let Some(stored) = made else { return Ok(sealed) };
            let events = stored.checkpoint.event_count;
            sealed.events += events.unsigned_abs();
            sealed.newest = Some(stored);
            // What came in meanwhile can wait, or a busy service would never be done.
            if events < i64::from(EVENTS_MAX) {
                return Ok(sealed);
            }
        }
    }

    /// The newest checkpoint, if there is any.
    ///
    /// # Errors
    /// As [`newest_checkpoint`].
    pub async fn newest_checkpoint(&self) -> Result<Option<StoredCheckpoint>> {
        Ok(newest_checkpoint(&self.db).await?)
    }
}

/// The newest checkpoint of a database, if there is any.
///
/// # Errors
/// When the database fails, or the chain has lost its newest checkpoint.
pub async fn newest_checkpoint(db: &Db) -> StoreResult<Option<StoredCheckpoint>> {
    db.read(|tx| match audit_chain::newest(tx)? {
        None | Some(0) => Ok(None),
        Some(number) => existing(tx, number).map(Some),
    })
    .await
}

/// Makes one checkpoint of what waits; `None` when nothing does.
fn seal_some(tx: &mut Tx<'_>, key: &ChainKey, now: Timestamp) -> StoreResult<Option<StoredCheckpoint>> {
    let newest = audit_chain::lock(tx)?;
    let previous_hash = match newest {
        0 => Digest::NONE,
        // A chain that lost its end is not continued: that would look as if nothing were missing.
        number => existing(tx, number)?.hash,
    };
    let number = newest + 1;
    let leaves = audit_chain::take(tx, number, EVENTS_MAX)?;
    if leaves.is_empty() {
        return Ok(None);
    }
    let mut tree = MerkleRoot::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    let checkpoint = Checkpoint {
        number,
        previous_hash,
        merkle_root: tree.root(),
        event_count: i64::try_from(leaves.len()).expect("a batch is small"),
        sealed_at: now,
    };
    let hash = checkpoint.hash();
    let stored = StoredCheckpoint { checkpoint, hash, mac: key.sign(&hash).to_vec() };
    audit_chain::append(tx, &stored, &leaves)?;
    Ok(Some(stored))
}

fn existing(tx: &mut Tx<'_>, number: i64) -> StoreResult<StoredCheckpoint> {
    let lost =
        || StoreError::Schema(format!("audit checkpoint {number} is gone; run `dossier audit verify`"));
    audit_chain::get(tx, number)?.ok_or_else(lost)
}
