//! Certificates of erasure: what was erased, when, and on whose word, with the proof that the audit has it.
//!
//! Each object has the audit event that recorded its erasure, and the path from that event to the root of
//! the checkpoint that sealed it. Whoever knows the hash of the checkpoint, or of any later one together with
//! the chain, needs nothing else. The certificate of a large erasure comes in parts, each of which proves
//! itself.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use dossier_domain::audit::Action;
use dossier_domain::audit::chain::{Checkpoint, Digest, EventRecord, inclusion_path, root_of_path};
use dossier_domain::erasure::ErasureState;
use dossier_domain::operator::Permission;
use dossier_domain::sid::{AccountSid, AnySid, AuditEventSid, ErasureSid};
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::audit::RecordedEvent;
use dossier_store::{Db, Tx, audit, audit_chain, erasures};

use crate::keys::{self, KeyError};
use crate::{App, MasterKeySource, OperatorCaller, Result, not_found};

/// Objects of one part of a certificate.
const PART_MAX: u32 = 500;

/// What proves an erasure, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureCertificate {
    /// The erasure.
    pub sid: ErasureSid,
    /// Whose its subject is.
    pub account: AccountSid,
    /// What was erased, with everything that belongs to it.
    pub subject: AnySid,
    /// The event that recorded who wanted it.
    pub requested: ProvenEvent,
    /// The event that recorded that nothing was left.
    pub finished: ProvenEvent,
    /// How many objects were erased in all.
    pub objects_total: u64,
    /// The events that recorded each object's erasure; the objects are their targets.
    pub objects: Vec<ProvenEvent>,
    /// The checkpoints that have sealed them.
    pub checkpoints: Vec<CertifiedCheckpoint>,
    /// Behind which object the next part begins; `None` in the last part.
    pub next: Option<(AccountSid, AnySid)>,
}

/// An event, and where it is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenEvent {
    /// The event. Its checkpoint is the number of the one that sealed it.
    pub event: RecordedEvent,
    /// Its place among the events of the checkpoint, from 0.
    pub index: u64,
    /// The hashes beside the way to the root.
    pub path: Vec<Digest>,
}

/// A checkpoint and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertifiedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// Its hash, which is in the log and in exported checkpoints.
    pub hash: Digest,
}

impl App {
    /// The certificate of an erasure that is done, or the part of it behind an object. What was not sealed
    /// yet is sealed for it.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404; 20409 before it is done, or when the audit was tampered
    /// with.
    pub async fn erasure_certificate(
        &self,
        caller: &OperatorCaller,
        sid: ErasureSid,
        after: Option<(AccountSid, AnySid)>,
    ) -> Result<ErasureCertificate> {
        caller.must(Permission::ReadAudit)?;
        let certify = move |tx: &mut Tx<'_>| certify(tx, sid, after);
        if let Some(certificate) = self.db.read(certify).await? {
            return Ok(certificate);
        }
        self.seal_audit().await?;
        self.db.read(certify).await?.ok_or_else(|| {
            let message = "The audit events of this erasure are not all sealed; try again in a minute";
            Fault::new(Code::Conflict, message).into()
        })
    }
}

/// `None` while an event waits for its checkpoint.
fn certify(
    tx: &mut Tx<'_>,
    sid: ErasureSid,
    after: Option<(AccountSid, AnySid)>,
) -> Result<Option<ErasureCertificate>> {
    let erasure = erasures::get(tx, sid)?.ok_or_else(|| not_found(sid))?;
    let (ErasureState::Done, Some(at), Some(event)) =
        (erasure.state, erasure.finished_at, erasure.finish_event)
    else {
        let message = format!("Erasure {sid} is {}; there is a certificate once it is done", erasure.state);
        return Err(Fault::new(Code::Conflict, message).into());
    };
    let mut prover = Prover::default();
    let account = erasure.account;
    let requested = prover.prove(tx, account, erasure.requested_at, erasure.request_event)?;
    let finished = prover.prove(tx, account, at, event)?;
    let (Some(requested), Some(finished)) = (requested, finished) else { return Ok(None) };
    let mut rows = erasures::objects(tx, sid, after, PART_MAX + 1)?;
    let has_more = rows.len() > PART_MAX as usize;
    rows.truncate(PART_MAX as usize);
    let next = rows.last().filter(|_| has_more).map(|last| (last.account, last.sid));
    let mut objects = Vec::with_capacity(rows.len());
    for row in rows {
        let Some((at, event)) = row.erased else { continue };
        let Some(proven) = prover.prove(tx, row.account, at, event)? else { return Ok(None) };
        objects.push(proven);
    }
    Ok(Some(ErasureCertificate {
        sid,
        account,
        subject: erasure.subject,
        requested,
        finished,
        objects_total: erasure.objects.unsigned_abs(),
        objects,
        checkpoints: prover.checkpoints.into_values().map(|(certified, _)| certified).collect(),
        next,
    }))
}

