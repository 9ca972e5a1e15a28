//! Bundles: made, looked at, changed, handed over to review, deleted.

use dossier_domain::audit::{Action, Outcome};
use dossier_domain::bundle::{Bundle, BundleStatus, Contact, StatusChange};
use dossier_domain::campaign::Happening;
use dossier_domain::document::DocumentStatus;
use dossier_domain::notice::NoticeKind;
use dossier_domain::paging::{Page, Window};
use dossier_domain::regulation::{Combination, Regulation};
use dossier_domain::sid::{BundleSid, EvaluationSid, RegulationSid};
use dossier_domain::text::{CallbackUrl, Email, FriendlyName};
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::bundles::BundleFilter;
use dossier_store::evaluations::{self, StoredEvaluation};
use dossier_store::jobs::{self, JobKey, JobKind};
use dossier_store::{Owner, Tx, audit, bundles, cases, documents, item_assignments, numbers};

use crate::campaigns::{follow_bundle, follow_copy, rules_for};
use crate::evaluations::{Reader, evaluate};
use crate::legal_holds::{refuse_if_erased, refuse_if_held};
use crate::notices::{self, Notice, Telling};
use crate::random::random_sid;
use crate::review::{close_withdrawn, open_case};
use crate::{App, Caller, Error, Result, keys, not_found};

/// What a bundle is made of.
#[derive(Debug, Clone)]
pub struct CreateBundle {
    /// Its name.
    pub friendly_name: FriendlyName,
    /// Who is told about it.
    pub contact: Contact,
    /// What it has to satisfy.
    pub regulation: RegulationChoice,
    /// Whether review rejects it by itself.
    pub is_test: bool,
}

/// How a regulation is named (contract 14.2 row 43).
#[derive(Debug, Clone, Copy)]
pub struct RegulationChoice {
    /// By its identifier, which wins.
    pub sid: Option<RegulationSid>,
    /// By what it is for; must not contradict the identifier.
    pub combination: Option<Combination>,
}

impl RegulationChoice {
    /// Whether nothing is named.
    pub(crate) fn is_empty(&self) -> bool {
        self.sid.is_none() && self.combination.is_none()
    }
}

/// What changes about a bundle; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct UpdateBundle {
    /// Its status.
    pub status: Option<BundleStatus>,
    /// Its name.
    pub friendly_name: Option<FriendlyName>,
    /// Who receives mail about it.
    pub email: Option<Email>,
    /// Where callbacks go; `Some(None)` ends them.
    pub status_callback: Option<Option<CallbackUrl>>,
}

impl UpdateBundle {
    fn has_properties(&self) -> bool {
        self.friendly_name.is_some() || self.email.is_some() || self.status_callback.is_some()
    }

    fn apply_properties(&self, bundle: &mut Bundle) {
        if let Some(friendly_name) = &self.friendly_name {
            bundle.friendly_name = friendly_name.clone();
        }
        if let Some(email) = &self.email {
            bundle.contact.email = email.clone();
        }
        if let Some(status_callback) = &self.status_callback {
            bundle.contact.status_callback = status_callback.clone();
        }
    }
}

/// Which bundles a list shows, and which part of it.
#[derive(Debug, Clone)]
pub struct BundleQuery {
    /// Which bundles, in which order.
    pub filter: BundleFilter,
    /// Which part.
    pub window: Window,
}

/// What became of an update, once it is committed.
enum Updated {
    Bundle(Bundle),
    Noncompliant(EvaluationSid),
}

impl App {
    /// Makes a bundle in draft. Equal requests make several (contract section 1.1).
    ///
    /// # Errors
    /// Code 22201 when there is no such regulation, or the choice contradicts itself; 22202 when none
    /// is named.
    pub async fn create_bundle(&self, caller: Caller, command: CreateBundle) -> Result<Bundle> {
        let now = self.now();
        let regulation = self.chosen_regulation(command.regulation, now)?;
        let bundle = Bundle {
            sid: random_sid(),
            account_sid: caller.account(),
            regulation_sid: regulation.sid,
            combination: regulation.combination(),
            friendly_name: command.friendly_name,
            status: BundleStatus::Draft,
            contact: command.contact,
            valid_until: None,
            is_test: command.is_test,
            created_at: now,
            updated_at: now,
        };
        self.db
            .write(move |tx| {
                bundles::insert(tx, &caller.owner, &bundle)?;
                audit::append(tx, &caller.event(now, Action::BundleCreated, bundle.sid))?;
                Ok(bundle.clone())
            })
            .await
    }

    /// One bundle.
    ///
    /// # Errors
    /// Code 20404.
    pub async fn bundle(&self, caller: Caller, sid: BundleSid) -> Result<Bundle> {
        self.db.read(move |tx| bundles::get(tx, &caller.owner, sid)).await?.ok_or_else(|| not_found(sid))
    }

