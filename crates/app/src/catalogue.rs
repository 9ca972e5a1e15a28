//! The catalogue as the surfaces read it.

use std::sync::{Arc, PoisonError};

use dossier_domain::catalogue::{Catalogue, RegulationFilter};
use dossier_domain::regulation::Regulation;
use dossier_domain::sid::RegulationSid;

use crate::{App, Result, not_found};

impl App {
    /// The catalogue: types, and regulations with all their revisions. A request takes it once, so that
    /// a change in the middle does not show.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a catalogue in the place of the one that was. Requests under way finish with the old one.
    pub fn replace_catalogue(&self, catalogue: Arc<Catalogue>) {
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = catalogue;
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
