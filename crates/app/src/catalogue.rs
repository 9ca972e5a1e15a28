//! The catalogue as the surfaces read it.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use dossier_domain::Timestamp;
use dossier_domain::catalogue::{Catalogue, Entry, RegulationFilter};
use dossier_domain::regulation::Regulation;
use dossier_domain::sid::RegulationSid;
use dossier_store::regulation_revisions::{self, RevisionKey, key};
use dossier_store::{Db, StoreResult};

use crate::{App, CampaignOptions, Result, campaigns, not_found};

impl App {
    /// The catalogue: types, and regulations with all their revisions. A request takes it once, so that
    /// a change in the middle does not show.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a catalogue in the place of the one that was, once its revisions are recorded and the campaigns
    /// are opened that it asks for. Requests under way finish with the old one.
    ///
    /// # Errors
    /// When the database fails; then the old one stays.
    pub async fn replace_catalogue(&self, catalogue: Arc<Catalogue>) -> Result<()> {
        take_up(&self.db, &catalogue, &self.options.campaigns, self.now()).await?;
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = catalogue;
        self.alarm.ring();
        Ok(())
    }

    /// A regulation in the revision in force today.
    ///
    /// # Errors
    /// Code 20404.
    pub fn regulation(&self, sid: RegulationSid) -> Result<Arc<Regulation>> {
        self.catalogue().regulation(sid, self.now().date()).cloned().ok_or_else(|| not_found(sid))
    }

    /// The regulations in force today that a filter admits, by friendly name.
    pub fn regulations(&self, filter: RegulationFilter) -> Vec<Arc<Regulation>> {
        self.catalogue().list(filter, self.now().date()).cloned().collect()
    }
}

/// Records every revision of a catalogue that is not recorded yet, before any evaluation can name it, and
/// opens the campaigns that it asks for. Revisions that come into force later are recorded as well: nobody
/// will be here at that moment.
pub(crate) async fn take_up(
    db: &Db,
    catalogue: &Catalogue,
    options: &CampaignOptions,
    now: Timestamp,
) -> StoreResult<()> {
    let known: HashSet<RevisionKey> = db.read(regulation_revisions::keys).await?.into_iter().collect();
    let regulations = catalogue.entries().filter_map(Entry::regulation);
    let new: Vec<_> = regulations.filter(|regulation| !known.contains(&key(regulation))).cloned().collect();
    let campaigns = campaigns::wanted(catalogue, &known, options.grace, now);
    if new.is_empty() && campaigns.is_empty() {
        return Ok(());
    }
    db.write(move |tx| {
        new.iter().try_for_each(|regulation| regulation_revisions::insert(tx, regulation, now))?;
        campaigns::open(tx, &campaigns, now)
    })
    .await
}
