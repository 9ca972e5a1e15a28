//! Dry runs: what an evaluation would say, without storing anything.

use dossier_domain::audit::Action;
use dossier_domain::bundle::Bundle;
use dossier_domain::evaluation::{
    Contents, DocumentContents, EndUserContents, Evaluation, KnownAddress, evaluate,
};
use dossier_domain::operator::Permission;
use dossier_domain::sid::{AccountSid, BundleSid};
use dossier_domain::{Attributes, EndUserType};
use dossier_store::{audit, bundles};

use crate::{App, Error, OperatorCaller, RegulationChoice, Result, keys, not_found};

/// What to evaluate, and against what.
#[derive(Debug)]
pub struct DryRun {
    /// The regulation; for a bundle, its own when none is named.
    pub regulation: RegulationChoice,
    /// What is evaluated.
    pub subject: DryRunSubject,
}

/// What is evaluated.
#[derive(Debug)]
pub enum DryRunSubject {
    /// What the caller says there is.
    Given {
        /// The end user, if there is one.
        end_user: Option<(EndUserType, Attributes)>,
        /// The documents, in order.
        documents: Vec<GivenDocument>,
        /// The addresses that exist.
        addresses: Vec<KnownAddress>,
    },
    /// What is in a bundle now.
    Bundle {
        /// Whose bundle.
        account: AccountSid,
        /// Which.
        bundle: BundleSid,
    },
}

/// A document that is only described.
#[derive(Debug)]
pub struct GivenDocument {
    /// The machine name of its type.
    pub kind: String,
    /// What is written in it.
    pub attributes: Attributes,
    /// Whether it has a file.
    pub has_file: bool,
}

impl App {
    /// Evaluates without storing the result, which names fields and reasons, never values. That a bundle
    /// was looked at is recorded.
    ///
    /// # Errors
    /// Code 20403 when the role may not; 20404 for the bundle; 22201 and 22202 for the regulation.
    pub async fn dry_run(&self, caller: &OperatorCaller, dry_run: DryRun) -> Result<Evaluation> {
        caller.must(Permission::EvaluateRules)?;
        match dry_run.subject {
            DryRunSubject::Bundle { account, bundle } => {
                self.dry_run_bundle(caller, account, bundle, dry_run.regulation).await
            }
            DryRunSubject::Given { end_user, documents, addresses } => {
                let now = self.now();
                let regulation = self.chosen_regulation(dry_run.regulation, now)?;
                let documents: Vec<_> = documents.iter().map(GivenDocument::contents).collect();
                let end_user = end_user.as_ref();
                let contents = Contents {
                    end_user: end_user
                        .map(|(kind, attributes)| EndUserContents { end_user_type: *kind, attributes }),
                    documents: &documents,
                    addresses: &addresses,
                    today: now.date(),
                    switches: self.options.evaluation,
                };
                Ok(evaluate(&regulation, &contents))
            }
        }
    }

    async fn dry_run_bundle(
        &self,
        caller: &OperatorCaller,
        account: AccountSid,
        sid: BundleSid,
        choice: RegulationChoice,
    ) -> Result<Evaluation> {
        let owner =
            keys::known_owner(&self.db, &self.keyring, account).await?.ok_or_else(|| not_found(sid))?;
        let (now, reader) = (self.now(), self.reader());
        let (bundle, items) = self
            .db
            .read(move |tx| {
                let bundle = bundles::get(tx, &owner, sid)?.ok_or_else(|| not_found(sid))?;
                Ok::<(Bundle, _), Error>((bundle, reader.contents(tx, &owner, sid)?))
            })
            .await?;
        let own = RegulationChoice { sid: Some(bundle.regulation_sid), combination: None };
        let regulation = self.chosen_regulation(if choice.is_empty() { own } else { choice }, now)?;
        let evaluation = self.reader().judge(&regulation, &items, now);
        // Nothing of the bundle is told before it is on record that somebody asked.
        let mut event = caller.event(account, now, Action::BundleTried, sid);
        event.rule_revision = Some(evaluation.revision);
        self.db.write(move |tx| audit::append(tx, &event)).await?;
        Ok(evaluation)
    }
}

impl GivenDocument {
    fn contents(&self) -> DocumentContents<'_> {
        DocumentContents { document_type: &self.kind, attributes: &self.attributes, has_file: self.has_file }
    }
}
