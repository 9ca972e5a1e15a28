//! Carrying out an erasure: in small units, so that nobody waits for it, and so that it goes on where it was
//! when the process dies. Whatever a unit does may be done again.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use dossier_domain::Timestamp;
use dossier_domain::account::AccountStatus;
use dossier_domain::audit::Action;
use dossier_domain::bundle::BundleStatus;
use dossier_domain::erasure::ErasureState;
use dossier_domain::sid::{AccountSid, AnySid, BundleSid, ErasureSid};
use dossier_store::erasures::{self, Erasure, ErasureObject};
use dossier_store::jobs::{self, Job};
use dossier_store::seal::Keyring;
use dossier_store::{Owner, Tx, accounts, audit, bundles, cases, documents, item_assignments};
use futures_util::StreamExt;
use tokio::time::Instant;
use tracing::info;

use super::plan::Plan;
use super::{end, event, owner_of};
use crate::accounts::close_for_erasure;
use crate::legal_holds::hold_on;
use crate::review::close_erased;
use crate::{App, Result};

/// Objects that are erased in one transaction.
const OBJECTS_AT_ONCE: u32 = 100;
/// How long one claim of the job is worked on: much less than its lease.
const WORK_MAX: Duration = Duration::from_secs(30);
/// How often it is looked whether what is in the way has ended.
const BLOCKED_PAUSE: Duration = Duration::from_secs(60 * 60);
/// How long other nodes may believe that an account is open that was closed a moment ago, and finish what
/// they had begun.
const CLOSING_PAUSE: Duration = Duration::from_secs(10);
/// The place of a walk behind its last object.
const WALKED: &str = "walked";

/// What a unit has come to.
enum Step {
    /// There is more to do.
    More,
    /// There is more to do, at a time.
    Later(Timestamp),
    /// Everything is erased, and may still be in the files of the database.
    Erased(Box<Erasure>),
    /// It has come to its end, now or before.
    Over,
}

impl App {
    /// Does what is due about an erasure: the job of kind [`JobKind::Erasure`](jobs::JobKind::Erasure).
    pub(crate) async fn carry_out_erasure(&self, job: &Job) -> Result<()> {
        let Some(sid) = job.key.subject.of_kind::<dossier_domain::sid::kinds::Erasure>() else {
            return Ok(());
        };
        let begun = Instant::now();
        loop {
            // What was erased by a unit whose process died has its file still.
            self.delete_erased_files(sid).await?;
            let (now, keyring) = (self.now(), Arc::clone(&self.keyring));
            match self.db.write(move |tx| step(tx, &keyring, sid, now)).await? {
                Step::More if begun.elapsed() < WORK_MAX => {}
                Step::More => return self.end_erasure_job(job, Some(now)).await,
                Step::Later(at) => return self.end_erasure_job(job, Some(at)).await,
                Step::Erased(erasure) => self.finish_erasure(&erasure).await?,
                Step::Over => return self.end_erasure_job(job, None).await,
            }
        }
    }

    /// Leaves nothing of it behind, and writes down that it is done.
    async fn finish_erasure(&self, erasure: &Erasure) -> Result<()> {
        if let Some(account) = erasure.of_account() {
            self.keyring.forget(account);
            self.forget_credentials(account);
            let mut files = pin!(self.files.list_older_than(Some(account), Timestamp::MAX));
            while let Some(file) = files.next().await {
                self.files.delete(&file?.key).await?;
            }
        }
        self.db.wipe().await?;
        let (sid, now) = (erasure.sid, self.now());
        let objects = self
            .db
            .write(move |tx| {
                let Some(erasure) = erasures::lock(tx, sid)?.filter(|found| found.state.is_open()) else {
                    return Ok::<_, crate::Error>(None);
                };
                let by = (erasure.requested_by, erasure.request);
                let event = event(erasure.account, by, now, Action::ErasureFinished, sid);
                let objects = erasure.objects;
                end(tx, erasure, ErasureState::Done, &event)?;
                Ok(Some(objects))
            })
            .await?;
        if let Some(objects) = objects {
            info!(%sid, objects, "Erasure {sid} is done: {objects} objects");
        }
        Ok(())
    }

