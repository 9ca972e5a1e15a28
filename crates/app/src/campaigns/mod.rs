//! Campaigns: a change of a rule is carried to everybody whose approval it ends.
//!
//! A catalogue with a coming revision [opens](open) a campaign. A job [walks](walk) over all bundles in
//! small units, and [concerns](concern) those that will lack something: their approvals get an end, and
//! their people are told. From then on the campaign [follows](follow) what becomes of each, and copies are
//! measured by the coming revision. A campaign that was a mistake is [taken back](take_back).

mod concern;
mod follow;
mod open;
mod operate;
mod rules;
mod take_back;
mod walk;

use std::time::Duration;

use dossier_domain::Timestamp;
use dossier_domain::audit::{Action, Actor, AuditEvent, Outcome};
use dossier_domain::sid::{AccountSid, AnySid};

pub(crate) use self::concern::{Carrying, check_rules, concern_approved, concern_clone};
pub(crate) use self::follow::{follow_approved, follow_bundle, follow_copy};
pub(crate) use self::open::{open, wanted};
pub use self::operate::{CampaignProgress, MemberQuery};
pub(crate) use self::rules::rules_for;

use crate::random::random_sid;

/// What can be chosen about campaigns.
#[derive(Debug, Clone)]
pub struct CampaignOptions {
    /// How long approvals still hold that a rule ends which is in force already when it becomes known.
    pub grace: Duration,
}

impl Default for CampaignOptions {
    fn default() -> Self {
        Self { grace: Duration::from_secs(30 * 24 * 60 * 60) }
    }
}

/// Something a campaign did by itself.
fn event(
    account: AccountSid,
    now: Timestamp,
    action: Action,
    target: impl Into<AnySid>,
    revision: u32,
) -> AuditEvent {
    AuditEvent {
        sid: random_sid(),
        account_sid: account,
        at: now,
        actor: Actor::Policy,
        action,
        target: target.into(),
        outcome: Outcome::Done,
        request: random_sid(),
        rule_revision: Some(revision),
    }
}
