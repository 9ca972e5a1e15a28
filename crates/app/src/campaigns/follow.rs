//! What becomes of the bundles of a campaign. Use cases say what they did, in their own unit.

use dossier_domain::Timestamp;
use dossier_domain::campaign::{Happening, Standing};
use dossier_domain::sid::{AccountSid, BundleSid, CampaignSid};
use dossier_store::{StoreResult, Tx, campaigns};

/// Something happened to a bundle, which may be in campaigns.
///
/// # Errors
/// When the database fails.
pub(crate) fn follow_bundle(
    tx: &mut Tx<'_>,
    account: AccountSid,
    bundle: BundleSid,
    happening: Happening,
    now: Timestamp,
) -> StoreResult<()> {
    let members = campaigns::members_of_bundle(tx, account, bundle)?;
    move_all(tx, account, &members, happening, now)
}

/// Something happened to a bundle, which may be the copy of one in campaigns.
///
/// # Errors
/// When the database fails.
pub(crate) fn follow_copy(
    tx: &mut Tx<'_>,
    account: AccountSid,
    copy: BundleSid,
    happening: Happening,
    now: Timestamp,
) -> StoreResult<()> {
    let members = campaigns::members_of_source(tx, account, copy)?;
    move_all(tx, account, &members, happening, now)
}

/// A bundle was approved, measured by a revision. If that is the campaign's or a later one, the bundle needs
/// no copy any more.
///
/// # Errors
/// When the database fails.
pub(crate) fn follow_approved(
    tx: &mut Tx<'_>,
    account: AccountSid,
    bundle: BundleSid,
    revision: u32,
    now: Timestamp,
) -> StoreResult<()> {
    follow_copy(tx, account, bundle, Happening::CopyApproved, now)?;
    for member in campaigns::members_of_bundle(tx, account, bundle)? {
        let campaign = campaigns::get(tx, member.0)?;
        if campaign.is_some_and(|campaign| campaign.revision <= revision) {
            move_all(tx, account, &[member], Happening::ApprovedAnew, now)?;
        }
    }
    Ok(())
}

fn move_all(
    tx: &mut Tx<'_>,
    account: AccountSid,
    members: &[(CampaignSid, BundleSid, Standing)],
    happening: Happening,
    now: Timestamp,
) -> StoreResult<()> {
    for (campaign, bundle, standing) in members {
        let then = standing.after(happening);
        if then != *standing {
            campaigns::set_standing(tx, account, (*campaign, *bundle), then, now)?;
        }
    }
    Ok(())
}
