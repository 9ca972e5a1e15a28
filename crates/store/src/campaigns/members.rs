//! The bundles that a campaign concerns.

use dossier_domain::Timestamp;
use dossier_domain::campaign::{MissingItem, Standing};
use dossier_domain::paging::{Page, Position, Window};
use dossier_domain::sid::{AccountSid, BundleSid, CampaignSid};
use serde::{Deserialize, Serialize};

use crate::bundles::{end_of_validity, stored_valid_until};
use crate::db::{FromColumn, Row, StoreError, StoreResult, Tx, Value, params, statements};

macro_rules! columns {
    () => {
        "account_sid, bundle_sid, campaign_sid, standing, missing, valid_until_before, valid_until, created_at, updated_at"
    };
}

statements! {
    INSERT = concat!(
        "INSERT INTO campaign_bundles (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) \
         ON CONFLICT (account_sid, bundle_sid, campaign_sid) DO NOTHING"
    );
    OF_BUNDLE = "SELECT campaign_sid, bundle_sid, standing FROM campaign_bundles WHERE account_sid = $1 AND bundle_sid = $2 \
                 ORDER BY campaign_sid LIMIT $3";
    OF_SOURCE = "SELECT m.campaign_sid, m.bundle_sid, m.standing FROM bundle_lineage l \
                 JOIN campaign_bundles m ON m.account_sid = l.account_sid AND m.bundle_sid = l.source_bundle_sid \
                 WHERE l.account_sid = $1 AND l.bundle_sid = $2 AND l.kind = 'copy' ORDER BY m.campaign_sid LIMIT $3";
    SET_STANDING = "UPDATE campaign_bundles SET standing = $4, updated_at = $5 \
                    WHERE account_sid = $1 AND bundle_sid = $2 AND campaign_sid = $3";
    LIST = concat!(
        "SELECT ", columns!(), " FROM campaign_bundles WHERE campaign_sid = $1 AND (created_at, bundle_sid) > ($2, $3) \
         ORDER BY created_at, bundle_sid LIMIT $4"
    );
    LIST_STANDING = concat!(
        "SELECT ", columns!(), " FROM campaign_bundles WHERE campaign_sid = $1 AND standing = $2 \
         AND (created_at, bundle_sid) > ($3, $4) ORDER BY created_at, bundle_sid LIMIT $5"
    );
    COUNTS = "SELECT standing, COUNT(*) FROM campaign_bundles WHERE campaign_sid = $1 GROUP BY standing";
}

/// Campaigns that one bundle can be in: one for each later revision of its regulation.
const CAMPAIGNS_MAX: i64 = 1_000;

/// A bundle that a campaign concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Whose bundle.
    pub account: AccountSid,
    /// Which.
    pub bundle: BundleSid,
    /// The campaign.
    pub campaign: CampaignSid,
    /// Where the bundle stands in it.
    pub standing: Standing,
    /// What it lacks.
    pub missing: Vec<MissingItem>,
    /// The end that its approval had before, if any.
    pub valid_until_before: Option<Timestamp>,
    /// The end that the campaign gave it; none when it ended sooner anyway.
    pub valid_until: Option<Timestamp>,
    /// When the campaign came to it.
    pub created_at: Timestamp,
    /// When its standing last changed.
    pub updated_at: Timestamp,
}

impl Member {
    /// Its place among the bundles of the campaign, in the order in which the campaign came to them.
    pub fn position(&self) -> Position {
        Position { key: self.created_at.as_micros(), sid: self.bundle.into() }
    }
}

/// Which bundles of a campaign are wanted.
#[derive(Debug, Clone, Copy)]
pub struct MemberFilter {
    /// The campaign.
    pub campaign: CampaignSid,
    /// Only those that stand here.
    pub standing: Option<Standing>,
}

/// Adds a bundle to a campaign, unless it is in it. Returns whether it was added.
///
/// # Errors
/// When the database fails.
pub fn insert_member(tx: &mut Tx<'_>, member: &Member) -> StoreResult<bool> {
    let added = tx.execute(
        INSERT,
        params![
            member.account,
            member.bundle,
            member.campaign,
            member.standing.as_str(),
            written(&member.missing),
            stored_valid_until(member.valid_until_before),
            member.valid_until,
            member.created_at
        ],
    )?;
    Ok(added == 1)
}

