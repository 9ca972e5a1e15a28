//! Which revision a bundle is measured by.

use std::sync::Arc;

use dossier_domain::bundle::Bundle;
use dossier_domain::regulation::Regulation;
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::{StoreResult, Tx, campaigns};

use crate::Result;
use crate::evaluations::Reader;

/// The rules that a bundle is measured by: those in force, or, for a copy of a bundle that a campaign
/// concerns, those that are coming, so that it can be submitted ahead of time (contract 14.4 row 86).
///
/// # Errors
/// Code 22201 when the catalogue has the regulation no longer.
pub(crate) fn rules_for(
    tx: &mut Tx<'_>,
    reader: &Reader,
    bundle: &Bundle,
    now: Timestamp,
) -> Result<Arc<Regulation>> {
    let in_force = reader.in_force(bundle.regulation_sid, now).ok_or_else(|| {
        let message = format!("Regulation {} of the bundle is in force no longer", bundle.regulation_sid);
        Fault::new(Code::NoRegulation, message)
    })?;
    let revision = in_force.provenance.revision;
    if !reader.has_later(bundle.combination, revision) {
        return Ok(in_force);
    }
    let coming = coming_revision(tx, bundle, revision)?;
    Ok(coming.and_then(|coming| reader.revision(bundle.combination, coming)).unwrap_or(in_force))
}

/// The latest revision that a campaign carries to the bundle that this one is a copy of, if it is later
/// than `than`.
fn coming_revision(tx: &mut Tx<'_>, bundle: &Bundle, than: u32) -> StoreResult<Option<u32>> {
    let mut coming = None;
    for (campaign, _, _) in campaigns::members_of_source(tx, bundle.account_sid, bundle.sid)? {
        if let Some(campaign) = campaigns::get(tx, campaign)?.filter(|campaign| campaign.state.holds()) {
            coming = coming.max(Some(campaign.revision));
        }
    }
    Ok(coming.filter(|revision| *revision > than))
}
