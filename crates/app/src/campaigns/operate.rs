//! What operators see of campaigns, and do with them.

use dossier_domain::Fault;
use dossier_domain::Timestamp;
use dossier_domain::audit::Action;
use dossier_domain::campaign::{Campaign, Standing};
use dossier_domain::operator::Permission;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::CampaignSid;
use dossier_store::audit;
use dossier_store::campaigns::{self, Member, MemberFilter, Walked};
use dossier_store::jobs::{self, JobKey, JobKind};
use dossier_store::seal::INSTALLATION;

use crate::{App, OperatorCaller, Result, not_found};

/// A campaign, and where its bundles stand.
#[derive(Debug, Clone)]
pub struct CampaignProgress {
    /// The campaign.
    pub campaign: Campaign,
    /// How many bundles stand where, in the order of [`Standing::ALL`]. Each counts once.
    pub counts: [(Standing, u64); 8],
}

impl CampaignProgress {
    /// The bundles that it concerns.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

/// Which bundles of a campaign a list shows, and which part of it.
#[derive(Debug, Clone, Copy)]
pub struct MemberQuery {
    /// The campaign.
    pub campaign: CampaignSid,
    /// Only those that stand here.
    pub standing: Option<Standing>,
    /// Which part.
    pub window: Window,
}

impl App {
    /// A page of the campaigns, oldest first.
    ///
    /// # Errors
    /// Code 20403 without the permission.
    pub async fn list_campaigns(&self, caller: &OperatorCaller, window: Window) -> Result<Page<Campaign>> {
        caller.must(Permission::SeeCases)?;
        let (after, limit) = (window.position(), window.size + 1);
        let read = self.db.read(move |tx| campaigns::all(tx, after, limit)).await?;
        Ok(Page::from_read(read, &window))
    }

    /// A campaign with its progress.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404.
    pub async fn campaign(&self, caller: &OperatorCaller, sid: CampaignSid) -> Result<CampaignProgress> {
        caller.must(Permission::SeeCases)?;
        self.db
            .read(move |tx| {
                let campaign = campaigns::get(tx, sid)?.ok_or_else(|| not_found(sid))?;
                let found = campaigns::counts(tx, sid)?;
                let count =
                    |standing| found.iter().find(|(at, _)| *at == standing).map_or(0, |(_, count)| *count);
                Ok(CampaignProgress { campaign, counts: Standing::ALL.map(|at| (at, count(at))) })
            })
            .await
    }

    /// A page of the bundles that a campaign concerns, in the order in which it came to them.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404.
    pub async fn campaign_bundles(
        &self,
        caller: &OperatorCaller,
        query: MemberQuery,
    ) -> Result<Page<Member>> {
        caller.must(Permission::SeeCases)?;
        let MemberQuery { campaign, standing, window } = query;
        self.db
            .read(move |tx| {
                campaigns::get(tx, campaign)?.ok_or_else(|| not_found(campaign))?;
                Ok(campaigns::list(tx, MemberFilter { campaign, standing }, &window)?)
            })
            .await
    }

    /// Lets a campaign do nothing more until it is resumed. Ends that it has given stay.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404; 20409 when it is paused or has nothing left to do.
    pub async fn pause_campaign(&self, caller: &OperatorCaller, sid: CampaignSid) -> Result<Campaign> {
        self.change_campaign(caller, sid, Action::CampaignPaused, Campaign::pause).await
    }

    /// Lets a paused campaign go on.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404; 20409 when it is not paused.
    pub async fn resume_campaign(&self, caller: &OperatorCaller, sid: CampaignSid) -> Result<Campaign> {
        self.change_campaign(caller, sid, Action::CampaignResumed, |campaign, _| campaign.resume()).await
    }

    /// Takes a campaign back: the ends that it gave are gone soon, and their people are told.
    ///
    /// # Errors
    /// Code 20403 without the permission; 20404; 20409 when it is over.
    pub async fn cancel_campaign(&self, caller: &OperatorCaller, sid: CampaignSid) -> Result<Campaign> {
        self.change_campaign(caller, sid, Action::CampaignCancelled, |campaign, _| campaign.cancel()).await
    }

    async fn change_campaign(
        &self,
        caller: &OperatorCaller,
        sid: CampaignSid,
        action: Action,
        change: fn(&mut Campaign, Timestamp) -> std::result::Result<(), Fault>,
    ) -> Result<Campaign> {
        caller.must(Permission::Administer)?;
        let (caller, now) = (caller.clone(), self.now());
        let changed = self
            .db
            .write(move |tx| {
                let mut campaign = campaigns::lock(tx, sid)?.ok_or_else(|| not_found(sid))?;
                change(&mut campaign, now)?;
                campaign.updated_at = now;
                campaigns::save(tx, &campaign)?;
                if action == Action::CampaignCancelled {
                    campaigns::set_walked(tx, sid, &Walked::default())?;
                }
                if campaign.paused_at.is_none() {
                    jobs::schedule(tx, &JobKey::new(JobKind::Campaign, INSTALLATION, sid), now)?;
                }
                audit::append(tx, &caller.event(INSTALLATION, now, action, sid))?;
                Ok::<_, crate::Error>(campaign)
            })
            .await?;
        self.alarm.ring();
        Ok(changed)
    }
}
