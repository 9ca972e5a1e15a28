//! Jobs: what is to be done outside a request. They belong to the installation, so no function here
//! takes an owner.
//!
//! A job is a row that says what to do about which subject, and when. The transaction that makes it
//! necessary writes it. A worker claims it for a time; when it does not come back, another one may.
//! So everything is done at least once, and whoever writes an outcome does so only with the lease.

use dossier_domain::Timestamp;
use dossier_domain::sid::{AccountSid, AnySid};

use crate::db::{FromColumn, Row, StoreResult, Tx, Value, params, statements};

statements! {
    SCHEDULE = "INSERT INTO jobs (kind, account_sid, subject_sid, due_at, attempt, leased_until) \
                VALUES ($1, $2, $3, $4, 0, 0) ON CONFLICT (kind, account_sid, subject_sid) \
                DO UPDATE SET due_at = excluded.due_at, attempt = 0";
    /// Changes nothing about a job that is there, but waits for a unit that is about to finish it.
    ENSURE = "INSERT INTO jobs (kind, account_sid, subject_sid, due_at, attempt, leased_until) \
              VALUES ($1, $2, $3, $4, 0, 0) ON CONFLICT (kind, account_sid, subject_sid) \
              DO UPDATE SET attempt = jobs.attempt";
    CANCEL = "DELETE FROM jobs WHERE kind = $1 AND account_sid = $2 AND subject_sid = $3";
    IS_DUE = "SELECT 1 FROM jobs WHERE due_at <= $1 AND leased_until <= $1 LIMIT 1";
    NEXT_CLAIM = "SELECT MIN(CASE WHEN leased_until > due_at THEN leased_until ELSE due_at END) FROM jobs";
    NEXT_DUE = "SELECT due_at FROM jobs ORDER BY due_at LIMIT 1";
    DUE = "SELECT kind, account_sid, subject_sid, due_at, attempt FROM jobs \
           WHERE due_at <= $1 AND leased_until <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED";
    LEASE = "UPDATE jobs SET lease = $4, leased_until = $5, attempt = attempt + 1 \
             WHERE kind = $1 AND account_sid = $2 AND subject_sid = $3";
    HOLD = "SELECT due_at FROM jobs WHERE kind = $1 AND account_sid = $2 AND subject_sid = $3 AND lease = $4 FOR UPDATE";
    FINISH = "DELETE FROM jobs WHERE kind = $1 AND account_sid = $2 AND subject_sid = $3 AND lease = $4";
    POSTPONE = "UPDATE jobs SET lease = NULL, leased_until = 0, due_at = $5, attempt = $6 \
                WHERE kind = $1 AND account_sid = $2 AND subject_sid = $3 AND lease = $4";
    RETRY = "UPDATE jobs SET lease = NULL, leased_until = 0, due_at = CASE WHEN due_at = $5 THEN $6 ELSE due_at END \
             WHERE kind = $1 AND account_sid = $2 AND subject_sid = $3 AND lease = $4";
}

macro_rules! job_kinds {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// What a job is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum JobKind {
            $($(#[$doc])* $name,)*
        }

        impl JobKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in the database, in logs and in metrics.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

job_kinds! {
    /// Sends the status callbacks of a bundle, in order.
    Callback "callback";
    /// Sends the mails about a bundle, in order.
    Mail "mail";
    /// Reminds of the end of a bundle's validity, and ends it.
    Expiry "expiry";
    /// Ends the claim of a review case.
    ClaimEnd "claim-end";
    /// Decides a bundle without a person: test bundles, and the magic words of rehearsal mode.
    AutoReview "auto-review";
    /// Carries a change of a rule to the bundles it concerns.
    Campaign "campaign";
    /// Erases what an erasure is about.
    Erasure "erasure";
}

/// What a job is about, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobKey {
    /// What is to be done.
    pub kind: JobKind,
    /// Whose data it is about.
    pub account: AccountSid,
    /// What it is about: a bundle, a case.
    pub subject: AnySid,
}

impl JobKey {
    /// The job of this kind about this subject.
    pub fn new(kind: JobKind, account: AccountSid, subject: impl Into<AnySid>) -> Self {
        Self { kind, account, subject: subject.into() }
    }
}

/// A job that a worker has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What it is about.
    pub key: JobKey,
    /// When it was to be done.
    pub due_at: Timestamp,
    /// How often it was tried, this time included; 1 at first.
    pub attempt: u32,
    lease: String,
}

/// Wants a job done at a time, and at no other: one that waits is moved there.
///
/// # Errors
/// When the database fails.
pub fn schedule(tx: &mut Tx<'_>, key: &JobKey, due_at: Timestamp) -> StoreResult<()> {
    tx.execute_one(SCHEDULE, params![key.kind.as_str(), key.account, key.subject, due_at])
}

/// Wants a job done, at this time if none waits already; one that does keeps its time.
///
/// # Errors
/// When the database fails.
pub fn ensure(tx: &mut Tx<'_>, key: &JobKey, due_at: Timestamp) -> StoreResult<()> {
    tx.execute_one(ENSURE, params![key.kind.as_str(), key.account, key.subject, due_at])
}

