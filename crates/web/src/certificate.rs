//! Certificates of erasure as JSON: written by the operator surface, read by whoever checks them.

use dossier_app::{CertifiedCheckpoint, ErasureCertificate, ProvenEvent, RecordedEvent};
use dossier_domain::Timestamp;
use dossier_domain::audit::chain::{Checkpoint, Digest};
use dossier_domain::sid::{AccountSid, AnySid, ErasureSid};
use serde::{Deserialize, Serialize};

/// What the document is, and in which form.
const FORM: &str = "dossier certificate of erasure 1";

/// The JSON of a certificate, or of a part of it.
pub(crate) fn json(certificate: &ErasureCertificate) -> impl Serialize + use<> {
    CertificateJson::from(certificate)
}

/// Reads a certificate that was written by this or an earlier release.
///
/// # Errors
/// What it is not, in a few words.
pub fn parse_certificate(text: &str) -> Result<ErasureCertificate, String> {
    let json: CertificateJson = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if json.certificate != FORM {
        return Err(format!("it is no `{FORM}`"));
    }
    json.into_certificate().ok_or_else(|| "an identifier, a time or a hash in it is none".to_owned())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CertificateJson {
    certificate: String,
    erasure: ErasureJson,
    objects: Vec<ObjectJson>,
    checkpoints: Vec<CheckpointJson>,
    next: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErasureJson {
    sid: String,
    account_sid: String,
    subject: String,
    objects_total: u64,
    requested: ProofJson,
    finished: ProofJson,
}

/// An object, and the event that recorded its erasure. What the event says is what is proven; kind, sid and
/// account stand beside it for people, and must fit.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectJson {
    kind: String,
    sid: String,
    account_sid: String,
    erased: ProofJson,
}

/// An audit event in the form in which it is hashed, and the way from it to the root of its checkpoint.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofJson {
    event_sid: String,
    at: String,
    at_micros: i64,
    account_sid: String,
    actor: String,
    action: String,
    target: String,
    outcome: String,
    request_id: String,
    rule_revision: Option<i64>,
    checkpoint: i64,
    index: u64,
    path: Vec<String>,
}

/// As `dossier audit checkpoint` exports it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointJson {
    number: i64,
    hash: String,
    previous_hash: String,
    merkle_root: String,
    event_count: i64,
    sealed_at: String,
    sealed_at_micros: i64,
}

impl From<&ErasureCertificate> for CertificateJson {
    fn from(certificate: &ErasureCertificate) -> Self {
        Self {
            certificate: FORM.to_owned(),
            erasure: ErasureJson {
                sid: certificate.sid.to_string(),
                account_sid: certificate.account.to_string(),
                subject: certificate.subject.to_string(),
                objects_total: certificate.objects_total,
                requested: ProofJson::from(&certificate.requested),
                finished: ProofJson::from(&certificate.finished),
            },
            objects: certificate.objects.iter().map(ObjectJson::from).collect(),
            checkpoints: certificate.checkpoints.iter().map(CheckpointJson::from).collect(),
            next: certificate.next.map(|(account, object)| format!("{account}/{object}")),
        }
    }
}

impl CertificateJson {
    /// `None` when something is not of its form, or an object is not that of its event.
    fn into_certificate(self) -> Option<ErasureCertificate> {
        let objects: Option<Vec<_>> = self.objects.into_iter().map(ObjectJson::into_event).collect();
        let checkpoints: Option<Vec<_>> =
            self.checkpoints.into_iter().map(CheckpointJson::into_checkpoint).collect();
        let next = match self.next {
            None => None,
            Some(next) => {
                let (account, object) = next.split_once('/')?;
                Some((AccountSid::parse(account).ok()?, AnySid::parse(object).ok()?))
            }
        };
        Some(ErasureCertificate {
            sid: ErasureSid::parse(&self.erasure.sid).ok()?,
            account: AccountSid::parse(&self.erasure.account_sid).ok()?,
            subject: AnySid::parse(&self.erasure.subject).ok()?,
            objects_total: self.erasure.objects_total,
            requested: self.erasure.requested.into_event()?,
            finished: self.erasure.finished.into_event()?,
            objects: objects?,
            checkpoints: checkpoints?,
            next,
        })
    }
}

