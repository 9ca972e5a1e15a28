//! The worker: does what jobs say, as many at once as is good for the machine.
//!
//! Any number of nodes may work. A job that is claimed belongs to its worker until the lease ends; one
//! whose worker died is claimed again then. So each kind of job writes its outcome in a unit that
//! [holds](dossier_store::jobs::hold) the job, and decides by what it reads in that unit.

use std::sync::Arc;
use std::time::Duration;

use dossier_domain::delivery::Channel;
use dossier_store::jobs::{self, Job, JobKind};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tracing::{error, warn};

use crate::random::random_token;
use crate::{App, Result};

/// Jobs that are done at the same time by one node.
const AT_ONCE_MAX: usize = 256;
/// Jobs that are claimed in one transaction: others want to write too.
const CLAIMED_MAX: usize = 64;
/// How long a worker may take for one job: longer than the slowest receiver is waited for.
const LEASE: Duration = Duration::from_secs(120);
/// How often jobs are looked for that another node wrote, or whose time has come.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The pause after a job failed for a reason of our own, such as the database; doubled each time.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
/// The longest pause after such a failure.
const PAUSE_MAX: Duration = Duration::from_secs(300);

/// Wakes the worker of this process when it may have something to do.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Notify);

impl Alarm {
    /// Something may be due now. Called after the unit that made it so was committed.
    pub(crate) fn ring(&self) {
        self.0.notify_one();
    }

    async fn wait(&self) {
        // Nothing is lost when it does not ring: another look follows soon.
        let _ = tokio::time::timeout(LOOK_EVERY, self.0.notified()).await;
    }
}

impl App {
    /// Works until `stop` ends, and then gives what is under way some time. What is cut off is claimed
    /// again when its lease has ended.
    pub async fn work_until(self: Arc<Self>, stop: impl Future<Output = ()>, grace: Duration) {
        let mut under_way = JoinSet::new();
        tokio::select! {
            () = self.work(&mut under_way) => {}
            () = stop => {}
        }
        let finish = async { while under_way.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, finish).await.is_err() {
            warn!("Jobs were cut off; they are done again when their leases have ended");
        }
    }

    async fn work(self: &Arc<Self>, under_way: &mut JoinSet<()>) {
        loop {
            while under_way.try_join_next().is_some() {}
            let full = under_way.len() >= AT_ONCE_MAX;
            let started = if full { Ok(0) } else { self.start_due_jobs(under_way).await };
            match started {
                Ok(0) if under_way.is_empty() => self.alarm.wait().await,
                // What ends makes room, and may be what the next one of the same bundle waits for.
                Ok(0) => tokio::select! {
                    _ = under_way.join_next() => {}
                    () = self.alarm.wait(), if !full => {}
                },
                Ok(_) => {}
                Err(failure) => {
                    warn!(error = &failure as &dyn std::error::Error, "Jobs could not be claimed");
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    }

    /// Does everything that is due now, and what comes of it, and returns how many jobs that were.
    ///
    /// # Errors
    /// When jobs cannot be claimed. A job that fails is tried again later.
    pub async fn work_off(self: &Arc<Self>) -> Result<usize> {
        let (mut under_way, mut done) = (JoinSet::new(), 0);
        loop {
            let started = self.start_due_jobs(&mut under_way).await?;
            done += started;
            if started == 0 && under_way.join_next().await.is_none() {
                return Ok(done);
            }
        }
    }

    /// Starts as many jobs as there is room for.
    async fn start_due_jobs(self: &Arc<Self>, under_way: &mut JoinSet<()>) -> Result<usize> {
        let now = self.now();
        let room = AT_ONCE_MAX.saturating_sub(under_way.len()).min(CLAIMED_MAX);
        if room == 0 || !self.db.read(move |tx| jobs::is_due(tx, now)).await? {
            return Ok(0);
        }
        let (lease, limit) = (random_token(), u32::try_from(room).unwrap_or(u32::MAX));
        let until = now.plus(LEASE);
        let claimed = self.db.write(move |tx| jobs::claim(tx, &lease, now, until, limit)).await?;
        let started = claimed.len();
        for job in claimed {
            let app = Arc::clone(self);
            under_way.spawn(async move { app.do_job(job).await });
        }
        Ok(started)
    }

    async fn do_job(&self, job: Job) {
        let key = job.key;
        let done = match key.kind {
            JobKind::Callback => self.deliver(&job, Channel::Callback).await,
            JobKind::Mail => self.deliver(&job, Channel::Mail).await,
            JobKind::Expiry => self.watch_validity(job.clone()).await,
            JobKind::ClaimEnd => self.end_claim(job.clone()).await,
            JobKind::Campaign => self.carry_campaign(job.clone()).await,
            JobKind::AutoReview => self.auto_review(job.clone()).await,
            JobKind::Erasure => self.carry_out_erasure(&job).await,
        };
        let Err(failure) = done else { return };
        let (kind, subject) = (key.kind.as_str(), key.subject.text());
        warn!(kind, subject = &*subject, error = &failure as &dyn std::error::Error, "A job failed");
        let again = self.now().plus(pause(job.attempt));
        let put_back = self.db.write(move |tx| jobs::retry(tx, &job, again)).await;
        if let Err(failure) = put_back {
            // Then it is tried again when its lease has ended.
            error!(kind, error = &failure as &dyn std::error::Error, "A failed job could not be put back");
        }
    }
}

/// How long to wait after this many attempts failed.
fn pause(attempts: u32) -> Duration {
    PAUSE_FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(PAUSE_MAX)
}