    async fn delete_erased_files(&self, sid: ErasureSid) -> Result<()> {
        loop {
            let with_files = self.db.read(move |tx| erasures::has_files(tx, sid, OBJECTS_AT_ONCE)).await?;
            if with_files.is_empty() {
                return Ok(());
            }
            for key in with_files.iter().filter_map(|object| object.file_key.as_deref()) {
                self.files.delete(key).await?;
            }
            self.db
                .write(move |tx| {
                    with_files.iter().try_for_each(|object| {
                        erasures::file_is_deleted(tx, sid, (object.account, object.sid))
                    })
                })
                .await?;
        }
    }

    async fn end_erasure_job(&self, job: &Job, again: Option<Timestamp>) -> Result<()> {
        let job = job.clone();
        self.db
            .write(move |tx| {
                let Some(held) = jobs::hold(tx, &job)? else { return Ok(()) };
                match again {
                    Some(at) => held.postpone(tx, at, 0)?,
                    None => held.finish(tx)?,
                }
                Ok(())
            })
            .await
    }
}

fn step(tx: &mut Tx<'_>, keyring: &Keyring, sid: ErasureSid, now: Timestamp) -> Result<Step> {
    let Some(erasure) = erasures::lock(tx, sid)?.filter(|found| found.state.is_open()) else {
        return Ok(Step::Over);
    };
    if erasure.due_at > now {
        return Ok(Step::Later(erasure.due_at));
    }
    match erasure.state {
        ErasureState::Waiting | ErasureState::Blocked => begin(tx, erasure, now),
        ErasureState::Running => go_on(tx, keyring, erasure, now),
        ErasureState::Done | ErasureState::Undone => Ok(Step::Over),
    }
}

/// Looks again at what belongs to it and what is in its way: its request may have been long ago.
fn begin(tx: &mut Tx<'_>, mut erasure: Erasure, now: Timestamp) -> Result<Step> {
    accounts::lock(tx, erasure.account)?;
    let plan = Plan::of(tx, erasure.account, erasure.subject)?;
    if let Some(obstacle) = plan.obstacles(tx, &erasure)?.first() {
        return block(tx, erasure, obstacle.sid(), now);
    }
    (erasure.state, erasure.blocked_by) = (ErasureState::Running, None);
    erasures::save(tx, &erasure)?;
    for (account, object) in plan.objects() {
        erasures::add(tx, erasure.sid, *account, *object)?;
    }
    let Some(account) = erasure.of_account() else { return Ok(Step::More) };
    match accounts::get(tx, account)? {
        Some(found) if found.status != AccountStatus::Closed => {
            close_for_erasure(tx, found, (erasure.requested_by, erasure.request), now)?;
            Ok(Step::Later(now.plus(CLOSING_PAUSE)))
        }
        Some(_) | None => Ok(Step::More),
    }
}

fn block(tx: &mut Tx<'_>, mut erasure: Erasure, by: AnySid, now: Timestamp) -> Result<Step> {
    (erasure.state, erasure.blocked_by) = (ErasureState::Blocked, Some(by));
    erasures::save(tx, &erasure)?;
    Ok(Step::Later(now.plus(BLOCKED_PAUSE)))
}

fn go_on(tx: &mut Tx<'_>, keyring: &Keyring, mut erasure: Erasure, now: Timestamp) -> Result<Step> {
    let batch = next_batch(tx, &mut erasure)?;
    let Some((account, _)) = batch.first().copied() else {
        // The last trace of why, before the files are wiped.
        erasure.reason.clear();
        erasures::save(tx, &erasure)?;
        return Ok(Step::Erased(Box::new(erasure)));
    };
    // A hold on the account that is being set now comes before this unit or behind it.
    accounts::lock(tx, account)?;
    let owner = owner_of(tx, keyring, account)?;
    for (_, object) in &batch {
        if let Some(hold) = hold_on(tx, account, *object)? {
            return block(tx, erasure, hold.into(), now);
        }
        let file_key = erase(tx, &owner, *object, now)?;
        let by = (erasure.requested_by, erasure.request);
        let event = event(account, by, now, Action::ObjectErased, *object);
        audit::append(tx, &event)?;
        erasures::add(tx, erasure.sid, account, *object)?;
        let marked = (account, *object);
        erasures::mark_erased(tx, erasure.sid, marked, (now, event.sid), file_key.as_deref())?;
        erasure.objects += 1;
        if erasure.of_account().is_some() {
            let is_last = object.of_kind() == Some(account);
            erasure.place = if is_last { WALKED.to_owned() } else { object.to_string() };
        }
        erasures::save(tx, &erasure)?;
    }
    Ok(Step::More)
}

