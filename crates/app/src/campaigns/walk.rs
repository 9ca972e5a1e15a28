//! The way of a campaign over all bundles, in small units. How far it came is written by the unit that
//! does what is to be done there, so a campaign that is cut off goes on where it was, and memory stays the
//! same however many bundles there are.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dossier_domain::Timestamp;
use dossier_domain::account::AccountStatus;
use dossier_domain::campaign::{Campaign, CampaignState};
use dossier_domain::paging::Position;
use dossier_domain::sid::{AccountSid, CampaignSid, RegulationSid};
use dossier_store::bundles::{self, BundleHead};
use dossier_store::campaigns::{self, Walked};
use dossier_store::jobs::{self, Job};
use dossier_store::seal::Keyring;
use dossier_store::{Owner, StoreError, StoreResult, Tx, accounts};
use tracing::warn;

use super::concern::Carrying;
use crate::many_items::contents_of_many;
use crate::{App, Result, keys};

/// Bundles that are passed by in one look: a few milliseconds.
const LOOK: u32 = 500;
/// Looks in one unit that finds nothing to do; then the way so far is kept.
const LOOKS_MAX: u32 = 100;
/// Bundles that one unit concerns: so long do other writers wait for it.
pub(super) const CONCERNED_MAX: usize = 20;
/// How long a worker stays with a campaign before others have their turn; well below its lease.
const SLICE: Duration = Duration::from_secs(10);
/// How long a campaign waits for a catalogue that has its revision.
const CATALOGUE_PAUSE: Duration = Duration::from_secs(60);

/// What a unit came to.
pub(super) enum Progress {
    /// There may be more to do at once.
    Further,
    /// There is something to do at a later time.
    Until(Timestamp),
    /// There is nothing to do, until an operator says otherwise.
    Over,
    /// Somebody else does it now.
    Lost,
}

impl App {
    /// Carries a campaign on: the job of kind [`JobKind::Campaign`](dossier_store::jobs::JobKind).
    pub(crate) async fn carry_campaign(&self, job: Job) -> Result<()> {
        let sid: Option<CampaignSid> = job.key.subject.of_kind();
        let sid = sid.ok_or_else(|| StoreError::Schema(format!("{} is no campaign", job.key.subject)))?;
        let began = Instant::now();
        loop {
            let progress = self.carry_once(&job, sid).await?;
            self.alarm.ring();
            let due_at = match progress {
                Progress::Lost => return Ok(()),
                Progress::Further if began.elapsed() < SLICE => continue,
                Progress::Further => Some(self.now()),
                Progress::Until(due_at) => Some(due_at),
                Progress::Over => None,
            };
            let now = self.now();
            return Ok(self.db.write(move |tx| put_back(tx, &job, sid, due_at, now)).await?);
        }
    }

    async fn carry_once(&self, job: &Job, sid: CampaignSid) -> Result<Progress> {
        let Some(campaign) = self.db.read(move |tx| campaigns::get(tx, sid)).await? else {
            return Ok(Progress::Over);
        };
        match campaign.state {
            _ if campaign.paused_at.is_some() => Ok(Progress::Over),
            CampaignState::Walking => self.walk(job, campaign).await,
            CampaignState::Open => self.wait_for_end(job, campaign).await,
            CampaignState::Cancelling => self.take_back(job, campaign).await,
            CampaignState::Closed | CampaignState::Cancelled => Ok(Progress::Over),
        }
    }

    async fn walk(&self, job: &Job, campaign: Campaign) -> Result<Progress> {
        let (carrying, now) = (self.carrying(), self.now());
        if carrying.reader.revision(campaign.combination, campaign.revision).is_none() {
            warn!(campaign = %campaign.sid, "The catalogue does not have the revision of this campaign");
            return Ok(Progress::Until(now.plus(CATALOGUE_PAUSE)));
        }
        let (keyring, sid, regulation) = (Arc::clone(&self.keyring), campaign.sid, campaign.regulation_sid);
        let stretch = self.db.read(move |tx| Stretch::next(tx, &keyring, sid, regulation)).await?;
        let job = job.clone();
        self.db.write(move |tx| go(tx, &carrying, &job, sid, &stretch, now)).await
    }

    /// Everybody is told; what is left is that the approvals end, which each does by itself.
    async fn wait_for_end(&self, job: &Job, campaign: Campaign) -> Result<Progress> {
        let (job, now, sid) = (job.clone(), self.now(), campaign.sid);
        if campaign.approvals_end > now {
            return Ok(Progress::Until(campaign.approvals_end));
        }
        self.db
            .write(move |tx| {
                let mut campaign = match under_way(tx, &job, sid, CampaignState::Open)? {
                    Ok(campaign) => campaign,
                    Err(progress) => return Ok(progress),
                };
                campaign.state = CampaignState::Closed;
                campaign.updated_at = now;
                campaigns::save(tx, &campaign)?;
                Ok::<_, crate::Error>(Progress::Over)
            })
            .await
    }
}

