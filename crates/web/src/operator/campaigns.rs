//! `/campaigns`: changes of rules, and how far they were carried to the bundles they concern.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use dossier_app::{CampaignBundle, CampaignProgress, MemberQuery};
use dossier_domain::Timestamp;
use dossier_domain::campaign::{Campaign, MissingItem, Standing};
use dossier_domain::sid::{AccountSid, BundleSid, CampaignSid, RegulationSid, kinds};
use serde::Serialize;

use super::auth::Operator;
use super::list::{self, ListRequest};
use crate::api::error::ApiResult;
use crate::api::json::{Shown, fetched};
use crate::api::path::PathSid;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("campaigns by created");
const BUNDLES: ListTag = ListTag::new("bundles of a campaign by created");

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/campaigns", get(list))
        .route("/campaigns/{sid}", get(fetch))
        .route("/campaigns/{sid}/bundles", get(bundles))
        .route("/campaigns/{sid}/pause", post(pause))
        .route("/campaigns/{sid}/resume", post(resume))
        .route("/campaigns/{sid}/cancel", post(cancel))
}

async fn list(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    request: ListRequest,
) -> ApiResult<Response> {
    let page = web.app.list_campaigns(&caller, request.window(LIST, &[])?).await?;
    Ok(list::respond(LIST, &page, Campaign::position, CampaignView::from))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Campaign>,
) -> ApiResult<Response> {
    let progress = web.app.campaign(&caller, sid).await?;
    Ok(fetched(&ProgressView::from(&progress)))
}

async fn bundles(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(campaign): PathSid<kinds::Campaign>,
    request: ListRequest,
) -> ApiResult<Response> {
    let window = request.window(BUNDLES, &["standing"])?;
    let standing = request.filter("standing", Standing::parse)?;
    let page = web.app.campaign_bundles(&caller, MemberQuery { campaign, standing, window }).await?;
    Ok(list::respond(BUNDLES, &page, CampaignBundle::position, BundleView::from))
}

async fn pause(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Campaign>,
) -> ApiResult<Response> {
    Ok(fetched(&CampaignView::from(&web.app.pause_campaign(&caller, sid).await?)))
}

async fn resume(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Campaign>,
) -> ApiResult<Response> {
    Ok(fetched(&CampaignView::from(&web.app.resume_campaign(&caller, sid).await?)))
}

async fn cancel(
    State(web): State<Arc<Web>>,
    Operator(caller): Operator,
    PathSid(sid): PathSid<kinds::Campaign>,
) -> ApiResult<Response> {
    Ok(fetched(&CampaignView::from(&web.app.cancel_campaign(&caller, sid).await?)))
}

#[derive(Serialize)]
struct CampaignView<'a> {
    sid: Shown<CampaignSid>,
    regulation_sid: Shown<RegulationSid>,
    iso_country: &'a str,
    number_type: &'static str,
    end_user_type: &'static str,
    revision: u32,
    state: &'static str,
    paused_at: Option<Shown<Timestamp>>,
    effective_from: Shown<Timestamp>,
    approvals_end: Shown<Timestamp>,
    looked_at: u64,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
}

impl<'a> From<&'a Campaign> for CampaignView<'a> {
    fn from(campaign: &'a Campaign) -> Self {
        Self {
            sid: Shown(campaign.sid),
            regulation_sid: Shown(campaign.regulation_sid),
            iso_country: campaign.combination.iso_country.as_str(),
            number_type: campaign.combination.number_type.as_str(),
            end_user_type: campaign.combination.end_user_type.as_str(),
            revision: campaign.revision,
            state: campaign.state.as_str(),
            paused_at: campaign.paused_at.map(Shown),
            effective_from: Shown(campaign.effective_from),
            approvals_end: Shown(campaign.approvals_end),
            looked_at: campaign.looked_at,
            created_at: Shown(campaign.created_at),
            updated_at: Shown(campaign.updated_at),
        }
    }
}

#[derive(Serialize)]
struct ProgressView<'a> {
    #[serde(flatten)]
    campaign: CampaignView<'a>,
    progress: Counts,
}

/// How many bundles stand where; each counts once, and `total` is all of them.
#[derive(Serialize, Default)]
struct Counts {
    total: u64,
    affected: u64,
    notified: u64,
    copied: u64,
    submitted: u64,
    approved: u64,
    replaced: u64,
    overdue: u64,
    deleted: u64,
}

impl<'a> From<&'a CampaignProgress> for ProgressView<'a> {
    fn from(found: &'a CampaignProgress) -> Self {
        let mut progress = Counts { total: found.total(), ..Counts::default() };
        for (standing, count) in found.counts {
            *match standing {
                Standing::Affected => &mut progress.affected,
                Standing::Notified => &mut progress.notified,
                Standing::Copied => &mut progress.copied,
                Standing::Submitted => &mut progress.submitted,
                Standing::Approved => &mut progress.approved,
                Standing::Replaced => &mut progress.replaced,
                Standing::Overdue => &mut progress.overdue,
                Standing::Deleted => &mut progress.deleted,
            } = count;
        }
        Self { campaign: CampaignView::from(&found.campaign), progress }
    }
}

#[derive(Serialize)]
struct BundleView<'a> {
    account_sid: Shown<AccountSid>,
    bundle_sid: Shown<BundleSid>,
    standing: &'static str,
    missing: Vec<MissingView<'a>>,
    valid_until: Option<Shown<Timestamp>>,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
}

#[derive(Serialize)]
struct MissingView<'a> {
    requirement: &'a str,
    field: Option<&'a str>,
    code: u32,
    reason: &'a str,
}

impl<'a> From<&'a CampaignBundle> for BundleView<'a> {
    fn from(member: &'a CampaignBundle) -> Self {
        Self {
            account_sid: Shown(member.account),
            bundle_sid: Shown(member.bundle),
            standing: member.standing.as_str(),
            missing: member.missing.iter().map(MissingView::from).collect(),
            valid_until: member.valid_until.or(member.valid_until_before).map(Shown),
            created_at: Shown(member.created_at),
            updated_at: Shown(member.updated_at),
        }
    }
}

impl<'a> From<&'a MissingItem> for MissingView<'a> {
    fn from(item: &'a MissingItem) -> Self {
        Self {
            requirement: &item.requirement,
            field: item.field.as_deref(),
            code: item.code,
            reason: &item.sentence,
        }
    }
}
