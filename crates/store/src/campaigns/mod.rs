//! Campaigns. They belong to the installation, so no function here takes an owner; what they say about the
//! bundles of an account takes the account.
//!
//! A unit that locks a campaign and bundles locks the campaign first.

mod members;

use dossier_domain::Timestamp;
use dossier_domain::campaign::{Campaign, CampaignState};
use dossier_domain::paging::Position;
use dossier_domain::regulation::Combination;
use dossier_domain::sid::{AccountSid, BundleSid, CampaignSid, RegulationSid};

use crate::db::{FromColumn, Row, StoreResult, Tx, Value, params, statements};

pub use members::{
    Member, MemberFilter, counts, insert_member, list, members_of_bundle, members_of_source, set_standing,
};

macro_rules! columns {
    () => {
        "sid, regulation_sid, iso_country, number_type, end_user_type, revision, state, paused_at, effective_from, \
         approvals_end, looked_at, created_at, updated_at"
    };
}
macro_rules! select {
    () => {
        concat!("SELECT ", columns!(), " FROM campaigns")
    };
}

statements! {
    OPEN = concat!(
        "INSERT INTO campaigns (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (regulation_sid, revision) DO NOTHING"
    );
    GET = concat!(select!(), " WHERE sid = $1");
    LOCK = concat!(select!(), " WHERE sid = $1 FOR UPDATE");
    LIST = concat!(select!(), " WHERE (created_at, sid) > ($1, $2) ORDER BY created_at, sid LIMIT $3");
    OF_REGULATION = concat!(select!(), " WHERE regulation_sid = $1 AND revision > $2 ORDER BY revision LIMIT $3");
    SAVE = "UPDATE campaigns SET state = $2, paused_at = $3, looked_at = $4, updated_at = $5 WHERE sid = $1";
    WALKED = "SELECT walked_account_at, walked_account, walked_bundle_at, walked_bundle FROM campaigns WHERE sid = $1";
    SET_WALKED = "UPDATE campaigns SET walked_account_at = $2, walked_account = $3, walked_bundle_at = $4, walked_bundle = $5 \
                  WHERE sid = $1";
}

/// Every list of statements in here.
pub(crate) const ALL_STATEMENTS: [&[(&str, &str)]; 2] = [STATEMENTS, members::STATEMENTS];

/// Revisions of one regulation that are looked at: as many as ever change in a life.
const OF_REGULATION_MAX: i64 = 1_000;

/// How far a campaign came on its way over all bundles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Walked {
    /// The account that it is at, or has just finished.
    pub account: Option<(Timestamp, AccountSid)>,
    /// The last bundle of that account that it looked at; nothing when it begins with the account behind.
    pub bundle: Option<(Timestamp, BundleSid)>,
}

/// Adds a campaign, unless there is one for the revision. Returns whether it was added.
///
/// # Errors
/// When the database fails.
pub fn open(tx: &mut Tx<'_>, campaign: &Campaign) -> StoreResult<bool> {
    let added = tx.execute(
        OPEN,
        params![
            campaign.sid,
            campaign.regulation_sid,
            campaign.combination.iso_country.as_str(),
            campaign.combination.number_type.as_str(),
            campaign.combination.end_user_type.as_str(),
            i64::from(campaign.revision),
            campaign.state.as_str(),
            campaign.paused_at,
            campaign.effective_from,
            campaign.approvals_end,
            count(campaign.looked_at),
            campaign.created_at,
            campaign.updated_at
        ],
    )?;
    Ok(added == 1)
}

/// The campaign, if there is one.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, sid: CampaignSid) -> StoreResult<Option<Campaign>> {
    tx.optional(GET, params![sid], read)
}

/// As [`get`], and nobody else changes it until this unit ends.
///
/// # Errors
/// When the database fails.
pub fn lock(tx: &mut Tx<'_>, sid: CampaignSid) -> StoreResult<Option<Campaign>> {
    tx.optional(LOCK, params![sid], read)
}

/// Up to `limit` campaigns, oldest first, behind a place in that order.
///
/// # Errors
/// When the database fails.
pub fn all(tx: &mut Tx<'_>, after: Option<Position>, limit: u32) -> StoreResult<Vec<Campaign>> {
    let (time, sid) = after.map_or((i64::MIN, String::new()), |last| (last.key, last.sid.to_string()));
    tx.list(LIST, params![time, sid, i64::from(limit)], read)
}

/// The campaigns about later revisions of a regulation, by revision.
///
/// # Errors
/// When the database fails.
pub fn of_regulation(tx: &mut Tx<'_>, regulation: RegulationSid, after: u32) -> StoreResult<Vec<Campaign>> {
    tx.list(OF_REGULATION, params![regulation, i64::from(after), OF_REGULATION_MAX], read)
}

/// Saves what can change about a campaign that is locked.
///
/// # Errors
/// When the database fails.
pub fn save(tx: &mut Tx<'_>, campaign: &Campaign) -> StoreResult<()> {
    let Campaign { sid, state, paused_at, looked_at, updated_at, .. } = campaign;
    tx.execute_one(SAVE, params![sid, state.as_str(), *paused_at, count(*looked_at), *updated_at])
}

/// How far the campaign came.
///
/// # Errors
/// When the database fails.
pub fn walked(tx: &mut Tx<'_>, sid: CampaignSid) -> StoreResult<Walked> {
    let found = tx.optional(WALKED, params![sid], |row| {
        let mut columns = row.columns();
        let account: (Option<Timestamp>, Option<AccountSid>) = (columns.next()?, columns.next()?);
        let bundle: (Option<Timestamp>, Option<BundleSid>) = (columns.next()?, columns.next()?);
        Ok(Walked { account: account.0.zip(account.1), bundle: bundle.0.zip(bundle.1) })
    })?;
    Ok(found.unwrap_or_default())
}

/// Keeps how far the campaign came, in the unit that does what it did there.
///
/// # Errors
/// When the database fails.
pub fn set_walked(tx: &mut Tx<'_>, sid: CampaignSid, walked: &Walked) -> StoreResult<()> {
    let (account_at, account) = walked.account.unzip();
    let (bundle_at, bundle) = walked.bundle.unzip();
    tx.execute_one(SET_WALKED, params![sid, account_at, account, bundle_at, bundle])
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> StoreResult<Campaign> {
    let mut columns = row.columns();
    Ok(Campaign {
        sid: columns.next()?,
        regulation_sid: columns.next()?,
        combination: Combination {
            iso_country: columns.next()?,
            number_type: columns.next()?,
            end_user_type: columns.next()?,
        },
        revision: u32::try_from(columns.next::<i64>()?).unwrap_or(u32::MAX),
        state: columns.next()?,
        paused_at: columns.next()?,
        effective_from: columns.next()?,
        approvals_end: columns.next()?,
        looked_at: u64::try_from(columns.next::<i64>()?).unwrap_or_default(),
        created_at: columns.next()?,
        updated_at: columns.next()?,
    })
}

impl<'a> FromColumn<'a> for CampaignState {
    const EXPECTED: &'static str = "a state of a campaign";

    fn from_value(value: Value<'a>) -> Option<Self> {
        <&str>::from_value(value).and_then(Self::parse)
    }
}
