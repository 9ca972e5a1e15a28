//! What only rehearsal mode can do: move the clock, and begin anew.

use std::sync::Arc;
use std::time::Duration;

use dossier_domain::bundle::Bundle;
use dossier_domain::sid::BundleSid;
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::{bundles, jobs, reset};
use futures_util::StreamExt;

use crate::catalogue::take_up;
use crate::{App, PolicyDecision, Result, not_found};

/// How long jobs that another part of the process has under way are waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often they are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(5);

impl App {
    /// Moves the clock forward to a time. What becomes due on the way is done at its time, in order, so
    /// that a month passes as it would pass: with its reminders, retries and ends.
    ///
    /// # Errors
    /// Code 20001 for a time that has passed; 20404 when the clock cannot be moved.
    pub async fn advance_clock(self: &Arc<Self>, to: Timestamp) -> Result<Timestamp> {
        if to < self.now() {
            return Err(Fault::new(
                Code::InvalidParameter,
                "The clock goes forward only; a reset sets it back",
            )
            .into());
        }
        self.finish_due_jobs().await?;
        self.plan_account_erasures().await?;
        // A job whose worker died is next when its lease has ended, not when it was due.
        while let Some(at) = self.db.read(jobs::next_claim).await?.filter(|at| *at <= to) {
            self.set_clock(at.max(self.now()))?;
            self.finish_due_jobs().await?;
        }
        self.set_clock(to.max(self.now()))?;
        Ok(self.now())
    }

    /// Does everything that is due, and waits for what others are doing of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_due_jobs(self: &Arc<Self>) -> Result<()> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            self.work_off().await?;
            let now = self.now();
            let is_done = self.next_due().await?.is_none_or(|due_at| due_at > now);
            if is_done || tokio::time::Instant::now() > until {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Plays the reviewer of a bundle, and has everybody told before it returns.
    ///
    /// # Errors
    /// As [`App::decide_without_person`].
    pub async fn simulate_review(
        self: &Arc<Self>,
        bundle: BundleSid,
        decision: PolicyDecision,
    ) -> Result<Bundle> {
        let owner = self.owner_of_bundle(bundle).await?;
        self.decide_without_person(owner.account, bundle, decision).await?;
        self.finish_due_jobs().await?;
        self.db.read(move |tx| bundles::get(tx, &owner, bundle)).await?.ok_or_else(|| not_found(bundle))
    }

    /// Removes everything that was made, in all accounts, and sets the clock back to the time of the
    /// machine. Accounts and operators stay.
    ///
    /// # Errors
    /// When the database or the document store fails.
    pub async fn reset(&self) -> Result<()> {
        self.db.write(reset::everything).await?;
        let mut files = std::pin::pin!(self.files.list_older_than(None, Timestamp::MAX));
        while let Some(file) = files.next().await {
            self.files.delete(&file?.key).await?;
        }
        self.clock.set(None);
        // A change of a rule is still to come, although nobody is left whom it concerns.
        Ok(take_up(&self.db, &self.catalogue(), &self.options.campaigns, self.now()).await?)
    }

    fn set_clock(&self, time: Timestamp) -> Result<()> {
        if self.clock.set(Some(time)) {
            return Ok(());
        }
        Err(Fault::new(Code::NotFound, "The clock can be moved in rehearsal mode only").into())
    }

    async fn next_due(&self) -> Result<Option<Timestamp>> {
        Ok(self.db.read(jobs::next_due).await?)
    }
}