impl From<&ProvenEvent> for ObjectJson {
    fn from(proven: &ProvenEvent) -> Self {
        let sid = proven.event.target.clone();
        let kind = AnySid::parse(&sid).ok().and_then(|sid| sid.noun());
        Self {
            kind: kind.unwrap_or("object").to_owned(),
            sid,
            account_sid: proven.event.account_sid.clone(),
            erased: ProofJson::from(proven),
        }
    }
}

impl ObjectJson {
    fn into_event(self) -> Option<ProvenEvent> {
        let kind = AnySid::parse(&self.sid).ok().and_then(|sid| sid.noun());
        let proven = self.erased.into_event()?;
        let is_its = kind == Some(&*self.kind)
            && self.sid == proven.event.target
            && self.account_sid == proven.event.account_sid;
        is_its.then_some(proven)
    }
}

impl From<&ProvenEvent> for ProofJson {
    fn from(proven: &ProvenEvent) -> Self {
        let event = proven.event.clone();
        Self {
            event_sid: event.sid.to_string(),
            at: event.at.to_string(),
            at_micros: event.at.as_micros(),
            account_sid: event.account_sid,
            actor: event.actor,
            action: event.action,
            target: event.target,
            outcome: event.outcome,
            request_id: event.request_id,
            rule_revision: event.rule_revision,
            checkpoint: event.checkpoint.unwrap_or_default(),
            index: proven.index,
            path: proven.path.iter().map(Digest::to_string).collect(),
        }
    }
}

impl ProofJson {
    fn into_event(self) -> Option<ProvenEvent> {
        let at = time(&self.at, self.at_micros)?;
        let path: Option<Vec<_>> = self.path.iter().map(|hash| Digest::parse(hash)).collect();
        let event = RecordedEvent {
            account_sid: self.account_sid,
            at,
            sid: AnySid::parse(&self.event_sid).ok()?,
            actor: self.actor,
            action: self.action,
            target: self.target,
            outcome: self.outcome,
            request_id: self.request_id,
            rule_revision: self.rule_revision,
            checkpoint: Some(self.checkpoint),
        };
        Some(ProvenEvent { event, index: self.index, path: path? })
    }
}

impl From<&CertifiedCheckpoint> for CheckpointJson {
    fn from(certified: &CertifiedCheckpoint) -> Self {
        let Checkpoint { number, previous_hash, merkle_root, event_count, sealed_at } = certified.checkpoint;
        Self {
            number,
            hash: certified.hash.to_string(),
            previous_hash: previous_hash.to_string(),
            merkle_root: merkle_root.to_string(),
            event_count,
            sealed_at: sealed_at.to_string(),
            sealed_at_micros: sealed_at.as_micros(),
        }
    }
}

impl CheckpointJson {
    fn into_checkpoint(self) -> Option<CertifiedCheckpoint> {
        let checkpoint = Checkpoint {
            number: self.number,
            previous_hash: Digest::parse(&self.previous_hash)?,
            merkle_root: Digest::parse(&self.merkle_root)?,
            event_count: self.event_count,
            sealed_at: time(&self.sealed_at, self.sealed_at_micros)?,
        };
        Some(CertifiedCheckpoint { checkpoint, hash: Digest::parse(&self.hash)? })
    }
}

/// A time that is given for people and for the hash, if the two are the same.
fn time(text: &str, micros: i64) -> Option<Timestamp> {
    let is_within = (0..=Timestamp::MAX.as_micros()).contains(&micros);
    let time = Timestamp::from_micros(micros);
    (is_within && time.to_string() == text).then_some(time)
}