    /// One page of the account's bundles.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_bundles(&self, caller: Caller, query: BundleQuery) -> Result<Page<Bundle>> {
        Ok(self.db.read(move |tx| bundles::list(tx, &caller.owner, &query.filter, &query.window)).await?)
    }

    /// Changes a bundle. Properties are changed only if the status can be (contract 14.2 row 24).
    ///
    /// # Errors
    /// Code 20404; 22203 and 20409 as [`BundleStatus::requested`] says; [`Error::Noncompliant`] when it
    /// is submitted and does not satisfy its regulation; 22204 in strict mode.
    pub async fn update_bundle(
        &self,
        caller: Caller,
        sid: BundleSid,
        command: UpdateBundle,
    ) -> Result<Bundle> {
        if self.options.strict_updates && command.status.is_some() && command.has_properties() {
            let message = "Status and properties cannot be updated in the same request; send two";
            return Err(Fault::new(Code::StatusWithProperties, message).into());
        }
        let (now, reader, allow_withdraw) = (self.now(), self.reader(), self.options.allow_withdraw);
        let telling = self.telling();
        let review = self.options.review.clone();
        let updated = self
            .db
            .write(move |tx| {
                // Cases are locked before bundles, so it is now or never.
                let takes_back = command.status == Some(BundleStatus::Draft);
                let case = if takes_back { cases::lock_latest(tx, caller.account(), sid)? } else { None };
                let was = bundles::lock(tx, &caller.owner, sid)?.ok_or_else(|| not_found(sid))?;
                let wanted = command.status.unwrap_or(was.status);
                let change = match command.status {
                    Some(wanted) => was.status.requested(wanted, allow_withdraw, sid)?,
                    None => StatusChange::None,
                };
                if command.has_properties() || change != StatusChange::None {
                    refuse_if_erased(&was)?;
                }
                if command.has_properties() {
                    refuse_if_held(tx, &caller.owner, sid)?;
                }
                let mut bundle = Bundle { status: wanted, updated_at: now, ..was.clone() };
                command.apply_properties(&mut bundle);
                let update = Update { caller: &caller, was: was.status, bundle, now, telling };
                match change {
                    StatusChange::None if command.has_properties() => update.save(tx, Action::BundleUpdated),
                    StatusChange::None => Ok(Updated::Bundle(was)),
                    StatusChange::Submit => {
                        let automatic_at = review.automatic_at(&update.bundle, now);
                        update.submit(tx, &reader, automatic_at)
                    }
                    StatusChange::Reopen => {
                        close_withdrawn(tx, &caller, case, Action::BundleReopened, now)?;
                        update.reopen(tx)
                    }
                }
            })
            .await?;
        self.alarm.ring();
        match updated {
            Updated::Bundle(bundle) => Ok(bundle),
            Updated::Noncompliant(evaluation) => Err(Error::Noncompliant { bundle: sid, evaluation }),
        }
    }

    /// Deletes a bundle with its assignments and evaluations; the items stay.
    ///
    /// # Errors
    /// Code 20404; 21647 while it is under review; 21648 while a number is leased with it.
    pub async fn delete_bundle(&self, caller: Caller, sid: BundleSid) -> Result<()> {
        let now = self.now();
        self.db
            .write(move |tx| {
                let owner = &caller.owner;
                let case = cases::lock_latest(tx, owner.account, sid)?;
                let bundle = bundles::lock(tx, owner, sid)?.ok_or_else(|| not_found(sid))?;
                bundle.status.allows_deletion(sid)?;
                refuse_if_held(tx, owner, sid)?;
                if numbers::use_bundle(tx, owner, sid)? {
                    let message =
                        format!("Bundle {sid} is in use by a phone number; release the number first");
                    return Err(Fault::new(Code::BundleInUse, message).into());
                }
                close_withdrawn(tx, &caller, case, Action::BundleDeleted, now)?;
                cases::erase_texts(tx, owner, sid)?;
                item_assignments::delete_all(tx, owner, sid)?;
                evaluations::delete_all(tx, owner, sid)?;
                jobs::cancel(tx, &JobKey::new(JobKind::Expiry, owner.account, sid))?;
                notices::forget(tx, owner, sid)?;
                follow_copy(tx, owner.account, sid, Happening::CopyDeleted, now)?;
                follow_bundle(tx, owner.account, sid, Happening::Deleted, now)?;
                bundles::delete(tx, owner, sid, bundle.status)?;
                Ok(audit::append(tx, &caller.event(now, Action::BundleDeleted, sid))?)
            })
            .await
    }

    /// Whose the bundle is, for operators, who name it alone.
    pub(crate) async fn owner_of_bundle(&self, sid: BundleSid) -> Result<Owner> {
        let account = self.db.read(move |tx| bundles::account_of(tx, sid)).await?;
        keys::owner(&self.db, &self.keyring, account.ok_or_else(|| not_found(sid))?).await
    }

    pub(crate) fn chosen_regulation(
        &self,
        choice: RegulationChoice,
        now: Timestamp,
    ) -> Result<std::sync::Arc<Regulation>> {
        let (catalogue, today) = (self.catalogue(), now.date());
        let regulation = match choice {
            RegulationChoice { sid: Some(sid), combination } => catalogue
                .regulation(sid, today)
                .filter(|found| combination.is_none_or(|wanted| found.combination() == wanted)),
            RegulationChoice { sid: None, combination: Some(combination) } => {
                catalogue.find(combination, today)
            }
            RegulationChoice { sid: None, combination: None } => {
                let message = "Either RegulationSid, or IsoCountry, NumberType and EndUserType must be given";
                return Err(Fault::new(Code::RegulationNotGiven, message).into());
            }
        };
        let message =
            "There is no such regulation; list those there are with GET /v2/RegulatoryCompliance/Regulations";
        regulation.cloned().ok_or_else(|| Fault::new(Code::NoRegulation, message).into())
    }
}