/// The worker leaves a campaign. An operator may have wanted something of it at the last moment.
fn put_back(
    tx: &mut Tx<'_>,
    job: &Job,
    sid: CampaignSid,
    due_at: Option<Timestamp>,
    now: Timestamp,
) -> StoreResult<()> {
    let campaign = campaigns::lock(tx, sid)?;
    let Some(held) = jobs::hold(tx, job)? else { return Ok(()) };
    match due_at {
        Some(due_at) => held.postpone(tx, due_at, 0),
        None if campaign.is_some_and(|campaign| has_work(&campaign)) => held.postpone(tx, now, 0),
        None => held.finish(tx),
    }
}

const fn has_work(campaign: &Campaign) -> bool {
    match campaign.state {
        CampaignState::Walking | CampaignState::Open | CampaignState::Cancelling => {
            campaign.paused_at.is_none()
        }
        CampaignState::Closed | CampaignState::Cancelled => false,
    }
}

/// The campaign, locked, and its job as well, if both are as they were: in this state, not paused, and with
/// this worker. Else what to do instead.
pub(super) fn under_way(
    tx: &mut Tx<'_>,
    job: &Job,
    sid: CampaignSid,
    state: CampaignState,
) -> Result<std::result::Result<Campaign, Progress>> {
    let campaign = campaigns::lock(tx, sid)?;
    if jobs::hold(tx, job)?.is_none() {
        return Ok(Err(Progress::Lost));
    }
    let as_it_was = |campaign: &Campaign| campaign.state == state && has_work(campaign);
    // An operator changed it: another look tells what is to be done now.
    Ok(campaign.filter(as_it_was).ok_or(Progress::Further))
}

/// A part of the way: bundles of one account that may be concerned, and where the part begins and ends.
struct Stretch {
    from: Walked,
    to: Walked,
    looked_at: u64,
    /// The account, and approved bundles of the regulation in it.
    concerned: Option<(Owner, Vec<BundleHead>)>,
    is_end: bool,
}

impl Stretch {
    /// The part that comes next.
    fn next(
        tx: &mut Tx<'_>,
        keyring: &Keyring,
        campaign: CampaignSid,
        regulation: RegulationSid,
    ) -> Result<Self> {
        let from = campaigns::walked(tx, campaign)?;
        let mut stretch = Self { from, to: from, looked_at: 0, concerned: None, is_end: false };
        for _ in 0..LOOKS_MAX {
            if stretch.concerned.is_some() || stretch.is_end {
                break;
            }
            stretch.look(tx, keyring, regulation)?;
        }
        Ok(stretch)
    }

    /// Looks at some bundles, or goes on to the next account.
    fn look(&mut self, tx: &mut Tx<'_>, keyring: &Keyring, regulation: RegulationSid) -> Result<()> {
        let Some((_, account)) = self.to.account else { return self.next_account(tx) };
        // What was erased has no key any more, and nobody to be told.
        let Some(owner) = keys::known_owner_in_unit(tx, keyring, account)? else {
            return self.next_account(tx);
        };
        let heads = bundles::walk(tx, &owner, self.to.bundle, LOOK)?;
        if heads.is_empty() {
            return self.next_account(tx);
        }
        let mut concerned = Vec::new();
        for head in heads {
            self.to.bundle = Some((head.created_at, head.sid));
            self.looked_at += 1;
            if head.regulation_sid == regulation && head.status.allows_validity(head.sid).is_ok() {
                concerned.push(head);
            }
            if concerned.len() == CONCERNED_MAX {
                break;
            }
        }
        self.concerned = (!concerned.is_empty()).then_some((owner, concerned));
        Ok(())
    }

    fn next_account(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let position = |(at, sid): (Timestamp, AccountSid)| Position { key: at.as_micros(), sid: sid.into() };
        let next = accounts::list(tx, self.to.account.map(position), 1)?.pop();
        let Some(account) = next else {
            self.is_end = true;
            return Ok(());
        };
        self.to = Walked { account: Some((account.created_at, account.sid)), bundle: None };
        if account.status == AccountStatus::Closed {
            return self.next_account(tx);
        }
        Ok(())
    }
}

/// Does what is to be done on a part of the way, and keeps that it was done.
fn go(
    tx: &mut Tx<'_>,
    carrying: &Carrying,
    job: &Job,
    sid: CampaignSid,
    stretch: &Stretch,
    now: Timestamp,
) -> Result<Progress> {
    let mut campaign = match under_way(tx, job, sid, CampaignState::Walking)? {
        Ok(campaign) => campaign,
        Err(progress) => return Ok(progress),
    };
    if campaigns::walked(tx, sid)? != stretch.from {
        return Ok(Progress::Further);
    }
    if let Some((owner, heads)) = &stretch.concerned {
        let before = carrying.reader.revision_before(campaign.combination, campaign.revision);
        let mut locked = Vec::with_capacity(heads.len());
        for head in heads {
            locked.extend(bundles::lock(tx, owner, head.sid)?);
        }
        let sids: Vec<_> = locked.iter().map(|bundle| bundle.sid).collect();
        for (bundle, items) in locked.into_iter().zip(&contents_of_many(tx, owner, &sids)?) {
            carrying.concern(tx, owner, &campaign, (bundle, items), before, now)?;
        }
    }
    if stretch.is_end {
        campaign.state = CampaignState::Open;
    }
    campaign.looked_at += stretch.looked_at;
    campaign.updated_at = now;
    campaigns::save(tx, &campaign)?;
    campaigns::set_walked(tx, sid, &stretch.to)?;
    Ok(Progress::Further)
}