/// Reads each checkpoint once.
#[derive(Default)]
struct Prover {
    checkpoints: BTreeMap<i64, (CertifiedCheckpoint, Vec<Digest>)>,
}

impl Prover {
    /// `None` when the event is not sealed, or its checkpoint is not what it was.
    fn prove(
        &mut self,
        tx: &mut Tx<'_>,
        account: AccountSid,
        at: Timestamp,
        sid: AuditEventSid,
    ) -> Result<Option<ProvenEvent>> {
        let Some(event) = audit::get(tx, account, at, sid)? else { return Ok(None) };
        let Some(number) = event.checkpoint else { return Ok(None) };
        let leaves = match self.checkpoints.entry(number) {
            Entry::Occupied(known) => &known.into_mut().1,
            Entry::Vacant(unknown) => {
                let found = audit_chain::next(tx, number - 1)?.filter(|found| found.number == number);
                let Some((stored, leaves)) = found.and_then(|found| found.stored) else { return Ok(None) };
                let certified = CertifiedCheckpoint { checkpoint: stored.checkpoint, hash: stored.hash };
                &unknown.insert((certified, leaves)).1
            }
        };
        let leaf = leaf(&event);
        let Some(index) = leaves.iter().position(|other| *other == leaf) else { return Ok(None) };
        let path = inclusion_path(leaves, index).expect("there is a leaf at this place");
        Ok(Some(ProvenEvent { event, index: index as u64, path }))
    }
}

fn leaf(event: &RecordedEvent) -> Digest {
    EventRecord {
        account_sid: &event.account_sid,
        at: event.at.as_micros(),
        sid: &event.sid.text(),
        actor: &event.actor,
        action: &event.action,
        target: &event.target,
        outcome: &event.outcome,
        request_id: &event.request_id,
        rule_revision: event.rule_revision,
    }
    .leaf()
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateFault {
    /// A checkpoint in it has another hash than it says.
    CheckpointAltered(i64),
    /// An event names a checkpoint that is not in it.
    CheckpointNotGiven(AnySid),
    /// An event is not in the checkpoint that it names, or not as it was.
    EventAltered(AnySid),
    /// An event is not about this erasure.
    EventForeign(AnySid),
    /// An object is there twice.
    ObjectTwice(String),
    /// There are fewer objects, or more, than were erased.
    ObjectsDiffer {
        /// How many were erased.
        total: u64,
        /// How many it has.
        found: u64,
    },
    /// The subject is not among what was erased.
    SubjectMissing(AnySid),
    /// A part is of another erasure.
    PartForeign(ErasureSid),
    /// The audit of this database has no such checkpoint.
    CheckpointUnknown(i64),
    /// A checkpoint that was kept elsewhere is another one.
    CheckpointDiffers(i64),
    /// A checkpoint was not made with the key of this installation.
    CheckpointForged(i64),
}

impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CheckpointAltered(number) => {
                write!(f, "checkpoint {number} was altered: its hash is not that of what it says")
            }
            Self::CheckpointNotGiven(event) => {
                write!(f, "event {event} names a checkpoint that is not in the certificate")
            }
            Self::EventAltered(event) => {
                write!(f, "event {event} was altered, or was never in the checkpoint that it names")
            }
            Self::EventForeign(event) => {
                write!(f, "event {event} is about something else than this erasure")
            }
            Self::ObjectTwice(object) => write!(f, "object {object} is there twice"),
            Self::ObjectsDiffer { total, found } => {
                write!(f, "{total} objects were erased, and the certificate has {found}; give all its parts")
            }
            Self::SubjectMissing(subject) => write!(f, "the subject {subject} is not among the objects"),
            Self::PartForeign(erasure) => write!(f, "a part is of another erasure, {erasure}"),
            Self::CheckpointUnknown(number) => {
                write!(
                    f,
                    "checkpoint {number} is not in the audit of this database as the certificate has it"
                )
            }
            Self::CheckpointDiffers(number) => {
                write!(f, "checkpoint {number} is not the one that was exported")
            }
            Self::CheckpointForged(number) => {
                write!(f, "checkpoint {number} was not made with the key of this installation")
            }
        }
    }
}