/// Where the bundle stands, in each campaign that it is in.
///
/// # Errors
/// When the database fails.
pub fn members_of_bundle(
    tx: &mut Tx<'_>,
    account: AccountSid,
    bundle: BundleSid,
) -> StoreResult<Vec<(CampaignSid, BundleSid, Standing)>> {
    tx.list(OF_BUNDLE, params![account, bundle, CAMPAIGNS_MAX], read_standing)
}

/// Where the bundle stands that this one is a copy of, in each campaign that it is in.
///
/// # Errors
/// When the database fails.
pub fn members_of_source(
    tx: &mut Tx<'_>,
    account: AccountSid,
    copy: BundleSid,
) -> StoreResult<Vec<(CampaignSid, BundleSid, Standing)>> {
    tx.list(OF_SOURCE, params![account, copy, CAMPAIGNS_MAX], read_standing)
}

/// Puts a bundle somewhere else in a campaign.
///
/// # Errors
/// [`StoreError::RowCount`] when it is not in it.
pub fn set_standing(
    tx: &mut Tx<'_>,
    account: AccountSid,
    (campaign, bundle): (CampaignSid, BundleSid),
    standing: Standing,
    now: Timestamp,
) -> StoreResult<()> {
    tx.execute_one(SET_STANDING, params![account, bundle, campaign, standing.as_str(), now])
}

/// One page of the bundles of a campaign, in the order in which it came to them.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, filter: MemberFilter, window: &Window) -> StoreResult<Page<Member>> {
    let after = window.position();
    let (time, sid) = after.map_or((i64::MIN, String::new()), |last| (last.key, last.sid.to_string()));
    let limit = i64::from(window.size) + 1;
    let campaign = filter.campaign;
    let rows = match filter.standing {
        None => tx.list(LIST, params![campaign, time, sid, limit], read)?,
        Some(standing) => {
            tx.list(LIST_STANDING, params![campaign, standing.as_str(), time, sid, limit], read)?
        }
    };
    Ok(Page::from_read(rows, window))
}

/// How many bundles of a campaign stand where. Looks at all of them, in an index.
///
/// # Errors
/// When the database fails.
pub fn counts(tx: &mut Tx<'_>, campaign: CampaignSid) -> StoreResult<Vec<(Standing, u64)>> {
    tx.list(COUNTS, params![campaign], |row| {
        let mut columns = row.columns();
        Ok((columns.next()?, u64::try_from(columns.next::<i64>()?).unwrap_or_default()))
    })
}

#[derive(Serialize, Deserialize)]
struct StoredItem {
    requirement: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    field: Option<String>,
    code: u32,
    sentence: String,
}

fn written(missing: &[MissingItem]) -> String {
    let stored: Vec<_> = missing
        .iter()
        .map(|item| StoredItem {
            requirement: item.requirement.clone(),
            field: item.field.clone(),
            code: item.code,
            sentence: item.sentence.clone(),
        })
        .collect();
    serde_json::to_string(&stored).expect("texts and numbers can be written as JSON")
}

fn read_missing(json: &str) -> StoreResult<Vec<MissingItem>> {
    let stored: Vec<StoredItem> = serde_json::from_str(json)
        .map_err(|_| StoreError::Column { column: 4, expected: "what a bundle lacks" })?;
    let read = |StoredItem { requirement, field, code, sentence }| MissingItem {
        requirement,
        field,
        code,
        sentence,
    };
    Ok(stored.into_iter().map(read).collect())
}

fn read_standing(row: &Row<'_>) -> StoreResult<(CampaignSid, BundleSid, Standing)> {
    let mut columns = row.columns();
    Ok((columns.next()?, columns.next()?, columns.next()?))
}

fn read(row: &Row<'_>) -> StoreResult<Member> {
    let mut columns = row.columns();
    Ok(Member {
        account: columns.next()?,
        bundle: columns.next()?,
        campaign: columns.next()?,
        standing: columns.next()?,
        missing: read_missing(columns.next()?)?,
        valid_until_before: end_of_validity(columns.next()?),
        valid_until: columns.next()?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
    })
}

impl<'a> FromColumn<'a> for Standing {
    const EXPECTED: &'static str = "a standing in a campaign";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}