/// No longer wants a job done. A worker that has it loses its lease.
///
/// # Errors
/// When the database fails.
pub fn cancel(tx: &mut Tx<'_>, key: &JobKey) -> StoreResult<()> {
    tx.execute(CANCEL, params![key.kind.as_str(), key.account, key.subject])?;
    Ok(())
}

/// Whether there is anything to claim: cheaper than to try.
///
/// # Errors
/// When the database fails.
pub fn is_due(tx: &mut Tx<'_>, now: Timestamp) -> StoreResult<bool> {
    tx.exists(IS_DUE, params![now])
}

/// When the next job is due, or was, if it is under way.
///
/// # Errors
/// When the database fails.
pub fn next_due(tx: &mut Tx<'_>) -> StoreResult<Option<Timestamp>> {
    tx.optional(NEXT_DUE, &[], |row| row.columns().next())
}

/// When the next job can be claimed: when it is due, and whoever has it has lost it. Looks at all jobs.
///
/// # Errors
/// When the database fails.
pub fn next_claim(tx: &mut Tx<'_>) -> StoreResult<Option<Timestamp>> {
    Ok(tx.optional(NEXT_CLAIM, &[], |row| row.columns().next())?.flatten())
}

/// Claims up to `limit` jobs that are due, the longest overdue first, until the lease ends. `lease` is
/// a text nobody else uses.
///
/// # Errors
/// When the database fails.
pub fn claim(
    tx: &mut Tx<'_>,
    lease: &str,
    now: Timestamp,
    leased_until: Timestamp,
    limit: u32,
) -> StoreResult<Vec<Job>> {
    let jobs = tx.list(DUE, params![now, i64::from(limit)], |row| read(row, lease))?;
    for Job { key, .. } in &jobs {
        tx.execute_one(LEASE, params![key.kind.as_str(), key.account, key.subject, lease, leased_until])?;
    }
    Ok(jobs)
}

/// Takes hold of a claimed job until this unit ends, if the worker still has its lease.
///
/// Whoever wants the job again waits for this unit, or came before it. So what is read after this shows
/// everything that was wanted, and the outcome is decided by that, not by what was read when the job
/// was claimed. A unit that locks a bundle too locks it first.
///
/// # Errors
/// When the database fails.
pub fn hold<'j>(tx: &mut Tx<'_>, job: &'j Job) -> StoreResult<Option<HeldJob<'j>>> {
    let key = &job.key;
    let lease = &job.lease;
    tx.optional(HOLD, params![key.kind.as_str(), key.account, key.subject, lease], |row| {
        Ok(HeldJob { job, due_at: row.columns().next()? })
    })
}

/// A job whose outcome this unit may write.
#[derive(Debug)]
pub struct HeldJob<'j> {
    job: &'j Job,
    /// When it is to be done: later than when it was claimed, if it was scheduled anew meanwhile.
    pub due_at: Timestamp,
}

impl HeldJob<'_> {
    /// There is nothing left to do.
    ///
    /// # Errors
    /// When the database fails.
    pub fn finish(self, tx: &mut Tx<'_>) -> StoreResult<()> {
        let Job { key, lease, .. } = self.job;
        tx.execute_one(FINISH, params![key.kind.as_str(), key.account, key.subject, lease])
    }

    /// There is more to do at a time. `attempts` is how often that was tried: 0 for something new.
    ///
    /// # Errors
    /// When the database fails.
    pub fn postpone(self, tx: &mut Tx<'_>, due_at: Timestamp, attempts: u32) -> StoreResult<()> {
        let Job { key, lease, .. } = self.job;
        let attempts = i64::from(attempts);
        tx.execute_one(
            POSTPONE,
            params![key.kind.as_str(), key.account, key.subject, lease, due_at, attempts],
        )
    }
}

/// The job failed and is to be tried again at a time, unless it was scheduled for another one
/// meanwhile, which then holds.
///
/// # Errors
/// When the database fails.
pub fn retry(tx: &mut Tx<'_>, job: &Job, due_at: Timestamp) -> StoreResult<()> {
    let Job { key, lease, due_at: was, .. } = job;
    // Touches no row when the lease was lost: then another worker is at it.
    tx.execute(RETRY, params![key.kind.as_str(), key.account, key.subject, lease, *was, due_at])?;
    Ok(())
}

fn read(row: &Row<'_>, lease: &str) -> StoreResult<Job> {
    let mut columns = row.columns();
    Ok(Job {
        key: JobKey { kind: columns.next()?, account: columns.next()?, subject: columns.next()? },
        due_at: columns.next()?,
        attempt: u32::try_from(columns.next::<i64>()?).unwrap_or(u32::MAX).saturating_add(1),
        lease: lease.to_owned(),
    })
}

impl<'a> FromColumn<'a> for JobKind {
    const EXPECTED: &'static str = "a kind of job";

    fn from_value(value: Value<'a>) -> Option<Self> {
        let text = <&str>::from_value(value)?;
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}
