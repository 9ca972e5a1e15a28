//! Proving the chain, offline and with bounded memory.
//!
//! Three walks: over the checkpoints with their events, over the events that wait, and over all events.
//! A database that is in use while it is looked at does no harm: each page is one statement, and what is
//! added goes to the ends.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use dossier_domain::audit::chain::{Digest, MerkleRoot};
use dossier_store::audit_chain::{self, EventKey, Found, FoundCheckpoint, FoundEvent, StoredCheckpoint};
use dossier_store::seal::ChainKey;
use dossier_store::{Db, StoreError, StoreResult};

use super::Finding;
use crate::MasterKeySource;
use crate::keys::{self, KeyError};

/// Events that are looked at with one statement.
const PAGE: u32 = 1000;
/// How much older than something that was sealed before it an event may be, in microseconds. Events are
/// recorded some seconds after their time at most; clocks of nodes may differ.
const LATE_AFTER_MICROS: i64 = 10 * 60 * 1_000_000;

/// A checkpoint that was kept elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedCheckpoint {
    /// Its number.
    pub number: i64,
    /// Its hash.
    pub hash: Digest,
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// How many checkpoints there are.
    pub checkpoints: u64,
    /// The one with the highest number.
    pub newest: Option<StoredCheckpoint>,
    /// How many events the checkpoints list.
    pub sealed_events: u64,
    /// How many events wait for a checkpoint.
    pub unsealed_events: u64,
    /// How many events were sealed after others that happened more than ten minutes later: a clock that
    /// was wrong, or somebody who adds to the past.
    pub late_events: u64,
    /// Whether the checkpoints were made by this installation.
    pub authenticity: Authenticity,
    /// How many findings were told.
    pub findings: u64,
}

/// Whether the key of the chain was there to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authenticity {
    /// It was; a forged checkpoint is a finding.
    Checked,
    /// The chain was only compared with itself: who can write to the database can make such a chain.
    NotChecked,
}

/// Proves the chain of a database, and tells `listener` of everything that is wrong.
///
/// Nothing is written, so the database may be a copy, or one opened with [`Db::open_read_only`].
///
/// # Errors
/// When the database cannot be read or has another schema, or a master key is there that does not fit.
/// Tampering is no error; it is told.
pub async fn verify_audit(
    db: &Db,
    master_key: &MasterKeySource,
    expected: &[ExpectedCheckpoint],
    listener: &mut (dyn FnMut(Finding) + Send),
) -> Result<ChainReport, KeyError> {
    check_schema(db).await?;
    prove(db, master_key, expected, listener).await
}

/// As [`verify_audit`], for a database whose schema is known to be right, though others must not use it
/// yet.
pub(crate) async fn prove(
    db: &Db,
    master_key: &MasterKeySource,
    expected: &[ExpectedCheckpoint],
    listener: &mut (dyn FnMut(Finding) + Send),
) -> Result<ChainReport, KeyError> {
    let key = keys::chain_key(db, master_key).await?;
    let authenticity = if key.is_some() { Authenticity::Checked } else { Authenticity::NotChecked };
    let report = ChainReport {
        checkpoints: 0,
        newest: None,
        sealed_events: 0,
        unsealed_events: 0,
        late_events: 0,
        authenticity,
        findings: 0,
    };
    let mut walk = Walk { db, key, report, listener, newest_event_at: i64::MIN };
    walk.checkpoints(expected).await?;
    walk.unsealed().await?;
    walk.events().await?;
    Ok(walk.report)
}

async fn check_schema(db: &Db) -> StoreResult<()> {
    let pending = db.pending_migrations().await?;
    if pending.is_empty() {
        return Ok(());
    }
    Err(StoreError::Schema(format!("steps {pending:?} are missing; use the version that made it")))
}

struct Walk<'a> {
    db: &'a Db,
    key: Option<ChainKey>,
    report: ChainReport,
    listener: &'a mut (dyn FnMut(Finding) + Send),
    /// The newest time among events that were walked over.
    newest_event_at: i64,
}

