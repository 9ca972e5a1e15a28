//! Proving the audit, and what is said to have been erased.

use super::{ServiceError, master_key, open_app, open_read_only};
use crate::config::Settings;
use dossier_app::{
    CertificateFault, ChainReport, ErasureCertificate, ExpectedCheckpoint, Finding, StoredCheckpoint,
};

/// Seals the audit events that wait, unless `only_look`, and returns the newest checkpoint.
///
/// # Errors
/// [`ServiceError`] when the database cannot be used.
pub async fn audit_checkpoint(
    settings: &Settings,
    only_look: bool,
) -> Result<Option<StoredCheckpoint>, ServiceError> {
    if only_look {
        return Ok(dossier_app::newest_checkpoint(&open_read_only(settings).await?).await?);
    }
    let app = open_app(settings).await?;
    app.seal_audit().await?;
    Ok(app.newest_checkpoint().await?)
}

/// Proves the chain of audit events, and tells `listener` of everything that is wrong with it.
///
/// # Errors
/// [`ServiceError`] when the database cannot be read, or the master key is the wrong one.
pub async fn verify_audit(
    settings: &Settings,
    expected: &[ExpectedCheckpoint],
    listener: &mut (dyn FnMut(Finding) + Send),
) -> Result<ChainReport, ServiceError> {
    let db = open_read_only(settings).await?;
    Ok(dossier_app::verify_audit(&db, &master_key(settings), expected, listener).await?)
}

/// What is wrong with a certificate of erasure, given in all its parts. With `only_itself` the database is
/// not asked whether its audit has the checkpoints.
///
/// # Errors
/// [`ServiceError`] when the database cannot be read, or the master key is the wrong one.
pub async fn verify_certificate(
    settings: &Settings,
    parts: &[ErasureCertificate],
    only_itself: bool,
) -> Result<Vec<CertificateFault>, ServiceError> {
    if only_itself {
        return Ok(ErasureCertificate::faults(parts));
    }
    let db = open_read_only(settings).await?;
    Ok(dossier_app::verify_certificate(&db, &master_key(settings), parts).await?)
}
