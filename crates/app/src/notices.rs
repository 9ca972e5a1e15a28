//! Notices: what the people behind a bundle are told, by callback and by mail.

use dossier_domain::Timestamp;
use dossier_domain::bundle::Bundle;
use dossier_domain::notice::{FailureReason, NoticeKind};
use dossier_store::{Owner, Tx};

use crate::Result;

/// Something to tell about a bundle.
pub(crate) struct Notice<'a> {
    /// The bundle, as it is now.
    pub(crate) bundle: &'a Bundle,
    /// What happened.
    pub(crate) kind: NoticeKind,
    /// Why, when it was rejected.
    pub(crate) reason: Option<&'a FailureReason>,
}

/// Writes what is to be sent into the transaction that makes it true. Whoever commits it rings the
/// alarm afterwards.
pub(crate) fn tell(_tx: &mut Tx<'_>, _owner: &Owner, _notice: &Notice<'_>, _now: Timestamp) -> Result<()> {
    Ok(())
}