impl Walk<'_> {
    fn tell(&mut self, finding: Finding) {
        self.report.findings += 1;
        (self.listener)(finding);
    }

    async fn checkpoints(&mut self, expected: &[ExpectedCheckpoint]) -> StoreResult<()> {
        let said_before = self.db.read(audit_chain::newest).await?;
        let (mut last, mut previous_hash) = (0, Some(Digest::NONE));
        while let Some(found) = self.db.read(move |tx| audit_chain::next(tx, last)).await? {
            if found.number > last + 1 {
                self.tell(Finding::CheckpointsMissing(last + 1, found.number - 1));
                // There is nothing to compare with any more.
                previous_hash = None;
            }
            last = found.number;
            self.compare(expected, &found);
            previous_hash = self.checkpoint(found, previous_hash).await?;
        }
        for expected in expected.iter().filter(|expected| !(1..=last).contains(&expected.number)) {
            self.tell(Finding::Truncated(expected.number));
        }
        let said_after = self.db.read(audit_chain::newest).await?;
        if said_before.is_none_or(|said| said > last) || said_after.is_none_or(|said| said < last) {
            self.tell(Finding::NewestDiffers { said: said_after, found: last });
        }
        for (above, below) in [(last, i64::MAX), (i64::MIN, 1)] {
            if let Some(number) = self.db.read(move |tx| audit_chain::orphan_seal(tx, above, below)).await? {
                self.tell(Finding::SealsWithoutCheckpoint(number));
            }
        }
        Ok(())
    }

    fn compare(&mut self, expected: &[ExpectedCheckpoint], found: &FoundCheckpoint) {
        let hash = found.stored.as_ref().map(|(stored, _)| stored.hash);
        for expected in expected.iter().filter(|expected| expected.number == found.number) {
            if hash != Some(expected.hash) {
                self.tell(Finding::Rewritten(expected.number));
            }
        }
    }

    /// Looks at one checkpoint, and returns its hash for the next one.
    async fn checkpoint(
        &mut self,
        found: FoundCheckpoint,
        previous_hash: Option<Digest>,
    ) -> StoreResult<Option<Digest>> {
        let number = found.number;
        self.report.checkpoints += 1;
        let Some((stored, leaves)) = found.stored else {
            self.tell(Finding::CheckpointUnreadable(number));
            return Ok(None);
        };
        if stored.checkpoint.hash() != stored.hash {
            self.tell(Finding::CheckpointAltered(number));
        }
        if self.key.as_ref().is_some_and(|key| !key.verify(&stored.hash, &stored.mac)) {
            self.tell(Finding::CheckpointForged(number));
        }
        if previous_hash.is_some_and(|hash| hash != stored.checkpoint.previous_hash) {
            self.tell(Finding::ChainBroken(number));
        }
        self.sealed(&stored, &leaves).await?;
        let hash = stored.hash;
        self.report.newest = Some(stored);
        Ok(Some(hash))
    }

    /// Looks at the events of a checkpoint: once for the proof, and if it fails, again for the culprits.
    async fn sealed(&mut self, stored: &StoredCheckpoint, leaves: &[Digest]) -> StoreResult<()> {
        let checkpoint = &stored.checkpoint;
        let (mut tree, mut found, mut whole) = (MerkleRoot::default(), 0, true);
        let (newest_before, mut newest) = (self.newest_event_at, self.newest_event_at);
        let mut pages = SealedPages { number: checkpoint.number, last: None };
        while let Some(page) = pages.next(self.db).await? {
            for FoundEvent { key, event } in &page {
                found += 1;
                newest = newest.max(key.at);
                let is_late = key.at.saturating_add(LATE_AFTER_MICROS) < newest_before;
                self.report.late_events += u64::from(is_late);
                match event {
                    Found::Leaf(leaf) => tree.push(*leaf),
                    Found::Unreadable | Found::Missing => whole = false,
                }
            }
        }
        self.newest_event_at = newest;
        self.report.sealed_events += found;
        let counted = u64::try_from(checkpoint.event_count) == Ok(found);
        let proven = whole && counted && tree.root() == checkpoint.merkle_root;
        let mut listed = MerkleRoot::default();
        leaves.iter().for_each(|leaf| listed.push(*leaf));
        match (proven, listed.root() == checkpoint.merkle_root) {
            (true, true) => {}
            (true, false) => self.tell(Finding::LeavesAltered(checkpoint.number)),
            (false, listed) => {
                let covered = checkpoint.event_count;
                self.tell(Finding::EventsDiffer { checkpoint: checkpoint.number, covered, found });
                if listed {
                    self.culprits(checkpoint.number, leaves).await?;
                }
            }
        }
        Ok(())
    }

    /// Compares the events of a checkpoint with its leaves, one by one.
    async fn culprits(&mut self, checkpoint: i64, leaves: &[Digest]) -> StoreResult<()> {
        let mut unmatched: HashMap<Digest, u64> = HashMap::new();
        leaves.iter().for_each(|leaf| *unmatched.entry(*leaf).or_default() += 1);
        let mut culprits = 0_u64;
        let mut pages = SealedPages { number: checkpoint, last: None };
        while let Some(page) = pages.next(self.db).await? {
            for FoundEvent { key: event, event: found } in page {
                let finding = match found {
                    Found::Leaf(leaf) if take(&mut unmatched, leaf) => continue,
                    Found::Leaf(_) | Found::Unreadable => Finding::EventAltered { event, checkpoint },
                    Found::Missing => Finding::EventMissing { event, checkpoint },
                };
                culprits += 1;
                self.tell(finding);
            }
        }
        let left: u64 = unmatched.values().sum();
        if let Some(events @ 1..) = left.checked_sub(culprits) {
            self.tell(Finding::EventsGone { checkpoint, events });
        }
        Ok(())
    }

    async fn unsealed(&mut self) -> StoreResult<()> {
        let mut last: Option<EventKey> = None;
        loop {
            let after = last.take();
            let page = self.db.read(move |tx| audit_chain::unsealed(tx, after.as_ref(), PAGE)).await?;
            last = page.last().map(|found| found.key.clone());
            for FoundEvent { key, event } in page {
                match event {
                    Found::Leaf(_) | Found::Unreadable => self.report.unsealed_events += 1,
                    Found::Missing => self.tell(Finding::WaitingEventMissing(key)),
                }
            }
            if last.is_none() {
                return Ok(());
            }
        }
    }

    /// Looks for events that the chain knows nothing of.
    async fn events(&mut self) -> StoreResult<()> {
        let mut last: Option<EventKey> = None;
        loop {
            let after = last.take();
            let page = self.db.read(move |tx| audit_chain::events(tx, after.as_ref(), PAGE)).await?;
            last = page.last().map(|(key, _)| key.clone());
            for (key, _) in page.into_iter().filter(|(_, is_known)| !is_known) {
                self.tell(Finding::EventAdded(key));
            }
            if last.is_none() {
                return Ok(());
            }
        }
    }
}

/// The events of a checkpoint, page by page.
struct SealedPages {
    number: i64,
    last: Option<EventKey>,
}

impl SealedPages {
    /// The next page; `None` behind the last one.
    async fn next(&mut self, db: &Db) -> StoreResult<Option<Vec<FoundEvent>>> {
        let (number, after) = (self.number, self.last.take());
        let page = db.read(move |tx| audit_chain::sealed(tx, number, after.as_ref(), PAGE)).await?;
        self.last = page.last().map(|found| found.key.clone());
        Ok((!page.is_empty()).then_some(page))
    }
}

/// Takes one of the leaves away; `false` when there is no such leaf any more.
fn take(leaves: &mut HashMap<Digest, u64>, leaf: Digest) -> bool {
    match leaves.entry(leaf) {
        Entry::Vacant(_) => false,
        Entry::Occupied(mut entry) => {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
            true
        }
    }
}
