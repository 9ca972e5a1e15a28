//! What a campaign does to one bundle.

use std::time::Duration;

use dossier_domain::audit::Action;
use dossier_domain::bundle::Bundle;
use dossier_domain::campaign::{Campaign, MissingItem, Standing};
use dossier_domain::notice::NoticeKind;
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::campaigns::{self, Member};
use dossier_store::{Owner, Tx, audit, bundles};

use crate::evaluations::{BundleItems, Reader};
use crate::notices::{self, Notice, Telling};
use crate::{App, Result, validity};

/// What carrying a change needs besides a transaction.
pub(crate) struct Carrying {
    pub(crate) reader: Reader,
    pub(crate) telling: Telling,
    grace: Duration,
}

impl App {
    /// What carrying a change needs besides a transaction.
    pub(crate) fn carrying(&self) -> Carrying {
        Carrying { reader: self.reader(), telling: self.telling(), grace: self.options.campaigns.grace }
    }
}

impl Carrying {
    /// What the bundle will lack under the campaign's revision, and does not lack under the revision
    /// `before`: what it lacks already, such as a document that has become too old, is no matter of the
    /// change. Nothing as well when the catalogue does not have the revision.
    fn missing(
        &self,
        campaign: &Campaign,
        before: Option<u32>,
        items: &BundleItems,
        now: Timestamp,
    ) -> Vec<MissingItem> {
        let rules = |revision| self.reader.revision(campaign.combination, revision);
        let Some(coming) = rules(campaign.revision) else { return Vec::new() };
        let mut missing = MissingItem::of(&self.reader.judge(&coming, items, now));
        if missing.is_empty() {
            return missing;
        }
        let before = before.and_then(rules).map(|before| self.reader.judge(&before, items, now));
        let lacking: Vec<_> =
            before.iter().flat_map(MissingItem::of).map(|item| (item.path(), item.code)).collect();
        missing.retain(|item| !lacking.contains(&(item.path(), item.code)));
        missing
    }

    /// When the approval of a bundle ends that the campaign comes to now.
    fn end(&self, campaign: &Campaign, now: Timestamp) -> Timestamp {
        if campaign.approvals_end > now { campaign.approvals_end } else { now.plus(self.grace) }
    }

    /// Gives the approval an end, if the bundle will lack something that it does not lack under `before`.
    /// The bundle is locked; returns it as it is then.
    pub(super) fn concern(
        &self,
        tx: &mut Tx<'_>,
        owner: &Owner,
        campaign: &Campaign,
        (bundle, items): (Bundle, &BundleItems),
        before: Option<u32>,
        now: Timestamp,
    ) -> Result<Bundle> {
        // Of what was erased nothing is left to be missing, and nobody to be told.
        let missing =
            if bundle.contact.is_erased() { Vec::new() } else { self.missing(campaign, before, items, now) };
        if missing.is_empty() || bundle.status.allows_validity(bundle.sid).is_err() {
            return Ok(bundle);
        }
        let end = self.end(campaign, now);
        let is_sooner = bundle.valid_until.is_none_or(|until| until > end);
        let is_told = bundle.contact.status_callback.is_some() || self.telling.mails();
        let member = Member {
            account: owner.account,
            bundle: bundle.sid,
            campaign: campaign.sid,
            standing: if is_told { Standing::Notified } else { Standing::Affected },
            missing,
            valid_until_before: bundle.valid_until,
            valid_until: is_sooner.then_some(end),
            created_at: now,
            updated_at: now,
        };
        let is_new = campaigns::insert_member(tx, &member)?;
        if !is_new && !is_sooner {
            return Ok(bundle);
        }
        let bundle = if is_sooner { self.shorten(tx, owner, campaign, bundle, end, now)? } else { bundle };
        let notice =
            Notice { bundle: &bundle, kind: NoticeKind::RulesChanged(&member.missing), reason: None };
        notices::tell(tx, self.telling, owner, &notice, now)?;
        Ok(bundle)
    }

    fn shorten(
        &self,
        tx: &mut Tx<'_>,
        owner: &Owner,
        campaign: &Campaign,
        was: Bundle,
        end: Timestamp,
        now: Timestamp,
    ) -> Result<Bundle> {
        let bundle = Bundle { valid_until: Some(end), updated_at: now, ..was };
        bundles::save(tx, owner, &bundle, bundle.status)?;
        validity::plan(tx, owner, &bundle, now)?;
        let set = super::event(owner.account, now, Action::ValiditySet, bundle.sid, campaign.revision);
        audit::append(tx, &set)?;
        Ok(bundle)
    }
}

/// A bundle was approved, measured by a revision. If a campaign carries a later one, the approval ends with
/// all others, although the campaign may have come by before. The bundle is locked.
///
/// # Errors
/// When the database fails.
pub(crate) fn concern_approved(
    tx: &mut Tx<'_>,
    carrying: &Carrying,
    owner: &Owner,
    mut bundle: Bundle,
    revision: u32,
    now: Timestamp,
) -> Result<()> {
    for campaign in campaigns::of_regulation(tx, bundle.regulation_sid, revision)? {
        if campaign.state.holds() {
            let items = carrying.reader.contents(tx, owner, bundle.sid)?;
            bundle = carrying.concern(tx, owner, &campaign, (bundle, &items), Some(revision), now)?;
        }
    }
    Ok(())
}

/// A clone of an approved bundle is approved without anybody having looked at it. If a campaign would have
/// come to it, its approval ends with all others. The clone is locked, or new in this unit.
///
/// # Errors
/// When the database fails.
pub(crate) fn concern_clone(
    tx: &mut Tx<'_>,
    carrying: &Carrying,
    owner: &Owner,
    mut clone: Bundle,
    now: Timestamp,
) -> Result<()> {
    for campaign in campaigns::of_regulation(tx, clone.regulation_sid, 0)? {
        if campaign.state.holds() {
            let before = carrying.reader.revision_before(campaign.combination, campaign.revision);
            let items = carrying.reader.contents(tx, owner, clone.sid)?;
            clone = carrying.concern(tx, owner, &campaign, (clone, &items), before, now)?;
        }
    }
    Ok(())
}

/// Whether the items of a copy may take the place of its source's: where a campaign carries a revision to
/// the source, they must satisfy it, or the source would lose an end that it still needs.
///
/// # Errors
/// Code 22228.
pub(crate) fn check_rules(
    tx: &mut Tx<'_>,
    carrying: &Carrying,
    owner: &Owner,
    target: &Bundle,
    copy: &Bundle,
    now: Timestamp,
) -> Result<()> {
    for (campaign, _, _) in campaigns::members_of_bundle(tx, owner.account, target.sid)? {
        let campaign = campaigns::get(tx, campaign)?.filter(|campaign| campaign.state.holds());
        let Some(campaign) = campaign else { continue };
        let before = carrying.reader.revision_before(campaign.combination, campaign.revision);
        let items = carrying.reader.contents(tx, owner, copy.sid)?;
        if !carrying.missing(&campaign, before, &items, now).is_empty() {
            let (copy, revision) = (copy.sid, campaign.revision);
            let message = format!(
                "Bundle {copy} does not satisfy revision {revision} of the regulation, which is coming"
            );
            return Err(Fault::new(Code::OtherRegulation, message).into());
        }
    }
    Ok(())
}
