//! Taking back a campaign that was a mistake: the ends that it gave are gone, and their people are told.

use std::sync::Arc;

use dossier_domain::Timestamp;
use dossier_domain::audit::Action;
use dossier_domain::bundle::Bundle;
use dossier_domain::campaign::{Campaign, CampaignState};
use dossier_domain::notice::NoticeKind;
use dossier_domain::paging::{Position, Start, Window};
use dossier_store::campaigns::{self, Member, MemberFilter, Walked};
use dossier_store::jobs::Job;
use dossier_store::{Owner, Tx, audit, bundles};

use super::walk::{CONCERNED_MAX, Progress, under_way};
use crate::notices::{self, Notice, Telling};
use crate::{App, Result, keys, validity};

impl App {
    pub(super) async fn take_back(&self, job: &Job, campaign: Campaign) -> Result<Progress> {
        let (keyring, telling, now) = (Arc::clone(&self.keyring), self.telling(), self.now());
        let (job, sid) = (job.clone(), campaign.sid);
        self.db
            .write(move |tx| {
                let mut campaign = match under_way(tx, &job, sid, CampaignState::Cancelling)? {
                    Ok(campaign) => campaign,
                    Err(progress) => return Ok(progress),
                };
                let members = next_members(tx, &campaign)?;
                for member in &members {
                    if let Some(owner) = keys::known_owner_in_unit(tx, &keyring, member.account)? {
                        let bundle = bundles::lock(tx, &owner, member.bundle)?;
                        if let Some(bundle) = bundle.filter(|bundle| has_our_end(bundle, member)) {
                            restore(tx, telling, &owner, (bundle, member), campaign.revision, now)?;
                        }
                    }
                }
                let end = members.last().map(|last| (last.created_at, last.bundle));
                campaigns::set_walked(tx, sid, &Walked { account: None, bundle: end })?;
                if members.is_empty() {
                    campaign.state = CampaignState::Cancelled;
                }
                campaign.updated_at = now;
                campaigns::save(tx, &campaign)?;
                Ok(if members.is_empty() { Progress::Over } else { Progress::Further })
            })
            .await
    }
}

fn next_members(tx: &mut Tx<'_>, campaign: &Campaign) -> Result<Vec<Member>> {
    let last = campaigns::walked(tx, campaign.sid)?.bundle;
    let start = last
        .map_or(Start::First, |(at, sid)| Start::After(Position { key: at.as_micros(), sid: sid.into() }));
    let size = u32::try_from(CONCERNED_MAX).expect("it is a small number");
    let filter = MemberFilter { campaign: campaign.sid, standing: None };
    Ok(campaigns::list(tx, filter, &Window { size, start })?.items)
}

/// Whether the approval still ends when the campaign said, and not when somebody said later.
fn has_our_end(bundle: &Bundle, member: &Member) -> bool {
    member.valid_until.is_some()
        && !bundle.contact.is_erased()
        && bundle.valid_until == member.valid_until
        && bundle.status.allows_validity(bundle.sid).is_ok()
}

fn restore(
    tx: &mut Tx<'_>,
    telling: Telling,
    owner: &Owner,
    (was, member): (Bundle, &Member),
    revision: u32,
    now: Timestamp,
) -> Result<()> {
    let bundle = Bundle { valid_until: member.valid_until_before, updated_at: now, ..was };
    bundles::save(tx, owner, &bundle, bundle.status)?;
    validity::plan(tx, owner, &bundle, now)?;
    let kind = match bundle.valid_until {
        Some(_) => NoticeKind::ValidUntilSet,
        None => NoticeKind::ValidUntilCleared,
    };
    notices::tell(tx, telling, owner, &Notice { bundle: &bundle, kind, reason: None }, now)?;
    Ok(audit::append(tx, &super::event(owner.account, now, Action::ValiditySet, bundle.sid, revision))?)
}