/// The next objects, all of one account, bundles first.
fn next_batch(tx: &mut Tx<'_>, erasure: &mut Erasure) -> Result<Vec<(AccountSid, AnySid)>> {
    if let Some(account) = erasure.of_account() {
        if erasure.place == WALKED {
            return Ok(Vec::new());
        }
        let next = erasures::next_of_account(tx, account, &erasure.place, OBJECTS_AT_ONCE)?;
        // The account itself comes last, and its keys with it.
        let next = if next.is_empty() { vec![account.into()] } else { next };
        return Ok(next.into_iter().map(|object| (account, object)).collect());
    }
    let mut waiting = erasures::to_do(tx, erasure.sid, OBJECTS_AT_ONCE)?;
    if waiting.is_empty() {
        // What was made of it meanwhile.
        for (account, object) in Plan::of(tx, erasure.account, erasure.subject)?.objects() {
            erasures::add(tx, erasure.sid, *account, *object)?;
        }
        waiting = erasures::to_do(tx, erasure.sid, OBJECTS_AT_ONCE)?;
    }
    let account = waiting.first().map(|object| object.account);
    let mut batch: Vec<_> = waiting
        .iter()
        .filter(|object| Some(object.account) == account)
        .map(|ErasureObject { account, sid, .. }| (*account, *sid))
        .collect();
    batch.sort_by_key(|(_, object)| object.of_kind::<dossier_domain::sid::kinds::Bundle>().is_none());
    Ok(batch)
}

/// Erases one object, and returns the key of its file. One that is gone was erased by its deletion.
fn erase(tx: &mut Tx<'_>, owner: &Owner, object: AnySid, now: Timestamp) -> Result<Option<String>> {
    let account = owner.account;
    if object.of_kind() == Some(account) {
        erasures::account(tx, account, now)?;
    } else if let Some(sid) = object.of_kind() {
        erase_bundle(tx, owner, sid, now)?;
    } else if let Some(sid) = object.of_kind() {
        erasures::end_user(tx, account, sid, now)?;
    } else if let Some(sid) = object.of_kind() {
        return Ok(erasures::document(tx, account, sid, now)?);
    } else if let Some(sid) = object.of_kind() {
        erasures::address(tx, account, sid, now)?;
    }
    Ok(None)
}

/// A bundle under review leaves it: there is nothing left to decide about.
fn erase_bundle(tx: &mut Tx<'_>, owner: &Owner, sid: BundleSid, now: Timestamp) -> Result<()> {
    let case = cases::lock_latest(tx, owner.account, sid)?;
    let Some(bundle) = bundles::lock(tx, owner, sid)? else { return Ok(()) };
    let mut status = bundle.status;
    if status.is_under_review() {
        close_erased(tx, owner, case, now)?;
        status = BundleStatus::Draft;
    }
    erasures::bundle(tx, owner.account, sid, status, now)?;
    if status == bundle.status {
        return Ok(());
    }
    for object in item_assignments::objects(tx, owner, sid)? {
        let Some(document) = object.of_kind() else { continue };
        let elsewhere = item_assignments::bundle_statuses(tx, owner, object)?;
        if elsewhere.into_iter().any(BundleStatus::is_under_review) {
            continue;
        }
        if let Some(found) = documents::lock(tx, owner, document)? {
            let (from, to) = (found.status, found.status.withdrawn());
            if from != to {
                documents::set_status(tx, owner, document, from, to, now)?;
            }
        }
    }
    Ok(())
}
