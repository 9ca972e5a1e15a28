//! `dossier audit verify|checkpoint|certificate`

use super::{CommandError, once, settings};
use crate::cli::AuditCommand;
use crate::service;
use dossier_app::{
    Authenticity, CertificateFault, ChainReport, ErasureCertificate, ExpectedCheckpoint, StoredCheckpoint,
};
use dossier_domain::Timestamp;
use dossier_domain::audit::chain::{Checkpoint, Digest};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(command: AuditCommand) -> Result<ExitCode, CommandError> {
    match command {
        AuditCommand::Verify { checkpoints, flags } => {
            let settings = settings(&flags.0)?;
            let expected = checkpoints.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
            let mut written = Ok(());
            let mut print = |finding| {
                if written.is_ok() {
                    written = writeln!(stdout(), "WRONG  {finding}");
                }
            };
            let report = once(&settings, service::verify_audit(&settings, &expected, &mut print))?;
            written?;
            print_report(&report, &expected)?;
            Ok(if report.findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        AuditCommand::Checkpoint { no_seal, flags } => {
            let settings = settings(&flags.0)?;
            match once(&settings, service::audit_checkpoint(&settings, no_seal))? {
                Some(newest) => writeln!(stdout(), "{:#}", exported(&newest))?,
                None => {
                    writeln!(stderr(), "There is no checkpoint yet: nothing was recorded.")?;
                    return Ok(ExitCode::FAILURE);
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        AuditCommand::Certificate { certificates, checkpoints, offline, flags } => {
            let settings = settings(&flags.0)?;
            let parts = certificates.iter().map(|file| certificate(file)).collect::<Result<Vec<_>, _>>()?;
            let expected = checkpoints.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
            let mut faults = once(&settings, service::verify_certificate(&settings, &parts, offline))?;
            let compared = compare(&parts, &expected, &mut faults);
            print_verdict(&parts, &faults, offline, compared)?;
            Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

/// Compares the checkpoints of a certificate with those that were kept elsewhere, and returns how many are
/// the same.
fn compare(
    parts: &[ErasureCertificate],
    expected: &[ExpectedCheckpoint],
    faults: &mut Vec<CertificateFault>,
) -> usize {
    let certified: BTreeMap<i64, Digest> = parts
        .iter()
        .flat_map(|part| &part.checkpoints)
        .map(|certified| (certified.checkpoint.number, certified.hash))
        .collect();
    let mut same = 0;
    for ExpectedCheckpoint { number, hash } in expected {
        match certified.get(number) {
            Some(found) if found == hash => same += 1,
            Some(_) => faults.push(CertificateFault::CheckpointDiffers(*number)),
            None => {}
        }
    }
    same
}

fn print_verdict(
    parts: &[ErasureCertificate],
    faults: &[CertificateFault],
    offline: bool,
    compared: usize,
) -> io::Result<()> {
    let mut stdout = stdout().lock();
    for fault in faults {
        writeln!(stdout, "WRONG  {fault}")?;
    }
    let Some(first) = parts.first() else { return Ok(()) };
    let objects: usize = parts.iter().map(|part| part.objects.len()).sum();
    let (sid, subject, finished) = (first.sid, first.subject, first.finished.event.at);
    writeln!(stdout, "Erasure {sid} of {subject}: {objects} objects, finished {finished}")?;
    if offline && compared == 0 {
        writeln!(
            stdout,
            "Its checkpoints were compared with nothing: anybody can make a certificate that fits together. Leave \
             out --offline, or give a checkpoint that was exported."
        )?;
    }
    match faults.len() {
        0 => writeln!(stdout, "The certificate is right."),
        faults => writeln!(stdout, "The certificate is WRONG. Faults: {faults}."),
    }
}

fn certificate(file: &Path) -> Result<ErasureCertificate, CommandError> {
    let wrong = |reason: String| CommandError::Certificate { file: file.display().to_string(), reason };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    service::parse_certificate(&text).map_err(wrong)
}

fn print_report(report: &ChainReport, expected: &[ExpectedCheckpoint]) -> io::Result<()> {
    let ChainReport { checkpoints, newest, sealed_events, unsealed_events, late_events, .. } = report;
    let mut stdout = stdout().lock();
    writeln!(stdout, "Checkpoints: {checkpoints}, sealed events: {sealed_events}")?;
    if let Some(StoredCheckpoint { checkpoint, hash, .. }) = newest {
        writeln!(stdout, "Newest checkpoint: {}, {}, {hash}", checkpoint.number, checkpoint.sealed_at)?;
    }
    writeln!(stdout, "Events that wait for the next checkpoint and are not proven: {unsealed_events}")?;
    if *late_events > 0 {
        writeln!(
            stdout,
            "Events more than ten minutes older than others that were sealed before them: {late_events}; a clock was \
             wrong, or somebody added to the past"
        )?;
    }
    if report.authenticity == Authenticity::NotChecked {
        writeln!(
            stdout,
            "Authenticity was not checked, because the master key is not here: who can write to the database can \
             make such a chain."
        )?;
    }
    if expected.is_empty() {
        writeln!(stdout, "No exported checkpoint was given, so a chain that was cut off would look whole.")?;
    }
    match report.findings {
        0 => writeln!(stdout, "The chain is whole."),
        findings => writeln!(stdout, "The chain is NOT whole. Findings: {findings}."),
    }
}

/// Everything that the hash covers, so that it can be computed again without the database.
fn exported(stored: &StoredCheckpoint) -> Value {
    let Checkpoint { number, previous_hash, merkle_root, event_count, sealed_at } = &stored.checkpoint;
    json!({
        "number": number,
        "hash": stored.hash.to_string(),
        "previous_hash": previous_hash.to_string(),
        "merkle_root": merkle_root.to_string(),
        "event_count": event_count,
        "sealed_at": sealed_at.to_string(),
        "sealed_at_micros": sealed_at.as_micros(),
    })
}

/// Reads an exported checkpoint. Number and hash are enough, as the log has them; what else is there
/// must fit.
fn read(file: &Path) -> Result<ExpectedCheckpoint, CommandError> {
    let wrong = |reason: String| CommandError::Checkpoint { file: file.display().to_string(), reason };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    parse(&json).map_err(|reason| wrong(reason.to_owned()))
}

fn parse(json: &Value) -> Result<ExpectedCheckpoint, &'static str> {
    let number = json["number"].as_i64().filter(|number| *number > 0).ok_or("it has no `number`")?;
    let digest = |name: &str| json[name].as_str().and_then(Digest::parse);
    let hash = digest("hash").ok_or("it has no `hash` of 64 hexadecimal digits")?;
    if json.get("merkle_root").is_some() {
        let whole = || {
            Some(Checkpoint {
                number,
                previous_hash: digest("previous_hash")?,
                merkle_root: digest("merkle_root")?,
                event_count: json["event_count"].as_i64()?,
                sealed_at: Timestamp::from_micros(json["sealed_at_micros"].as_i64()?),
            })
        };
        if whole().map(|checkpoint| checkpoint.hash()) != Some(hash) {
            return Err("its hash is not that of what it says");
        }
    }
    Ok(ExpectedCheckpoint { number, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> StoredCheckpoint {
        let checkpoint = Checkpoint {
            number: 3,
            previous_hash: Digest::from_bytes([1; 32]),
            merkle_root: Digest::from_bytes([2; 32]),
            event_count: 7,
            sealed_at: Timestamp::from_micros(1_767_225_600_123_456),
        };
        StoredCheckpoint { checkpoint, hash: checkpoint.hash(), mac: vec![0; 32] }
    }

    #[test]
    fn what_is_exported_is_read_again() {
        let stored = stored();
        let expected = ExpectedCheckpoint { number: 3, hash: stored.hash };
        assert_eq!(parse(&exported(&stored)), Ok(expected));
        assert_eq!(parse(&json!({ "number": 3, "hash": stored.hash.to_string() })), Ok(expected));
    }

    #[test]
    fn what_was_altered_is_refused() {
        for (name, value) in [
            ("number", json!(4)),
            ("number", json!(0)),
            ("number", json!("3")),
            ("hash", json!("00")),
            ("hash", json!("00".repeat(32))),
            ("previous_hash", json!("00".repeat(32))),
            ("merkle_root", json!(null)),
            ("event_count", json!(8)),
            ("sealed_at_micros", json!(0)),
        ] {
            let mut json = exported(&stored());
            json[name] = value;
            assert!(parse(&json).is_err(), "{json}");
        }
        assert!(parse(&json!([])).is_err());
    }
}
