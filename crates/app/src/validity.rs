//! The end of a bundle's validity: set by an operator, reminded of, and come.

use dossier_domain::audit::{Action, Actor, AuditEvent, Outcome};
use dossier_domain::bundle::validity::{self, Step};
use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::campaign::Happening;
use dossier_domain::notice::{FailureReason, NoticeKind};
use dossier_domain::operator::Permission;
use dossier_domain::sid::BundleSid;
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::jobs::{self, Job, JobKey, JobKind};
use dossier_store::{Owner, StoreError, Tx, audit, bundles, cases};

use crate::campaigns::follow_bundle;
use crate::notices::{self, Notice, Telling};
use crate::random::random_sid;
use crate::review::close_expired;
use crate::{App, OperatorCaller, Result, keys, not_found};

impl App {
    /// Sets the end of an approved bundle's validity, or takes it away. Its people are told.
    ///
    /// # Errors
    /// Code 20403 when the role may not; 20404; 20409 when the bundle is not approved; 20001 for a time
    /// that has passed.
    pub async fn set_valid_until(
        &self,
        caller: &OperatorCaller,
        sid: BundleSid,
        valid_until: Option<Timestamp>,
    ) -> Result<Bundle> {
        caller.must(Permission::Review)?;
        let (now, telling) = (self.now(), self.telling());
        if valid_until.is_some_and(|end| end <= now) {
            let message = "Invalid valid_until: it must lie in the future; to end an approval now, reject it";
            return Err(Fault::new(Code::InvalidParameter, message).into());
        }
        let owner = self.owner_of_bundle(sid).await?;
        let caller = caller.clone();
        let saved = self
            .db
            .write(move |tx| {
                let was = bundles::lock(tx, &owner, sid)?.ok_or_else(|| not_found(sid))?;
                was.status.allows_validity(sid)?;
                if was.valid_until == valid_until {
                    return Ok(was);
                }
                let bundle = Bundle { valid_until, updated_at: now, ..was };
                bundles::save(tx, &owner, &bundle, bundle.status)?;
                plan(tx, &owner, &bundle, now)?;
                let kind = match valid_until {
                    Some(_) => NoticeKind::ValidUntilSet,
                    None => NoticeKind::ValidUntilCleared,
                };
                notices::tell(tx, telling, &owner, &Notice { bundle: &bundle, kind, reason: None }, now)?;
                audit::append(tx, &caller.event(owner.account, now, Action::ValiditySet, sid))?;
                Ok::<_, crate::Error>(bundle)
            })
            .await?;
        self.alarm.ring();
        Ok(saved)
    }

    /// Does what is due about the end of a bundle's validity: the job of kind [`JobKind::Expiry`].
    pub(crate) async fn watch_validity(&self, job: Job) -> Result<()> {
        let sid: Option<BundleSid> = job.key.subject.of_kind();
        let sid = sid.ok_or_else(|| StoreError::Schema(format!("{} is no bundle", job.key.subject)))?;
        let owner = keys::owner(&self.db, &self.keyring, job.key.account).await?;
        let (now, telling) = (self.now(), self.telling());
        self.db
            .write(move |tx| {
                // Cases are locked before bundles.
                let case = cases::lock_latest(tx, owner.account, sid)?;
                let bundle = bundles::lock(tx, &owner, sid)?;
                let Some(held) = jobs::hold(tx, &job)? else { return Ok(()) };
                if held.due_at > now {
                    let due_at = held.due_at;
                    return Ok(held.postpone(tx, due_at, 0)?);
                }
                let watched = bundle.filter(|bundle| bundle.status.allows_validity(sid).is_ok());
                let Some((end, bundle)) = watched.and_then(|bundle| Some((bundle.valid_until?, bundle)))
                else {
                    // Nothing to watch any more: deleted, rejected, or valid without an end.
                    return Ok(held.finish(tx)?);
                };
                match validity::due_step(end, now) {
                    Some(Step::End) => {
                        close_expired(tx, &owner, case, Action::BundleExpired, now)?;
                        end_validity(tx, telling, &owner, bundle, end, now)?;
                        return Ok(held.finish(tx)?);
                    }
                    Some(Step::Remind(days)) => {
                        let kind = NoticeKind::ValidUntilNear(days);
                        notices::tell(
                            tx,
                            telling,
                            &owner,
                            &Notice { bundle: &bundle, kind, reason: None },
                            now,
                        )?;
                    }
                    None => {}
                }
                Ok::<(), crate::Error>(held.postpone(tx, validity::next_step(end, now).0, 0)?)
            })
            .await?;
        self.alarm.ring();
        Ok(())
    }
}

/// Sees to it that the end of the bundle's validity is watched, or is no longer. Called by whatever
/// sets it, with the bundle locked.
///
/// # Errors
/// When the database fails.
pub(crate) fn plan(tx: &mut Tx<'_>, owner: &Owner, bundle: &Bundle, now: Timestamp) -> Result<()> {
    let key = JobKey::new(JobKind::Expiry, owner.account, bundle.sid);
    match bundle.valid_until {
        Some(end) => jobs::schedule(tx, &key, validity::next_step(end, now).0)?,
        None => jobs::cancel(tx, &key)?,
    }
    Ok(())
}

/// The approval has run out: the bundle is rejected, its documents stay as they are (contract 14.2 row
/// 40).
fn end_validity(
    tx: &mut Tx<'_>,
    telling: Telling,
    owner: &Owner,
    was: Bundle,
    end: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let from = was.status;
    let bundle = Bundle { status: BundleStatus::Rejected, updated_at: now, ..was };
    bundles::save(tx, owner, &bundle, from)?;
    follow_bundle(tx, owner.account, bundle.sid, Happening::Ended, now)?;
    let reason = FailureReason { text: format!("The approval was valid until {end}."), codes: Vec::new() };
    let notice = Notice { bundle: &bundle, kind: NoticeKind::ValidUntilPassed, reason: Some(&reason) };
    notices::tell(tx, telling, owner, &notice, now)?;
    Ok(audit::append(
        tx,
        &AuditEvent {
            sid: random_sid(),
            account_sid: owner.account,
            at: now,
            actor: Actor::Policy,
            action: Action::BundleExpired,
            target: bundle.sid.into(),
            outcome: Outcome::Done,
            request: random_sid(),
            rule_revision: None,
        },
    )?)
}
