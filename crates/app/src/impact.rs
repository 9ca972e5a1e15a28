//! The impact of a proposed catalogue: which bundles would stop being compliant, and for what.
//!
//! The proposed rules are the newest of each combination, whenever they come into force; the current ones
//! are those in force today. Bundles are walked over in batches, account by account, so memory stays the
//! same however many there are; only bundles of regulations that differ are evaluated, once by each
//! catalogue.

use std::collections::HashMap;
use std::sync::Arc;

use dossier_domain::account::Account;
use dossier_domain::bundle::BundleStatus;
use dossier_domain::catalogue::{Catalogue, Entry, RegulationFilter};
use dossier_domain::evaluation::Evaluation;
use dossier_domain::regulation::Regulation;
use dossier_domain::sid::{AccountSid, BundleSid, RegulationSid};
use dossier_domain::{Code, Timestamp};
use dossier_store::Owner;
use dossier_store::bundles::{self, BundleHead};
use tokio::sync::mpsc;

use crate::many_items::contents_of_many;
use crate::{App, Error, Result, keys};

/// Bundles that are read in one unit: a few milliseconds of work.
const BATCH: u32 = 200;
/// Of these, those whose contents are in memory at once.
const OPENED: usize = 20;
/// Accounts that are read at once.
const ACCOUNTS_BATCH: u32 = 200;

/// Something an impact run has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImpactEvent {
    /// A bundle that is compliant now would not be.
    Affected(AffectedBundle),
    /// How far the run is; the last one is the total.
    Progress(ImpactProgress),
}

/// A bundle that would stop being compliant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffectedBundle {
    /// Whose it is.
    pub account: AccountSid,
    /// Which.
    pub bundle: BundleSid,
    /// Where it stands.
    pub status: BundleStatus,
    /// By which regulation.
    pub regulation: RegulationSid,
    /// For what.
    pub reasons: Vec<ImpactReason>,
}

/// A requirement that would not be satisfied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImpactReason {
    /// The machine name of the requirement.
    pub requirement: String,
    /// The field, unless the whole item would be missing.
    pub field: Option<String>,
    /// Why.
    pub code: Code,
}

/// Counts of an impact run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImpactProgress {
    /// Bundles that were looked at.
    pub bundles: u64,
    /// Of these, the ones whose regulation differs.
    pub evaluated: u64,
    /// Of these, the ones that would stop being compliant.
    pub affected: u64,
}

impl App {
    /// Walks over all bundles and reports which would stop being compliant under `proposed`.
    ///
    /// A listener that goes away ends the run.
    ///
    /// # Errors
    /// When the database fails; what was reported until then stays true.
    pub async fn impact(
        &self,
        proposed: &Catalogue,
        listener: mpsc::Sender<ImpactEvent>,
    ) -> Result<ImpactProgress> {
        let run = Run::new(self, proposed);
        let mut progress = ImpactProgress::default();
        let mut last = None;
        loop {
            let accounts = self.list_accounts(last, ACCOUNTS_BATCH).await?;
            for account in &accounts {
                if !run.account(account.sid, &mut progress, &listener).await? {
                    return Ok(progress);
                }
            }
            last = accounts.last().map(Account::position);
            if last.is_none() {
                return Ok(progress);
            }
        }
    }
}

/// What differs between the catalogues. A regulation that would be gone has nothing to satisfy, so it is
/// not in here.
struct Run<'a> {
    app: &'a App,
    changed: Arc<HashMap<RegulationSid, Change>>,
}

/// A regulation that asks for something else.
struct Change {
    now: Arc<Regulation>,
    then: Arc<Regulation>,
}

