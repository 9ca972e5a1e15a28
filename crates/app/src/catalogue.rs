//! The catalogue as the surfaces read it.

use std::sync::Arc;

use dossier_domain::catalogue::{Catalogue, RegulationFilter};
use dossier_domain::regulation::Regulation;
use dossier_domain::sid::RegulationSid;

use crate::{App, Result, not_found};

impl App {
    /// The catalogue: types, and regulations with all their revisions.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// A regulation in the revision in force today.
    ///
    /// # Errors
    /// Code 20404.
    pub fn regulation(&self, sid: RegulationSid) -> Result<Arc<Regulation>> {
        self.catalogue.regulation(sid, self.now().date()).cloned().ok_or_else(|| not_found(sid))
    }

    /// The regulations in force today that a filter admits, by friendly name.
    pub fn regulations(&self, filter: RegulationFilter) -> Vec<Arc<Regulation>> {
        self.catalogue.list(filter, self.now().date()).cloned().collect()
    }
}