/// An update under way, with the bundle as it shall be.
struct Update<'a> {
    caller: &'a Caller,
    was: BundleStatus,
    bundle: Bundle,
    now: Timestamp,
    telling: Telling,
}

impl Update<'_> {
    fn save(self, tx: &mut Tx<'_>, action: Action) -> Result<Updated> {
        bundles::save(tx, &self.caller.owner, &self.bundle, self.was)?;
        audit::append(tx, &self.caller.event(self.now, action, self.bundle.sid))?;
        Ok(Updated::Bundle(self.bundle))
    }

    /// Evaluates, and hands over to review when the bundle is compliant. Either way the evaluation is
    /// kept (contract 14.2 rows 28 and 29).
    fn submit(self, tx: &mut Tx<'_>, reader: &Reader, automatic_at: Option<Timestamp>) -> Result<Updated> {
        let owner = &self.caller.owner;
        let contents = reader.lock_contents(tx, owner, self.bundle.sid)?;
        let rules = rules_for(tx, reader, &self.bundle, self.now)?;
        let stored = evaluate(reader, &rules, &self.bundle, &contents, self.now);
        evaluations::insert(tx, owner, &stored)?;
        self.record_submission(tx, &stored)?;
        if !stored.evaluation.is_compliant() {
            return Ok(Updated::Noncompliant(stored.sid));
        }
        for document in &contents.documents {
            move_document(tx, owner, document.sid, document.status, document.status.submitted(), self.now)?;
        }
        bundles::save(tx, owner, &self.bundle, self.was)?;
        open_case(tx, reader, self.caller, &self.bundle, &contents, &stored, automatic_at)?;
        follow_copy(tx, owner.account, self.bundle.sid, Happening::CopySubmitted, self.now)?;
        self.tell(tx)?;
        Ok(Updated::Bundle(self.bundle))
    }

    /// Tells the customer's own systems about the status that the customer chose.
    fn tell(&self, tx: &mut Tx<'_>) -> Result<()> {
        let notice = Notice { bundle: &self.bundle, kind: NoticeKind::StatusChanged, reason: None };
        notices::tell(tx, self.telling, &self.caller.owner, &notice, self.now)
    }

    fn record_submission(&self, tx: &mut Tx<'_>, stored: &StoredEvaluation) -> Result<()> {
        let mut event = self.caller.event(self.now, Action::BundleSubmitted, self.bundle.sid);
        event.outcome = if stored.evaluation.is_compliant() { Outcome::Done } else { Outcome::Refused };
        event.rule_revision = Some(stored.evaluation.revision);
        Ok(audit::append(tx, &event)?)
    }

    /// Takes the bundle back to draft. Documents that waited with it no longer do, unless another
    /// bundle with them is under review.
    fn reopen(self, tx: &mut Tx<'_>) -> Result<Updated> {
        let owner = &self.caller.owner;
        bundles::save(tx, owner, &self.bundle, self.was)?;
        for object in item_assignments::objects(tx, owner, self.bundle.sid)? {
            let Some(sid) = object.of_kind() else { continue };
            let elsewhere = item_assignments::bundle_statuses(tx, owner, object)?;
            if elsewhere.into_iter().any(BundleStatus::is_under_review) {
                continue;
            }
            if let Some(document) = documents::lock(tx, owner, sid)? {
                move_document(tx, owner, sid, document.status, document.status.withdrawn(), self.now)?;
            }
        }
        follow_copy(tx, owner.account, self.bundle.sid, Happening::CopySentBack, self.now)?;
        self.tell(tx)?;
        audit::append(tx, &self.caller.event(self.now, Action::BundleReopened, self.bundle.sid))?;
        Ok(Updated::Bundle(self.bundle))
    }
}

fn move_document(
    tx: &mut Tx<'_>,
    owner: &Owner,
    sid: dossier_domain::sid::DocumentSid,
    from: DocumentStatus,
    to: DocumentStatus,
    now: Timestamp,
) -> Result<()> {
    if from != to {
        documents::set_status(tx, owner, sid, from, to, now)?;
    }
    Ok(())
}