impl<'a> Run<'a> {
    /// Rules that differ only by their revision or their sources cannot change an outcome.
    fn new(app: &'a App, proposed: &Catalogue) -> Self {
        let (current, today) = (app.catalogue(), app.now().date());
        let mut changed = HashMap::new();
        for now in current.list(RegulationFilter::default(), today) {
            let newest = proposed.revisions(now.combination()).last().and_then(Entry::regulation);
            if let Some(then) = newest.filter(|then| then.content_hash() != now.content_hash()) {
                changed.insert(now.sid, Change { now: Arc::clone(now), then: Arc::clone(then) });
            }
        }
        Self { app, changed: Arc::new(changed) }
    }

    /// Walks over the bundles of one account. `false` when nobody listens any more.
    async fn account(
        &self,
        account: AccountSid,
        progress: &mut ImpactProgress,
        listener: &mpsc::Sender<ImpactEvent>,
    ) -> Result<bool> {
        let owner = keys::owner(&self.app.db, &self.app.keyring, account).await?;
        let mut after = None;
        loop {
            let batch = self.batch(owner.clone(), after).await?;
            let Some(end) = batch.last else { return Ok(true) };
            after = Some(end);
            progress.bundles += batch.bundles;
            progress.evaluated += batch.evaluated;
            progress.affected += batch.affected.len() as u64;
            let events = batch.affected.into_iter().map(ImpactEvent::Affected);
            for event in events.chain([ImpactEvent::Progress(*progress)]) {
                if listener.send(event).await.is_err() {
                    return Ok(false);
                }
            }
            tokio::task::yield_now().await;
        }
    }

    async fn batch(&self, owner: Owner, after: Option<(Timestamp, BundleSid)>) -> Result<Batch> {
        let (reader, now) = (self.app.reader(), self.app.now());
        let changed = Arc::clone(&self.changed);
        self.app
            .db
            .read(move |tx| {
                let heads = bundles::walk(tx, &owner, after, BATCH)?;
                let mut batch =
                    Batch { last: heads.last().map(|head| (head.created_at, head.sid)), ..Batch::default() };
                batch.bundles = heads.len() as u64;
                let concerned: Vec<_> = heads
                    .iter()
                    .filter_map(|head| changed.get(&head.regulation_sid).map(|change| (head, change)))
                    .collect();
                batch.evaluated = concerned.len() as u64;
                for some in concerned.chunks(OPENED) {
                    let sids: Vec<_> = some.iter().map(|(head, _)| head.sid).collect();
                    let contents = contents_of_many(tx, &owner, &sids)?;
                    for ((head, change), items) in some.iter().zip(&contents) {
                        if reader.judge(&change.now, items, now).is_compliant() {
                            let then = reader.judge(&change.then, items, now);
                            batch.affected.extend(affected(&owner, head, &then));
                        }
                    }
                }
                Ok::<Batch, Error>(batch)
            })
            .await
    }
}

/// What became of one batch.
#[derive(Default)]
struct Batch {
    last: Option<(Timestamp, BundleSid)>,
    bundles: u64,
    evaluated: u64,
    affected: Vec<AffectedBundle>,
}

/// A bundle that is compliant now, if it would not be.
fn affected(owner: &Owner, head: &BundleHead, then: &Evaluation) -> Option<AffectedBundle> {
    (!then.is_compliant()).then(|| AffectedBundle {
        account: owner.account,
        bundle: head.sid,
        status: head.status,
        regulation: head.regulation_sid,
        reasons: reasons(then),
    })
}

fn reasons(evaluation: &Evaluation) -> Vec<ImpactReason> {
    let mut reasons = Vec::new();
    for result in &evaluation.results {
        let Some(failure) = &result.failure else { continue };
        let requirement = &result.requirement_name;
        if result.invalid.is_empty() {
            reasons.push(ImpactReason { requirement: requirement.clone(), field: None, code: failure.code });
        }
        reasons.extend(result.invalid.iter().map(|field| ImpactReason {
            requirement: requirement.clone(),
            field: Some(field.object_field.clone()),
            code: field.failure.code,
        }));
    }
    reasons
}