impl ErasureCertificate {
    /// What is wrong with a certificate by itself, given in all its parts. Nothing else is needed for that;
    /// whether its checkpoints are those of the audit is another question.
    pub fn faults(parts: &[Self]) -> Vec<CertificateFault> {
        let Some(first) = parts.first() else { return Vec::new() };
        let mut faults = Vec::new();
        let mut objects = BTreeMap::new();
        for part in parts {
            if (part.sid, part.subject, part.account) != (first.sid, first.subject, first.account) {
                faults.push(CertificateFault::PartForeign(part.sid));
            }
            part.own_faults(&mut faults);
            for object in &part.objects {
                let key = (object.event.account_sid.clone(), object.event.target.clone());
                if objects.insert(key, ()).is_some() {
                    faults.push(CertificateFault::ObjectTwice(object.event.target.clone()));
                }
            }
        }
        let found = objects.len() as u64;
        if found != first.objects_total {
            faults.push(CertificateFault::ObjectsDiffer { total: first.objects_total, found });
        }
        if !objects.contains_key(&(first.account.to_string(), first.subject.to_string())) {
            faults.push(CertificateFault::SubjectMissing(first.subject));
        }
        faults
    }

    fn own_faults(&self, faults: &mut Vec<CertificateFault>) {
        for CertifiedCheckpoint { checkpoint, hash } in &self.checkpoints {
            if checkpoint.hash() != *hash {
                faults.push(CertificateFault::CheckpointAltered(checkpoint.number));
            }
        }
        let (subject, sid) = (self.subject.to_string(), self.sid.to_string());
        let frame = [
            (&self.requested, Action::ErasureRequested, &subject),
            (&self.finished, Action::ErasureFinished, &sid),
        ];
        for (proven, action, target) in frame {
            let event = &proven.event;
            let is_ours = event.action == action.as_str()
                && event.target == *target
                && event.account_sid == self.account.to_string()
                && event.request_id == self.requested.event.request_id;
            self.check(proven, is_ours, faults);
        }
        for proven in &self.objects {
            let event = &proven.event;
            let is_ours = event.action == Action::ObjectErased.as_str()
                && event.request_id == self.requested.event.request_id
                && event.at >= self.requested.event.at
                && event.at <= self.finished.event.at;
            self.check(proven, is_ours, faults);
        }
    }

    fn check(&self, proven: &ProvenEvent, is_ours: bool, faults: &mut Vec<CertificateFault>) {
        let sid = proven.event.sid;
        if !is_ours {
            faults.push(CertificateFault::EventForeign(sid));
        }
        let named =
            |certified: &&CertifiedCheckpoint| Some(certified.checkpoint.number) == proven.event.checkpoint;
        let Some(certified) = self.checkpoints.iter().find(named) else {
            faults.push(CertificateFault::CheckpointNotGiven(sid));
            return;
        };
        let count = certified.checkpoint.event_count.unsigned_abs();
        let root = root_of_path(leaf(&proven.event), proven.index, count, &proven.path);
        if root != Some(certified.checkpoint.merkle_root) {
            faults.push(CertificateFault::EventAltered(sid));
        }
    }
}

/// What is wrong with a certificate, measured by the audit of a database, in which nothing is written.
///
/// # Errors
/// When the database cannot be read, or a master key is there that does not fit.
pub async fn verify_certificate(
    db: &Db,
    master_key: &MasterKeySource,
    parts: &[ErasureCertificate],
) -> std::result::Result<Vec<CertificateFault>, KeyError> {
    let key = keys::chain_key(db, master_key).await?;
    let mut faults = ErasureCertificate::faults(parts);
    let mut certified: Vec<_> = parts.iter().flat_map(|part| part.checkpoints.clone()).collect();
    certified.sort_by_key(|certified| certified.checkpoint.number);
    certified.dedup();
    for CertifiedCheckpoint { checkpoint, hash } in certified {
        let number = checkpoint.number;
        let stored = db.read(move |tx| audit_chain::get(tx, number)).await?;
        match stored.filter(|stored| stored.hash == hash) {
            None => faults.push(CertificateFault::CheckpointUnknown(number)),
            Some(stored) => {
                if key.as_ref().is_some_and(|key| !key.verify(&stored.hash, &stored.mac)) {
                    faults.push(CertificateFault::CheckpointForged(number));
                }
            }
        }
    }
    Ok(faults)
}
