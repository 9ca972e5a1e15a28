//! The catalogue as the surfaces read it.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use dossier_domain::Timestamp;
use dossier_domain::catalogue::{Catalogue, Entry, RegulationFilter};
use dossier_domain::regulation::Regulation;
use dossier_domain::sid::RegulationSid;
use dossier_store::regulation_revisions::{self, RevisionKey, key};
use dossier_store::{Db, StoreResult};

use crate::{App, Result, not_found};

impl App {
    /// The catalogue: types, and regulations with all their revisions. A request takes it once, so that
    /// a change in the middle does not show.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a catalogue in the place of the one that was, once its revisions are recorded. Requests under
    /// way finish with the old one.
    ///
    /// # Errors
    /// When the database fails; then the old one stays.
    pub async fn replace_catalogue(&self, catalogue: Arc<Catalogue>) -> Result<()> {
        record_revisions(&self.db, Arc::clone(&catalogue), self.now()).await?;
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = catalogue;
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

/// Records every revision of a catalogue that is not recorded yet, before any evaluation can name it.
/// Those that come into force later are recorded as well: nobody will be here at that moment.
pub(crate) async fn record_revisions(db: &Db, catalogue: Arc<Catalogue>, now: Timestamp) -> StoreResult<()> {
    let known: HashSet<RevisionKey> = db.read(regulation_revisions::keys).await?.into_iter().collect();
    let regulations = catalogue.entries().filter_map(Entry::regulation);
    let new: Vec<_> = regulations.filter(|regulation| !known.contains(&key(regulation))).cloned().collect();
    if new.is_empty() {
        return Ok(());
    }
    db.write(move |tx| {
        new.iter().try_for_each(|regulation| regulation_revisions::insert(tx, regulation, now))
    })
    .await
}
